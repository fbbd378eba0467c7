/// Loops, branches, calls and launches around statements over tensors.
let controlPrograms: [SchedulingProgram] = [
  SchedulingProgram(
    "loops",
    """
    func @f(%x: f32[?], %n: i64) -> (%y: f32[?], %z: f32[?], %s: f32) {
      %d = dimension %x {0} : i64
      %zero = constant {0} : i64
      %one = constant {1} : i64
      %f = constant {0.5} : f32
      %y, %z, %s = for %zero, %n, %one, %x, %x, %f : f32[?], f32[?], f32 {
      ^(%i: i64, %a: f32[?], %b: f32[?], %t: f32):
        %e = compute %d : f32[?] {
        ^(%j: i64):
          %v = read %a, %j : f32
          %last = subtract %d, %one : i64
          %k = subtract %last, %j : i64
          %w = read %a, %k : f32
          %u = add %v, %w : f32
          yield %u
        }
        %u1x = add %t, %t : f32
        yield %b, %e, %u1x
      }
      return %y, %z, %s
    }
    """
  ) { m, n, k, dice in [tensor(.f32, [n], &dice), .integer(Int64(k))] },
  SchedulingProgram(
    "branches",
    """
    func @f(%x: f32[?], %c: bool) -> (%y: f32[?], %s: f32) {
      %d = dimension %x {0} : i64
      %two = constant {2} : i64
      %zero = constant {0} : i64
      %one = constant {1} : i64
      %y, %s = if %c : f32[?], f32 {
        %e = multiply %d, %two : i64
        %t = compute %e : f32[?] {
        ^(%j: i64):
          %k = divide %j, %two : i64
          %v = read %x, %k : f32
          yield %v
        }
        %u = constant {1.0} : f32
        yield %t, %u
      } {
        %e1x = add %d, %d : i64
        %t1x = compute %e1x : f32[?] {
        ^(%j1x: i64):
          %v1x = constant {2.0} : f32
          yield %v1x
        }
        %w = update %t1x, %zero, %d, %one {sum} : f32[?] {
        ^(%i: i64):
          %v2x = read %x, %i : f32
          %yes = constant {1} : bool
          yield %i, %v2x, %yes
        }
        %u1x = constant {3.0} : f32
        yield %w, %u1x
      }
      return %y, %s
    }
    """
  ) { m, n, k, dice in [tensor(.f32, [n], &dice), .integer(Int64(k % 2), .bool)] },
  SchedulingProgram(
    "while",
    """
    func @f(%x: f32[?], %n: i64) -> (%y: f32[?], %i: i64) {
      %d = dimension %x {0} : i64
      %zero = constant {0} : i64
      %one = constant {1} : i64
      %y, %i = while %x, %zero : f32[?], i64 {
      ^(%a: f32[?], %k: i64):
        %c = less %k, %n : bool
        condition %c, %a, %k
      } {
      ^(%a1x: f32[?], %k1x: i64):
        %b = compute %d : f32[?] {
        ^(%j: i64):
          %v = read %a1x, %j : f32
          %w = add %v, %v : f32
          yield %w
        }
        %l = add %k1x, %one : i64
        yield %b, %l
      }
      return %y, %i
    }
    """
  ) { m, n, k, dice in [tensor(.f32, [n], &dice), .integer(Int64(k))] },
  SchedulingProgram(
    "calls",
    """
    func @twice(%x: f32[?], %m: i64) -> (%y: f32[?], %s: f32) {
      %d = dimension %x {0} : i64
      %e = multiply %d, %m : i64
      %y = compute %e : f32[?] {
      ^(%j: i64):
        %k = remainder %j, %d : i64
        %v = read %x, %k : f32
        yield %v
      }
      %s = constant {4.0} : f32
      return %y, %s
    }

    func @set(%x: inout f32[?], %v: f32) -> (%x: f32[?]) {
      %d = dimension %x {0} : i64
      %zero = constant {0} : i64
      %one = constant {1} : i64
      %y = update %x, %zero, %d, %one {sum} : f32[?] {
      ^(%i: i64):
        %yes = constant {1} : bool
        yield %i, %v, %yes
      }
      return %y
    }

    func @f(%x: f32[?], %m: i64) -> (%y: f32[?], %z: f32[?], %s: f32) {
      %t, %s = call %x, %m {@twice} : f32[?], f32
      %u = call %t, %s {@set} : f32[?]
      %v = call %u, %s {@set} : f32[?]
      return %u, %v, %s
    }
    """
  ) { m, n, k, dice in [tensor(.f32, [n], &dice), .integer(Int64(k))] },
  SchedulingProgram(
    "launch",
    """
    func @f(%x: f32[?, ?]) -> (%y: f32[?, ?]) {
      %m = dimension %x {0} : i64
      %n = dimension %x {1} : i64
      %zero = constant {0} : i64
      %one = constant {1} : i64
      %yes = constant {1} : bool
      %start = compute %m, %n : f32[?, ?] {
      ^(%i: i64, %j: i64):
        %v = constant {0.0} : f32
        yield %v
      }
      %y = launch %m, %start : f32[?, ?] {
      ^(%row: i64, %out: f32[?, ?]):
        %v1x = compute %n : f32[?] {
        ^(%j1x: i64):
          %e = read %x, %row, %j1x : f32
          yield %e
        }
        %s = reduce %zero, %n, %one {maximum} : f32 {
        ^(%j2x: i64):
          %e1x = read %v1x, %j2x : f32
          yield %e1x
        }
        %w = update %out, %zero, %n, %one {replace} : f32[?, ?] {
        ^(%j3x: i64):
          %e2x = read %v1x, %j3x : f32
          %d = subtract %e2x, %s : f32
          yield %row, %j3x, %d, %yes
        }
        %u = update %w, %one, %n, %one {replace} : f32[?, ?] {
        ^(%j4x: i64):
          %k = subtract %j4x, %one : i64
          %e3x = read %w, %row, %k : f32
          yield %row, %j4x, %e3x, %yes
        }
        yield %u
      }
      return %y
    }
    """
  ) { m, n, k, dice in [tensor(.f32, [m, n], &dice)] },
]
