import TesseraTables
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

  @Test func provesQuotientsTimesTheirDivisor() {
    // a[j / K * K + k] with j in 0..N * K and k in 0..K: the group of j begins at a multiple of K.
    var prover = ShapeProver()
    prover.declare(Self.i, from: Dimension(0), to: N * M)
    prover.declare(Self.j, from: Dimension(0), to: M)
    #expect(provesInside(M * .quotient(I, M) + J, N * M, prover))
    #expect(!provesInside(M * .quotient(I, M) + J + 1, N * M, prover))
    var numbers = ShapeProver()
    numbers.declare(Self.i, from: Dimension(0), to: Dimension(128))
    numbers.declare(Self.j, from: Dimension(0), to: Dimension(32))
    let place = Dimension.quotient(I, Dimension(32)) * 32 + J
    #expect(provesInside(place, Dimension(128), numbers))
    #expect(!provesInside(place, Dimension(127), numbers))
    #expect(!provesInside(place - 1, Dimension(128), numbers))
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
}
