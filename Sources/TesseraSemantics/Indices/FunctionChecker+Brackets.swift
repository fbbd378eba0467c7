import TesseraNumbers
import TesseraSource
import TesseraSyntax

/// What one pair of brackets says of one axis.
struct AxisItem {
  /// What the item says.
  enum Kind {
    case element(TypedExpression, BracketItem.Boundary?)
    case range(TypedExpression, TypedExpression)
    case tile(TypedExpression)
    case wholeAxis
    case newAxis
  }

  /// What it says of the axis.
  var kind: Kind
  /// Where it stands.
  var span: SourceSpan
  /// The axis of the base; that before which a new one stands.
  var axis: Int

  /// `true` iff it says one index.
  var isElement: Bool { if case .element = kind { true } else { false } }
}

extension FunctionChecker {
  /// An element or slice of a tensor, or a component of a sequence.
  func checkBracket(_ bracket: Bracket, at span: SourceSpan) -> TypedExpression {
    let base = check(bracket.base)
    switch base.type {
    case .error:
      return error(at: span)
    case .sequence, .tuple:
      return checkPosition(bracket, of: base, at: span)
    case .tensor(let element, _):
      if element.isError { return error(at: span) }
      guard let items = axisItems(bracket.items, of: base, at: span) else { return error(at: span) }
      let isRead = items.allSatisfy { if case .element = $0.kind { true } else { false } }
      return isRead
        ? read(bracket, base, items, at: span)
        : slice(bracket, base, items, at: span)
    default:
      // Of rank 0 in this instance, indexed by packs of no indices.
      if isIndexedByNothing(bracket) { return base }
      return fail(.cannotIndex(describe(base.type), at: bracket.base.span))
    }
  }

  /// `true` iff all that stands in the brackets are packs without an index.
  private func isIndexedByNothing(_ bracket: Bracket) -> Bool {
    bracket.outside == nil
      && bracket.items.allSatisfy { item in
        guard case .indexPack(let name) = item.kind, item.boundary == nil,
          case .indexPack(let pack)? = scope[name.text]?.entity
        else { return false }
        return pack.isEmpty
      }
  }

  private func checkPosition(
    _ bracket: Bracket, of base: TypedExpression, at span: SourceSpan
  ) -> TypedExpression {
    guard let position = position(bracket, of: base.type) else { return error(at: span) }
    return component(of: base, at: position, span: span)
  }

  /// The constant that indexes a sequence of type `type`; `nil` after a diagnostic.
  func position(_ bracket: Bracket, of type: ValueType) -> Int? {
    guard bracket.items.count == 1, let index = bracket.items[0].expression,
      case .expression = bracket.items[0].kind, bracket.items[0].boundary == nil,
      bracket.outside == nil
    else {
      diagnose(.sequenceIndex(at: bracket.items.first?.span ?? bracket.base.span))
      return nil
    }
    guard let position = constantInt(index, describing: "an index of a sequence") else {
      return nil
    }
    let count = type.componentTypes?.count ?? 0
    guard (0..<count).contains(position) else {
      diagnose(.noSuchPosition(position, count: count, of: describe(type), at: index.span))
      return nil
    }
    return position
  }

  /// The items of `list` axis by axis; `nil` after a diagnostic.
  func axisItems(
    _ list: [BracketItem], of base: TypedExpression, at span: SourceSpan
  ) -> [AxisItem]? {
    let rank = base.type.dimensions.count
    var width = 0
    for item in list {
      switch item.kind {
      case .expression, .binder, .wholeAxis: width += 1
      case .newAxis, .rest: break
      case .indexPack(let name):
        guard case .indexPack(let pack)? = scope[name.text]?.entity else {
          diagnose(.notAPack(name.text, at: name.span))
          return nil
        }
        width += pack.count
      }
    }
    let hasRest = list.contains { if case .rest = $0.kind { true } else { false } }
    guard hasRest ? width <= rank : width == rank else {
      diagnose(
        .wrongIndexCount(
          describe(base.type), expected: rank, given: width, labels: declarationLabels(base),
          at: span))
      return nil
    }
    var result: [AxisItem] = []
    var axis = 0
    func add(_ kind: AxisItem.Kind, _ span: SourceSpan) {
      result.append(AxisItem(kind: kind, span: span, axis: axis))
      if case .newAxis = kind {} else { axis += 1 }
    }
    for item in list {
      let count = result.count
      switch item.kind {
      case .expression(let expression):
        guard let kind = axisItem(expression, item.boundary) else { return nil }
        add(kind, item.span)
      case .binder(let binder):
        diagnose(.misplacedIndexPattern(at: binder.span))
        return nil
      case .wholeAxis: add(.wholeAxis, item.span)
      case .newAxis: add(.newAxis, item.span)
      case .rest: for _ in 0..<(rank - width) { add(.wholeAxis, item.span) }
      case .indexPack(let name):
        guard case .indexPack(let pack)? = scope[name.text]?.entity else { return nil }
        for index in pack {
          add(
            .element(TypedExpression(.index(index), .int, at: item.span), item.boundary), item.span)
        }
      }
      if let boundary = item.boundary, result[count...].contains(where: { !$0.isElement }) {
        diagnose(.boundaryOnSlice(boundary.rawValue, at: item.span))
        return nil
      }
    }
    return result
  }

