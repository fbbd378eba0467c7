import TesseraData
import TesseraIR
import TesseraInterpreter
import TesseraNumbers

/// Programs of the scheduled stage, run by the interpreter.
enum ScheduledRun {
  /// Runs `f`, whose tensor results are buffers that the caller passes, shaped as in `expected`; the first
  /// ones are what became of `inout` tensors.
  static func results(
    of module: Module, _ arguments: [InterpreterValue], like expected: [InterpreterValue]
  ) throws -> [InterpreterValue] {
    var arguments = arguments
    var changed: [InterpreterValue] = []
    let roles = module.functions.first { $0.name == "f" }?.roles ?? []
    for (position, role) in zip(arguments.indices, roles) where role == .inout {
      guard case .tensor(let tensor) = arguments[position],
        case .scalar(let type) = tensor.element
      else { continue }
      arguments[position] = .tensor(
        TensorValue(type, shape: tensor.shape, bytes: tensor.bytes()))
      changed.append(arguments[position])
    }
    var outputs: [InterpreterValue] = []
    for value in expected.dropFirst(changed.count) {
      guard case .tensor(let tensor) = value, case .scalar(let type) = tensor.element else {
        continue
      }
      outputs.append(.tensor(TensorValue(zeros: type, shape: tensor.shape)))
    }
    var scalars = try Interpreter(module).run("f", arguments + outputs)[...]
    var tensors = (changed + outputs)[...]
    return expected.map { value in
      if case .tensor = value { return tensors.removeFirst() }
      return scalars.removeFirst()
    }
  }
}

extension InterpreterValue {
  /// `true` iff both are the same bits, one NaN as good as another.
  func hasBits(of other: InterpreterValue) -> Bool {
    switch (self, other) {
    case (.tensor(let a), .tensor(let b)):
      if a.bytes() == b.bytes() { return true }
      let (a, b) = (doubles, other.doubles)
      return a.count == b.count && zip(a, b).allSatisfy { Self.isSame($0, $1) }
    case (.scalar, .scalar), (.scalar, .tensor), (.tensor, .scalar):
      return zip(doubles, other.doubles).allSatisfy { Self.isSame($0, $1) }
    default: return false
    }
  }

  /// `true` iff another order of addition could have made `other` of this.
  func isNear(_ other: InterpreterValue, _ type: ScalarType, _ isExact: Bool) -> Bool {
    if hasBits(of: other) { return true }
    // Each addition of such a type rounds so much that no bound on sums of them says anything.
    if isExact || !type.isFloat { return false }
    if type == .f16 || type == .bf16 { return true }
    return doubles.count == other.doubles.count
      && zip(doubles, other.doubles).allSatisfy { x, y in
        x == y || (x.isNaN && y.isNaN) || abs(x - y) <= 1e-2 * max(1, abs(x))
      }
  }

  private static func isSame(_ a: Double, _ b: Double) -> Bool {
    a.bitPattern == b.bitPattern || (a.isNaN && b.isNaN)
  }
}

extension Tensor {
  /// The tensor as the interpreter takes it; one of rank 0 as a number.
  var interpreterValue: InterpreterValue {
    let tensor = TensorValue(elementType, shape: shape, bytes: Array(bytes))
    if rank > 0 { return .tensor(tensor) }
    let bits = bytes.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    return .scalar(ScalarValue(bits: bits, elementType))
  }
}
