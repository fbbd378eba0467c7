import TesseraInterpreter

/// A program with a function `@f`, and arguments for it made from three lengths.
struct SchedulingProgram: Sendable {
  var name: String
  var text: String
  var arguments: @Sendable (Int, Int, Int, inout Dice) -> [InterpreterValue]

  init(
    _ name: String, _ text: String,
    _ arguments: @escaping @Sendable (Int, Int, Int, inout Dice) -> [InterpreterValue]
  ) {
    self.name = name
    self.text = text
    self.arguments = arguments
  }
}

/// Programs of the tensor stage that together use everything that scheduling knows.
let schedulingPrograms = tensorPrograms + controlPrograms

/// Statements over tensors.
private let tensorPrograms: [SchedulingProgram] = [
  SchedulingProgram(
    "elementwise",
    """
    func @f(%x: f32[?, ?], %a: f32) -> (%y: f32[?, ?]) {
      %m = dimension %x {0} : i64
      %n = dimension %x {1} : i64
      %t = compute %m, %n : f32[?, ?] {
      ^(%i: i64, %j: i64):
        %v = read %x, %i, %j : f32
        %w = multiply %v, %a : f32
        yield %w
      }
      %y = compute %m, %n : f32[?, ?] {
      ^(%i1x: i64, %j1x: i64):
        %v1x = read %t, %i1x, %j1x : f32
        %w1x = add %v1x, %a : f32
        yield %w1x
      }
      return %y
    }
    """
  ) { m, n, k, dice in [tensor(.f32, [m, n], &dice), .float(1.25)] },
  SchedulingProgram(
    "matmul",
    """
    func @f(%a: f32[?, ?], %b: f32[?, ?]) -> (%c: f32[?, ?]) {
      %m = dimension %a {0} : i64
      %k = dimension %a {1} : i64
      %n = dimension %b {1} : i64
      %zero = constant {0} : i64
      %one = constant {1} : i64
      %c = compute %m, %n : f32[?, ?] {
      ^(%i: i64, %j: i64):
        %s = reduce %zero, %k, %one {sum} : f32 {
        ^(%l: i64):
          %v = read %a, %i, %l : f32
          %w = read %b, %l, %j : f32
          %p = multiply %v, %w : f32
          yield %p
        }
        yield %s
      }
      return %c
    }
    """
  ) { m, n, k, dice in [tensor(.f32, [m, k], &dice), tensor(.f32, [k, n], &dice)] },
  SchedulingProgram(
    "convolution",
    """
    func @f(%x: f32[?, ?, ?], %w: f32[?, ?, 3, 3], %bias: f32[?]) -> (%y: f32[?, ?, ?]) {
      %c = dimension %x {0} : i64
      %h = dimension %x {1} : i64
      %v = dimension %x {2} : i64
      %o = dimension %w {0} : i64
      %zero = constant {0} : i64
      %one = constant {1} : i64
      %three = constant {3} : i64
      %y = compute %o, %h, %v : f32[?, ?, ?] {
      ^(%p: i64, %i: i64, %j: i64):
        %b = read %bias, %p : f32
        %s = reduce %zero, %zero, %zero, %c, %three, %three, %one, %one, %one {sum} : f32 {
        ^(%k: i64, %r: i64, %q: i64):
          %i1 = add %i, %r : i64
          %i2 = subtract %i1, %one : i64
          %j1 = add %j, %q : i64
          %j2 = subtract %j1, %one : i64
          %c0 = less_or_equal %zero, %i2 : bool
          %c1 = less %i2, %h : bool
          %c2 = less_or_equal %zero, %j2 : bool
          %c3 = less %j2, %v : bool
          %c4 = bit_and %c0, %c1 : bool
          %c5 = bit_and %c2, %c3 : bool
          %c6 = bit_and %c4, %c5 : bool
          %e = if %c6 : f32 {
            %g = read %x, %k, %i2, %j2 : f32
            yield %g
          } {
            %g1x = constant {0.0} : f32
            yield %g1x
          }
          %f = read %w, %p, %k, %r, %q : f32
          %m = multiply %e, %f : f32
          yield %m
        }
        %t = add %b, %s : f32
        yield %t
      }
      return %y
    }
    """
  ) { m, n, k, dice in
    [tensor(.f32, [k, m, n], &dice), tensor(.f32, [m, k, 3, 3], &dice), tensor(.f32, [m], &dice)]
  },
  SchedulingProgram(
    "updates",
    """
    func @f(%x: f32[?], %p: i64[?]) -> (%y: f32[?], %z: f32[?]) {
      %n = dimension %x {0} : i64
      %k = dimension %p {0} : i64
      %zero = constant {0} : i64
      %one = constant {1} : i64
      %t = update %x, %one, %n, %one {replace} : f32[?] {
      ^(%i: i64):
        %j = subtract %i, %one : i64
        %v = read %x, %j : f32
        %yes = constant {1} : bool
        yield %i, %v, %yes
      }
      %y = update %t, %one, %n, %one {replace} : f32[?] {
      ^(%i1x: i64):
        %j1x = subtract %i1x, %one : i64
        %v1x = read %t, %j1x : f32
        %yes1x = constant {1} : bool
        yield %i1x, %v1x, %yes1x
      }
      %z = update %x, %zero, %k, %one {sum} : f32[?] {
      ^(%i2x: i64):
        %q = read %p, %i2x : i64
        %c0 = less_or_equal %zero, %q : bool
        %c1 = less %q, %n : bool
        %c2 = bit_and %c0, %c1 : bool
        %v2x = constant {1.5} : f32
        yield %q, %v2x, %c2
      }
      return %y, %z
    }
    """
  ) { m, n, k, dice in [tensor(.f32, [n], &dice), tensor(.i64, [m], &dice)] },
  SchedulingProgram(
    "scans",
    """
    func @f(%x: i32[?, ?]) -> (%y: i32[?, ?], %z: i32[?, ?], %w: i32[?, ?]) {
      %m = dimension %x {0} : i64
      %n = dimension %x {1} : i64
      %y = scan %m, %n {sum, axis 1} : i32[?, ?] {
      ^(%i: i64, %j: i64):
        %v = read %x, %i, %j : i32
        yield %v
      }
      %z = scan %m, %n {maximum, axis 0, reverse, exclusive} : i32[?, ?] {
      ^(%i1x: i64, %j1x: i64):
        %v1x = read %x, %i1x, %j1x : i32
        yield %v1x
      }
      %zero = constant {0} : i32
      %w = scan %m, %n, %zero {combiner, axis 1, reverse} : i32[?, ?] {
      ^(%i2x: i64, %j2x: i64):
        %v2x = read %x, %i2x, %j2x : i32
        yield %v2x
      } {
      ^(%a: i32, %b: i32):
        %c = subtract %a, %b : i32
        yield %c
      }
      return %y, %z, %w
    }
    """
  ) { m, n, k, dice in [tensor(.i32, [m, n], &dice)] },
  SchedulingProgram(
    "sort and constants",
    """
    func @f(%x: f32[?, ?]) -> (%y: f32[?, ?], %p: i64[?, ?], %c: i16[2, 2]) {
      %y, %p = sort %x {0} : f32[?, ?], i64[?, ?]
      %c = constant {dense "0100020003000400"} : i16[2, 2]
      return %y, %p, %c
    }
    """
  ) { m, n, k, dice in [tensor(.f32, [m, n], &dice)] },
  SchedulingProgram(
    "folds",
    """
    func @f(%x: f32[?]) -> (%y: f32, %i: i64) {
      %n = dimension %x {0} : i64
      %zero = constant {0} : i64
      %one = constant {1} : i64
      %low = constant {-inf} : f32
      %y, %i = reduce %zero, %n, %one, %low, %zero {fold} : f32, i64 {
      ^(%k: i64):
        %v = read %x, %k : f32
        yield %v, %k
      } {
      ^(%a: f32, %b: i64, %v1x: f32, %k1x: i64):
        %more = greater %v1x, %a : bool
        %c = select %more, %v1x, %a : f32
        %d = select %more, %k1x, %b : i64
        yield %c, %d
      }
      return %y, %i
    }
    """
  ) { m, n, k, dice in [tensor(.f32, [n], &dice)] },
  SchedulingProgram(
    "chain",
    """
    func @f(%x: f32[?]) -> (%y: f32[?], %z: f32[?]) {
      %n = dimension %x {0} : i64
      %one = constant {1} : i64
      %a = compute %n : f32[?] {
      ^(%i: i64):
        %p = subtract %n, %i : i64
        %q = subtract %p, %one : i64
        %v = read %x, %q : f32
        %w = add %v, %v : f32
        yield %w
      }
      %b = compute %n : f32[?] {
      ^(%i2: i64):
        %p2 = subtract %n, %i2 : i64
        %q2 = subtract %p2, %one : i64
        %v2 = read %a, %q2 : f32
        %w2 = add %v2, %v2 : f32
        yield %w2
      }
      %c = compute %n : f32[?] {
      ^(%i3: i64):
        %p3 = subtract %n, %i3 : i64
        %q3 = subtract %p3, %one : i64
        %v3 = read %b, %q3 : f32
        %w3 = add %v3, %v3 : f32
        yield %w3
      }
      %y = compute %n : f32[?] {
      ^(%i4: i64):
        %p4 = subtract %n, %i4 : i64
        %q4 = subtract %p4, %one : i64
        %v4 = read %c, %q4 : f32
        %w4 = add %v4, %v4 : f32
        yield %w4
      }
      %z = compute %n : f32[?] {
      ^(%i5: i64):
        %p5 = subtract %n, %i5 : i64
        %q5 = subtract %p5, %one : i64
        %v5 = read %b, %q5 : f32
        %w5 = add %v5, %v5 : f32
        yield %w5
      }
      return %y, %z
    }
    """
  ) { m, n, k, dice in [tensor(.f32, [n], &dice)] },
]
