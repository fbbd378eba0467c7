import TesseraSource
import TesseraSyntax

/// Calls that promise to use no stack.
extension FunctionChecker {
  /// Checks `tail f(x)` where nothing follows.
  func checkTail(_ call: Expression, at span: SourceSpan) -> TypedExpression {
    guard case .call(let callee, let arguments) = call.kind else {
      return fail(.tailNeedsCall(at: span))
    }
    let value = checkCall(callee, arguments, expecting: nil, isTail: true, at: span)
    switch value.kind {
    case .call(let id, _, _):
      guard let obstacle = obstacle(toEndingIn: id) else { return value }
      diagnose(
        .tailCallNotPossible(
          checker.program.functions[id].declaredName, because: obstacle, at: span))
    case .error: break
    default: diagnose(.tailNeedsCall(at: span))
    }
    return error(at: span)
  }

  /// Why this function cannot end before `callee` runs; `nil` if it can.
  private func obstacle(toEndingIn callee: ID<TypedFunction>) -> String? {
    let target = checker.program.functions[callee]
    switch (function.kind, target.kind) {
    case (.kernel, _): return "a program of a kernel ends by itself"
    case (.test, _), (.bench, _): return "what a test or bench calls gives its result to nobody"
    case (_, .kernel): return "the call is of a kernel, whose results are made before it runs"
    default: break
    }
    for one in [function, target] {
      guard let changed = one.parameters.first(where: { $0.passing == .inout }) else { continue }
      return "'\(one.locals[changed.local].name)' is given back to the caller after the call"
    }
    return nil
  }
}
