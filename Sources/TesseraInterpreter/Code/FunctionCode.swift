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

    /// `true` iff the value is a tensor or buffer.
    var isTensor: Bool { lanes == 0 }
  }

  /// The name in the IR.
  let name: String
  /// The source text of the whole, for errors at its entry.
  let span: SourceSpan
  /// The types of the parameters.
  let parameterTypes: [Type]
  /// Where the parameters are put before the first instruction.
  let parameters: [Place]
  /// The types of the results.
  let resultTypes: [Type]
  /// The registers that a frame takes.
  let registerCount: Int
  /// The slots of tensors that a frame takes.
  let tensorCount: Int
  /// What is run, from the first instruction on; in memory that is read without counting
  /// references.
  let instructions: UnsafeMutableBufferPointer<Instruction>
  /// The lists that instructions point into: slots, one after another.
  let pool: UnsafeMutableBufferPointer<Int32>
  /// The constants that instructions put into registers.
  let constants: UnsafeMutableBufferPointer<UInt64>
  /// The constants that are tensors.
  let tensors: [TensorValue]
  /// The types that instructions look up.
  let types: [Type]
  /// The texts that instructions print or fail with.
  let texts: [String]
  /// The source text of each instruction.
  let spans: [SourceSpan]

  /// Takes over what `compiler` made.
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

  /// Prepares to run functions of `module`.
  init(_ module: Module) {
    self.module = module
    indices = Dictionary(
      module.functions.enumerated().map { ($0.element.name, $0.offset) }, uniquingKeysWith: min)
    codes = Array(repeating: nil, count: module.functions.count)
  }

  /// The number of the function called `name`, if there is one.
  func index(of name: String) -> Int? { indices[name] }

  /// The code of the function `index`.
  func code(_ index: Int) -> FunctionCode {
    if let code = codes[index] { return code }
    var function = module.functions[index]
    expandMath(&function)
    let code = Compiler.compile(function, indices)
    codes[index] = code
    return code
  }
}
