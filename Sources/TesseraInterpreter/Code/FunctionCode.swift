import TesseraIR
import TesseraSource

/// A function as flat code.
final class FunctionCode {
  /// Where a value lives, and how much it takes.
  struct Place {
    /// The first register, or the slot of a tensor.
    var slot: Int32
    /// The registers it takes; 0 for a tensor.
    var lanes: Int32

    var isTensor: Bool { lanes == 0 }
  }

  let name: String
  let span: SourceSpan
  let parameterTypes: [Type]
  let parameters: [Place]
  let resultTypes: [Type]
  let registerCount: Int
  let tensorCount: Int
  let instructions: UnsafeMutableBufferPointer<Instruction>
  let pool: UnsafeMutableBufferPointer<Int32>
  let constants: UnsafeMutableBufferPointer<UInt64>
  let tensors: [TensorValue]
  let types: [Type]
  let texts: [String]
  /// The source text of each instruction.
  let spans: [SourceSpan]

  init(_ compiler: Compiler) {
    let function = compiler.function
    name = function.name
    span = function.span
    parameterTypes = function.parameters.map(function.type(of:))
    parameters = compiler.parameters
    resultTypes = function.resultTypes
    registerCount = Int(compiler.registerCount)
    tensorCount = Int(compiler.tensorCount)
    instructions = .copying(compiler.instructions)
    pool = .copying(compiler.pool)
    constants = .copying(compiler.constants)
    tensors = compiler.tensors
    types = compiler.types
    texts = compiler.texts
    spans = compiler.spans
  }

  deinit {
    instructions.deallocate()
    pool.deallocate()
    constants.deallocate()
  }
}

extension UnsafeMutableBufferPointer {
  fileprivate static func copying(_ elements: [Element]) -> Self {
    let copy = Self.allocate(capacity: elements.count)
    _ = copy.initialize(from: elements)
    return copy
  }
}

/// The functions of a module, translated when they are first called.
final class Program {
  private let module: Module
  private let indices: [String: Int]
  private var codes: [FunctionCode?]

  init(_ module: Module) {
    self.module = module
    indices = Dictionary(
      module.functions.enumerated().map { ($0.element.name, $0.offset) }, uniquingKeysWith: min)
    codes = Array(repeating: nil, count: module.functions.count)
  }

  func index(of name: String) -> Int? { indices[name] }

  func code(_ index: Int) -> FunctionCode {
    if let code = codes[index] { return code }
    var function = module.functions[index]
    expandMath(&function)
    let code = Compiler.compile(function, indices)
    codes[index] = code
    return code
  }
}
