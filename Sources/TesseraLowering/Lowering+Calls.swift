import TesseraIR
import TesseraSemantics

extension FunctionLowering {
  /// A call; `inout` arguments become what the callee made of them.
  mutating func lowerCall(
    _ callee: ID<TypedFunction>, _ arguments: [TypedExpression], type: ValueType
  ) -> Lowered {
    let values = arguments.map { lower($0) }
    let (result, changed) = call(callee, values, type: type)
    let parameters = program.functions[callee].parameters.filter { $0.passing != .out }
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
    let changed = zip(target.parameters.filter { $0.passing != .out }, arguments)
      .filter { $0.0.passing == .inout }.map(\.1)
    let types = changed.flatMap { $0.values.map { builder.type(of: $0) } } + own
    let results = builder.emit(
      .call, arguments.flatMap(\.values), results: types, attribute: .symbol(names[callee]))
    var rest = results[...]
    let new = changed.map { $0.rebuilt(from: &rest) }
    return (skeleton(type).rebuilt(from: &rest), new)
  }
}
