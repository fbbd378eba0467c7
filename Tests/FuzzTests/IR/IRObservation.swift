import TesseraIR
import TesseraInterpreter
import TesseraNumbers
import TesseraPasses
import TesseraTesting

/// Runs of functions with random arguments, and what there is to see of them.
enum IRObservation {
  /// Arguments for a function: the same again and again, in fresh memory.
  struct Arguments {
    let function: Function
    /// What the function's callers promise, if it is exported.
    let signature: ExportSignature?
    let seed: UInt64

    /// `nil` if a parameter asks for too much memory, or a tensor holds addresses.
    func make() -> [InterpreterValue]? {
      let holdsAddresses = function.resultTypes.contains {
        if case .tensor(.pointer, _) = $0 { true } else { false }
      }
      if holdsAddresses { return nil }
      var random = SplitMix(seed: seed)
      let usual = random.below(6)
      let shapes = promisedShapes(usual, &random)
      var arguments: [InterpreterValue] = []
      for (position, parameter) in function.parameters.enumerated() {
        let shape = shapes.indices.contains(position) ? shapes[position] : nil
        let type = function.type(of: parameter)
        guard let argument = make(type, shape, usual, &random) else { return nil }
        arguments.append(argument)
      }
      return arguments
    }

    /// A shape for each leaf of the signature, since passes rely on what entry checks see to.
    private func promisedShapes(_ usual: Int, _ random: inout SplitMix) -> [[Int]?] {
      guard let signature else { return [] }
      var symbols: [Int] = []
      for symbol in signature.symbols {
        if case .constant(let length) = symbol.origin {
          symbols.append(length)
        } else {
          symbols.append(random.once(in: 5) ? random.below(20) : usual)
        }
      }
      return signature.parameters.flatMap(\.leaves).map { leaf in
        leaf.shape?.map { $0.value(symbols) }
      }
    }

    private func make(
      _ type: Type, _ promised: [Int]?, _ usual: Int, _ random: inout SplitMix
    ) -> InterpreterValue? {
      func number(_ type: ScalarType) -> ScalarValue {
        let value = random.below(8) - (type.hasNegatives ? 3 : 0)
        return type.isFloat
          ? ScalarValue(rounding: Double(value), type) : ScalarValue(Int64(value), type)
      }
      switch type {
      case .scalar(let type): return .scalar(number(type))
      case .tensor(.scalar(let type), let extents), .buffer(.scalar(let type), let extents):
        var shape: [Int] = []
        let promised = promised?.count == extents.count ? promised : nil
        for (axis, extent) in extents.enumerated() {
          switch extent {
          case .constant(let length): shape.append(length)
          case .dynamic:
            let length = random.once(in: 5) ? random.below(20) : usual
            shape.append(promised?[axis] ?? length)
          }
        }
        var count = 1
        for length in shape {
          guard length >= 0, length <= 10_000, count <= 10_000 else { return nil }
          count *= length
        }
        return .tensor(
          TensorValue(type, shape: shape, values: (0..<count).map { _ in number(type) }))
      case .pointer(let type):
        return .address(
          memory: TensorValue(type, shape: [40], values: (0..<40).map { _ in number(type) }),
          byteOffset: 0)
      case .tensor(.pointer, _), .buffer(.pointer, _), .vector: return nil
      }
    }
  }

  /// Runs may use up so much.
  static let limits = Interpreter.Limits(steps: 20_000, bytes: 1 << 24, callDepth: 200)

  /// All numbers of a value, in row-major order.
  static func numbers(_ value: InterpreterValue) -> [ScalarValue] {
    switch value {
    case .scalar(let value): [value]
    case .tensor(let tensor): tensor.values()
    case .address(let memory, _): memory.values()
    case .null: []
    }
  }

  /// What a run of `function` shows: its results in order, then its arguments, tensors apart.
  static func run(
    _ module: Module, _ function: Function, _ arguments: [InterpreterValue]
  ) throws(RunError) -> [InterpreterValue] {
    let interpreter = Interpreter(module, limits: limits, output: { _ in })
    return try interpreter.run(function.name, arguments) + memory(of: function, arguments)
  }

  /// The same when the function is scheduled in `module`; fresh results are shaped as in `expected`.
  static func runScheduled(
    _ module: Module, _ function: Function, _ arguments: [InterpreterValue],
    expected: [InterpreterValue]
  ) throws(RunError) -> [InterpreterValue] {
    var limits = limits
    limits.steps *= 100
    var updated = zip(zip(function.parameters, function.roles), arguments).compactMap {
      $0.1 == .inout && isTensor(function.type(of: $0.0)) ? $1 : nil
    }[...]
    var outputs: [InterpreterValue] = []
    var tensors: [InterpreterValue?] = []
    for (type, value) in zip(function.resultTypes, expected) {
      guard isTensor(type), let tensor = value.tensor, let scalar = type.scalarType else {
        tensors.append(nil)
        continue
      }
      if let argument = updated.popFirst() {
        tensors.append(argument)
      } else {
        outputs.append(.tensor(TensorValue(zeros: scalar, shape: tensor.shape)))
        tensors.append(outputs.last)
      }
    }
    let interpreter = Interpreter(module, limits: limits, output: { _ in })
    var scalars = try interpreter.run(function.name, arguments + outputs)[...]
    return tensors.map { $0 ?? scalars.popFirst() ?? .null } + memory(of: function, arguments)
  }

  private static func memory(
    of function: Function, _ arguments: [InterpreterValue]
  ) -> [InterpreterValue] {
    zip(function.parameters, arguments).compactMap { isTensor(function.type(of: $0)) ? nil : $1 }
  }

  private static func isTensor(_ type: Type) -> Bool {
    if case .tensor = type { return true }
    return false
  }
}
