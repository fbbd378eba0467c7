import TesseraSource
import TesseraSyntax

extension FunctionChecker {
  /// `sum[k in r where p] body` and its kin.
  func checkReduction(
    _ reduction: Reduction, expecting expected: ValueType?, at span: SourceSpan
  ) -> TypedExpression {
    let outer = function.indices.count
    return asIndexStatement {
      let requests = reduction.binders.map {
        IndexRequest(name: $0.name, isPack: $0.isPack, written: $0.range, indexed: nil)
      }
      let reads = [reduction.body] + (reduction.condition.map { [$0] } ?? [])
      // Whether there is something to reduce must be known without the range itself.
      let before = prover
      guard let groups = declareIndices(requests, readIn: reads) else { return error(at: span) }
      let ranges = groups.flatMap { $0 }
      flow.isInsideIndexNotation = true
      var condition: TypedExpression?
      if let text = reduction.condition {
        let typed = check(text, expecting: .bool)
        guard agree(typed.type, with: .bool, at: text.span) else { return error(at: span) }
        assume(typed)
        condition = typed
      }
      let hint: ValueType? =
        switch reduction.operation {
        case .any, .all, .count: .bool
        case .argmax, .argmin: nil
        default: expected
        }
      let body = check(reduction.body, expecting: hint)
      if body.type.isError { return error(at: span) }
      guard let (kind, type) = reductionKind(reduction, body, at: span) else {
        return error(at: span)
      }
      if reduction.operation == .argmax || reduction.operation == .argmin {
        guard ranges.count == 1, condition == nil else {
          return fail(.argmaxNeedsOneIndex(reduction.operation.rawValue, at: span))
        }
        guard
          requireSomething(in: ranges[0], knowing: before, reduction.operation.rawValue, at: span)
        else { return error(at: span) }
      }
      var typed = TypedReduction(kind: kind, ranges: ranges, condition: condition, body: body)
      typed.scanIndex = scanIndex(of: typed, outer: outer)
      return TypedExpression(.reduce(typed), type, at: span)
    }
  }

  private func reductionKind(
    _ reduction: Reduction, _ body: TypedExpression, at span: SourceSpan
  ) -> (ReductionKind, ValueType)? {
    let operation = reduction.operation
    if operation == .reduce { return combinerKind(reduction, body, at: span) }
    if operation == .fold { return foldKind(reduction, body, at: span) }
    if let typed = operation.typed(over: body.type) { return typed }
    let wantsTruth = [.count, .any, .all].contains(operation)
    let word = operation.rawValue
    let notes = [
      "'\(word)' takes the product to its right; a comparison stands in parentheses, "
        + "'\(word)[i] (x[i] > 0)'."
    ]
    diagnose(
      .operandType(word, describe(body.type), notes: wantsTruth ? notes : [], at: body.span))
    return nil
  }

  /// `reduce[i by f] body`.
  private func combinerKind(
    _ reduction: Reduction, _ body: TypedExpression, at span: SourceSpan
  ) -> (ReductionKind, ValueType)? {
    guard let text = reduction.combiner, let function = functionValue(text) else {
      diagnose(.reduceNeedsCombiner(at: reduction.combiner?.span ?? reduction.operationSpan))
      return nil
    }
    guard
      let kind = combiner(function, over: body.type, needsIdentity: true, at: text.span)
    else { return nil }
    return (kind, body.type)
  }

  /// Reduction by a combiner or combine function over values of `type`; `nil` after a diagnostic.
  func combiner(
    _ function: FunctionValue, over type: ValueType, needsIdentity: Bool, at span: SourceSpan
  ) -> ReductionKind? {
    guard let (instance, captures) = functionInstance(function, [type, type], at: span) else {
      return nil
    }
    if instance.function.results.isEmpty { return nil }
    guard matches(instance.function.resultType, type, { _, _ in true }) else {
      diagnose(.combineFunctionType(describe(type), at: span))
      return nil
    }
    guard case .declared(_, let candidates) = function else {
      if needsIdentity { diagnose(.reduceNeedsCombiner(at: span)) }
      return needsIdentity ? nil : .combiner(instance.id, captures: captures, identity: nil)
    }
    for candidate in candidates {
      guard case .combiner(let identity?) = checker.callables[candidate].kind else { continue }
      let context = FunctionChecker(
        checker: checker, module: checker.callables[candidate].module, sharing: self)
      let value = context.check(identity, expecting: type)
      guard context.agree(value.type, with: type, at: identity.span) else { return nil }
      return .combiner(instance.id, captures: captures, identity: value)
    }
    if needsIdentity {
      diagnose(.reduceNeedsCombiner(at: span))
      return nil
    }
    return .combiner(instance.id, captures: captures, identity: nil)
  }

