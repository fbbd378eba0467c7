import TesseraSource
import TesseraSyntax

/// An index or pack of indices to be declared, and where its range comes from.
struct IndexRequest {
  /// The name of the index.
  var name: Name
  /// `true` iff it is a pack of indices.
  var isPack: Bool
  /// `a..b` as written.
  var written: Expression?
  /// The dimensions that it indexes on the left of a definition.
  var indexed: [Dimension]?
}

extension FunctionChecker {
  /// Declares the indices of `requests` in the scope around; ranges that are not written come from
  /// the reads in `expressions`. The result is `nil` after a diagnostic.
  ///
  /// Ends that are lengths of a tensor, if `areLengths`, are checked not to wrap where they might, so
  /// that proofs can use them: the parts of such a length are none of more than 2⁴⁷.
  ///
  /// - Returns: for each request its ranges, several for a pack.
  func declareIndices(
    _ requests: [IndexRequest], readIn expressions: [Expression], areLengths: Bool = false
  ) -> [[IndexRange]]? {
    var result: [[IndexRange]] = []
    var isFine = true
    for request in requests {
      if let entry = scope[request.name.text] {
        diagnose(.indexShadows(request.name.text, earlier: entry.span, at: request.name.span))
        isFine = false
        continue
      }
      guard let ranges = ranges(for: request, readIn: expressions) else {
        declare(request.name, .error)
        isFine = false
        continue
      }
      var indices: [ID<IndexInfo>] = []
      var declared: [IndexRange] = []
      for (position, range) in ranges.enumerated() {
        let name = request.isPack ? "\(request.name.text).\(position)" : request.name.text
        let index = function.indices.append(.init(name: name, span: request.name.span))
        if areLengths, let length = dimension(of: range.1), !length.contains(where: \.isIndex) {
          _ = makeExact(length, at: range.1.span)
        }
        if let lower = exactDimension(of: range.0), let upper = exactDimension(of: range.1) {
          prover.declare(index, from: lower, to: upper)
        } else {
          prover.declare(index)
          if let lower = exactDimension(of: range.0) {
            prover.assume(Dimension(index), .greaterOrEqual, lower)
          }
          if let upper = exactDimension(of: range.1) {
            prover.assume(Dimension(index), .less, upper)
          }
        }
        indices.append(index)
        declared.append(IndexRange(index: index, lower: range.0, upper: range.1, step: nil))
      }
      declare(request.name, request.isPack ? .indexPack(indices) : .index(indices[0]))
      result.append(declared)
    }
    return isFine ? result : nil
  }

  private func ranges(
    for request: IndexRequest, readIn expressions: [Expression]
  ) -> [(TypedExpression, TypedExpression)]? {
    let span = request.name.span
    func whole(_ dimension: Dimension) -> (TypedExpression, TypedExpression) {
      (.int(0, at: span), value(of: dimension, at: span))
    }
    if let written = request.written {
      guard case .range(let lower, let upper, let step) = written.kind else {
        diagnose(.notARange(text(written), at: written.span))
        return nil
      }
      if let step {
        diagnose(.notSupportedYet("'by', a step of a range,", at: step.span))
        return nil
      }
      return rangeEnds(lower, upper).map { [$0] }
    }
    if let indexed = request.indexed { return indexed.map(whole) }
    let reads = reads(of: request.name.text, isPack: request.isPack, in: expressions)
    guard let first = reads.first else {
      if !request.isPack, let scanned = scannedDimension(request.name.text, in: expressions) {
        return [whole(scanned)]
      }
      // A read of something wrong might have told the range.
      if !expressions.contains(where: usesErrors) {
        diagnose(.noRange(request.name.text, at: span))
      }
      return nil
    }
    for read in reads.dropFirst() {
      guard read.dimensions.count == first.dimensions.count else {
        diagnose(
          .rangesDisagree(
            request.name.text, "\(first.dimensions.count) axes", "\(read.dimensions.count) axes",
            first: first.span, second: read.span, at: span))
        return nil
      }
      for (a, b) in zip(first.dimensions, read.dimensions) {
        let agrees = require(
          a, .equal, b, message: "the ranges of the index '\(request.name.text)' differ",
          at: read.span
        ) {
          .rangesDisagree(
            request.name.text, self.describe(a), self.describe(b), first: first.span,
            second: read.span, at: span)
        }
        if !agrees { return nil }
      }
    }
    return first.dimensions.map(whole)
  }

