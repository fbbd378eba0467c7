import TesseraIR
import TesseraSemantics

extension Type {
  /// The type of memory that holds a value: a tensor, of rank 0 for a number or address.
  var boxed: Type {
    switch self {
    case .scalar, .pointer: .tensor(element, [])
    case .tensor, .buffer, .vector: self
    }
  }
}

extension FunctionLowering {
  /// A call; `inout` arguments become what the callee made of them.
  mutating func lowerCall(
    _ callee: ID<TypedFunction>, _ arguments: [TypedExpression], type: ValueType
  ) -> Lowered {
    let values = arguments.map { lower($0) }
    let (result, changed) = call(callee, values, type: type)
    let parameters = program.functions[callee].inputs
    var rest = changed[...]
    for (parameter, argument) in zip(parameters, arguments) where parameter.passing == .inout {
      guard let new = rest.popFirst(), let root = argument.root else { continue }
      assign(Place(root, path: argument.path, type: argument.type), new)
    }
    return result
  }

  /// Appends `call` with these arguments and gives its result and the new `inout` values.
  mutating func call(
    _ callee: ID<TypedFunction>, _ arguments: [Lowered], type: ValueType
  ) -> (result: Lowered, changed: [Lowered]) {
    let target = program.functions[callee]
    let own = leaves(of: type).map(\.type)
    let passed = Array(zip(target.inputs.map(\.passing), arguments))
    let changed = passed.filter { $0.0 == .inout }.map(\.1)
    let types = changed.flatMap { $0.values.map { builder.type(of: $0).boxed } } + own
    let operands = passed.flatMap { passing, argument in
      passing == .inout ? boxed(argument.values) : argument.values
    }
    let results = builder.emit(
      .call, operands, results: types, attribute: .symbol(names[callee]))
    let changedCount = types.count - own.count
    var rest = unboxed(Array(results[..<changedCount]), like: changed.flatMap(\.values))[...]
    let new = changed.map { $0.rebuilt(from: &rest) }
    rest = results[changedCount...]
    return (skeleton(type).rebuilt(from: &rest), new)
  }

  // MARK: Boxes

  // What an `inout` parameter holds is written in place, so that a number travels as a tensor of
  // rank 0.

  /// The tensors of rank 0 that hold the numbers among `values`; tensors stay.
  mutating func boxed(_ values: [Value]) -> [Value] {
    values.map { value in
      let type = builder.type(of: value)
      return type.boxed == type ? value : compute([], [type.boxed]) { _, _ in [value] }[0]
    }
  }

  /// What `place`, which the programs of a kernel share, holds after numbers of `value` are written
  /// into the tensors of rank 0 that stand there.
  mutating func written(_ value: Lowered, to place: Place) -> Lowered {
    guard let old = current(place) else { return value }
    let values = zip(old.values, value.values).map { old, new in
      let type = builder.type(of: old)
      if builder.type(of: new) == type || type.rank != 0 { return new }
      let region = region { lowering, _ in [new, lowering.constant(1, .bool)] }
      return builder.emit(
        .update, [old], results: [type], attribute: .update(.replace), regions: [region])[0]
    }
    return old.rebuilt(from: values)
  }

  /// The numbers in the tensors of rank 0 among `values`, which are tensors.
  mutating func unboxed(_ values: [Value]) -> [Value] {
    values.map { builder.type(of: $0).rank == 0 ? builder.read($0, []) : $0 }
  }

  /// The numbers in those of `values` that stand for a number of `pattern`.
  private mutating func unboxed(_ values: [Value], like pattern: [Value]) -> [Value] {
    zip(values, pattern).map { value, old in
      builder.type(of: value) == builder.type(of: old) ? value : builder.read(value, [])
    }
  }
}
