import TesseraIR
import TesseraNumbers
import TesseraSemantics

extension FunctionLowering {
  /// What the language has beyond functions written in it, as a value.
  mutating func lowerBuiltin(
    _ builtin: Builtin, _ operands: [TypedExpression], _ expression: TypedExpression
  ) -> Lowered {
    switch builtin {
    case .zeros, .full, .iota, .reshape, .permute, .join, .broadcast, .gather, .randomBits,
      .randomUniform, .randomNormal, .tileIndices, .dot:
      guard let source = elements(of: builtin, operands, expression) else {
        internalError("\(builtin) has no elements")
      }
      return materialized(source)
    case .tensor:
      return lowerLiteral(operands, expression.type)
    case .split:
      return lowerSplit(operands[0], expression.type)
    case .sort(let axis, let isDescending):
      return lowerSort(operands[0], axis, isDescending, type: expression.type, places: false)
    case .argsort(let axis, let isDescending):
      return lowerSort(operands[0], axis, isDescending, type: expression.type, places: true)
    case .histogram:
      return lowerHistogram(operands[0], expression.type)
    case .load, .store, .atomic, .atomicCompareExchange:
      return lowerPointerAccess(builtin, operands, expression.type)
    case .tileStart:
      return lower(operands[0]).component(0)
    }
  }

  /// The elements of builtins that compute each by itself; `nil` for the others.
  mutating func elements(
    of builtin: Builtin, _ operands: [TypedExpression], _ expression: TypedExpression
  ) -> ElementSource? {
    let type = expression.type
    switch builtin {
    case .zeros:
      let scalar = type.scalarElement ?? .i64
      let zero = { (lowering: inout FunctionLowering, _: [Value]) -> Lowered in
        .value(lowering.zero(scalar))
      }
      return source(type, .cheap, zero)
    case .full:
      let value = lower(operands[0])
      return source(type, .cheap) { _, _ in value }
    case .iota:
      let scalar = type.scalarElement ?? .i64
      return source(type, .cheap) { lowering, place in
        .value(lowering.builder.convert(place[place.count - 1], to: scalar))
      }
    case .tileIndices:
      let start = lower(operands[0]).component(0).value
      return source(type, .cheap) { lowering, place in .value(lowering.sum(start, place[0])) }
    case .broadcast:
      let operand = elements(of: operands[0])
      return source(type, operand.cost) { lowering, place in
        operand.at(&lowering, lowering.broadcastPlace(place, type.dimensions, to: operand))
      }
    case .permute(let order):
      let operand = elements(of: operands[0])
      return source(type, operand.cost) { lowering, place in
        var inner = place
        for (axis, from) in order.enumerated() { inner[from] = place[axis] }
        return operand.at(&lowering, inner)
      }
    case .reshape:
      return reshaped(operands[0], type)
    case .join: return joined(operands, type)
    case .gather(let axis): return gathered(operands[0], operands[1], along: axis, type)
    case .randomBits, .randomUniform, .randomNormal:
      return random(builtin, operands, type)
    case .dot:
      return dot(operands, type)
    case .tensor, .split, .sort, .argsort, .histogram, .load, .store, .atomic,
      .atomicCompareExchange, .tileStart:
      return nil
    }
  }

  /// Two tensors side by side in a new last axis.
  private mutating func joined(_ operands: [TypedExpression], _ type: ValueType) -> ElementSource {
    let parts = operands.map { elements(of: $0) }
    return source(type, parts.map(\.cost).max() ?? .view) { lowering, place in
      let inner = Array(place.dropLast())
      let isFirst = lowering.builder.compare(.equal, place[place.count - 1], lowering.constant(0))
      return lowering.branch(
        on: isFirst, then: { parts[0].at(&$0, inner) }, else: { parts[1].at(&$0, inner) })
    }
  }

  /// The elements of `operand` whose index on one axis is the element of `places`, kept inside.
  private mutating func gathered(
    _ operand: TypedExpression, _ places: TypedExpression, along axis: Int, _ type: ValueType
  ) -> ElementSource {
    let operand = elements(of: operand)
    let places = elements(of: places)
    return source(type, .computed) { lowering, place in
      var inner = place
      let chosen = lowering.builder.convert(places.at(&lowering, place).value, to: .i64)
      inner[axis] = lowering.clamped(chosen, operand.extents[axis])
      return operand.at(&lowering, inner)
    }
  }

  /// Elements of a tensor whose dimensions have values.
  mutating func source(
    _ type: ValueType, _ cost: ElementSource.Cost,
    _ at: @escaping (inout FunctionLowering, [Value]) -> Lowered
  ) -> ElementSource {
    ElementSource(type: type, extents: extents(type.dimensions), cost: cost, at: at)
  }

