import TesseraIR
import TesseraSemantics

extension FunctionLowering {
  /// `load`, `store` and atomics, of one address or of a tensor of them.
  mutating func lowerPointerAccess(
    _ builtin: Builtin, _ operands: [TypedExpression], _ type: ValueType
  ) -> Lowered {
    let dimensions = shape(operands, type)
    let sources = operands.map { elements(of: $0) }
    guard let dimensions else {
      let values = sources.map { $0.at(&self, []).value }
      return access(builtin, values, type)
    }
    let widest = sources.first { $0.type.dimensions == dimensions }
    let extents = widest?.extents ?? self.extents(dimensions)
    let at = { (lowering: inout FunctionLowering, place: [Value]) -> Lowered in
      let values = sources.map { source in
        source.at(&lowering, lowering.broadcastPlace(place, dimensions, to: source)).value
      }
      return lowering.access(builtin, values, type.elementType)
    }
    if type == .unit {
      nest(extents[...]) { lowering, place in _ = at(&lowering, place) }
      return .aggregate([])
    }
    let results = compute(extents, leaves(of: type).map(\.type)) { lowering, place in
      at(&lowering, place).values
    }
    return lowered(type, results)
  }

  /// The shape to which all operands broadcast; `nil` if all are scalars.
  private func shape(_ operands: [TypedExpression], _ type: ValueType) -> [Dimension]? {
    if type.isTensor { return type.dimensions }
    let shapes = operands.filter(\.type.isTensor).map(\.type.dimensions)
    guard let rank = shapes.map(\.count).max() else { return nil }
    return (0..<rank).map { axis in
      let lengths = shapes.compactMap { shape -> Dimension? in
        let own = axis - (rank - shape.count)
        return own >= 0 ? shape[own] : nil
      }
      return lengths.first { $0.constant != 1 } ?? lengths[0]
    }
  }

  /// Loops over all places, in row-major order.
  private mutating func nest(
    _ extents: ArraySlice<Value>, _ place: [Value] = [],
    _ body: (inout FunctionLowering, [Value]) -> Void
  ) {
    guard let extent = extents.first else {
      body(&self, place)
      return
    }
    let region = region([.index()]) { lowering, index in
      lowering.nest(extents.dropFirst(), place + index, body)
      return []
    }
    builder.emit(.for, [constant(0), extent, constant(1)], regions: [region])
  }

  /// One access; absent masks are true, an absent `other` is 0.
  private mutating func access(_ builtin: Builtin, _ values: [Value], _ type: ValueType) -> Lowered
  {
    guard case .pointer(let scalar) = builder.type(of: values[0]) else {
      internalError("\(builtin) through something that is no address")
    }
    let result = Type.scalar(scalar)
    switch builtin {
    case .load:
      let mask = values.count > 1 ? values[1] : constant(1, .bool)
      let other = values.count > 2 ? values[2] : zero(scalar)
      return .value(
        builder.emit(.pointerLoad, [values[0], mask, other], results: [result])[0])
    case .store:
      let mask = values.count > 2 ? values[2] : constant(1, .bool)
      builder.emit(.pointerStore, [values[0], values[1], mask])
      return .aggregate([])
    case .atomic(let operation):
      let mask = values.count > 2 ? values[2] : constant(1, .bool)
      let old = builder.emit(
        .atomicUpdate, [values[0], values[1], mask], results: [result],
        attribute: .update(operation.combiner))
      return type == .unit ? .aggregate([]) : .value(old[0])
    case .atomicCompareExchange:
      let old = builder.emit(.atomicCompareExchange, values, results: [result])
      return type == .unit ? .aggregate([]) : .value(old[0])
    default:
      internalError("\(builtin) accesses no memory")
    }
  }
}

extension AtomicOperation {
  /// The combiner of the IR that does the same.
  var combiner: Combiner {
    switch self {
    case .add: .sum
    case .minimum: .minimum
    case .maximum: .maximum
    case .bitAnd: .bitAnd
    case .bitOr: .bitOr
    case .bitXor: .bitXor
    case .exchange: .replace
    }
  }
}
