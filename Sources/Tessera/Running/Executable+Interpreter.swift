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
      let values = zip(code.parameters, arguments).map {
        InterpreterValue($1, as: code.type(of: $0))
      }
      do throws(RunError) {
        return try interpreter.run(function.signature.function, values).compactMap(Tensor.init)
      } catch {
        throw CallError(error, sources)
      }
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
    let type = TesseraIR.ScalarType(tensor.elementType)
    let value = TensorValue(type, shape: tensor.shape, bytes: tensor.bytes)
    if case .scalar = parameter { self = .scalar(value.values()[0]) } else { self = .tensor(value) }
  }
}

extension TesseraIR.ScalarType {
  /// The same type in the IR.
  init(_ type: TesseraData.ElementType) {
    self =
      switch type {
      case .bool: .bool
      case .i8: .i8
      case .i16: .i16
      case .i32: .i32
      case .i64: .i64
      case .u8: .u8
      case .u16: .u16
      case .u32: .u32
      case .u64: .u64
      case .f16: .f16
      case .bf16: .bf16
      case .f32: .f32
      case .f64: .f64
      }
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
    guard case .scalar(let scalar) = value.element,
      let type = TesseraData.ElementType(rawValue: scalar.rawValue)
    else { return nil }
    try? self.init(type, value.shape, bytes: value.bytes())
  }
}
