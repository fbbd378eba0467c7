import TesseraTables
import TesseraTesting
import Testing

@testable import TesseraSemantics

@Suite struct ShapeProverTests {
  // Symbols N, M, K and indices i, j stand for these handles.
  static let n = ID<DimensionSymbol>(index: 0)
  static let m = ID<DimensionSymbol>(index: 1)
  static let k = ID<DimensionSymbol>(index: 2)
  static let i = ID<IndexInfo>(index: 0)
  static let j = ID<IndexInfo>(index: 1)

  // As programs write them, beside the symbols that they are made of.
  // swift-format-ignore: AlwaysUseLowerCamelCase
  let N = Dimension(n)
  // swift-format-ignore: AlwaysUseLowerCamelCase
  let M = Dimension(m)
  // swift-format-ignore: AlwaysUseLowerCamelCase
  let K = Dimension(k)
  // swift-format-ignore: AlwaysUseLowerCamelCase
  let I = Dimension(i)
  // swift-format-ignore: AlwaysUseLowerCamelCase
  let J = Dimension(j)

  @Test func signedSymbolTakesItsSignFromAFact() {
    var prover = ShapeProver()
    prover.assumeSigned(Self.m)
    prover.assume(M, .greaterOrEqual, Dimension(0))
    prover.declare(Self.i, from: M, to: N)
    #expect(prover.proves(I, .greaterOrEqual, Dimension(0)))
  }

  // MARK: Normal form

  @Test func dividesOutWhatTheDivisorDivides() {
    #expect(Dimension.quotient(N * 4 + 3, Dimension(4)) == N)
    #expect(Dimension.quotient(N * 2 - 1, Dimension(2)) == N - 1)
    #expect(Dimension.quotient(N * M + M, M) == N + 1)
    #expect(Dimension.quotient(M * 2 - 1, M) == Dimension(1))
  }

  @Test func joinsQuotientsOfQuotients() {
    let eighth = Dimension.quotient(N, Dimension(8))
    #expect(Dimension.quotient(eighth, Dimension(2)) == .quotient(N, Dimension(16)))
  }

  @Test func turnsMultipliedQuotientIntoRemainder() {
    let half = Dimension.quotient(N, Dimension(2))
    #expect(half * 2 == N - .remainder(N, Dimension(2)))
    #expect(M * .quotient(N, M) == N - .remainder(N, M))
  }

