import TesseraIR
import TesseraInterpreter
import TesseraLowering
import TesseraSemantics

/// Runs functions of constants for the checker: lowered to IR and interpreted, so that they mean
/// the same as when the program runs.
struct InterpretingEvaluator: ConstantEvaluator {
  /// What `function` gives for `arguments`; a failure if it does not end in time, or ends with an
  /// error.
  func evaluate(
    _ function: ID<TypedFunction>, arguments: [ConstantValue], in program: Program
  ) -> ConstantEvaluation {
    let module = lower(function, in: program)
    // A function in which the checker has found something wrong may lack a part.
    guard let entry = module.functions.first, verify(module).isEmpty else {
      return .failure("its body is wrong")
    }
    let limits = Interpreter.Limits(steps: 100_000_000, bytes: 1 << 30, callDepth: 10_000)
    let interpreter = Interpreter(module, limits: limits, output: { _ in })
    do {
      let leaves = arguments.flatMap(\.leaves)
      var results = try interpreter.run(entry.name, leaves)[...]
      let types = program.functions[function].results.map(\.type)
      let values = types.compactMap { ConstantValue($0, &results, program) }
      guard values.count == types.count else { return .failure("its result is no constant") }
      return .value(values.count == 1 ? values[0] : .aggregate(values))
    } catch {
      return .failure(error.message)
    }
  }
}

extension ConstantValue {
  /// The scalars and tensors of which the value consists.
  fileprivate var leaves: [InterpreterValue] {
    switch self {
    case .integer(let value, let type): [.integer(value, type)]
    case .float(let value, let type): [.float(value, type)]
    case .tensor(let type, let shape, let bytes):
      [.tensor(TensorValue(type, shape: shape, bytes: bytes))]
    case .aggregate(let parts): parts.flatMap(\.leaves)
    case .string: []
    }
  }

  /// The value of `type` whose leaves are the first of `values`, which are taken away.
  fileprivate init?(
    _ type: ValueType, _ values: inout ArraySlice<InterpreterValue>, _ program: Program
  ) {
    func aggregate(_ types: [ValueType]) -> ConstantValue? {
      var parts: [ConstantValue] = []
      for type in types {
        guard let part = ConstantValue(type, &values, program) else { return nil }
        parts.append(part)
      }
      return .aggregate(parts)
    }
    let whole: ConstantValue?
    switch type {
    case .tuple(let components): whole = aggregate(components.map(\.type))
    case .sequence(let elements): whole = aggregate(elements)
    case .structure(let id): whole = aggregate(program.structures[id].fields.map(\.type))
    case .scalar, .tensor: whole = values.popFirst().flatMap(ConstantValue.init(leaf:))
    default: whole = nil
    }
    guard let whole else { return nil }
    self = whole
  }

  private init?(leaf value: InterpreterValue) {
    switch value {
    case .scalar(let scalar): self.init(scalar)
    case .tensor(let tensor):
      guard case .scalar(let type) = tensor.element else { return nil }
      self = .tensor(type, shape: tensor.shape, bytes: tensor.bytes())
    case .address, .null: return nil
    }
  }
}
