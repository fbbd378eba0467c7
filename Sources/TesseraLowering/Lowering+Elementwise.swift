import TesseraIR
import TesseraSemantics

/// A tensor whose elements are computed where they are needed.
///
/// What does not depend on the place was computed when the source was made; `at` emits the rest.
/// A chain of elementwise operations so becomes one `compute`.
struct ElementSource {
  /// How much work an element is.
  enum Cost: Comparable {
    /// An element of a value, perhaps at another place.
    case view
    /// Less than reading it from memory.
    case cheap
    /// Anything else: a value is made where elements would be computed several times.
    case computed
  }

  /// The type of the whole.
  var type: ValueType
  /// The lengths of the axes.
  var extents: [Value]
  var cost: Cost
  /// Emits the element, or its leaves, at a place.
  var at: (inout FunctionLowering, [Value]) -> Lowered
}

extension FunctionLowering {
  /// The elements of a tensor or, as a tensor of rank 0, a scalar.
  mutating func elements(of expression: TypedExpression) -> ElementSource {
    let type = expression.type
    let span = expression.span
    switch expression.kind {
    case .operation(let operation, let operands):
      return mapping(operands, to: type) { lowering, values in
        lowering.builder.span = span
        return lowering.apply(operation, values, type: type)
      }
    case .convert(let operand):
      guard let target = type.scalarElement else { internalError("conversion to \(type)") }
      return mapping([operand], to: type) { lowering, values in
        .value(lowering.builder.convert(values[0].value, to: target))
      }
    case .bitcast(let operand):
      guard let target = type.scalarElement else { internalError("bits as \(type)") }
      return mapping([operand], to: type) { lowering, values in
        .value(
          lowering.builder.emit(.bitcast, [values[0].value], results: [.scalar(target)])[0])
      }
    case .lifted(let callee, let operands):
      // Tensors that a lambda uses of its surroundings are passed as a whole.
      let target = program.functions[callee]
      let isWhole = target.parameters.map { target.locals[$0.local].type.isTensor }
      let whole = zip(operands, isWhole).map { $1 ? lower($0) : nil }
      let single = zip(operands, isWhole).filter { !$1 }.map(\.0)
      return mapping(single, to: type) { lowering, values in
        var rest = values[...]
        let arguments = whole.map { $0 ?? rest.removeFirst() }
        return lowering.call(callee, arguments, type: type.elementType).result
      }
    case .slice(let base, let items) where type.isTensor || !base.type.dimensions.isEmpty:
      return slice(base, items, type: type)
    case .component(let whole, let position) where isComputedElementwise(whole):
      let source = elements(of: whole)
      return ElementSource(type: type, extents: source.extents, cost: source.cost) {
        lowering, place in source.at(&lowering, place).component(position)
      }
    case .builtin(let builtin, let operands):
      if let source = elements(of: builtin, operands, expression) { return source }
    default: break
    }
    return elements(of: lower(expression), type: type)
  }

  /// The elements of a value.
  mutating func elements(of value: Lowered, type: ValueType) -> ElementSource {
    guard type.isTensor else {
      return ElementSource(type: type, extents: [], cost: .view) { _, _ in value }
    }
    let extents = value.values.first.map { self.extents(type.dimensions, of: $0) } ?? []
    return ElementSource(type: type, extents: extents, cost: .view) { lowering, place in
      lowering.read(value, at: place)
    }
  }

  /// The tensor, or scalar, of all elements of `source`.
  mutating func materialized(_ source: ElementSource) -> Lowered {
    guard source.type.isTensor else { return source.at(&self, []) }
    let types = leaves(of: source.type).map(\.type)
    let results = compute(source.extents, types) { lowering, place in
      source.at(&lowering, place).values
    }
    return lowered(source.type, results)
  }

  /// One element of a tensor, or the leaves of one of a tensor of structs.
  mutating func read(_ tensor: Lowered, at place: [Value]) -> Lowered {
    tensor.rebuilt(from: tensor.values.map { builder.read($0, place) })
  }

  /// `true` iff `elements(of:)` gives elements without making a value first.
  private func isComputedElementwise(_ expression: TypedExpression) -> Bool {
    guard expression.type.isTensor else { return false }
    switch expression.kind {
    case .operation, .convert, .bitcast, .lifted, .slice: return true
    case .component(let whole, _): return isComputedElementwise(whole)
    default: return false
    }
  }

  /// The elements that `function` gives for those of `operands`, broadcast to `type`.
  private mutating func mapping(
    _ operands: [TypedExpression], to type: ValueType,
    _ function: @escaping (inout FunctionLowering, [Lowered]) -> Lowered
  ) -> ElementSource {
    let sources = operands.map { broadcastOperand($0, to: type.dimensions) }
    var extents: [Value] = []
    for (axis, dimension) in type.dimensions.enumerated() {
      if isComputable(dimension) {
        extents.append(extent(dimension))
      } else {
        extents.append(knownExtent(axis, type.dimensions.count, sources))
      }
    }
    return ElementSource(type: type, extents: extents, cost: .computed) { lowering, place in
      let values = sources.map { source in
        source.at(&lowering, lowering.broadcastPlace(place, type.dimensions, to: source))
      }
      return function(&lowering, values)
    }
  }

  /// The elements of an operand; it becomes a value first where broadcasting would compute its
  /// elements several times.
  private mutating func broadcastOperand(
    _ operand: TypedExpression, to dimensions: [Dimension]
  ) -> ElementSource {
    let source = elements(of: operand)
    if source.cost == .computed, operand.type.dimensions != dimensions {
      return elements(of: materialized(source), type: source.type)
    }
    return source
  }

  /// The place in a broadcast operand: missing leading axes are left out, those of length 1 stay
  /// at 0.
  mutating func broadcastPlace(
    _ place: [Value], _ dimensions: [Dimension], to source: ElementSource
  ) -> [Value] {
    let own = source.type.dimensions
    if own == dimensions { return place }
    let skipped = dimensions.count - own.count
    return own.indices.map { axis in
      own[axis].constant == 1 && dimensions[axis + skipped].constant != 1
        ? constant(0) : place[axis + skipped]
    }
  }

  /// The length of an axis of which the type says nothing, from an operand that has it.
  private func knownExtent(_ axis: Int, _ rank: Int, _ sources: [ElementSource]) -> Value {
    for source in sources {
      let own = axis - (rank - source.extents.count)
      if own >= 0, source.type.dimensions[own].constant != 1 { return source.extents[own] }
    }
    internalError("no operand has the length of axis \(axis) in \(source.name)")
  }

  // MARK: Slices

  /// The elements of a part of a tensor.
  private mutating func slice(
    _ base: TypedExpression, _ items: [SliceItem], type: ValueType
  ) -> ElementSource {
    let source = elements(of: base)
    let part = slicePart(items, of: source.extents) { lowering, _, position, _ in
      lowering.extent(type.dimensions[position])
    }
    return ElementSource(type: type, extents: part.extents, cost: source.cost) { lowering, place in
      source.at(&lowering, part.place(place, &lowering))
    }
  }
}
