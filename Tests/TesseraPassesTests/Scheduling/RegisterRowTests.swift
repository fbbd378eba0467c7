import TesseraIR
import TesseraInterpreter
import TesseraPasses
import Testing

/// Rows, in registers or not, give the bits that whole tensors give.
@Suite struct RegisterRowTests {
  /// Rows less their extremum and over their sum, where the extremum and the sums are kept, too.
  private func rows(_ length: Int, _ combiner: String) -> String {
    """
    func @f(%x: f32[5, \(length)]) -> (%y: f32[5, \(length)], %top: f32[5], %total: f32[5]) {
      %zero = constant {0} : i64
      %one = constant {1} : i64
      %m = constant {5} : i64
      %n = constant {\(length)} : i64
      %top = compute %m : f32[5] {
      ^(%i: i64):
        %t = reduce %zero, %n, %one {\(combiner)} : f32 {
        ^(%k: i64):
          %a = read %x, %i, %k : f32
          yield %a
        }
        yield %t
      }
      %e = compute %m, %n : f32[5, \(length)] {
      ^(%i1: i64, %j1: i64):
        %b = read %x, %i1, %j1 : f32
        %c = read %top, %i1 : f32
        %d = subtract %b, %c : f32
        yield %d
      }
      %total = compute %m : f32[5] {
      ^(%i2: i64):
        %s = reduce %zero, %n, %one {sum} : f32 {
        ^(%k2: i64):
          %f = read %e, %i2, %k2 : f32
          %g = square_root %f : f32
          yield %g
        }
        yield %s
      }
      %y = compute %m, %n : f32[5, \(length)] {
      ^(%i3: i64, %j3: i64):
        %h = read %e, %i3, %j3 : f32
        %o = read %total, %i3 : f32
        %p = divide %h, %o : f32
        yield %p
      }
      return %y, %top, %total
    }
    """
  }

  @Test(arguments: [3, 4, 7, 8, 9, 16, 20, 29, 64, 77, 80, 112, 120, 128, 160, 161])
  func computesTheSame(length: Int) throws {
    try check(length) { rows(length, $0) }
  }

  /// Rows of which a call tells how long they are: none, fewer than there are accumulators, rounds of
  /// those with any rest, and longer than those that begin early.
  @Test(arguments: [
    0, 1, 7, 8, 15, 16, 17, 24, 29, 31, 32, 40, 48, 53, 64, 77, 95, 97, 512, 513, 530,
  ])
  func computesTheSameOfAnyLength(length: Int) throws {
    try check(length) { combiner in
      rows(length, combiner).replacing("[5, \(length)]", with: "[5, ?]")
        .replacing("%n = constant {\(length)} : i64", with: "%n = dimension %x {1} : i64")
    }
  }

  private func check(_ length: Int, _ program: (_ combiner: String) -> String) throws {
    // Zeros of both signs and infinities stand among the numbers.
    let special: [Double] = [0, -0.0, .infinity, 1, -.infinity, 2.5]
    let values = (0..<5 * length).map { place in
      place % 11 == 5
        ? special[place / 11 % (place < 2 * length ? 2 : 6)]
        : Double((place * 7919) % 1009 - 500) / 7
    }
    for combiner in ["maximum", "minimum"] {
      for target in TargetDescription.all {
        var module = try module(program(combiner))
        var context = PassContext()
        context.target = target
        Pass.reductionOrder.run(on: &module, &context)
        let tensor = InterpreterValue.tensor(values, shape: [5, length])
        try checkAgreement(module, [tensor], target, "\(combiner) \(target.name)")
      }
    }
  }

  /// Rows over the sums of the `term` of their elements, of which a call tells how many there are; a
  /// row is made before its sum.
  private func shares(_ length: Int, _ term: String = "add %c, %c : f32") -> String {
    """
    func @f(%x: f32[?, 3, \(length)]) -> (%y: f32[?, 3, \(length)]) {
      %zero = constant {0} : i64
      %one = constant {1} : i64
      %three = constant {3} : i64
      %m = dimension %x {0} : i64
      %n = constant {\(length)} : i64
      %e = compute %m, %three, %n : f32[?, 3, \(length)] {
      ^(%i: i64, %h: i64, %j: i64):
        %a = read %x, %i, %h, %j : f32
        %b = square_root %a : f32
        yield %b
      }
      %total = compute %m, %three : f32[?, 3] {
      ^(%i1: i64, %h1: i64):
        %s = reduce %zero, %n, %one {sum} : f32 {
        ^(%k: i64):
          %c = read %e, %i1, %h1, %k : f32
          %t = \(term)
          yield %t
        }
        yield %s
      }
      %y = compute %m, %three, %n : f32[?, 3, \(length)] {
      ^(%i2: i64, %h2: i64, %j2: i64):
        %d = read %e, %i2, %h2, %j2 : f32
        %g = read %total, %i2, %h2 : f32
        %q = divide %d, %g : f32
        yield %q
      }
      return %y
    }
    """
  }

  @Test(arguments: [0, 1, 4])
  func beginsRowsEarly(count: Int) throws {
    for length in [16, 29, 77] {
      let values = (0..<count * 3 * length).map { Double(($0 * 7919) % 1009) / 7 }
      for target in TargetDescription.all {
        var module = try module(shares(length))
        var context = PassContext()
        context.target = target
        Pass.reductionOrder.run(on: &module, &context)
        let tensor = InterpreterValue.tensor(values, shape: [count, 3, length])
        try checkAgreement(module, [tensor], target, "\(length) \(target.name)")
      }
    }
  }

  /// Products that are added with one rounding: of rows in registers, of rows in memory, and of rows
  /// that are made beside their sums.
  @Test(arguments: [1, 7, 16, 29, 64, 77, 530, 2100])
  func addsProductsWithOneRounding(length: Int) throws {
    let values = (0..<6 * length).map { Double(($0 * 7919) % 1009) / 7 }
    let fixed = shares(length, "multiply %c, %c : f32")
    let free = fixed.replacing("[?, 3, \(length)]", with: "[?, 3, ?]")
      .replacing("%n = constant {\(length)} : i64", with: "%n = dimension %x {2} : i64")
    for program in [fixed, free] {
      for target in [TargetDescription.x86_64v3.withoutVectors] + TargetDescription.all {
        var module = try module(program)
        var context = PassContext()
        context.target = target
        Pass.reductionOrder.run(on: &module, &context)
        let tensor = InterpreterValue.tensor(values, shape: [2, 3, length])
        try checkAgreement(module, [tensor], target, "\(length) \(target.name)")
      }
    }
  }
}