  /// The elements in row-major order in another shape.
  private mutating func reshaped(_ operand: TypedExpression, _ type: ValueType) -> ElementSource {
    let inner = elements(of: operand)
    let from = operand.type.dimensions
    let to = type.dimensions
    // Leading axes that agree stay as they are.
    let shared = zip(from, to).prefix { $0 == $1 }.count
    let extents = extents(to)
    return ElementSource(type: type, extents: extents, cost: inner.cost) { lowering, place in
      guard shared < from.count || shared < to.count else { return inner.at(&lowering, place) }
      let position = lowering.rowMajor(Array(place[shared...]), Array(extents[shared...]))
      let rest = lowering.place(at: position, in: Array(inner.extents[shared...]))
      return inner.at(&lowering, Array(place[..<shared]) + rest)
    }
  }

  /// The position of a place in row-major order.
  mutating func rowMajor(_ place: [Value], _ extents: [Value]) -> Value {
    guard var position = place.first else { return constant(0) }
    for axis in place.indices.dropFirst() {
      position = sum(builder.arithmetic(.multiply, position, extents[axis]), place[axis])
    }
    return position
  }

  /// The place at a position in row-major order.
  mutating func place(at position: Value, in extents: [Value]) -> [Value] {
    var place: [Value] = []
    var rest = position
    for axis in extents.indices.reversed() {
      if axis == 0 {
        place.append(rest)
      } else {
        place.append(builder.arithmetic(.remainder, rest, extents[axis]))
        rest = builder.arithmetic(.divide, rest, extents[axis])
      }
    }
    return place.reversed()
  }

  // MARK: Literals

  /// A tensor from its elements, row-major.
  private mutating func lowerLiteral(_ operands: [TypedExpression], _ type: ValueType) -> Lowered {
    let shape = type.dimensions.compactMap(\.constant)
    if let scalar = type.scalarElement, let bytes = constantBytes(operands, scalar) {
      let type = Type.tensor(.scalar(scalar), shape.map { .constant($0) })
      return .value(
        builder.emit(
          .constant, results: [type], attribute: .dense(DenseConstant(bytes: bytes)))[0])
    }
    let values = operands.map { lower($0) }
    let extents = extents(type.dimensions)
    if values.count > 16 { return lowered(type, stored(values, shape, type)) }
    let results = compute(extents, leaves(of: type).map(\.type)) { lowering, place in
      let position = lowering.rowMajor(place, extents)
      var chosen = values[values.count - 1].values
      for (number, value) in values.enumerated().dropLast().reversed() {
        let isHere = lowering.builder.compare(.equal, position, lowering.constant(number))
        chosen = zip(value.values, chosen).map { lowering.select(isHere, $0, $1) }
      }
      return chosen
    }
    return lowered(type, results)
  }

  /// The tensors that many elements make, one put in after the other.
  private mutating func stored(
    _ values: [Lowered], _ shape: [Int], _ type: ValueType
  ) -> [Value] {
    var tensors = zero(type).values
    for (position, value) in values.enumerated() {
      var place: [Int] = []
      var rest = position
      for length in shape.reversed() {
        place.insert(rest % length, at: 0)
        rest /= length
      }
      for (leaf, element) in value.values.enumerated() {
        let region = region { lowering, _ in
          place.map { lowering.constant($0) } + [element, lowering.constant(1, .bool)]
        }
        tensors[leaf] =
          builder.emit(
            .update, [tensors[leaf]], results: [builder.type(of: tensors[leaf])],
            attribute: .update(.replace), regions: [region])[0]
      }
    }
    return tensors
  }

  /// The bytes of constant elements, or `nil` if one is not constant.
  private func constantBytes(
    _ operands: [TypedExpression], _ type: ScalarType
  ) -> [UInt8]? {
    var bytes: [UInt8] = []
    for operand in operands {
      let bits: UInt64
      switch operand.kind {
      case .constant(.integer(let value, _)):
        bits = UInt64(bitPattern: value)
      case .constant(.float(let value, _)):
        switch type {
        case .f64: bits = value.bitPattern
        case .f32: bits = UInt64(Float(value).bitPattern)
        default: return nil
        }
      default: return nil
      }
      for byte in 0..<type.byteCount { bytes.append(UInt8(truncatingIfNeeded: bits >> (8 * byte))) }
    }
    return bytes
  }

  // MARK: Contractions

