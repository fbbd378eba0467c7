/// The numbers of the polynomials that stand for mathematical functions, lowest power first.
///
/// Each row is the minimax polynomial of the function named, by Remez exchange with 60 digits on
/// the interval to which its reduction leads, rounded to the type. The comment tells the error of
/// the polynomial, relative to the function, before rounding in evaluation.
struct Coefficients: Sendable {
  /// (eʳ - 1 - r) / r²: for f32 where |r| ≤ ln 2 / 16, for f64 where |r| ≤ ln 2 / 2.
  let exponential: [Double]
  /// (2ʳ - 1) / r: for f32 where |r| ≤ 1/16, for f64 where |r| ≤ 1/2.
  let exponential2: [Double]
  /// Of ln m for √½ ≤ m < √2: for f32 (ln(1 + f) - f + f²/2) / f³ by f, for f64
  /// (2 atanh s - 2s) / s³ by s².
  let logarithm: [Double]
  /// (sin r - r) / r³ by r² for |r| ≤ π/4.
  let sine: [Double]
  /// (cos r - 1 + r²/2) / r⁴ by r² for |r| ≤ π/4.
  let cosine: [Double]
  /// (tanh x - x) / x³ by x² for |x| ≤ 1.
  let hyperbolicTangent: [Double]

  /// The coefficients for f32.
  static let f32 = Coefficients(
    // 2⁻²⁵
    exponential: [0.5000648, 0.16667917],
    // 2⁻²⁵
    exponential2: [0.6931472, 0.24025764, 0.055508275],
    // 2⁻²⁷
    logarithm: [
      0.3333333, -0.2500083, 0.20001248, -0.16622934, 0.14200939, -0.13163765, 0.12769516,
      -0.07634733,
    ],
    // 2⁻²⁸
    sine: [-0.16666655, 0.008332155, -0.00019514085],
    // 2⁻³²
    cosine: [0.041666646, -0.0013887284, 2.442942e-05],
    // 2⁻²⁷
    hyperbolicTangent: [
      -0.33333293, 0.13332297, -0.053876393, 0.021475626, -0.0079281945, 0.002287142,
      -0.00035405927,
    ])

  /// The coefficients for f64.
  static let f64 = Coefficients(
    // 2⁻⁵⁷
    exponential: [
      0.5000000000000011, 0.166666666666664, 0.04166666666652487, 0.00833333333350101,
      0.001388888894523181, 0.0001984126949694555, 2.4801491258842323e-05, 2.755759099380976e-06,
      2.763096008611747e-07, 2.4999836859741978e-08,
    ],
    // 2⁻⁵⁸
    exponential2: [
      0.6931471805599453, 0.24022650695910133, 0.05550410866482006, 0.009618129107593562,
      0.0013333558146779846, 0.00015403530457884425, 1.5252733489627186e-05,
      1.321543486751848e-06, 1.0178200401450118e-07, 7.07385904845141e-09,
      4.4347382096057406e-10,
    ],
    // 2⁻⁵⁹
    logarithm: [
      0.6666666666666736, 0.3999999999940017, 0.2857142874592703, 0.22222198180552652,
      0.1818358616029186, 0.15313457424702318, 0.14802212653546465,
    ],
    // 2⁻⁵⁷
    sine: [
      -0.1666666666666663, 0.008333333333321868, -0.00019841269829352657, 2.755731352798466e-06,
      -2.5050731587082328e-08, 1.5895212036711869e-10,
    ],
    // 2⁻⁶³
    cosine: [
      0.04166666666666659, -0.0013888888888872238, 2.4801587288328658e-05,
      -2.755731402491718e-07, 2.087567943744937e-09, -1.1357407717518531e-11,
    ],
    // 2⁻⁵⁹
    hyperbolicTangent: [
      -0.3333333333333329, 0.133333333333284, -0.0539682539662319, 0.021869488493915935,
      -0.008863235000960236, 0.003592123686557765, -0.0014558095126329228,
      0.0005899247501281053, -0.00023881524067545512, 9.619331736292261e-05,
      -3.801548804776728e-05, 1.4230977196120747e-05, -4.723341232022533e-06,
      1.2549592353314547e-06, -2.283939645459807e-07, 2.0715162457293417e-08,
    ])

  /// (eʳ - 1 - r) / r² where |r| ≤ ln 2 / 16, for f32 where rounding is to be all that is lost; 2⁻³⁰.
  static let exactExponential: [Double] = [0.5, 0.16667917, 0.041666668]

  /// ((2 atanh s - 2s) / s³ - 2/3) / s² by s², for the long logarithm of `power`; 2⁻⁷³.
  static let longLogarithm: [Double] = [
    0.39999999999999974, 0.2857142857144558, 0.22222222217423176, 0.18181818884211073,
    0.15384555923223656, 0.1333635387254989, 0.11674078704577841, 0.11995173127223743,
  ]

  /// The bits of 2/π after 64 zeros, for the reduction of large angles.
  static let twoOverPi: [UInt64] = [
    0x0000_0000_0000_0000, 0xA2F9_836E_4E44_1529, 0xFC27_57D1_F534_DDC0, 0xDB62_9599_3C43_9041,
    0xFE51_63AB_DEBB_C561, 0xB724_6E3A_424D_D2E0, 0x0649_2EEA_09D1_921C, 0xFE1D_EB1C_B129_A73E,
    0xE882_35F5_2EBB_4484, 0xE99C_7026_B45F_7E41, 0x3991_D639_8353_39F4, 0x9C84_5F8B_BDF9_283B,
    0x1FF8_97FF_DE05_980F, 0xEF2F_118B_5A0A_6D1F, 0x6D36_7ECF_27CB_09B7, 0x4F46_3F66_9E5F_EA2D,
    0x7527_BAC7_EBE5_F17B, 0x3D07_39F7_8A52_92EA, 0x6BFB_5FB1_1F8D_5D08, 0x5603_3046_FC7B_6BAB,
  ]

  /// ln 2, log₂ e, π/2 and 2/3 as sums of f64s, and the first two as sums of f32s.
  static let naturalLogarithmOf2 = (high: 0x1.62e42fefa39efp-1, low: 0x1.abc9e3b39803fp-56)
  static let naturalLogarithmOf2F32 = (high: 0x1.62e43p-1, low: -0x1.05c61p-29)
  static let binaryLogarithmOfE = (high: 0x1.71547652b82fep+0, low: 0x1.777d0ffda0d24p-56)
  static let binaryLogarithmOfEF32 = (high: 0x1.715476p+0, low: 0x1.4ae0cp-26)
  static let halfPi = (
    high: 0x1.921fb54442d18p+0, middle: 0x1.1a62633145c07p-54, low: -0x1.f1976b7ed8fbcp-110
  )
  static let twoThirds = (high: 0x1.5555555555555p-1, low: 0x1.5555555555555p-55)
}
