import TesseraIR
import TesseraInterpreter
import TesseraPasses
import Testing

/// Rows that are stored one row late hold the bits that whole tensors hold.
@Suite struct LateRowTests {
  /// Rows less their maximum and over their sum, which another row at hand could not give; extents of
  /// which nothing is known are `nil`.
  private func rows(_ extents: [Int?]) -> String {
    let lengths = extents.map { $0.map(String.init) ?? "?" }
    let list = lengths.joined(separator: ", ")
    let (a, b) = (lengths[0], lengths[1])
    func length(_ axis: Int) -> String {
      extents[axis].map { "constant {\($0)}" } ?? "dimension %x {\(axis)}"
    }
    return """
      func @f(%x: f32[\(list)], %z: f32[\(list)]) -> (%y: f32[\(list)]) {
        %zero = constant {0} : i64
        %one = constant {1} : i64
        %a = \(length(0)) : i64
        %b = \(length(1)) : i64
        %n = \(length(2)) : i64
        %top = compute %a, %b : f32[\(a), \(b)] {
        ^(%g: i64, %i: i64):
          %t = reduce %zero, %n, %one {maximum} : f32 {
          ^(%k: i64):
            %c = read %x, %g, %i, %k : f32
            yield %c
          }
          yield %t
        }
        %e = compute %a, %b, %n : f32[\(list)] {
        ^(%g1: i64, %i1: i64, %j1: i64):
          %c1 = read %x, %g1, %i1, %j1 : f32
          %d = read %top, %g1, %i1 : f32
          %h = subtract %c1, %d : f32
          yield %h
        }
        %total = compute %a, %b : f32[\(a), \(b)] {
        ^(%g2: i64, %i2: i64):
          %s = reduce %zero, %n, %one {sum} : f32 {
          ^(%k2: i64):
            %c2 = read %e, %g2, %i2, %k2 : f32
            yield %c2
          }
          yield %s
        }
        %y = compute %a, %b, %n : f32[\(list)] {
        ^(%g3: i64, %i3: i64, %j3: i64):
          %c3 = read %e, %g3, %i3, %j3 : f32
          %o = read %total, %g3, %i3 : f32
          %u = read %top, %g3, %i3 : f32
          %r = read %z, %g3, %i3, %j3 : f32
          %p = divide %c3, %o : f32
          %q = subtract %p, %u : f32
          %w = add %q, %r : f32
          yield %w
        }
        return %y
      }
      """
  }

  /// A machine of 512-bit vectors with so little cache that results go past it.
  private var target: TargetDescription {
    var target = TargetDescription.x86_64v4
    target.cacheByteCounts[target.cacheByteCounts.count - 1] = 8192
    return target
  }

  /// How many of the last extents are known.
  private static let knownCounts = [0, 1, 3]

  @Test(arguments: [[1, 2, 2048], [3, 1, 2061], [2, 17, 2048]], knownCounts)
  func computesTheSame(extents: [Int], knownCount: Int) throws {
    let known = extents.enumerated().map { $0 < extents.count - knownCount ? nil : $1 }
    var module = try module(rows(known))
    var context = PassContext()
    context.target = target
    Pass.reductionOrder.run(on: &module, &context)
    try checkAgreement(module, tensors(extents), target, "\(extents)")
    schedule(&module, for: target)
    let length = known[2].map(String.init) ?? "?"
    #expect("\(module)".contains("f32[2, \(length)]"), "two rows are at hand")
  }

  @Test(arguments: [[2, 3, 500], [1, 1, 2048], [2, 2, 2047]])
  func leavesRowsThatAreShortOrStayInCaches(extents: [Int]) throws {
    var module = try module(rows([nil, nil, nil]))
    var context = PassContext()
    context.target = target
    Pass.reductionOrder.run(on: &module, &context)
    try checkAgreement(module, tensors(extents), target, "\(extents)")
  }

  /// Two tensors of numbers that look random.
  private func tensors(_ extents: [Int]) -> [InterpreterValue] {
    let count = extents.reduce(1, *)
    return [7919, 104_729].map { step in
      let numbers = (0..<count).map { Double(($0 * step) % 1009 - 500) / 7 }
      return .tensor(numbers, shape: extents)
    }
  }
}
