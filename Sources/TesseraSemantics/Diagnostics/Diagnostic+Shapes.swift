import TesseraSource

// What the checker says of shapes and dimensions, in alphabetical order. Each factory is named as
// its identifier.

extension Diagnostic {
  /// Two types agree but for one dimension. A symbolic dimension never stretches.
  ///
  ///     fn f<N, M>(x: f32[N, M]) -> f32[N] where N >= 1, M > N { x[0, ..] }   // an f32[M]
  static func dimensionMismatch(
    _ actual: String, wanted: String, _ actualSize: String, _ wantedSize: String, labels: [Label],
    at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      "dimension-mismatch", "'\(wanted)' is needed here, not '\(actual)'", at: span,
      labels: labels, notes: ["The dimension '\(actualSize)' is not '\(wantedSize)'."])
  }

  /// A dimension can be inferred only where it stands alone in the type of a parameter.
  ///
  ///     fn f<N>(x: f32[2 * N]) -> int { N }
  static func dimensionNotFixed(_ name: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "dimension-not-fixed", "no parameter says what the dimension '\(name)' is", at: span,
      notes: [
        "A dimension is inferred where it stands alone in the type of a parameter: 'f32[\(name)]'."
      ])
  }

  /// Dimensions, and all numbers on the way to them, lie within 2^62 on either side of 0.
  ///
  ///     fn f() -> f32 { sum(zeros(f32[1 << 62, 4])) + sum(zeros(f32[9223372036854775807])) }
  static func dimensionTooLarge(_ what: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "dimension-too-large", "\(what) is too large for a dimension", at: span,
      notes: ["Dimensions, and the numbers that they are computed of, lie within 2^62."])
  }

  /// An integer is divided by the constant 0.
  ///
  ///     fn f(n: int) -> int { n / 0 }
  static func divisionByZero(at span: SourceSpan) -> Diagnostic {
    Diagnostic("division-by-zero", "an integer is divided by 0", at: span)
  }

  /// A comparison of dimensions that the program needs never holds.
  ///
  ///     fn f(x: f32[3]) -> f32[2] { x[2..4] }
  static func doesNotHold(
    _ message: String, left: String, _ relation: Obligation.Relation, right: String,
    at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      "does-not-hold", message, at: span,
      notes: ["'\(left) \(relation.spelling) \(right)' cannot hold."])
  }

  /// `dot` multiplies an `[.., M, K]` by a `[.., K, N]` of the same element type.
  ///
  ///     fn f(a: f32[2, 3], b: f32[2, 3]) -> f32[2, 3] { dot(a, b) }
  static func dotOperands(_ left: String, _ right: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "dot-operands", "'dot' cannot multiply '\(left)' by '\(right)'", at: span,
      notes: ["It multiplies an '[M, K]' by a '[K, N]' of one element type; leading axes agree."])
  }

  /// A fact after `where` compares dimensions; nothing else can be known before a call starts.
  ///
  ///     fn f<N>(x: f32[N]) -> f32 where sum(x) > 0 { sum(x) }
  static func factComparesNoDimensions(_ fact: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "fact-compares-no-dimensions", "'\(fact)' is no comparison of dimensions", at: span,
      notes: ["Facts after 'where' are known before a call starts. For values write 'assert'."])
  }

  /// A fact after `where` multiplies so many numbers that the product may leave 64 bits, whatever is
  /// checked of each: then it would hold where its numbers do not.
  ///
  ///     fn f<N>(x: f32[N], a: int, b: int, c: int, d: int, e: int) -> f32
  ///     where a * b * c * d * e < N { sum(x) }
  static func factMayWrap(_ fact: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "fact-may-wrap", "'\(fact)' may leave 64 bits, so that nothing follows from it", at: span,
      notes: ["State bounds of its numbers before it, as in '0 <= n, n < N'."])
  }

  /// A fact that a declaration states does not hold for the constants it is used with.
  ///
  ///     struct Even<const N: int> where N % 2 == 0 { x: f32[N] }
  ///     fn f(e: Even<3>) { }
  static func factDoesNotHold(
    _ fact: String, of name: String, fact factSpan: SourceSpan, at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      "fact-does-not-hold", "'\(fact)', which '\(name)' states, does not hold here", at: span,
      labels: factSpan == span ? [] : labels("it is stated here", at: factSpan))
  }

  /// The function makes a tensor, so it has to be told the type of it.
  ///
  ///     fn f() -> f32[4] { zeros(4) }
  static func makerNeedsType(_ word: String, at span: SourceSpan) -> Diagnostic {
    let example =
      word == "full"
      ? "full(f32[4], 1)"
      : word == "bitcast"
        ? "bitcast(u32, x)"
        : word.hasPrefix("random.") ? "\(word)(f32[4], seed: 1)" : "\(word)(f32[4])"
    return Diagnostic(
      "maker-needs-type", "'\(word)' needs the type of what it makes", at: span,
      notes: ["Write for example '\(example.replacing("iota(f32", with: "iota(int"))'."])
  }

  /// A dimension is at least 0.
  ///
  ///     fn f() -> f32[2 - 3] { zeros(f32[2 - 3]) }
  static func negativeDimension(_ text: String, _ value: Int, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "negative-dimension",
      text == "\(value)"
        ? "a dimension cannot be \(value)" : "the dimension '\(text)' is \(value)",
      at: span)
  }

  /// `axis:` counts the axes of the tensor from 0, or back from -1.
  ///
  ///     fn f(x: f32[2, 3]) -> f32[2] { sum(x, axis: 2) }
  static func noSuchAxis(_ axis: Int, rank: Int, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "no-such-axis", "there is no axis \(axis)", at: span,
      notes: ["The tensor has \(count(rank, "axis", "axes")), counted from 0, or back from -1."])
  }

  /// A dimension is known when a call starts: arithmetic on dimensions, constants and `int`
  /// parameters.
  ///
  ///     fn f<N>(x: int[N]) -> f32[sum(x)] { zeros(f32[sum(x)]) }
  static func notADimension(_ text: String, at span: SourceSpan) -> Diagnostic {
    let what = text.contains("this end") ? text : "'\(text)'"
    return Diagnostic(
      "not-a-dimension", "\(what) is not known before the statement runs", at: span,
      notes: ["Sizes are arithmetic on dimensions, constants, and numbers that have a name."])
  }

  /// `..S` stands for a pack of dimensions, `..s` in an index for a pack of indices.
  ///
  ///     fn f<N>(x: f32[..N]) { }
  static func notAPack(_ name: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "not-a-pack", "'\(name)' is no pack", at: span,
      notes: [
        "A pack of dimensions is declared as '<..\(name)>', one of indices by 'y[..\(name)] = …'."
      ])
  }

  /// What a statement needs of dimensions is neither provable nor known before its loop starts, so
  /// it would have to be checked again and again.
  ///
  ///     fn f<N>(x: f32[N], count: int) -> (y: f32) {
  ///       y = 0
  ///       for i in 0..count { y += sum(x[0..i]) }
  ///     }
  static func notProvedInLoop(
    left: String, _ relation: Obligation.Relation, right: String, message: String,
    at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      "not-proved-in-loop", message, at: span,
      notes: [
        "'\(left) \(relation.spelling) \(right)' is not proved, and is never checked in a loop.",
        "State it with 'where', or with 'if' around the statement.",
      ])
  }

  /// What a function needs of its dimensions does not hold at this call.
  ///
  ///     fn halves<N>(x: f32[N]) -> f32 where N % 2 == 0 { sum(x) }
  ///     fn f(x: f32[3]) -> f32 { halves(x) }
  static func obligationFails(
    _ message: String, of name: String, left: String, _ relation: Obligation.Relation,
    right: String, origin: SourceSpan, at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      "obligation-fails", "'\(name)' cannot be called so: \(message)", at: span,
      labels: labels("'\(name)' needs it here", at: origin),
      notes: ["Here it means '\(left) \(relation.spelling) \(right)'."])
  }

  /// `permute` lists every axis once.
  ///
  ///     fn f(x: f32[2, 3]) -> f32[3, 2] { permute(x, 1, 1) }
  static func permutationArguments(rank: Int, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "permutation-arguments", "'permute' lists each of the \(count(rank, "axis", "axes")) once",
      at: span, notes: ["Write for example 'permute(x, 1, 0)'."])
  }

  /// `reshape` keeps the number of elements.
  ///
  ///     fn f(x: f32[2, 3]) -> f32[4] { reshape(x, (4,)) }
  static func reshapeCount(_ actual: String, to wanted: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "reshape-count", "'\(actual)' and '\(wanted)' have different numbers of elements", at: span)
  }

  /// The shape of a result has to be known when the call starts, so that its memory is.
  ///
  ///     fn f<N>(x: f32[N], p: int[1]) { let n = p[0]; zeros(f32[n]) }
  static func resultDependsOnData(
    _ type: String, _ dimension: String, at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      "result-depends-on-data", "the shape of the result, '\(type)', depends on data", at: span,
      notes: ["'\(dimension)' is not known when the call starts. Make it an 'int' parameter."])
  }

  /// A shape is written `(a, b)`, or as a type.
  ///
  ///     fn f(x: f32[4]) -> f32[2, 2] { reshape(x) }
  static func shapeArgument(_ word: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "shape-argument", "'\(word)' needs a tensor and a shape", at: span,
      notes: ["Write '\(word)(x, (2, 3))'."])
  }

  /// The shapes of two operands differ in a dimension. A scalar, a dimension written 1 and missing
  /// leading dimensions stretch; a symbolic dimension never does.
  ///
  ///     fn f<N>(x: f32[3, N], y: f32[4, N]) -> f32[3, N] { x + y }
  static func shapeMismatch(
    _ left: String, _ right: String, _ leftSize: String, _ rightSize: String,
    left leftSpan: SourceSpan, right rightSpan: SourceSpan, declared: [Label], at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      "shape-mismatch", "the shapes '\(left)' and '\(right)' differ", at: span,
      labels: labels("this is '\(left)'", at: leftSpan)
        + labels("this is '\(right)'", at: rightSpan)
        + declared,
      notes: [
        "The dimension '\(leftSize)' is not '\(rightSize)'; only a dimension written 1 stretches."
      ])
  }

  /// Where the paths of an `if` or a loop meet, a `var` has the same shape on each.
  ///
  ///     fn f(x: f32[4], c: bool) -> f32 {
  ///       var y = x
  ///       if c { y = x[0..2] }
  ///       sum(y)
  ///     }
  static func shapesDisagreeAtJoin(
    _ name: String, _ first: String, _ second: String, declared: SourceSpan, at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      "shapes-disagree-at-join",
      "'\(name)' is '\(first)' on one path and '\(second)' on the other", at: span,
      labels: labels("'\(name)' is declared here", at: declared),
      notes: ["After 'if' and in loops a variable keeps its shape. Use a variable of its own."])
  }

  /// A tensor has only so many axes.
  ///
  ///     fn f(x: f32[2]) -> f32 { let y = x[_, _, ..]; y[0, 0, 0] }   // and 62 more '_'
  static func tooManyAxes(_ number: Int, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "too-many-axes", "a tensor has at most \(Limits.axes) axes, not \(number)", at: span)
  }

  /// `number` of things as a phrase: «1 axis», «2 axes».
  static func count(_ number: Int, _ one: String, _ many: String) -> String {
    "\(number) \(number == 1 ? one : many)"
  }
}

extension Obligation.Relation {
  /// The relation as programs write it.
  var spelling: String {
    switch self {
    case .equal: "=="
    case .notEqual: "!="
    case .less: "<"
    case .lessOrEqual: "<="
    }
  }
}
