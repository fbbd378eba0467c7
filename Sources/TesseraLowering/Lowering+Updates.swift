import TesseraIR
import TesseraSemantics

extension FunctionLowering {
  /// `y[p[i]] += e` and its kin, for one tensor or several.
  mutating func lowerUpdate(_ places: [Place], _ update: Update) {
    // All right-hand sides see the tensors as they were.
    var results: [(Place, Lowered)] = []
    for (position, place) in places.enumerated() {
      // What combines has something to combine with, which the checker put there if nobody did.
      let old = current(place) ?? zero(place.type)
      let new = updated(old, place.type, update) { value in
        places.count == 1 ? value : value.component(position)
      }
      results.append((place, new))
    }
    for (place, value) in results { assign(place, value) }
  }

  /// The tensors of `old` after the update; `part` picks what belongs to them from the value.
  private mutating func updated(
    _ old: Lowered, _ type: ValueType, _ update: Update, part: (Lowered) -> Lowered
  ) -> Lowered {
    guard let combiner = update.combining.combiner else {
      return isInjective(update)
        ? replaced(old, type, update, part) : replacedInOrder(old, type, update, part)
    }
    // One operation a leaf; the value is computed for each, and what a leaf does not need is dead.
    var results: [Value] = []
    for (position, tensor) in old.values.enumerated() {
      results += emitUpdate(tensor, type, update, combiner) { lowering, _ in
        let value = part(lowering.lower(update.value)).values[position]
        return update.combining == .subtract ? lowering.builder.arithmetic(.negate, value) : value
      }
    }
    return old.rebuilt(from: results)
  }

  /// The update where no two iterations write to one place: old and new are combined as they are
  /// read.
  private mutating func replaced(
    _ old: Lowered, _ type: ValueType, _ update: Update, _ part: (Lowered) -> Lowered
  ) -> Lowered {
    var results: [Value] = []
    for (position, tensor) in old.values.enumerated() {
      results += emitUpdate(tensor, type, update, .replace) { lowering, place in
        let value = part(lowering.lower(update.value)).values[position]
        let old = lowering.builder.read(tensor, place)
        return lowering.builder.arithmetic(update.combining.opcode, old, value)
      }
    }
    return old.rebuilt(from: results)
  }

  /// The update as loops that combine one element after the other.
  private mutating func replacedInOrder(
    _ old: Lowered, _ type: ValueType, _ update: Update, _ part: (Lowered) -> Lowered
  ) -> Lowered {
    let results = loops(over: update.ranges, carrying: old.values) { lowering, carried in
      let (place, checks) = lowering.place(
        update.places, lowering.extents(type.dimensions, of: carried[0]),
        isChecked: update.skipsOutside)
      let values = part(lowering.lower(update.value)).values
      let write = lowering.all(checks) ?? lowering.constant(1, .bool)
      return zip(carried, values).map { tensor, value in
        let region = lowering.region { lowering, _ in
          // The place may lie outside where nothing is written, so nothing is read there.
          let new = lowering.branch(
            on: write,
            then: { lowering in
              let old = lowering.builder.read(tensor, place)
              return .value(lowering.builder.arithmetic(update.combining.opcode, old, value))
            }, else: { _ in .value(value) }
          ).value
          return place + [new, write]
        }
        return lowering.builder.emit(
          .update, [tensor], results: [lowering.builder.type(of: tensor)],
          attribute: .update(.replace), regions: [region])[0]
      }
    }
    return old.rebuilt(from: results)
  }

  /// Appends an `update` of `tensor` whose new values `value` gives at each place.
  private mutating func emitUpdate(
    _ tensor: Value, _ type: ValueType, _ update: Update, _ combiner: Combiner,
    _ value: (inout FunctionLowering, [Value]) -> Value
  ) -> [Value] {
    let extents = extents(type.dimensions, of: tensor)
    let box = box(update.ranges)
    let region = inIndexScope(
      scope(update.ranges, box), in: builder.region, computedDepth: computed.count
    ) { lowering in
      lowering.region(lowering.parameters(of: update.ranges)) { lowering, values in
        for (range, value) in zip(update.ranges, values) { lowering.indices[range.index] = value }
        let (place, checks) = lowering.place(
          update.places, extents, isChecked: update.skipsOutside)
        let write = lowering.all(checks)
        guard let write, update.combining.combiner == nil else {
          let new = value(&lowering, place)
          return place + [new, write ?? lowering.constant(1, .bool)]
        }
        let new = lowering.branch(
          on: write, then: { .value(value(&$0, place)) },
          else: { .value($0.zero($0.builder.type(of: tensor).scalarType ?? .i64)) })
        return place + [new.value, write]
      }
    }
    return builder.emit(
      .update, [tensor] + box.operands, results: [builder.type(of: tensor)],
      attribute: .update(combiner), regions: [region])
  }

  /// `true` iff different iterations surely write to different places: each index is a place of
  /// its own on some axis.
  private func isInjective(_ update: Update) -> Bool {
    update.ranges.allSatisfy { range in
      update.places.contains { place in
        guard place.boundary == nil, case .index(let index) = place.value.kind else {
          return false
        }
        return index == range.index
      }
    }
  }

}

extension Update.Combining {
  /// The combiner of `update` that does it in order, if there is one.
  var combiner: Combiner? {
    switch self {
    case .replace: .replace
    case .add, .subtract: .sum
    case .multiply: .product
    case .minimum: .minimum
    case .maximum: .maximum
    case .any: .any
    case .all: .all
    case .divide, .remainder, .bitAnd, .bitOr, .bitXor: nil
    }
  }

  /// The operation on old and new.
  var opcode: Opcode {
    switch self {
    case .replace: internalError("a replacement combines nothing")
    case .add: .add
    case .subtract: .subtract
    case .multiply: .multiply
    case .divide: .divide
    case .minimum: .minimum
    case .maximum: .maximum
    case .any, .bitOr: .bitOr
    case .all, .bitAnd: .bitAnd
    case .remainder: .remainder
    case .bitXor: .bitXor
    }
  }
}