  private func axisItem(
    _ expression: Expression, _ boundary: BracketItem.Boundary?
  ) -> AxisItem.Kind? {
    if case .range(let lower, let upper, let step) = expression.kind {
      if let step {
        diagnose(.notSupportedYet("'by', a step of a range,", at: step.span))
        return nil
      }
      guard let ends = rangeEnds(lower, upper) else { return nil }
      return .range(ends.0, ends.1)
    }
    if let length = wholeTile(expression) {
      return .tile(
        TypedExpression(.dimension(length), .indexTile(length: length), at: expression.span))
    }
    let value = check(expression, expecting: .int)
    if value.type.isError { return nil }
    if case .indexTile = value.type { return .tile(value) }
    guard value.type == .int else {
      let fixIts: [FixIt] =
        value.type.scalar?.isInteger == true ? [.convert(expression.span, to: "int")] : []
      diagnose(.indexType(describe(value.type), fixIts: fixIts, at: expression.span))
      return nil
    }
    return .element(value, boundary)
  }

  // MARK: Reads

  private func read(
    _ bracket: Bracket, _ base: TypedExpression, _ items: [AxisItem], at span: SourceSpan
  ) -> TypedExpression {
    let element = base.type.elementType
    let dimensions = base.type.dimensions
    var outside: TypedExpression?
    switch bracket.outside {
    case .value(let expression):
      let value = check(expression, expecting: element)
      guard agree(value.type, with: element, at: expression.span) else { return error(at: span) }
      outside = value
    case .skip(let place):
      return fail(.skipOnRead(at: place))
    case nil: break
    }
    var places: [ReadIndex] = []
    var isFine = true
    for item in items {
      guard case .element(let value, let boundary) = item.kind else { continue }
      guard
        let place = place(
          value, boundary, of: base, dimension: dimensions[item.axis],
          hasOutside: outside != nil, items: bracket.items, at: item.span)
      else {
        isFine = false
        continue
      }
      places.append(place)
    }
    if !isFine { return error(at: span) }
    if outside != nil, places.allSatisfy(\.isProved) {
      if !isGeneric, case .value(let expression)? = bracket.outside {
        diagnose(.needlessBoundary("else", at: expression.span))
      }
      outside = nil
    }
    return TypedExpression(.read(base, places, outside: outside), element, at: span)
  }

  /// The index `value` of an axis with its proof or boundary; `nil` after a diagnostic.
  ///
  /// `items` are those of a read or write that could say `else`; none for slices.
  func place(
    _ value: TypedExpression, _ boundary: BracketItem.Boundary?, of base: TypedExpression,
    dimension size: Dimension, hasOutside: Bool, isWrite: Bool = false, items: [BracketItem] = [],
    at span: SourceSpan
  ) -> ReadIndex? {
    let index = dimension(of: value)
    let isAbove = index.map { prover.provesNonNegative($0) } ?? false
    let isBelow = index.map { prover.provesNonNegative(size - 1 - $0) } ?? false
    if isAbove && isBelow {
      if let boundary, !isGeneric {
        diagnose(.needlessBoundary(boundary.rawValue, at: span))
      }
      return ReadIndex(value, isProved: true)
    }
    if let boundary {
      // An element has to be there to be read instead.
      if !prover.provesNonNegative(size - 1) {
        diagnose(.boundaryNeedsElement(boundary.rawValue, describe(size), at: span))
        return nil
      }
      return ReadIndex(value, boundary: boundary, isProved: false)
    }
    if hasOutside { return ReadIndex(value, isProved: false) }
    let name: String =
      if case .local(let id) = base.kind { function.locals[id].name } else { "the tensor" }
    diagnose(
      .indexOutOfBounds(
        name, index: index.map { describe($0) }, size: describe(size), isAbove: isAbove,
        isBelow: isBelow, isWrite: isWrite,
        neutral: base.type.scalarElement == .bool ? "false" : "0",
        labels: declarationLabels(base), lastItem: items.last.map(\.span), at: span))
    return nil
  }

