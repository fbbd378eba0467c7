import TesseraIR
import TesseraInterpreter
import TesseraPasses
import Testing

/// Sums for which a text asks for an order, in statements whose elements could be computed in vectors.
@Suite struct GivenOrderTests {
  /// Lanes along another index, which would have an accumulator each, give way.
  @Test(arguments: programs.map(\.name), ["lanes 4 then 2", "lanes 32 then 8 fused"])
  func isObeyed(name: String, order: String) throws {
    let program = Self.programs.first { $0.name == name }!
    for sizes in [[0, 3, 2], [5, 7, 3], [9, 35, 16], [6, 16, 131]] {
      let (m, k, n) = (sizes[0], sizes[1], sizes[2])
      let arguments = [rough([m, k], 7919), rough([k, n], 6007)]
      for lengths in [
        ["dimension %x {0}", "dimension %x {1}", "dimension %w {1}"],
        sizes.map { "constant {\($0)}" },
      ] {
        let module = try module(
          """
          func @f(%x: f32[?, ?], %w: f32[?, ?]) -> (%y: \(program.type)) {
            %m = \(lengths[0]) : i64
            %k = \(lengths[1]) : i64
            %n = \(lengths[2]) : i64
            %zero = constant {0} : i64
            %one = constant {1} : i64
            %two = constant {2} : i64
            \(program.body.replacing("ORDER", with: "sum, \(order)"))
            return %y
          }
          """)
        for target in [TargetDescription.x86_64v3.withoutVectors] + TargetDescription.all {
          try checkAgreement(module, arguments, target, "\(sizes) \(lengths[0]) \(target.name)")
        }
      }
    }
  }

  /// A tensor of floats whose sums are rounded.
  private func rough(_ shape: [Int], _ factor: Int) -> InterpreterValue {
    .tensor((0..<shape.reduce(1, *)).map { Double(($0 * factor) % 1009) / 7 }, shape: shape)
  }