  /// The elements of the product of two matrices, plus those of a third operand.
  ///
  /// Half floats are added up in `f32`, and the sum is rounded once.
  private mutating func dot(_ operands: [TypedExpression], _ type: ValueType) -> ElementSource {
    let left = contracted(operands[0])
    let right = contracted(operands[1])
    let start = operands.count > 2 ? elements(of: operands[2]) : nil
    let rank = type.dimensions.count
    let scalar = type.scalarElement ?? .f32
    let wide = scalar.sumType
    let depth = left.extents[rank - 1]
    let extents = Array(left.extents.dropLast() + right.extents.suffix(1))
    return ElementSource(type: type, extents: extents, cost: .computed) { lowering, place in
      let box = lowering.box(over: [depth])
      let terms = lowering.region([.index()]) { lowering, index in
        var first = place
        first[rank - 1] = index[0]
        var second = place
        second[rank - 2] = index[0]
        let factors = [left.at(&lowering, first).value, right.at(&lowering, second).value]
          .map { lowering.builder.convert($0, to: wide) }
        return [lowering.builder.arithmetic(.multiply, factors[0], factors[1])]
      }
      var sum = lowering.builder.emit(
        .reduce, box.operands, results: [.scalar(wide)],
        attribute: .reduction(.sum, .sequential, permits: lowering.permittedAlgorithms),
        regions: [terms])[0]
      if let start {
        let value = lowering.builder.convert(start.at(&lowering, place).value, to: wide)
        sum = lowering.builder.arithmetic(.add, value, sum)
      }
      return .value(lowering.builder.convert(sum, to: scalar))
    }
  }

  /// The elements of an operand that is read many times.
  private mutating func contracted(_ operand: TypedExpression) -> ElementSource {
    let source = elements(of: operand)
    return source.cost == .computed
      ? elements(of: materialized(source), type: operand.type) : source
  }

  /// The two halves of the last axis.
  private mutating func lowerSplit(_ operand: TypedExpression, _ type: ValueType) -> Lowered {
    let whole = elements(of: lower(operand), type: operand.type)
    let halves = (parts(of: type) ?? []).enumerated().map { half, part in
      let extents = Array(whole.extents.dropLast())
      let source = ElementSource(type: part.type, extents: extents, cost: .view) {
        lowering, place in
        whole.at(&lowering, place + [lowering.constant(half)])
      }
      return materialized(source)
    }
    return .aggregate(halves)
  }

  // MARK: Order and counts

  /// The tensor in order along an axis, or the places from which its elements come.
  private mutating func lowerSort(
    _ operand: TypedExpression, _ axis: Int, _ isDescending: Bool, type: ValueType, places: Bool
  ) -> Lowered {
    let whole = lower(operand)
    let source = elements(of: whole, type: operand.type)
    let tensor = builder.type(of: whole.value)
    var keys = whole.value
    if isDescending {
      // Turning the order of the keys round keeps equal ones as they were and NaN last.
      let opcode: Opcode = tensor.scalarType?.isFloat == true ? .negate : .bitNot
      keys =
        compute(source.extents, [tensor]) { lowering, place in
          [lowering.builder.arithmetic(opcode, source.at(&lowering, place).value)]
        }[0]
    }
    let sorted = builder.emit(
      .sort, [keys], results: [tensor, .tensor(.scalar(.i64), tensor.extents)],
      attribute: .integer(Int64(axis)))
    if places {
      guard let scalar = type.scalarElement, scalar != .i64 else { return .value(sorted[1]) }
      return .value(
        compute(source.extents, [.tensor(.scalar(scalar), tensor.extents)]) { lowering, place in
          let origin = lowering.builder.read(sorted[1], place)
          return [lowering.builder.convert(origin, to: scalar)]
        }[0])
    }
    guard isDescending else { return .value(sorted[0]) }
    return .value(
      compute(source.extents, [tensor]) { lowering, place in
        var origin = place
        origin[axis] = lowering.builder.read(sorted[1], place)
        return [source.at(&lowering, origin).value]
      }[0])
  }

  /// How many elements are i, for each i below the length of the result; others are not counted.
  private mutating func lowerHistogram(_ operand: TypedExpression, _ type: ValueType) -> Lowered {
    let source = elements(of: operand)
    let bins = extents(type.dimensions)[0]
    let start = zero(type).value
    let box = box(over: source.extents)
    let one = number(1, type.scalarElement ?? .i64)
    let region = region(source.extents.map { _ in .index() }) { lowering, place in
      let bin = lowering.builder.convert(source.at(&lowering, place).value, to: .i64)
      return [bin, one, lowering.isInside(bin, bins)]
    }
    return .value(
      builder.emit(
        .update, [start] + box.operands, results: [builder.type(of: start)],
        attribute: .update(.sum), regions: [region])[0])
  }
}
