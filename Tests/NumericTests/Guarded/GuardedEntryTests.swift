import Foundation
import Tessera
import TesseraData
import TesseraIR
import TesseraNumbers
import TesseraProgramTesting
import TesseraTesting
import Testing

/// Compiled functions touch their arguments, their workspace and their packed constants, and not one
/// element beside them; and where memory lies changes no bit of what they give.
///
/// The functions are those of `make bench` and those of `operations.tess`. Each is called with the
/// shapes that stand above it, `// [7, 18] [18, 19]`, a line a call.
@Suite struct GuardedEntryTests {
  /// A function with the shapes of its arguments.
  struct Call: CustomStringConvertible, Sendable {
    var function: String
    var shapes: [[Int]]
    var description: String { "\(function) \(shapes)" }
  }

  private static let operations: String = {
    let url = PackageFiles.root.appending(path: "Tests/NumericTests/Guarded/operations.tess")
    return (try? String(contentsOf: url, encoding: .utf8)) ?? ""
  }()

  /// All of them as one program.
  private static let text: String = {
    let folder = PackageFiles.root.appending(path: "Examples/bench/operations")
    let files = PackageFiles.files(below: folder, extensions: ["tess"])
    let texts = files.compactMap { try? String(contentsOf: $0, encoding: .utf8) }
    return "import nn\n"
      + (texts + [operations]).joined(separator: "\n")
      .replacing("import nn\n", with: "")
  }()

  private static let calls: [Call] = {
    var calls = BenchOperationTests.functions.map {
      Call(function: $0.function, shapes: $0.shapes)
    }
    var waiting: [[[Int]]] = []
    for line in operations.split(separator: "\n") {
      if line.hasPrefix("// [") {
        let lists = line.dropFirst(3).split(separator: "]")
        waiting.append(
          lists.map { $0.split { !$0.isNumber }.compactMap { Int($0) } })
      } else if line.hasPrefix("export ") {
        let name = line.split { !($0.isLetter || $0.isNumber || $0 == "_") }[2]
        calls += waiting.map { Call(function: String(name), shapes: $0) }
        waiting = []
      }
    }
    return calls
  }()

  /// The ways in which the program is compiled.
  enum Way: CaseIterable { case planned, unplanned, library }

  private static let programs = Dictionary(
    uniqueKeysWithValues: Way.allCases.map { way in
      (
        way,
        Result {
          switch way {
          case .planned: try GuardedProgram(text, name: "guarded.tess", .planned)
          case .unplanned: try GuardedProgram(text, name: "guarded.tess", .unplanned)
          case .library:
            try GuardedProgram(library: text, name: "guarded.tess")
          }
        }
      )
    })

  @Test(arguments: Way.allCases)
  func touchesNothingElse(way: Way) throws {
    let program = try Self.programs[way]!.get()
    for call in Self.calls {
      let function = try #require(
        program.functions.first { $0.name == call.function }, "\(call.function)")
      let arguments = zip(function.parameterLeaves, call.shapes).enumerated().map {
        Self.argument($1.0.elementType, $1.1, seed: $0)
      }
      #expect(arguments.count == call.shapes.count, "\(call)")
      var first: [Tensor]?
      for style in GuardedCallStyle.all {
        do {
          let results = try program.call(call.function, arguments, style)
          #expect(first == nil || first == results, "\(call), \(way), \(style)")
          first = results
        } catch {
          Issue.record("\(call), \(way): \(error)")
        }
      }
    }
  }

  /// Every function of the program is called.
  @Test func everyFunctionIsCalled() throws {
    let program = try Self.programs[.planned]!.get()
    #expect(Set(program.functions.map(\.name)) == Set(Self.calls.map(\.function)))
  }

  /// What touches one element beside an argument is found, on either side, and named.
  @Test(arguments: [
    (GuardPlacement.end, 1, "f, against the end of a page: reads 0 bytes past 'x', f32[5]"),
    (.start, -1, "f, against the start of a page: reads 4 bytes before 'x', f32[5]"),
  ])
  func findsOneElementOutside(placement: GuardPlacement, shift: Int, words: String) throws {
    let program = try GuardedProgram(
      """
      func @f(%x: f32[5]) -> (%y: f32[5]) {
        %n = constant {5} : i64
        %shift = constant {\(shift)} : i64
        %y = compute %n : f32[5] {
        ^(%i: i64):
          %j = add %i, %shift : i64
          %v = read %x, %j : f32
          yield %v
        }
        return %y
      }

      """, name: "wrong.tir", .planned)
    let x = Tensor([1, 2, 3, 4, 5] as [Float], shape: [5])
    let failure = #expect(throws: GuardedCallFailure.self) {
      try program.call("f", [x], GuardedCallStyle(placement: placement))
    }
    #expect(failure?.description == words)
  }

  /// So is what touches one element beside a temporary, in whatever it shares its memory with.
  @Test func findsOneElementOutsideATemporary() throws {
    let program = try GuardedProgram(
      """
      func @f(%x: f32[5000]) -> (%y: f32[2, 5000]) {
        %two = constant {2} : i64
        %n = constant {5000} : i64
        %one = constant {1} : i64
        %t = compute %n : f32[5000] {
        ^(%i: i64):
          %v = read %x, %i : f32
          %e = exponential %v : f32
          yield %e
        }
        %y = compute %two, %n : f32[2, 5000] {
        ^(%row: i64, %j: i64):
          %k = add %j, %one : i64
          %w = read %t, %k : f32
          yield %w
        }
        return %y
      }

      """, name: "wrong.tir", .unplanned)
    let x = try Tensor(zeros: .f32, [5000])
    let failure = #expect(throws: GuardedCallFailure.self) {
      try program.call("f", [x], GuardedCallStyle(placement: .end))
    }
    #expect(
      failure?.description
        == "f, against the end of a page: reads outside a temporary, or far outside")
  }

  /// Numbers without a pattern: floats between -2 and 2, whole numbers from 0 to 3.
  private static func argument(
    _ type: ScalarType, _ shape: [Int], seed: Int
  ) -> Tensor {
    let values = (0..<shape.reduce(1, *)).map { place -> Float in
      let mixed = ((place + 17 * seed) &* 2_654_435_761) % 1021
      return type.isFloat
        ? Float(mixed) / 255 - 2 : type == .bool ? Float(mixed % 2) : Float(mixed % 4)
    }
    return Tensor(values, shape: shape).converted(to: type)
  }
}