  /// Bodies that make `%y` of `%x`, m by k, and `%w`, k by n.
  private static let programs: [(name: String, type: String, body: String)] = [
    (
      "columns", "f32[?]",
      """
      %y = compute %n : f32[?] {
      ^(%j: i64):
        %s = reduce %zero, %k, %one {ORDER} : f32 {
        ^(%l: i64):
          %v = read %w, %l, %j : f32
          %p = multiply %v, %v : f32
          yield %p
        }
        yield %s
      }
      """
    ),
    (
      "product", "f32[?, ?]",
      """
      %y = compute %m, %n : f32[?, ?] {
      ^(%i: i64, %j: i64):
        %s = reduce %zero, %k, %one {ORDER} : f32 {
        ^(%l: i64):
          %v = read %x, %i, %l : f32
          %u = read %w, %l, %j : f32
          %p = multiply %v, %u : f32
          yield %p
        }
        yield %s
      }
      """
    ),
    (
      "the same for all lanes", "f32[?, ?]",
      """
      %y = compute %m, %k : f32[?, ?] {
      ^(%i: i64, %j: i64):
        %s = reduce %zero, %k, %one {ORDER} : f32 {
        ^(%l: i64):
          %v = read %x, %i, %l : f32
          %p = multiply %v, %v : f32
          yield %p
        }
        %v2 = read %x, %i, %j : f32
        %q = divide %v2, %s : f32
        yield %q
      }
      """
    ),
    (
      "rows", "f32[?, ?]",
      """
      %s = compute %m : f32[?] {
      ^(%i: i64):
        %t = reduce %zero, %k, %one {ORDER} : f32 {
        ^(%l: i64):
          %v = read %x, %i, %l : f32
          %p = multiply %v, %v : f32
          yield %p
        }
        yield %t
      }
      %y = compute %m, %k : f32[?, ?] {
      ^(%i2: i64, %j: i64):
        %v2 = read %x, %i2, %j : f32
        %t2 = read %s, %i2 : f32
        %q = divide %v2, %t2 : f32
        yield %q
      }
      """
    ),
    (
      "across", "f32[?, ?]",
      """
      %y = compute %k, %m : f32[?, ?] {
      ^(%j: i64, %i: i64):
        %s = reduce %zero, %n, %one {ORDER} : f32 {
        ^(%l: i64):
          %v = read %w, %j, %l : f32
          %p = multiply %v, %v : f32
          yield %p
        }
        %u = read %x, %i, %j : f32
        %q = add %s, %u : f32
        yield %q
      }
      """
    ),
    (
      "apart", "f32[?]",
      """
      %half = divide %n, %two : i64
      %y = compute %half : f32[?] {
      ^(%j: i64):
        %place = multiply %j, %two : i64
        %s = reduce %zero, %k, %one {ORDER} : f32 {
        ^(%l: i64):
          %v = read %w, %l, %place : f32
          %p = multiply %v, %v : f32
          yield %p
        }
        yield %s
      }
      """
    ),
    (
      "in pieces", "f32[?]",
      """
      %y = compute %n : f32[?] {
      ^(%j: i64):
        %s = reduce %zero, %k, %one {ORDER} : f32 {
        ^(%l: i64):
          %v = read %w, %l, %j : f32
          %p = multiply %v, %v : f32
          yield %p
        }
        %isFirst = equal %j, %zero : bool
        %t = if %isFirst : f32 {
          yield %s
        } {
          %before = subtract %j, %one : i64
          %u = read %w, %zero, %before : f32
          %sum = add %s, %u : f32
          yield %sum
        }
        yield %t
      }
      """
    ),
    (
      "sums of sums", "f32[?]",
      """
      %y = compute %n : f32[?] {
      ^(%j: i64):
        %s = reduce %zero, %m, %one {sum} : f32 {
        ^(%i: i64):
          %t = reduce %zero, %k, %one {ORDER} : f32 {
          ^(%l: i64):
            %v = read %x, %i, %l : f32
            %u = read %w, %l, %j : f32
            %p = multiply %v, %u : f32
            yield %p
          }
          yield %t
        }
        yield %s
      }
      """
    ),
    (
      "of two indices", "f32[?]",
      """
      %y = compute %n : f32[?] {
      ^(%j: i64):
        %s = reduce %zero, %zero, %m, %k, %one, %one {ORDER} : f32 {
        ^(%i: i64, %l: i64):
          %v = read %x, %i, %l : f32
          %u = read %w, %l, %j : f32
          %p = multiply %v, %u : f32
          yield %p
        }
        yield %s
      }
      """
    ),
    (
      "updates", "f32[?, ?]",
      """
      %yes = constant {1} : bool
      %y = update %w, %zero, %zero, %k, %n, %one, %one {replace} : f32[?, ?] {
      ^(%i: i64, %j: i64):
        %s = reduce %zero, %k, %one {ORDER} : f32 {
        ^(%l: i64):
          %u = read %w, %l, %j : f32
          %p = multiply %u, %u : f32
          yield %p
        }
        yield %i, %j, %s, %yes
      }
      """
    ),
    (
      "attention", "f32[?, ?]",
      """
      %a = compute %m, %n : f32[?, ?] {
      ^(%i: i64, %j: i64):
        %s = reduce %zero, %k, %one {ORDER} : f32 {
        ^(%l: i64):
          %v = read %x, %i, %l : f32
          %u = read %w, %l, %j : f32
          %p = multiply %v, %u : f32
          yield %p
        }
        yield %s
      }
      %b = compute %m : f32[?] {
      ^(%i2: i64):
        %s2 = reduce %zero, %n, %one {ORDER} : f32 {
        ^(%l2: i64):
          %v2 = read %a, %i2, %l2 : f32
          %p2 = multiply %v2, %v2 : f32
          yield %p2
        }
        yield %s2
      }
      %y = compute %m, %k : f32[?, ?] {
      ^(%i3: i64, %j3: i64):
        %s3 = reduce %zero, %n, %one {ORDER} : f32 {
        ^(%l3: i64):
          %v3 = read %a, %i3, %l3 : f32
          %u3 = read %w, %j3, %l3 : f32
          %p3 = multiply %v3, %u3 : f32
          yield %p3
        }
        %t3 = read %b, %i3 : f32
        %q = divide %s3, %t3 : f32
        yield %q
      }
      """
    ),
  ]
}
