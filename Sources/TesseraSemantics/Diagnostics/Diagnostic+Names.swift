import TesseraSource

// What the checker says of names, in alphabetical order. Each factory is named as its identifier.

extension Diagnostic {
  /// Two imported modules declare the name. Write the module before it.
  ///
  ///     import nn, vision
  ///     fn f(x: f32) -> f32 { x * SCALE }   // both declare SCALE: nn.SCALE
  static func ambiguousName(
    _ name: String, modules: [String], at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      "ambiguous-name", "'\(name)' is declared by several imported modules", at: span,
      notes: [
        "Write the module before it: \(list(modules.map { "'\($0).\(name)'" }, joinedBy: "or"))."
      ])
  }

  /// What `let`, a loop or a parameter declares never changes. Declare it with `var`, or pass it
  /// `inout`.
  ///
  ///     fn f(x: f32) -> f32 { let y = x; y = 2; y }
  static func assignmentToConstant(
    _ name: String, declared: SourceSpan, at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      "assignment-to-constant", "'\(name)' cannot be assigned", at: span,
      labels: labels("'\(name)' is declared here", at: declared),
      notes: ["Only 'var', named results and 'inout' parameters change."])
  }

  /// The left side of an assignment is a name, a field, a position or an element.
  ///
  ///     fn f(x: f32[4]) -> (y: f32[4]) { exp(y)[0] = 1; y = x }
  static func cannotAssign(at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "cannot-assign", "this is no place that can be assigned", at: span,
      notes: ["A place is a name, and fields, positions and elements of what a name holds."])
  }

  /// A name is declared twice in one scope. In an inner scope a `let` may hide an outer one.
  ///
  ///     fn f(x: f32) -> f32 { let y = x; let y = 2 * x; y }
  static func duplicateDeclaration(
    _ name: String, earlier: SourceSpan, at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      "duplicate-declaration", "'\(name)' is declared twice in one scope", at: span,
      labels: labels("'\(name)' is declared here first", at: earlier))
  }

  /// Two files of a program have the name of one module.
  ///
  ///     module nn   // and another file says the same
  static func duplicateModule(_ name: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "duplicate-module", "the program has another module '\(name)'", at: span,
      notes: ["A file is a module; 'module name' at its head gives it another name."])
  }

  /// A function stands where a value is needed. Functions are called, or passed for `const`
  /// parameters; they are never stored.
  ///
  ///     fn g(x: f32) -> f32 { 2 * x }
  ///     fn f(x: f32) -> f32 { x + g }
  static func functionIsNoValue(_ what: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "function-is-no-value", "\(what) is a function, not a value", at: span,
      notes: ["A function can be called, or passed for a 'const' parameter."])
  }

  /// Modules import each other in a circle.
  ///
  ///     import a   // in the module a itself
  static func importCycle(_ modules: [String], at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "import-cycle", "the imports go in a circle: \(modules.joined(separator: " → "))", at: span)
  }

  /// `.name` stands where no option or name of a parameter is taken.
  ///
  ///     fn f(x: f32) -> f32 { exp(.fast) }
  static func misplacedOption(_ name: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic("misplaced-option", "no option is taken here: '.\(name)'", at: span)
  }

  /// A value is called as if it were a function.
  ///
  ///     fn f(x: f32) -> f32 { x(2) }
  static func nameIsNoFunction(
    _ name: String, declared: SourceSpan, at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      "name-is-no-function", "'\(name)' is no function", at: span,
      labels: labels("'\(name)' is declared here", at: declared),
      notes: ["Elements are read with brackets, '\(name)[i]'; a product is written with '*'."])
  }

  /// A pack stands for any number of dimensions or indices, so it has no single value.
  ///
  ///     fn f<..S>(x: f32[..S]) -> int { S }
  ///     fn g(x: f32[2]) -> int { f(x) }
  static func packIsNoValue(_ name: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "pack-is-no-value", "'\(name)' is a pack, not one value", at: span,
      notes: ["A pack stands between brackets: 'x[..\(name)]'."])
  }

  /// A type stands where a value is needed.
  ///
  ///     fn f(x: f32) -> f32 { x + f32 }
  static func typeIsNoValue(_ name: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "type-is-no-value", "'\(name)' is a type, not a value", at: span,
      notes: ["A value is converted with 'f32(x)'; a tensor of zeros is 'zeros(f32[4])'."])
  }

  /// No module of the program or of the library has this name.
  ///
  ///     import nm
  static func unknownModule(
    _ name: String, known: [String], at span: SourceSpan
  ) -> Diagnostic {
    let near = known.filter { EditDistance.isClose($0, name) }
    return Diagnostic(
      "unknown-module", "there is no module '\(name)'", at: span,
      notes: near.isEmpty ? [] : ["Did you mean \(list(near.map { "'\($0)'" }, joinedBy: "or"))?"],
      fixIts: replacement(near, at: span))
  }

  /// Nothing here has this name.
  ///
  ///     fn f(weight: f32) -> f32 { wieght + 1 }
  static func unknownName(
    _ name: String, kind: String, near: [String], at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      "unknown-name", "there is no \(kind) '\(name)' here", at: span,
      notes: near.isEmpty ? [] : ["Did you mean \(list(near.map { "'\($0)'" }, joinedBy: "or"))?"])
  }

  /// A `var` or a named result is read before every path has given it a value.
  ///
  ///     fn f<N>(x: f32[N]) -> (y: f32[N]) { y = x + y }
  static func usedBeforeDefined(
    _ name: String, declared: SourceSpan, at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      "used-before-defined", "'\(name)' has no value yet", at: span,
      labels: labels("'\(name)' is declared here", at: declared))
  }

  // MARK: Wording

  /// A label at `span`, unless nothing in the text is there.
  static func labels(_ message: String, at span: SourceSpan) -> [Label] {
    span == .none ? [] : [Label(message, at: span)]
  }

  /// `items` as a phrase: «a, b or c».
  static func list(_ items: [String], joinedBy word: String) -> String {
    guard let last = items.last, items.count > 1 else { return items.first ?? "" }
    return items.dropLast().joined(separator: ", ") + " \(word) \(last)"
  }

  /// The fix-it that writes the only one of `names`.
  static func replacement(_ names: [String], at span: SourceSpan) -> [FixIt] {
    guard let name = names.first, names.count == 1 else { return [] }
    return [FixIt("write '\(name)'", replacing: span, with: name)]
  }
}
