import TesseraSource

extension Parser {
  /// Parses `[items else outside]` behind `base`.
  mutating func bracketApplication(_ base: Expression, from start: Int) -> Expression {
    layout.attached.insert(current.start)
    let opening = advance()
    let outer = context
    context = .brackets
    defer { context = outer }
    var bracket = Bracket(base: base, items: [], outside: nil)
    // Each round consumes a comma or ends.
    while !at(.rightBracket), !at(.else), !at(.endOfFile), !beginsAnotherLine {
      bracket.items.append(bracketItem())
      if !take(.comma) { break }
    }
    if bracket.items.isEmpty {
      diagnose(.expectedExpression(found: found, at: spanOfCurrent))
    }
    if at(.else) { bracket.outside = outside() }
    close(.rightBracket, opening)
    return Expression(.bracket(bracket), at: span(from: start))
  }

  /// Parses one place between brackets, with its boundary.
  mutating func bracketItem() -> BracketItem {
    let start = position
    let kind: BracketItem.Kind
    if take(.threePoints) {
      kind = .rest
    } else if at(.twoPoints) {
      advance()
      if at(.identifier), boundary == nil {
        let token = advance()
        kind = .indexPack(Name(text(token), at: span(of: token)))
      } else {
        kind = .wholeAxis
      }
    } else if at(word: "_"), peek() == .comma || peek() == .rightBracket || peek() == .else {
      advance()
      kind = .newAxis
    } else if at(.identifier), peek() == .in {
      let binder = indexBinder()
      unclaimedBinders.append(binder.span)
      kind = .binder(binder)
    } else {
      kind = .expression(steppedRange())
    }
    var item = BracketItem(span: span(from: start), kind: kind, boundary: boundary)
    if item.boundary != nil {
      advance()
      // A binder is known by its own span, so the item keeps it.
      if case .binder = kind { return item }
      item.span = span(from: start)
    }
    return item
  }

  /// The boundary that the next word names, if it stands where one may.
  private var boundary: BracketItem.Boundary? {
    guard at(.identifier) else { return nil }
    switch peek() {
    case .comma, .rightBracket, .else: return BracketItem.Boundary(rawValue: text(current))
    default: return nil
    }
  }

  /// Parses `else value` or `else skip`.
  mutating func outside() -> Bracket.Outside {
    advance()
    if at(word: "skip"), peek() == .rightBracket { return .skip(span(of: advance())) }
    return .value(expression())
  }

  /// Parses `i`, `i in a..b by s` or `..s`.
  mutating func indexBinder() -> IndexBinder {
    var binder = indexBinderWithoutStep()
    if let step = takeBy() { addStep(step, to: &binder) }
    return binder
  }

  /// Makes `step` the step of the range of `binder`.
  private mutating func addStep(_ step: Expression, to binder: inout IndexBinder) {
    guard var range = binder.range else { return diagnose(.stepWithoutRange(at: step.span)) }
    addStep(step, to: &range)
    binder.range = range
    binder.span = binder.span.joined(step.span)
  }

  /// Parses `i`, `i in a..b` or `..s`.
  private mutating func indexBinderWithoutStep() -> IndexBinder {
    let start = position
    let isPack = take(.twoPoints)
    let name = declaredName("an index")
    let range = take(.in) ? expression() : nil
    return IndexBinder(span: span(from: start), name: name, isPack: isPack, range: range)
  }

  /// Parses `sum[k in a..b where p] body`, `reduce[i by f] body` or `fold[k](start, f) body`.
  mutating func reduction() -> Expression {
    let start = position
    let word = advance()
    let operation = ReductionOperator(rawValue: text(word)) ?? .reduce
    var reduction = Reduction(
      operation: operation, operationSpan: span(of: word), binders: [], condition: nil,
      combiner: nil, arguments: [], body: Expression(.error, at: spanAfterPrevious))
    reductionIndices(&reduction)
    if operation == .fold {
      if at(.leftParenthesis) {
        reduction.arguments = arguments()
      } else {
        diagnose(.expectedFoldArguments(found: found, at: spanOfCurrent))
      }
    }
    let outer = deepest
    reduction.body = nested { $0.operatorExpression(.multiplicative) }
    deepen(over: outer)
    return Expression(.reduction(reduction), at: span(from: start))
  }

  /// Parses `[k, i in a..b by s where p by f]`.
  ///
  /// In `reduce`, a `by` before the closing bracket or `where` names the combiner; any other is
  /// the step of the range before it.
  private mutating func reductionIndices(_ reduction: inout Reduction) {
    layout.attached.insert(current.start)
    let opening = advance()
    let outer = context
    context = .brackets
    defer { context = outer }
    repeat {
      var binder = indexBinderWithoutStep()
      if let by = takeBy() {
        let endsIndices = at(.rightBracket) || at(.where)
        if endsIndices, reduction.operation == .reduce || binder.range == nil {
          reduction.combiner = by
        } else {
          addStep(by, to: &binder)
        }
      }
      reduction.binders.append(binder)
    } while take(.comma) && !at(.rightBracket)
    if take(word: "by") { reduction.combiner = expression() }
    if take(.where) { reduction.condition = expression() }
    if take(word: "by") { reduction.combiner = expression() }
    if reduction.operation == .reduce, reduction.combiner == nil {
      diagnose(.missingCombiner(at: reduction.operationSpan))
    } else if reduction.operation != .reduce, let combiner = reduction.combiner {
      diagnose(.misplacedCombiner(reduction.operation.rawValue, at: combiner.span))
    }
    close(.rightBracket, opening)
  }
}