  // MARK: Slices

  private func slice(
    _ bracket: Bracket, _ base: TypedExpression, _ items: [AxisItem], at span: SourceSpan
  ) -> TypedExpression {
    if bracket.outside != nil {
      return fail(.boundaryOnSlice(at: span))
    }
    guard let (typed, shape) = sliceItems(items, of: base) else {
      return error(at: span)
    }
    return TypedExpression(
      .slice(base, typed), .makeTensor(base.type.elementType, shape), at: span)
  }

  /// The items of a slice and the shape of the part; `nil` after a diagnostic.
  func sliceItems(
    _ items: [AxisItem], of base: TypedExpression, isWrite: Bool = false
  ) -> (items: [SliceItem], shape: [Dimension])? {
    let dimensions = base.type.dimensions
    var typed: [SliceItem] = []
    var shape: [Dimension] = []
    for item in items {
      switch item.kind {
      case .newAxis:
        typed.append(.newAxis)
        shape.append(Dimension(1))
      case .wholeAxis:
        typed.append(.wholeAxis)
        shape.append(dimensions[item.axis])
      case .element(let value, let boundary):
        guard
          let place = place(
            value, boundary, of: base, dimension: dimensions[item.axis], hasOutside: false,
            isWrite: isWrite, at: item.span)
        else { return nil }
        typed.append(.element(bounded(place, dimensions[item.axis])))
      case .range(let lower, let upper):
        guard let first = named(end: lower), let last = named(end: upper),
          requireRange(first, last, within: dimensions[item.axis], at: item.span)
        else { return nil }
        typed.append(.range(from: lower))
        shape.append(last - first)
      case .tile(let tile):
        guard case .indexTile(let length) = tile.type else { return nil }
        let extent: Dimension? =
          switch tile.kind {
          case .local(let id): tileExtents[id]
          default: length
          }
        let size = dimensions[item.axis]
        guard let extent,
          require(
            extent, .lessOrEqual, size, message: "the tile runs past the end of the axis",
            at: item.span,
            diagnose: {
              .tilePastEnd(extent: self.describe(extent), size: self.describe(size), at: item.span)
            })
        else { return nil }
        if case .local = tile.kind {
          typed.append(.tile(tile))
        } else if prover.provesEqual(length, size) {
          typed.append(.wholeAxis)
        } else {
          typed.append(.range(from: .int(0, at: item.span)))
        }
        shape.append(length)
      }
    }
    return (typed, shape)
  }

  /// An end of a range as a dimension; a number that is computed when the function runs gets a
  /// name. `nil` after a diagnostic.
  func named(end: TypedExpression) -> Dimension? {
    if let dimension = dimension(of: end) {
      if !dimension.isUnknown { return dimension }
      diagnose(.dimensionTooLarge("this end of the range", at: end.span))
      return nil
    }
    if flow.isInsideIndexNotation {
      diagnose(.notADimension("this end of the range", at: end.span))
      return nil
    }
    let id = addLocal("end", .int, at: end.span)
    emit(.bind(id, end), at: end.span)
    return makeSymbol(for: id, named: "end")
  }

  /// Demands `0 <= first <= last <= size`.
  func requireRange(
    _ first: Dimension, _ last: Dimension, within size: Dimension, at span: SourceSpan
  ) -> Bool {
    let message =
      "the range '\(describe(first))..\(describe(last))' is not inside 0..\(describe(size))"
    return require(Dimension(0), .lessOrEqual, first, message: message, at: span)
      && require(first, .lessOrEqual, last, message: message, at: span)
      && require(last, .lessOrEqual, size, message: message, at: span)
  }

  /// The index with its boundary computed, for places that have none.
  private func bounded(_ place: ReadIndex, _ size: Dimension) -> TypedExpression {
    let value = place.value
    let span = value.span
    func operation(_ operation: Operator, _ a: TypedExpression, _ b: TypedExpression)
      -> TypedExpression
    {
      TypedExpression(.operation(operation, [a, b]), .int, at: span)
    }
    switch place.boundary {
    case .clamp:
      return operation(
        .minimum, operation(.maximum, value, .int(0, at: span)), self.value(of: size - 1, at: span))
    case .wrap: return operation(.remainder, value, self.value(of: size, at: span))
    case .reflect:
      let last = size - 1
      let period = operation(
        .maximum, self.value(of: last + last, at: span), .int(1, at: span))
      let folded = operation(.remainder, value, period)
      return operation(.minimum, folded, operation(.subtract, period, folded))
    case nil: return value
    }
  }
}
