import TesseraTables
import TesseraTesting
import Testing

@testable import TesseraSemantics

/// Random dimensions, of which nothing false is proved.
extension ShapeProverTests {
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