  /// `fold[k](start, f) body`.
  private func foldKind(
    _ reduction: Reduction, _ body: TypedExpression, at span: SourceSpan
  ) -> (ReductionKind, ValueType)? {
    guard reduction.arguments.count == 2,
      let function = functionValue(reduction.arguments[1].value)
    else {
      diagnose(.foldArguments(at: span))
      return nil
    }
    let start = check(reduction.arguments[0].value, expecting: body.type)
    if start.type.isError { return nil }
    let place = reduction.arguments[1].value.span
    guard
      let (instance, captures) = functionInstance(function, [start.type, body.type], at: place),
      let result = instance.function.results.first?.type
    else { return nil }
    guard matches(result, start.type, { _, _ in true }) else {
      diagnose(.combineFunctionType(describe(start.type), at: place))
      return nil
    }
    return (.fold(instance.id, captures: captures, start: start), start.type)
  }

  /// Demands that a range is not empty.
  private func requireSomething(
    in range: IndexRange, knowing before: ShapeProver, _ word: String, at span: SourceSpan
  ) -> Bool {
    guard let lower = dimension(of: range.lower), let upper = dimension(of: range.upper) else {
      diagnose(.reductionMayBeEmpty(word, at: span))
      return false
    }
    if before.proves(lower, .less, upper) { return true }
    guard isKnownAtEntry(lower), isKnownAtEntry(upper) else {
      diagnose(.reductionMayBeEmpty(word, at: span))
      return false
    }
    demandOnce(
      Obligation(
        left: lower, relation: .less, right: upper, message: "'\(word)' has nothing to choose from",
        span: span))
    return true
  }

  /// The free index of which the range is a prefix or suffix, if the body does not use it.
  private func scanIndex(of reduction: TypedReduction, outer: Int) -> ID<IndexInfo>? {
    guard reduction.ranges.count == 1, reduction.condition == nil else { return nil }
    let range = reduction.ranges[0]
    guard let lower = dimension(of: range.lower), let upper = dimension(of: range.upper) else {
      return nil
    }
    func freeIndex(_ end: Dimension, offsets: ClosedRange<Int>) -> ID<IndexInfo>? {
      for term in end.terms {
        guard term.coefficient == 1, term.monomial.atoms.count == 1,
          case .index(let index) = term.monomial.atoms[0], Int(index.index) < outer,
          let rest = (end - Dimension(index)).constant, offsets.contains(rest)
        else { continue }
        return index
      }
      return nil
    }
    let usesIndex: (Dimension) -> Bool = { $0.contains(where: \.isIndex) }
    let index: ID<IndexInfo>?
    if !usesIndex(lower) {
      index = freeIndex(upper, offsets: 0...1)
    } else {
      index = usesIndex(upper) ? nil : freeIndex(lower, offsets: 0...1)
    }
    guard let index, !TypedWalk.uses(index, in: reduction.body) else { return nil }
    return index
  }
}

extension ReductionOperator {
  /// How the reduction combines values of `type`, and the type of what it gives; `nil` if it has no
  /// meaning for them, or is told how by the program.
  func typed(over type: ValueType) -> (kind: ReductionKind, result: ValueType)? {
    let isTruth = type == .bool
    let isNumber = type.scalar != nil && !isTruth
    switch self {
    case .sum: return isNumber ? (.sum, type) : nil
    case .prod: return isNumber ? (.product, type) : nil
    case .mean: return type.scalar?.isFloat == true ? (.mean, type) : nil
    case .max: return isNumber ? (.maximum, type) : nil
    case .min: return isNumber ? (.minimum, type) : nil
    case .any: return isTruth ? (.any, .bool) : nil
    case .all: return isTruth ? (.all, .bool) : nil
    case .count: return isTruth ? (.count, .int) : nil
    case .argmax: return isNumber ? (.argmax, .int) : nil
    case .argmin: return isNumber ? (.argmin, .int) : nil
    case .reduce, .fold: return nil
    }
  }
}
