import TesseraIR
import TesseraInterpreter
import TesseraPasses
import TesseraSource
import Testing

/// IR that is deep, long or wide goes through every pass without running out of stack or time.
@Suite(.serialized) struct IRSizeTests {
  /// Texts that are valid, each with something that is there many times.
  static let programs: [(name: String, text: String)] = [
    ("sum chain", chain(3_000) { "%v\($0 + 1) = add %v\($0), %n : i64" }),
    (
      "mixed chain",
      chain(3_000) {
        $0 % 2 == 0
          ? "%v\($0 + 1) = multiply %v\($0), %n : i64" : "%v\($0 + 1) = minimum %v\($0), %n : i64"
      }
    ),
    ("index chain", indexChain(1_500)),
    ("contraction chain", contractionChain(1_500)),
    ("nested ifs", nested(300, "if %c {", "yield\n} {\nyield\n}")),
    ("nested loops", nested(300, "for %zero, %one, %one {\n^(%i#: i64):", "yield\n}")),
    (
      "nested whiles",
      nested(
        350, "while {\n%f# = constant {false} : bool\ncondition %f#\n} {", "yield\n}")
    ),
    ("nested computes", nestedComputes(120)),
    ("nested reductions", nestedReductions(80)),
    ("nested launches", nested(300, "launch %one {\n^(%i#: i64):", "yield\n}")),
    ("many axes", manyAxes(60)),
    (
      "many operands",
      "func @f(%x: i64) {\n  print \(list(3_000) { _ in "%x" }) "
        + "{\"\(String(repeating: "{}", count: 3_000))\"}\n  return\n}\n"
    ),
    ("many parameters", "func @f(\(list(3_000) { "%x\($0): i64" })) {\n  return\n}\n"),
    (
      "many functions",
      (0..<400).map {
        "func @f\($0)(%x: i64) -> (i64) {\n  %y = call %x {@f\($0 + 1)} : i64\n  return %y\n}\n"
      }.joined() + "func @f400(%x: i64) -> (i64) {\n  return %x\n}\n"
    ),
    (
      "doubling calls",
      (0..<40).map {
        "func @f\($0)(%x: i64) -> (i64) {\n  %y = call %x {@f\($0 + 1)} : i64\n"
          + "  %z = call %y {@f\($0 + 1)} : i64\n  return %z\n}\n"
      }.joined() + "func @f40(%x: i64) -> (i64) {\n  %y = add %x, %x : i64\n  return %y\n}\n"
    ),
    (
      "deep calls",
      (0..<30).map {
        "func @f\($0)(%x: i64, %c: bool) -> (i64) {\n  %y = if %c : i64 {\n"
          + "    %a = call %x, %c {@f\($0 + 1)} : i64\n    yield %a\n  } {\n    yield %x\n  }\n"
          + "  return %y\n}\n"
      }.joined() + "func @f30(%x: i64, %c: bool) -> (i64) {\n  return %x\n}\n"
    ),
    (
      "short loops within each other",
      nested(12, "for %zero, %four, %one {\n^(%i#: i64):", "yield\n}")
    ),
  ]

  @Test(arguments: programs.map(\.name))
  func passesEndAndKeepTheRules(name: String) throws {
    let text = try #require(Self.programs.first { $0.name == name }).text
    let file = SourceFile(id: FileID(index: 0), name: "size.tir", bytes: Array(text.utf8))
    let (parsed, diagnostics) = parseModule(file)
    #expect(diagnostics.map(\.message).prefix(3) == [])
    let module = try #require(parsed)
    #expect(verify(module).map(\.message).prefix(3) == [])
    #expect(!"\(module)".isEmpty)
    var pipelines = Pass.all.map { Pipeline([$0]) }
    pipelines += OptimizationLevel.allCases.map(Pipeline.standard)
    for pipeline in pipelines {
      var result = module
      FuzzRun.trace(
        0, Array((name + " " + pipeline.passes.map(\.name).joined(separator: ",")).utf8))
      _ = try run(pipeline, on: &result)
      let names = pipeline.passes.map(\.name)
      #expect(verify(result).map(\.message).prefix(3) == [], "\(names)")
      let limits = Interpreter.Limits(steps: 100_000, bytes: 1 << 24)
      let arguments = module.functions[0].parameters.map { parameter in
        switch module.functions[0].type(of: parameter) {
        case .scalar(let type): InterpreterValue.integer(1, type)
        default: InterpreterValue.tensor(TensorValue(zeros: .f32, shape: [2, 2]))
        }
      }
      _ = try? Interpreter(result, limits: limits, output: { _ in })
        .run(module.functions[0].name, arguments)
    }
  }

  @Test(arguments: [
    ("{", "}"), ("if %c {", "yield } { yield }"), ("for %a, %a, %a {", "}"), ("(", ")"),
    ("f32[", "]"), ("call {", "}"), ("^(", ")"),
  ])
  func nestingBeyondTheLimitIsDiagnosed(open: String, close: String) {
    let text =
      "func @f(%c: bool, %a: i64) {\n" + String(repeating: open + "\n", count: 10_000)
      + String(repeating: close + "\n", count: 10_000) + "return\n}\n"
    let file = SourceFile(id: FileID(index: 0), name: "deep.tir", bytes: Array(text.utf8))
    #expect(!parseModule(file).diagnostics.isEmpty)
  }

