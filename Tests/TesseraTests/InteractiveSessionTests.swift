import Tessera
import TesseraData
import Testing

@Suite struct InteractiveSessionTests {
  /// What the last of `inputs` gives, as text; what is wrong if something is.
  private func value(_ inputs: String...) -> String {
    var session = InteractiveSession()
    var text = ""
    for input in inputs {
      let evaluation = session.evaluate(input)
      text = evaluation.printed
      for diagnostic in evaluation.diagnostics { text += "error: \(diagnostic.message)\n" }
      if let failure = evaluation.failure { text += "\(failure)\n" }
      if let value = evaluation.value { text += "\(value)" }
    }
    return text
  }

  @Test func expressionsGiveValues() {
    #expect(value("1 + 2") == "3")
    #expect(value("[1.0, 2.5]") == "[1.0, 2.5]")
    #expect(value("(1, 2.5)") == "(1, 2.5)")
  }

  @Test func namesKeepTheirValues() {
    #expect(value("let x = [1.0, 2.0]", "x * 2") == "[2.0, 4.0]")
    #expect(value("let x = 1", "let x = x + 1", "x") == "2")
    #expect(value("var n = 1", "n += 2", "n") == "3")
    #expect(value("let x = [1.0, 2.0]", "let y[i] = x[i] * 10", "y") == "[10.0, 20.0]")
    #expect(value("let a = 1; let b = 2", "a + b") == "3")
  }

  @Test func underscoreIsTheValueBefore() {
    #expect(value("20 + 1", "_ * 2") == "42")
    #expect(value("[1.0, 2.0]", "_[_, ..]") == "[[1.0, 2.0]]")
    #expect(value("_ + 1") == "error: there is no name '_' here\n")
    #expect(value("[1.0, 2.0]", "_[2]") == "error: this read may lie outside '_'\n")
  }

  @Test func declarationsStayAndAreReplaced() {
    #expect(value("fn f(x: i64) -> i64 { x + 1 }", "f(1)") == "2")
    #expect(
      value("fn f(x: i64) -> i64 { x + 1 }", "fn f(x: i64) -> i64 { x + 10 }", "f(1)") == "11")
    #expect(value("import nn", "relu([-1.0, 1.0])") == "[0.0, 1.0]")
  }

  @Test func nestedAssignmentsChangeVariables() {
    #expect(value("var n = 1", "while n < 100 { n = 2 * n }", "n") == "128")
    #expect(value("var n = 1", "for i in 0..3 { if i > 0 { n += i } }", "n") == "4")
    #expect(value("var n = 1", "if n > 0 { n = 5 } else { n = 6 }", "n") == "5")
    #expect(value("var n = 1", "if n > 0 { n = 5; n + 1 } else { 0 }") == "6")
    #expect(value("var n = 1", "if n > 0 { n = 5; n + 1 } else { 0 }", "n") == "5")
    #expect(value("let m = 1", "for i in 0..3 { var m = i; m += 1 }", "m") == "1")
  }

  /// Where the last of `inputs` is wrong, as the one who typed it counts, and the line shown.
  private func places(_ inputs: String...) -> [String] {
    var session = InteractiveSession()
    var places: [String] = []
    for input in inputs {
      let evaluation = session.evaluate(input)
      places = evaluation.diagnostics.map { diagnostic in
        guard let file = evaluation.sources[diagnostic.span.file] else { return "nowhere" }
        let place = file.location(of: diagnostic.span.start)
        return "\(place.line):\(place.column) \(file.text(diagnostic.span))"
      }
      if let failure = evaluation.failure { places.append("\(failure)") }
    }
    return places
  }

  @Test func placesAreThoseOfWhatWasTyped() {
    #expect(places("1 + a") == ["1:5 a"])
    #expect(places("  let b = 1; let c = b + a") == ["1:26 a"])
    #expect(places("let b = 1\n\nb + a") == ["3:5 a"])
    #expect(places("for i in 0..3 {\n  print(a)\n}") == ["2:9 a"])
    #expect(places("1 +\n)") == ["2:1 )"])
    // The value before has a name of its own in the program.
    #expect(places("1", "_ * _ + a") == ["1:9 a"])
    #expect(places("1", "_ * )") == ["1:5 )"])
    // A variable is read and written under two names.
    #expect(places("var n = 1", "n += a") == ["1:6 a"])
    #expect(places("let x = [1]", "fn f() -> int { 1 }", "x[0] + f() + a") == ["1:14 a"])
  }

  @Test func failuresAreWhereTheyWereTyped() {
    #expect(places("let n = 0", "let a = 7; a / n") == ["input:1:12: division by zero"])
    // In what an earlier input declared: where that was typed.
    #expect(
      places("1", "fn half(a: int, n: int) -> int {\n  a / n\n}", "let n = 0", "1 + half(2, n)")
        == ["input:2:3: division by zero"])
  }

  @Test func statementsRun() {
    #expect(value("for i in 0..3 { print(i) }") == "0\n1\n2\n")
  }

  @Test func wrongInputsChangeNothing() {
    #expect(value("let x = 1", "let x = unknown", "x") == "1")
    #expect(value("let x = ").contains("error"))
  }

  @Test func runTimeErrorsAreTold() {
    #expect(value("let z = 0", "1 / z").contains("division by zero"))
  }

  @Test func knowsWhenMoreMustCome() {
    #expect(InteractiveSession.isIncomplete("fn f(x: i64) {"))
    #expect(!InteractiveSession.isIncomplete("1 + 1"))
  }

  @Test func savesAProgramThatChecks() {
    var session = InteractiveSession()
    for input in ["fn f(x: i64) -> i64 { x + 1 }", "let a = f(1)", "assert a == 2"] {
      #expect(session.evaluate(input).isFine)
    }
    let (diagnostics, _) = Session().check(session.programText)
    #expect(diagnostics.isEmpty)
  }
}
