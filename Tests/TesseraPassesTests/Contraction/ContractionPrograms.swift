/// Sums of products in their usual forms.
let contractionPrograms: [(name: String, text: String)] =
  schedulingPrograms.filter { ["matmul", "convolution"].contains($0.name) }
  .map { (name: $0.name, text: $0.text) } + [
    (
      "transposed",
      """
      func @f(%a: f32[?, ?, ?], %b: f32[?, ?, ?]) -> (%c: f32[?, ?, ?]) {
        %n = dimension %a {0} : i64
        %p = dimension %a {1} : i64
        %d = dimension %a {2} : i64
        %q = dimension %b {1} : i64
        %zero = constant {0} : i64
        %one = constant {1} : i64
        %half = constant {0.5} : f32
        %c = compute %n, %p, %q : f32[?, ?, ?] {
        ^(%h: i64, %i: i64, %j: i64):
          %s = reduce %zero, %d, %one {sum} : f32 {
          ^(%k: i64):
            %x = read %a, %h, %i, %k : f32
            %y = read %b, %h, %j, %k : f32
            %xy = multiply %x, %y : f32
            yield %xy
          }
          %t = multiply %s, %half : f32
          yield %t
        }
        return %c
      }
      """
    ),
    (
      "strided",
      """
      func @f(%x: f32[?, ?, ?], %w: f32[?, ?, 3, 3]) -> (%y: f32[?, ?, ?]) {
        %c = dimension %x {0} : i64
        %h = dimension %x {1} : i64
        %v = dimension %x {2} : i64
        %o = dimension %w {0} : i64
        %zero = constant {0} : i64
        %one = constant {1} : i64
        %two = constant {2} : i64
        %three = constant {3} : i64
        %h1 = add %h, %one : i64
        %v1 = add %v, %one : i64
        %p = divide %h1, %two : i64
        %q = divide %v1, %two : i64
        %y = compute %o, %p, %q : f32[?, ?, ?] {
        ^(%f: i64, %i: i64, %j: i64):
          %s = reduce %zero, %zero, %zero, %c, %three, %three, %one, %one, %one {sum} : f32 {
          ^(%k: i64, %r: i64, %t: i64):
            %i0 = multiply %i, %two : i64
            %i1 = add %i0, %r : i64
            %i2 = subtract %i1, %one : i64
            %j0 = multiply %j, %two : i64
            %j1 = add %j0, %t : i64
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
              %none = constant {0.0} : f32
              yield %none
            }
            %u = read %w, %f, %k, %r, %t : f32
            %m = multiply %e, %u : f32
            yield %m
          }
          yield %s
        }
        return %y
      }
      """
    ),
    (
      "matrix-vector",
      """
      func @f(%a: f32[?, ?], %x: f32[?]) -> (%y: f32[?]) {
        %m = dimension %a {0} : i64
        %n = dimension %a {1} : i64
        %zero = constant {0} : i64
        %one = constant {1} : i64
        %y = compute %m : f32[?] {
        ^(%i: i64):
          %s = reduce %zero, %n, %one {sum} : f32 {
          ^(%k: i64):
            %u = read %a, %i, %k : f32
            %v = read %x, %k : f32
            %w = multiply %u, %v : f32
            yield %w
          }
          yield %s
        }
        return %y
      }
      """
    ),
    (
      "depthwise",
      """
      func @f(%a: f32[?, ?], %b: f32[?, ?]) -> (%y: f32[?]) {
        %m = dimension %a {0} : i64
        %n = dimension %a {1} : i64
        %zero = constant {0} : i64
        %one = constant {1} : i64
        %y = compute %n : f32[?] {
        ^(%i: i64):
          %s = reduce %zero, %m, %one {sum} : f32 {
          ^(%k: i64):
            %u = read %a, %k, %i : f32
            %v = read %b, %k, %i : f32
            %w = multiply %u, %v : f32
            yield %w
          }
          yield %s
        }
        return %y
      }
      """
    ),
  ]