  @Test func keepsRemaindersThatDiffer() {
    #expect(Dimension.remainder(N + 1, Dimension(2)) != .remainder(N, Dimension(2)))
    #expect(Dimension.remainder(N * 4 + 6, Dimension(4)) == Dimension(2))
    #expect(
      Dimension.remainder(.remainder(N, Dimension(8)), Dimension(4)) == .remainder(N, Dimension(4)))
  }

  @Test func provesNothingAfterOverflow() {
    let large = Dimension(Int.max) * N
    let sum = large + large
    #expect(sum.isUnknown)
    #expect(!ShapeProver().provesEqual(sum, sum))
    #expect((sum - sum).isUnknown)
    #expect(!ShapeProver().provesNonNegative(sum))
  }

  // MARK: What must be proved

  @Test func findsThePartOfManyThatHasAnIndex() {
    // i runs over parts behind each other, as in a chain of `if i < P0 { } else if i < P0 + P1 { }`.
    // Trying all pairs of what is known of i would use up all attempts of a proof.
    let parts = (0..<60).map { Dimension(ID<DimensionSymbol>(index: $0)) }
    var prover = ShapeProver()
    prover.declare(Self.i, from: Dimension(0), to: parts.reduce(Dimension(0), +))
    var before = Dimension(0)
    for part in parts {
      var inside = prover
      inside.assume(I, .less, before + part)
      #expect(inside.proves(I, .greaterOrEqual, before))
      #expect(inside.proves(I - before, .less, part))
      #expect(!inside.proves(I - before, .less, part - 1))
      before = before + part
      prover.assume(I, .greaterOrEqual, before)
    }
  }

  @Test func keepsBoundsThatDoNotTellOthers() {
    var prover = ShapeProver()
    prover.declare(Self.i, from: Dimension(0), to: N)
    prover.assume(I, .greaterOrEqual, M - K)
    prover.assume(I, .less, M)
    prover.assume(I, .greaterOrEqual, M - K * 2)
    #expect(prover.proves(I, .greaterOrEqual, Dimension(0)))
    #expect(prover.proves(I - M + K, .greaterOrEqual, Dimension(0)))
    #expect(prover.proves(I, .less, N))
    #expect(prover.proves(I, .less, M))
    #expect(!prover.proves(I, .greaterOrEqual, M))
  }

  /// A prover in which i runs over N and j over M.
  private func overIndices() -> ShapeProver {
    var prover = ShapeProver()
    prover.declare(Self.i, from: Dimension(0), to: N)
    prover.declare(Self.j, from: Dimension(0), to: M)
    return prover
  }

  private func provesInside(_ index: Dimension, _ extent: Dimension, _ prover: ShapeProver) -> Bool
  {
    prover.provesNonNegative(index) && prover.provesNonNegative(extent - 1 - index)
  }

  @Test func provesFlattenedIndex() {
    #expect(provesInside(I * M + J, N * M, overIndices()))
  }

  @Test func refusesFlattenedIndexOfTheWrongWidth() {
    #expect(!provesInside(I * N + J, N * M, overIndices()))
  }

  @Test func provesUnflattenedIndices() {
    var prover = ShapeProver()
    prover.declare(Self.i, from: Dimension(0), to: N * M)
    #expect(provesInside(.quotient(I, M), N, prover))
    #expect(provesInside(.remainder(I, M), M, prover))
    #expect(!provesInside(.quotient(I, N), N, prover))
  }

  @Test func provesPixelUnshuffle() {
    // x[k / (r*r), h*r + k / r % r] with r = 8, k in 0..C*r*r, h in 0..H / r
    var prover = ShapeProver()
    prover.declare(Self.i, from: Dimension(0), to: N * 64)
    prover.declare(Self.j, from: Dimension(0), to: .quotient(M, Dimension(8)))
    #expect(provesInside(.quotient(I, Dimension(64)), N, prover))
    let row = J * 8 + .remainder(.quotient(I, Dimension(8)), Dimension(8))
    #expect(provesInside(row, M, prover))
    #expect(!provesInside(row + 1, M, prover))
  }

  @Test func provesPoolingOfOddSizes() {
    var prover = ShapeProver()
    prover.declare(Self.i, from: Dimension(0), to: .quotient(N, Dimension(2)))
    prover.declare(Self.j, from: Dimension(0), to: Dimension(2))
    #expect(provesInside(I * 2 + J, N, prover))
    #expect(!provesInside(I * 2 + J + 1, N, prover))
  }

  @Test func provesGroupsByDivisibility() {
    // g*D + c < C where C % groups == 0 and D = C / groups; then c / D for c in 0..C.
    var prover = ShapeProver()
    prover.assume(.remainder(N, Dimension(32)), .equal, Dimension(0))
    // swift-format-ignore: AlwaysUseLowerCamelCase
    let D = Dimension.quotient(N, Dimension(32))
    prover.declare(Self.i, from: Dimension(0), to: Dimension(32))
    prover.declare(Self.j, from: Dimension(0), to: D)
    #expect(provesInside(I * D + J, N, prover))
    var other = ShapeProver()
    other.assume(.remainder(N, Dimension(32)), .equal, Dimension(0))
    other.declare(Self.i, from: Dimension(0), to: N)
    #expect(provesInside(.quotient(I, D), Dimension(32), other))
  }

  @Test func usesConditionsOnIndices() {
    // concat: if i < N { a[i] } else { b[i - N] } with i in 0..N + M
    var prover = ShapeProver()
    prover.declare(Self.i, from: Dimension(0), to: N + M)
    var before = prover
    before.assume(I, .less, N)
    #expect(provesInside(I, N, before))
    var after = prover
    after.assume(I, .greaterOrEqual, N)
    #expect(provesInside(I - N, M, after))
    #expect(!provesInside(I - N, M, prover))
  }

  @Test func provesTriangles() {
    var prover = ShapeProver()
    prover.declare(Self.i, from: Dimension(0), to: N)
    prover.declare(Self.j, from: Dimension(0), to: I + 1)
    #expect(provesInside(J, N, prover))
    #expect(provesInside(I - J, N, prover))
    #expect(!provesInside(J - I, N, prover))
  }

  @Test func usesEqualities() {
    var prover = ShapeProver()
    prover.assume(K, .equal, N * M)
    prover.declare(Self.i, from: Dimension(0), to: N)
    prover.declare(Self.j, from: Dimension(0), to: M)
    #expect(provesInside(I * M + J, K, prover))
    #expect(prover.provesEqual(K, M * N))
    prover.assume(N * 64, .equal, Dimension(192))
    #expect(prover.provesEqual(N, Dimension(3)))
  }

  @Test func usesLowerBoundsAndOrder() {
    var prover = ShapeProver()
    prover.assume(N, .greaterOrEqual, Dimension(2))
    #expect(prover.provesNonNegative(N - 2))
    #expect(!prover.provesNonNegative(N - 3))
    prover.assume(M, .lessOrEqual, K)
    #expect(prover.provesNonNegative(K - M))
    #expect(!prover.provesNonNegative(K - M - 1))
  }

  @Test func usesMinimumAndMaximum() {
    let prover = ShapeProver()
    #expect(prover.provesNonNegative(N - .minimum(N, M)))
    #expect(prover.provesNonNegative(.maximum(N, M) - M))
    #expect(!prover.provesNonNegative(.minimum(N, M) - M))
  }

  @Test func doesNotTrustSignedNumbers() {
    var prover = ShapeProver()
    prover.assumeSigned(Self.n)
    #expect(!prover.provesNonNegative(N))
    prover.assume(N, .greaterOrEqual, Dimension(0))
    #expect(prover.provesNonNegative(N))
  }

  @Test func multipleOfAnythingMayBeNegative() {
    var prover = ShapeProver()
    prover.assumeSigned(Self.n)
    prover.assume(.remainder(N, Dimension(4)), .equal, Dimension(0))
    #expect(!prover.provesNonNegative(N))
    prover.assume(N, .greaterOrEqual, Dimension(-4))
    #expect(!prover.provesNonNegative(N))
    prover.assume(N, .greater, Dimension(-1))
    #expect(prover.provesNonNegative(N))
  }

  @Test func lowerBoundsDoNotReachIntoQuotients() {
    var prover = ShapeProver()
    prover.assume(N, .greaterOrEqual, Dimension(1))
    prover.assume(M, .greaterOrEqual, Dimension(2))
    let quotient = Dimension.quotient(K, N * 2)
    // -2 where N is 1, M is 2 and K is 2.
    #expect(
      !prover.provesNonNegative(N * M * quotient - quotient * 2 - K + .remainder(K, N * 2)))
  }

  // MARK: Never a wrong proof

  /// A dimension with the function that it stands for.
  struct Sample {
    var form: Dimension
    var value: @Sendable ([Int]) -> Int?
  }

  static func floorDivide(_ a: Int, _ b: Int) -> Int { a >= 0 ? a / b : -((-a + b - 1) / b) }

  /// A random polynomial over N, M (values 0 and 1 of the environment) and i, j (2 and 3).
  static func sample(_ generator: inout SplitMix, depth: Int, indices: Bool) -> Sample {
    if depth == 0 || Int.random(in: 0..<6, using: &generator) == 0 {
      switch Int.random(in: 0..<(indices ? 6 : 4), using: &generator) {
      case 0: return Sample(form: Dimension(n)) { $0[0] }
      case 1: return Sample(form: Dimension(m)) { $0[1] }
      case 2, 3:
        let constant = Int.random(in: -3...9, using: &generator)
        return Sample(form: Dimension(constant)) { _ in constant }
      case 4: return Sample(form: Dimension(i)) { $0[2] }
      default: return Sample(form: Dimension(j)) { $0[3] }
      }
    }
    let a = sample(&generator, depth: depth - 1, indices: indices)
    let b = sample(&generator, depth: depth - 1, indices: indices)
    let constant = [2, 3, 4, 6, 8].randomElement(using: &generator)!
    switch Int.random(in: 0..<9, using: &generator) {
    case 0, 1:
      return Sample(form: a.form + b.form) { e in
        a.value(e).flatMap { x in b.value(e).map { x + $0 } }
      }
    case 2, 3:
      return Sample(form: a.form - b.form) { e in
        a.value(e).flatMap { x in b.value(e).map { x - $0 } }
      }
    case 4:
      return Sample(form: a.form * b.form) { e in
        a.value(e).flatMap { x in b.value(e).map { x * $0 } }
      }
    case 5:
      return Sample(form: .quotient(a.form, Dimension(constant))) { e in
        a.value(e).map { Self.floorDivide($0, constant) }
      }
    case 6:
      return Sample(form: .remainder(a.form, Dimension(constant))) { e in
        a.value(e).map { $0 - constant * Self.floorDivide($0, constant) }
      }
    case 7:
      // A divisor must be positive: where M is 0 the sample has no value.
      let isQuotient = Bool.random(using: &generator)
      let form: Dimension =
        isQuotient ? .quotient(a.form, Dimension(m)) : .remainder(a.form, Dimension(m))
      return Sample(form: form) { e in
        guard e[1] > 0, let x = a.value(e) else { return nil }
        let quotient = Self.floorDivide(x, e[1])
        return isQuotient ? quotient : x - e[1] * quotient
      }
    default:
      let isMinimum = Bool.random(using: &generator)
      let form: Dimension = isMinimum ? .minimum(a.form, b.form) : .maximum(a.form, b.form)
      return Sample(form: form) { e in
        a.value(e).flatMap { x in b.value(e).map { isMinimum ? min(x, $0) : max(x, $0) } }
      }
    }
  }

  /// The value of a normal form; `nil` where a divisor is not positive.
  static func evaluate(_ p: Dimension, _ e: [Int]) -> Int? {
    var sum = 0
    for term in p.terms {
      var product = term.coefficient
      for atom in term.monomial.atoms {
        let factor: Int?
        switch atom {
        case .symbol(let symbol): factor = e[Int(symbol.index)]
        case .index(let index): factor = e[2 + Int(index.index)]
        case .quotient(let a, let b), .remainder(let a, let b):
          guard let x = evaluate(a, e), let y = evaluate(b, e), y > 0 else { return nil }
          let quotient = floorDivide(x, y)
          if case .quotient = atom { factor = quotient } else { factor = x - y * quotient }
        case .minimum(let a, let b):
          factor = evaluate(a, e).flatMap { x in evaluate(b, e).map { min(x, $0) } }
        case .maximum(let a, let b):
          factor = evaluate(a, e).flatMap { x in evaluate(b, e).map { max(x, $0) } }
        case .unknown: return nil
        }
        guard let factor else { return nil }
        product *= factor
      }
      sum += product
    }
    return sum
  }

  @Test(arguments: 0..<8) func normalFormKeepsTheValue(seed: Int) {
    var generator = SplitMix(seed: UInt64(seed))
    for _ in 0..<600 {
      let sample = Self.sample(&generator, depth: 4, indices: true)
      if sample.form.isUnknown { continue }
      for a in 0..<5 {
        for b in 0..<5 {
          let environment = [a, b, (a * 3 + b) % 4, (a + 2 * b) % 5]
          guard let value = sample.value(environment),
            let formValue = Self.evaluate(sample.form, environment)
          else { continue }
          #expect(value == formValue, "\(sample.form.terms) at \(environment)")
        }
      }
    }
  }

  @Test(arguments: 0..<8) func neverProvesWhatIsFalse(seed: Int) {
    var generator = SplitMix(seed: 1000 + UInt64(seed))
    var proved = 0
    for _ in 0..<1500 {
      // 0 <= i < upper(N, M), 0 <= j < upper2(N, M, i), two facts, one claim.
      let upper = Self.sample(&generator, depth: 1, indices: false)
      let upper2 = Self.sample(&generator, depth: 1, indices: false)
      let facts = (0..<2).map { _ in Self.sample(&generator, depth: 2, indices: true) }
      let divisor = [2, 3, 4].randomElement(using: &generator)!
      let divides = Bool.random(using: &generator)
      let claim = Self.sample(&generator, depth: 3, indices: true)
      let isSigned = Bool.random(using: &generator)
      let least = [0, 0, 1, 2].randomElement(using: &generator)!
      var prover = ShapeProver()
      if isSigned { prover.assumeSigned(Self.n) }
      prover.assume(M, .greaterOrEqual, Dimension(least))
      if divides {
        prover.assume(.remainder(N, Dimension(divisor)), .equal, Dimension(0))
      }
      prover.declare(Self.i, from: Dimension(0), to: upper.form)
      prover.declare(Self.j, from: Dimension(0), to: upper2.form)
      prover.assume(facts[0].form, .greaterOrEqual, Dimension(0))
      prover.assume(facts[1].form, .equal, M)
      guard prover.provesNonNegative(claim.form) else { continue }
      proved += 1
      for a in (isSigned ? -6 : 0)..<7 where !divides || a % divisor == 0 {
        for b in least..<7 {
          guard let last = upper.value([a, b, 0, 0]), let last2 = upper2.value([a, b, 0, 0]) else {
            continue
          }
          for x in 0..<max(0, min(last, 8)) {
            for y in 0..<max(0, min(last2, 8)) {
              let e = [a, b, x, y]
              guard let fact = facts[0].value(e), fact >= 0, facts[1].value(e) == b,
                let value = claim.value(e)
              else { continue }
              #expect(value >= 0, "\(claim.form.terms) at \(e)")
            }
          }
        }
      }
    }
    #expect(proved > 100)
  }
}