  @Test func rankIsLimited() {
    for (rank, isValid) in [(64, true), (65, false), (100_000, false)] {
      let shape = list(rank) { _ in "1" }
      let file = SourceFile(
        id: FileID(index: 0), name: "rank.tir",
        bytes: Array("func @f(%x: f32[\(shape)]) {\n  return\n}\n".utf8))
      let (module, diagnostics) = parseModule(file)
      #expect(diagnostics.isEmpty)
      #expect(module.map { verify($0).isEmpty } == isValid)
    }
  }
}

// MARK: Texts

private func list(_ count: Int, _ element: (Int) -> String) -> String {
  (0..<count).map(element).joined(separator: ", ")
}

private func chain(_ count: Int, _ link: (Int) -> String) -> String {
  let links = (0..<count).map { "  " + link($0) }.joined(separator: "\n")
  return "func @f(%v0: i64, %n: i64) -> (i64) {\n\(links)\n  return %v\(count)\n}\n"
}

private let constants =
  "%zero = constant {0} : i64\n%one = constant {1} : i64\n%four = constant {4} : i64\n"

private func nested(_ depth: Int, _ open: String, _ close: String) -> String {
  func numbered(_ level: Int) -> String { open.replacing("#", with: "\(level)") + "\n" }
  return "func @f(%c: bool) {\n" + constants + (0..<depth).map(numbered).joined()
    + String(repeating: close + "\n", count: depth) + "return\n}\n"
}

private func nestedComputes(_ depth: Int) -> String {
  var text = "func @f(%v: f32) -> (f32) {\n" + constants
  for level in 0..<depth {
    text += "%t\(level) = compute %one : f32[?] {\n^(%i\(level): i64):\n"
  }
  text += "yield %v\n}\n"
  for level in (1..<depth).reversed() {
    text += "%r\(level) = read %t\(level), %zero : f32\nyield %r\(level)\n}\n"
  }
  return text + "%r = read %t0, %zero : f32\nreturn %r\n}\n"
}

private func nestedReductions(_ depth: Int) -> String {
  var text = "func @f(%v: f32) -> (f32) {\n" + constants
  for level in 0..<depth {
    text += "%t\(level) = reduce %zero, %one, %one {sum} : f32 {\n^(%i\(level): i64):\n"
  }
  text += "yield %v\n}\n"
  for level in (1..<depth).reversed() { text += "yield %t\(level)\n}\n" }
  return text + "return %t0\n}\n"
}

private func indexChain(_ count: Int) -> String {
  let links = (0..<count).map { "    %v\($0 + 1) = add %v\($0), %one : i64\n" }.joined()
  return "func @f(%x: f32[?, ?]) -> (f32[?]) {\n" + constants + """
      %n = dimension %x {0} : i64
      %y = compute %n : f32[?] {
      ^(%v0: i64):
    \(links)
        %m = remainder %v\(count), %n : i64
        %e = read %x, %zero, %m : f32
        yield %e
      }
      return %y
    }

    """
}

private func contractionChain(_ count: Int) -> String {
  let links = (0..<count).map { "      %v\($0 + 1) = add %v\($0), %v\($0) : f32\n" }.joined()
  let ends = (0..<count).map { "    %s\($0 + 1) = add %s\($0), %s\($0) : f32\n" }.joined()
  return "func @f(%a: f32[?, ?], %b: f32[?, ?]) -> (f32[?, ?]) {\n" + constants + """
      %n = dimension %a {0} : i64
      %k = dimension %a {1} : i64
      %m = dimension %b {1} : i64
      %y = compute %n, %m : f32[?, ?] {
      ^(%i: i64, %j: i64):
        %s0 = reduce %zero, %k, %one {sum} : f32 {
        ^(%l: i64):
          %v0 = read %a, %i, %l : f32
    \(links)
          %w = read %b, %l, %j : f32
          %p = multiply %v\(count), %w : f32
          yield %p
        }
    \(ends)
        yield %s\(count)
      }
      return %y
    }

    """
}

private func manyAxes(_ rank: Int) -> String {
  let shape = list(rank) { _ in "?" }
  let indices = list(rank) { "%i\($0): i64" }
  let places = list(rank) { "%i\($0)" }
  return "func @f(%v: f32) -> (f32) {\n" + constants + """
      %t = compute \(list(rank) { _ in "%one" }) : f32[\(shape)] {
      ^(\(indices)):
        yield %v
      }
      %u = compute \(list(rank) { _ in "%one" }) : f32[\(shape)] {
      ^(\(indices.replacing("%i", with: "%j"))):
        %e = read %t, \(places.replacing("%i", with: "%j")) : f32
        yield %e
      }
      %r = read %u, \(list(rank) { _ in "%zero" }) : f32
      return %r
    }

    """
}
