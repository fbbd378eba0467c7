import TesseraSource

// What the checker says of calls and results, in alphabetical order. Each factory is named as its
// identifier.

extension Diagnostic {
  /// Several overloads fit equally well. Make the types of the arguments say which one is meant.
  ///
  ///     fn mix<T: float>(x: f32, y: T) -> f32 { x }
  ///     fn mix<T: float>(x: T, y: f32) -> f32 { y }
  ///     fn f(x: f32) -> f32 { mix(x, x) }
  static func ambiguousCall(
    _ name: String, types: [String], candidates: [SourceSpan], at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      "ambiguous-call", "several functions '\(name)' fit \(arguments(types)) equally well",
      at: span, labels: candidates.flatMap { labels("this one fits", at: $0) })
  }

  /// A parameter is given twice.
  ///
  ///     fn g(x: f32, y: f32 = 0) -> f32 { x + y }
  ///     fn f(x: f32) -> f32 { g(x, x: 1) }
  static func argumentGivenTwice(
    _ parameter: String, of name: String, at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic("argument-given-twice", "'\(parameter)' of '\(name)' is given twice", at: span)
  }

  /// Only functions with one scalar result work on tensors element by element.
  ///
  ///     fn two(x: f32) -> (a: f32, b: f32) { a = x; b = x }
  ///     fn f(x: f32[4]) -> int { let y = two(x); 0 }
  static func cannotLift(_ name: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "cannot-lift", "'\(name)' does not work on tensors element by element", at: span,
      notes: ["Only functions with one scalar as result do."])
  }

  /// `reduce` and `scan` as functions take a tensor and a function of two elements.
  ///
  ///     fn f(x: f32[4]) -> f32 { reduce(x, 1) }
  static func combineArguments(_ word: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "combine-arguments", "'\(word)' needs a tensor and a function of two elements", at: span,
      notes: ["Write for example '\(word)(x, (a, b) => a + b, axis: 0)'."])
  }

  /// A function that combines two values gives one of the same type.
  ///
  ///     fn f(x: f32[4]) -> f32 { reduce(x, (a, b) => a < b) }
  static func combineFunctionType(_ type: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "combine-function-type", "this does not combine two '\(type)' to one", at: span)
  }

  /// Two exports have one name, which is a C symbol.
  ///
  ///     fn f(x: f32) -> f32 { x }
  ///     export fn g(x: f32) -> f32 { x }
  ///     export g = f()
  static func duplicateExport(
    _ name: String, earlier: SourceSpan, at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      "duplicate-export", "'\(name)' is exported twice", at: span,
      labels: labels("it is exported here first", at: earlier))
  }

  /// An exported name stands for a function with its constants: `export c_name = f(N: 4)`.
  ///
  ///     export three = 3
  static func exportNeedsCall(_ name: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "export-needs-call", "'\(name)' has to stand for a function with its constants", at: span,
      notes: ["Write for example 'export \(name) = conv(R: 3)'."])
  }

  /// An exported function has types and constants that are fixed; only dimensions may stay free.
  ///
  ///     export fn f<T: float>(x: T) -> T { x }
  static func exportNotFixed(
    _ parameter: String, of name: String, declared: SourceSpan, at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      "export-not-fixed", "the export of '\(name)' does not say what '\(parameter)' is", at: span,
      labels: labels("'\(parameter)' is declared here", at: declared),
      notes: ["Give it by label: 'export name = \(name)(\(parameter): …)'."])
  }

  /// An exported function says what it gives, for its declaration is all that a host sees.
  ///
  ///     export fn f(x: f32) { 2 * x }
  static func exportWithoutResultType(
    _ name: String, _ type: String, fixIts: [FixIt], at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      "export-without-result-type", "'\(name)' is exported and does not say what it gives",
      at: span, notes: ["Its body gives '\(type)'."], fixIts: fixIts)
  }

  /// `fold` takes its start and a function in parentheses behind the indices.
  ///
  ///     fn f<N>(x: f32[N]) -> f32 { fold[k](0.0) x[k] }
  static func foldArguments(at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "fold-arguments", "'fold' needs a start and a function of two values", at: span,
      notes: ["Write for example 'fold[k](0.0, (a, v) => a + v) x[k]'."])
  }

  /// An `inout` argument is changed, so it is a variable or a part of one.
  ///
  ///     fn g(inout x: f32) { x += 1 }
  ///     fn f(x: f32) { g(x + 1) }
  static func inoutNeedsPlace(_ parameter: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "inout-needs-place", "'inout \(parameter)' needs a variable, not a value", at: span,
      notes: ["It takes the name of a 'var', an 'inout' parameter or a named result."])
  }

  /// A parameter without default is not given.
  ///
  ///     fn g(x: f32, y: f32) -> f32 { x + y }
  ///     fn f(x: f32) -> f32 { g(x) }
  static func missingArgument(
    _ parameter: String, of name: String, declared: SourceSpan, at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      "missing-argument", "'\(name)' is not given its '\(parameter)'", at: span,
      labels: labels("'\(name)' is declared here", at: declared))
  }

  /// A function that promises a result ends without one.
  ///
  ///     fn f(x: f32) -> f32 { let y = x }
  static func missingResult(
    of name: String, _ type: String, declared: SourceSpan, at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      "missing-result", "'\(name)' ends without its result", at: span,
      labels: labels("'\(type)' is promised here", at: declared),
      notes: ["The result is the last expression, or what 'return' gives."])
  }

  /// No overload takes arguments of these types.
  ///
  ///     fn g(x: f32) -> f32 { x }
  ///     fn g(x: f64) -> f64 { x }
  ///     fn f(n: int) -> f32 { g(n) }
  static func noMatchingOverload(
    _ name: String, types: [String], candidates: [SourceSpan], at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      "no-matching-overload", "no function '\(name)' takes \(arguments(types))", at: span,
      labels: candidates.prefix(4).flatMap { labels("this one does not", at: $0) })
  }

  /// What is called is no function.
  ///
  ///     fn f(x: f32) -> f32 { (x + 1)(2) }
  static func notCallable(_ what: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "not-callable",
      what.contains(" ") ? "\(what) cannot be called" : "'\(what)' cannot be called", at: span)
  }

  /// A generic parameter cannot be told from the arguments. Pass it by its label.
  ///
  ///     fn g<const N: int>() -> int { N }
  ///     fn f() -> int { g() }
  static func notInferred(
    _ parameter: String, of name: String, declared: SourceSpan, at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      "not-inferred", "nothing says what '\(parameter)' of '\(name)' is", at: span,
      labels: labels("'\(parameter)' is declared here", at: declared),
      notes: ["Give it by its label: '\(name)(…, \(parameter): …)'."])
  }

  /// What is passed `inout` is not passed a second time in the same call.
  ///
  ///     fn g(inout x: f32, y: f32) { x += y }
  ///     fn f(inout x: f32) { g(x, x) }
  static func overlappingInout(_ name: String, other: SourceSpan, at span: SourceSpan) -> Diagnostic
  {
    Diagnostic(
      "overlapping-inout", "'\(name)' is changed by the call and passed a second time", at: span,
      labels: labels("it is passed here too", at: other),
      notes: ["Copy it first: 'let copy = \(name)'."])
  }

  /// A function that calls itself says what it gives.
  ///
  ///     fn f(n: int) { if n == 0 { 1 } else { f(n - 1) } }
  static func recursionWithoutResultType(
    _ name: String, declared: SourceSpan, at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      "recursion-without-result-type", "'\(name)' calls itself and does not say what it gives",
      at: span, labels: labels("write its result type here: '-> …'", at: declared))
  }

  /// `reduce[i by f]` needs a combiner, whose identity is the value over nothing.
  ///
  ///     fn f<N>(x: f32[N]) -> f32 { reduce[i by max] x[i] }
  static func reduceNeedsCombiner(at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "reduce-needs-combiner", "'reduce' needs a 'combiner', which has an identity", at: span,
      notes: ["Declare one: 'combiner f(a: f32, b: f32) -> f32 from 0 { a + b }'."])
  }

  /// A named result has no value at the end of the function.
  ///
  ///     fn f(x: f32) -> (y: f32, z: f32) { y = x }
  static func resultNotDefined(
    _ name: String, parts: [String], declared: SourceSpan, at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      "result-not-defined", "'\(list(parts, joinedBy: "and"))' has no value at the end", at: span,
      labels: labels("'\(name)' is declared here", at: declared))
  }

  /// `tail` asks that nothing follows the call.
  ///
  ///     fn f(n: int) -> int { 1 + tail f(n) }
  static func tailCallNotLast(at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "tail-call-not-last", "this call is not the last thing that happens", at: span,
      notes: ["'tail' stands before the value of a function, a branch or 'return'."])
  }

  /// `tail` asks that the function ends before the call, which it cannot where something is left
  /// to be done after it: `inout` parameters are given back, results of kernels are made.
  ///
  ///     fn f(inout x: f32) -> f32 { tail f(x) }
  static func tailCallNotPossible(
    _ callee: String, because reason: String, at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      "tail-call-not-possible", "'tail \(callee)(…)' cannot end this function first", at: span,
      notes: ["Without 'tail' this is an ordinary call: \(reason)."])
  }

  /// `tail` stands before the call of a function.
  ///
  ///     fn f(n: int) -> int { tail n }
  static func tailNeedsCall(at span: SourceSpan) -> Diagnostic {
    Diagnostic("tail-needs-call", "'tail' stands before the call of a function", at: span)
  }

  /// A function of tensors calls itself. That is possible only on a constant that decreases,
  /// because it is unrolled, and in tail position.
  ///
  ///     fn f<N>(x: f32[N]) -> f32[N] { 1 + f(x) }
  static func tensorRecursion(_ name: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "tensor-recursion", "'\(name)' takes tensors and calls itself", at: span,
      notes: [
        "Use a loop, or recurse on a 'const' parameter that decreases under 'const if'."
      ])
  }

  /// More arguments are given than the function has parameters.
  ///
  ///     fn g(x: f32) -> f32 { x }
  ///     fn f(x: f32) -> f32 { g(x, 1) }
  static func tooManyArguments(
    _ name: String, expected: Int, given: Int, declared: SourceSpan, at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      "too-many-arguments",
      "'\(name)' takes \(count(expected, "argument", "arguments")), not \(given)", at: span,
      labels: labels("'\(name)' is declared here", at: declared))
  }

  /// Instances of a function lead to more instances without end.
  ///
  ///     fn grow<const N: int>(x: f32) -> f32 { grow(x, N: N + 1) }
  ///     fn f(x: f32) -> f32 { grow(x, N: 0) }
  static func tooManyInstances(
    _ name: String, chain: [String], at span: SourceSpan
  ) -> Diagnostic {
    let shown = chain.count > 6 ? Array(chain.prefix(3)) + ["…"] + chain.suffix(3) : chain
    return Diagnostic(
      "too-many-instances", "'\(name)' leads to instances without end", at: span,
      notes: ["The chain is \(shown.joined(separator: " → "))."])
  }

  /// The function has no parameter of this name.
  ///
  ///     fn g(x: f32, scale: f32 = 1) -> f32 { x * scale }
  ///     fn f(x: f32) -> f32 { g(x, scal: 2) }
  static func unknownLabel(
    _ label: String, of name: String, known: [String], at span: SourceSpan
  ) -> Diagnostic {
    let near = known.filter { EditDistance.isClose($0, label) }
    return Diagnostic(
      "unknown-label", "'\(name)' has no parameter '\(label)'", at: span,
      notes: known.isEmpty ? [] : ["It has \(list(known.map { "'\($0)'" }, joinedBy: "and"))."],
      fixIts: replacement(near, at: span))
  }

  /// A function of the language, or a struct type, has a certain number of arguments.
  ///
  ///     fn f(x: f32) -> f32 { exp(x, x) }
  static func wrongArgumentCount(
    of name: String, expected: Int, given: Int, at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      "wrong-argument-count",
      "'\(name)' takes \(count(expected, "argument", "arguments")), not \(given)", at: span)
  }

  /// An argument has another type than the parameter.
  ///
  ///     fn g(x: f32) -> f32 { x }
  ///     fn f(n: int) -> f32 { g(n) }
  static func wrongArgumentType(
    _ parameter: String, of name: String, wanted: String, actual: String?, fixIts: [FixIt],
    declared: SourceSpan, at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      "wrong-argument-type",
      "'\(name)' takes '\(wanted)'" + (actual.map { ", not '\($0)'" } ?? " here"), at: span,
      labels: labels("'\(parameter)' is declared here", at: declared), fixIts: fixIts)
  }

  /// `types` as a phrase.
  private static func arguments(_ types: [String]) -> String {
    if types.isEmpty { return "no arguments" }
    return "(" + types.map { $0 == "a literal" ? $0 : "'\($0)'" }.joined(separator: ", ") + ")"
  }
}