  /// `true` iff `expression` names something of which an error was diagnosed.
  private func usesErrors(_ expression: Expression) -> Bool {
    var found = false
    ExpressionWalk.visit(expression) { part in
      guard case .name(let name) = part.kind, let entry = scope[name.text] else { return }
      switch entry.entity {
      case .error: found = true
      case .local(let id): found = found || states[Int(id.index)].type.isError
      default: break
      }
    }
    return found
  }

  /// `dimension` as an expression.
  func value(of dimension: Dimension, at span: SourceSpan) -> TypedExpression {
    if let constant = dimension.constant { return .int(constant, at: span) }
    return TypedExpression(.dimension(dimension), .int, at: span)
  }

  /// The dimensions at which the index `name` stands alone in reads.
  private func reads(
    of name: String, isPack: Bool, in expressions: [Expression]
  ) -> [(dimensions: [Dimension], span: SourceSpan)] {
    var result: [(dimensions: [Dimension], span: SourceSpan)] = []
    for expression in expressions {
      ExpressionWalk.visit(expression) { part in
        guard case .bracket(let bracket) = part.kind else { return }
        for (position, item) in bracket.items.enumerated() {
          guard item.boundary == nil else { continue }
          if isPack {
            guard case .indexPack(let pack) = item.kind, pack.text == name else { continue }
          } else {
            guard item.bareName?.text == name else { continue }
          }
          if let dimensions = dimensions(of: bracket, at: position, isUnknownPack: isPack) {
            result.append((dimensions, item.span))
          }
        }
      }
    }
    return result
  }

  /// The dimension that a scan runs over whose prefixes `0..name + 1` or suffixes `name..n` end at
  /// the index `name`: that at which the reduced index stands alone.
  private func scannedDimension(_ name: String, in expressions: [Expression]) -> Dimension? {
    func isName(_ expression: Expression) -> Bool {
      if case .name(let word) = expression.kind { return word.text == name }
      return false
    }
    func isNext(_ expression: Expression) -> Bool {
      guard case .binary(.add, let left, let right) = expression.kind,
        case .integer(1) = right.kind
      else { return false }
      return isName(left)
    }
    var found: Dimension?
    for expression in expressions {
      ExpressionWalk.visit(expression) { part in
        guard found == nil, case .reduction(let reduction) = part.kind,
          reduction.binders.count == 1,
          case .range(let lower, let upper, nil)? = reduction.binders[0].range?.kind,
          isNext(upper) || isName(lower)
        else { return }
        let index = reduction.binders[0].name.text
        found = reads(of: index, isPack: false, in: [reduction.body]).first?.dimensions.first
      }
    }
    return found
  }

  /// The dimensions of the base of `bracket` that its item at `position` indexes.
  private func dimensions(
    of bracket: Bracket, at position: Int, isUnknownPack: Bool
  ) -> [Dimension]? {
    guard let type = quietType(of: bracket.base), case .tensor(_, let dimensions) = type
    else { return nil }
    // The number of axes of each item; at most one may be open.
    var widths: [Int?] = []
    for (place, item) in bracket.items.enumerated() {
      switch item.kind {
      case .expression, .binder, .wholeAxis: widths.append(1)
      case .newAxis: widths.append(0)
      case .rest: widths.append(nil)
      case .indexPack(let name):
        if case .indexPack(let pack)? = scope[name.text]?.entity,
          place != position || !isUnknownPack
        {
          widths.append(pack.count)
        } else {
          widths.append(nil)
        }
      }
    }
    let open = widths.filter { $0 == nil }.count
    let known = widths.reduce(0) { $0 + ($1 ?? 0) }
    guard open <= 1, known <= dimensions.count, open == 1 || known == dimensions.count
    else { return nil }
    let sizes = widths.map { $0 ?? dimensions.count - known }
    let start = sizes[..<position].reduce(0, +)
    return Array(dimensions[start..<start + sizes[position]])
  }

  /// The type of `expression` without diagnostics, or `nil` if it has none yet.
  private func quietType(of expression: Expression) -> ValueType? {
    if case .name(let name) = expression.kind, let entry = scope[name.text] {
      switch entry.entity {
      case .local(let id): return states[Int(id.index)].type
      case .value(let value): return value.type
      default: return nil
      }
    }
    if let type = typedAhead.reads[expression.span] { return type.isError ? nil : type }
    let type = speculating { check(expression).type }
    typedAhead.reads[expression.span] = type ?? .error
    return type
  }
}
