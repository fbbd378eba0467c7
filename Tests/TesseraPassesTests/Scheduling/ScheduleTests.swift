import TesseraIR
import TesseraInterpreter
import TesseraPasses
import TesseraSource
import Testing

/// The module that `text` spells.
func module(_ text: String) throws -> Module {
  let file = SourceFile(id: FileID(index: 0), name: "test.tir", bytes: Array(text.utf8))
  let (module, diagnostics) = parseModule(file)
  #expect(diagnostics.isEmpty, "\(diagnostics.map(\.message))")
  return try #require(module)
}

@Suite struct ScheduleTests {
  @Test(arguments: schedulingPrograms.map(\.name))
  func givesValidScheduledIR(name: String) throws {
    var module = try module(schedulingPrograms.first { $0.name == name }!.text)
    #expect(verify(module, stage: .tensor).map(\.message) == [])
    #expect(schedule(&module))
    #expect(verify(module, stage: .scheduled).map(\.message) == [], "\(module)")
    #expect(!schedule(&module))
  }

  @Test(arguments: schedulingPrograms.map(\.name))
  func computesTheSame(name: String) throws {
    let program = schedulingPrograms.first { $0.name == name }!
    let module = try module(program.text)
    var dice = Dice(state: 7)
    for sizes in [[0, 3, 2], [1, 1, 1], [3, 0, 4], [5, 7, 3], [9, 17, 5], [16, 24, 8]] {
      for target in [TargetDescription.x86_64v3.withoutVectors] + TargetDescription.all {
        let arguments = program.arguments(sizes[0], sizes[1], sizes[2], &dice)
        try checkAgreement(module, arguments, target, "\(name) \(sizes)")
      }
    }
  }

  /// The order is settled before scheduling, so that even sums that are rounded agree.
  @Test(arguments: ["square_root %v", "multiply %v, %v"])
  func addsUpInTheOrderThatWasChosen(term: String) throws {
    var module = try module(
      """
      func @f(%x: f32[?, ?, ?]) -> (%y: f32[?], %z: f32) {
        %m = dimension %x {0} : i64
        %n = dimension %x {1} : i64
        %k = dimension %x {2} : i64
        %zero = constant {0} : i64
        %one = constant {1} : i64
        %y = compute %m : f32[?] {
        ^(%i: i64):
          %s = reduce %zero, %zero, %n, %k, %one, %one {sum} : f32 {
          ^(%j: i64, %l: i64):
            %v = read %x, %i, %j, %l : f32
            %w = \(term) : f32
            yield %w
          }
          yield %s
        }
        %z = reduce %zero, %m, %one {maximum} : f32 {
        ^(%o: i64):
          %q = read %x, %zero, %zero, %o : f32
          yield %q
        }
        return %y, %z
      }
      """)
    var context = PassContext()
    #expect(Pass.reductionOrder.run(on: &module, &context))
    for depth in [1, 15, 16, 17, 35] {
      let count = 3 * 2 * depth
      let values = (0..<count).map { Double(($0 * 7919) % 1009) / 7 }
      let tensor = InterpreterValue.tensor(
        values, shape: [min(3, depth), 2 * 3 / min(3, depth), depth])
      try checkAgreement(module, [tensor], .x86_64v3, "\(depth)")
      try checkAgreement(module, [tensor], .x86_64v3.withoutVectors, "\(depth)")
    }
  }

  /// Whatever order a text asks for, few accumulators and many.
  @Test(arguments: ["lanes 1", "lanes 4 then 1", "lanes 8 then 2", "lanes 64"], ["", " fused"])
  func addsUpInTheOrderThatIsGiven(lanes: String, fused: String) throws {
    let module = try module(
      """
      func @f(%x: f32[?]) -> (%s: f32) {
        %n = dimension %x {0} : i64
        %zero = constant {0} : i64
        %one = constant {1} : i64
        %s = reduce %zero, %n, %one {sum, \(lanes)\(fused)} : f32 {
        ^(%i: i64):
          %v = read %x, %i : f32
          %w = multiply %v, %v : f32
          yield %w
        }
        return %s
      }
      """)
    for length in [0, 1, 3, 7, 16, 101] {
      let values = (0..<length).map { Double(($0 * 7919) % 1009) / 7 }
      for target in [TargetDescription.x86_64v3.withoutVectors] + TargetDescription.all {
        try checkAgreement(
          module, [.tensor(values, shape: [length])], target, "\(length) \(target.name)")
      }
    }
  }
}
