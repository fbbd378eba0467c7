import TesseraData
import TesseraIR
import TesseraInterpreter
import TesseraRuntime
import TesseraSource

extension Executable {
  /// The functions of `module`, run by the interpreter.
  static func interpreting(
    _ module: TesseraIR.Module, functions: [HostFunction], sources: SourceMap
  ) -> Executable {
    let limits = Interpreter.Limits(isInterrupted: { tess_is_interrupted() != 0 })
    return Executable(functions: functions) { function, arguments, print throws(CallError) in
      let interpreter = Interpreter(module, limits: limits, output: print)
      guard let code = module[function.signature.function] else {
        throw CallError(.wrongCall, "there is no code for '\(function.name)'")
      }
      var frame = InterpretedCall(function, code, arguments)
      do throws(RunError) {
        try frame.provideOutputs()
        return frame.results(try interpreter.run(function.signature.function, frame.values))
      } catch {
        throw CallError(error, sources)
      }
    }
  }
}

/// The arguments of a call in the form that the code asks for: scheduled code takes buffers for the
/// tensors that it changes or gives, where other code returns values.
private struct InterpretedCall {
  private let function: HostFunction
  private let code: Function
  private let arguments: [Tensor]
  /// What the code is called with.
  private(set) var values: [InterpreterValue]

  /// Prepares a call of `code`, which `function` became, with `arguments`.
  init(_ function: HostFunction, _ code: Function, _ arguments: [Tensor]) {
    self.function = function
    self.code = code
    self.arguments = arguments
    values = zip(code.parameters, arguments).map { InterpreterValue($1, as: code.type(of: $0)) }
  }

  private var isScheduled: Bool {
    code.parameters.contains { if case .buffer = code.type(of: $0) { true } else { false } }
  }

  /// Adds memory for the tensors that scheduled code gives.
  mutating func provideOutputs() throws(RunError) {
    guard code.roles.contains(.output) else { return }
    let leaves = function.results.filter { !$0.isInout }.flatMap(\.leaves)
    for (leaf, shape) in zip(leaves, function.resultShapes(for: arguments) ?? []) {
      if leaf.isScalar { continue }
      guard let byteCount = try? Tensor.byteCount(leaf.elementType, shape) else {
        throw RunError(.outOfMemory, "'\(leaf.path)' would be too large", at: code.span)
      }
      values.append(
        .tensor(
          TensorValue(
            leaf.elementType, shape: shape,
            bytes: [UInt8](repeating: 0, count: byteCount))))
    }
  }

  /// The leaves of the results: from what the code returned, and from its buffers.
  func results(_ returned: [InterpreterValue]) -> [Tensor] {
    guard isScheduled else { return returned.compactMap(Tensor.init) }
    let isChanged = function.parameters.flatMap { parameter in
      parameter.leaves.map { _ in parameter.isInout }
    }
    var written = zip(values, isChanged).filter(\.1).map(\.0)
    written += values.dropFirst(isChanged.count)
    var buffers = written.filter { $0.tensor != nil }[...]
    var scalars = returned[...]
    return function.resultLeaves.compactMap { leaf in
      (leaf.isScalar ? scalars.popFirst() : buffers.popFirst()).flatMap(Tensor.init)
    }
  }
}

extension CallError {
  /// The error that `error` is for hosts.
  init(_ error: RunError, _ sources: SourceMap) {
    let file = sources[error.span.file]
    let place = file?.location(of: error.span.start)
    self.init(
      status: error.status.rawValue, error.message, file: file?.name, line: place?.line ?? 0,
      column: place?.column ?? 0)
  }
}

extension InterpreterValue {
  fileprivate init(_ tensor: Tensor, as parameter: Type) {
    let value = TensorValue(
      tensor.elementType, shape: tensor.shape, bytes: Array(tensor.bytes))
    if case .scalar = parameter { self = .scalar(value.values()[0]) } else { self = .tensor(value) }
  }
}

extension Tensor {
  /// The tensor or scalar `value`; addresses have no meaning to a host.
  fileprivate init?(_ value: InterpreterValue) {
    switch value {
    case .scalar(let scalar):
      self.init(tensor: TensorValue(scalar.type, shape: [], values: [scalar]))
    case .tensor(let tensor): self.init(tensor: tensor)
    case .address, .null: return nil
    }
  }

  private init?(tensor value: TensorValue) {
    guard case .scalar(let type) = value.element else { return nil }
    try? self.init(type, value.shape, bytes: value.bytes())
  }
}
