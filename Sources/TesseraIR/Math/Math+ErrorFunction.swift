/// The error function: for f32 by a table of polynomials, for f64 by two of them.
extension Builder {
  /// erf |x| with the sign of x.
  ///
  /// Error: at most 2.3 ulp in f32, 2 ulp in f64.
  mutating func errorFunction(_ x: Value) -> Value {
    let magnitude = absolute(x)
    let value = lanes(x) == .f32 ? errorFunctionByTable(magnitude) : longErrorFunction(magnitude)
    return withSign(of: x, value)
  }

  /// The polynomial by x - m for the multiple m of 9/16 that is nearest to x.
  private mutating func errorFunctionByTable(_ x: Value) -> Value {
    let clamped = atMost(x, 4)
    let (count, places) = wholePattern(clamped, times: 16.0 / 9)
    let distance = multiplyAdd(count, -9.0 / 16, clamped)
    var sum = lookUp(places, errorFunctionTable[0])
    for row in errorFunctionTable.dropFirst() {
      sum = multiplyAdd(sum, distance, lookUp(places, row))
    }
    return sum
  }

  /// x + x P(x²) where x < 1, else 1 - e^Q(x).
  private mutating func longErrorFunction(_ x: Value) -> Value {
    let square = multiply(x, x)
    let small = multiplyAdd(x, polynomial(square, longErrorFunctionStart), x)
    let complement = exponential(polynomial(atMost(x, 6), longErrorComplement))
    return select(compare(.less, x, 1), small, add(negate(complement), 1))
  }

  /// `value` held below what makes erf 1; NaN stays, since it compares with nothing.
  private mutating func atMost(_ value: Value, _ end: Double) -> Value {
    let end = number(end, like: value)
    return select(compare(.greater, value, end), end, value)
  }
}

/// The coefficients of erf near the first multiples m of 9/16, the highest power of x - m first;
/// 2⁻²³ relative to erf, and 2⁻²⁴ from 0 on.
private let errorFunctionTable: [[Float]] = [
  [
    -0.02170128, -0.045456477, 0.0147175575, 0.011688958, -0.0027661829, -0.0014017267,
    -0.00015406287, -1.117599e-05,
  ],
  [
    0.11955868, -0.009511544, -0.059998956, 0.0019038996, 0.01055989, 0.0022674897,
    0.00017820961, 4.4078574e-06,
  ],
  [
    -0.00096841407, 0.18244658, 0.028005516, -0.049595237, -0.019088846, -0.002487989,
    -0.00014158458, -3.818347e-06,
  ],
  [
    -0.376063, -0.10070181, 0.1624, 0.10242816, 0.02172848, 0.002042539, 9.2008566e-05,
    2.1013043e-06,
  ],
  [
    -1.5230795e-06, -0.46255532, -0.3580585, -0.11040212, -0.016070163, -0.0011646963,
    -4.3040127e-05, -8.208194e-07,
  ],
  [
    1.1283792, 0.8223219, 0.31827447, 0.06542315, 0.00714228, 0.0004141438, 1.2757431e-05,
    2.0849109e-07,
  ],
  [0.0, 0.57367444, 0.8883882, 0.9829897, 0.9985373, 0.9999303, 0.9999982, 1.0],
]

/// erf x / x - 1 by x² where x ≤ 1; 2⁻⁶².
private let longErrorFunctionStart: [Double] = [
  0.1283791670955126, -0.3761263890318375, 0.11283791670954828, -0.02686617064506702,
  0.0052239776247215534, -0.0008548326975217245, 0.00012055330904386962,
  -1.4925590234204967e-05, 1.6460918998027113e-06, -1.634944163983735e-07,
  1.46538731399311e-08, -1.1349886206906128e-09, 5.91810937021439e-11,
]

/// ln(1 - erf x) by x where 1 ≤ x ≤ 6; 2⁻⁵⁷.
private let longErrorComplement: [Double] = [
  -5.030081596359961e-07, -1.1283740879246194, -0.6366436351408179, -0.10270341976369277,
  0.018990140670482034, 0.0004106819660568868, -0.0019160014171539516,
  0.0007706915572282178, -0.00013508192451385548, -2.0250435621748066e-05,
  2.281593566727047e-05, -8.665084339680341e-06, 2.1351681573302695e-06,
  -3.732084379291721e-07, 4.641007981583499e-08, -3.933063977394713e-09,
  2.0442768277037153e-10, -4.926802613790787e-12,
]
