import TesseraIR
import TesseraSource

/// The state of one run: frames of registers and tensors on stacks of their own, so that calls in
/// the program use no stack of the host, and calls in tail position none at all.
final class Machine {
  /// A caller that waits.
  struct Frame {
    /// What it runs.
    var code: FunctionCode
    /// The instruction with which it goes on.
    var position: Int
    /// Its first register.
    var registerBase: Int
    /// Its first slot of tensors.
    var tensorBase: Int
    /// The list of slots that take the results.
    var results: Int32
  }

  /// The functions that may be called.
  let program: Program
  /// What the run may use.
  let limits: Interpreter.Limits
  /// Takes each printed line; standard output if there is nobody.
  let output: ((String) -> Void)?
  /// Counts the memory of tensors.
  let meter: Meter

  /// What runs now.
  var code: FunctionCode
  /// The callers that wait, outermost first.
  var frames: [Frame] = []
  /// The first register of the present frame.
  var registerBase = 0
  /// The first slot of tensors of the present frame.
  var tensorBase = 0
  /// The registers of all frames.
  private(set) var registers: UnsafeMutablePointer<UInt64>
  private var registerCapacity = 1 << 12
  /// The tensors of all frames.
  private(set) var tensors: UnsafeMutablePointer<TensorValue?>
  /// The descriptor of each tensor on the stack, so that reading an element counts no references.
  private(set) var descriptors: UnsafeMutablePointer<UnsafeMutablePointer<Int>>
  private var tensorCapacity = 1 << 10
  private let noDescriptor = UnsafeMutablePointer<Int>.allocate(capacity: Descriptor.header)

  /// Steps that are left until the next look at limits.
  var fuel = 0
  private var stepsLeft: Int
  /// Tensors to which addresses lead; an address holds the position in this list, from 1.
  var allocations: [TensorValue] = []
  /// The program of each grid that runs, innermost last.
  var grids: [Int] = []

  private static let quantum = 1 << 16
  /// As many registers as all frames together may take: half a gigabyte.
  static let registerLimit = 1 << 26

  /// Prepares a run of the function `index`.
  init(
    _ program: Program, function index: Int, limits: Interpreter.Limits,
    output: ((String) -> Void)?
  ) {
    self.program = program
    self.limits = limits
    self.output = output
    meter = Meter(limit: limits.bytes)
    code = program.code(index)
    registers = .allocate(capacity: registerCapacity)
    tensors = .allocate(capacity: tensorCapacity)
    tensors.initialize(repeating: nil, count: tensorCapacity)
    descriptors = .allocate(capacity: tensorCapacity)
    noDescriptor.initialize(repeating: 0, count: Descriptor.header)
    descriptors.initialize(repeating: noDescriptor, count: tensorCapacity)
    stepsLeft = limits.steps
  }

  deinit {
    registers.deallocate()
    tensors.deinitialize(count: tensorCapacity)
    tensors.deallocate()
    descriptors.deallocate()
    noDescriptor.deallocate()
  }

  // MARK: Runs

  /// The results of the function for `arguments`.
  func run(_ arguments: [InterpreterValue]) throws(RunError) -> [InterpreterValue] {
    reserve(registers: code.registerCount, tensors: code.tensorCount)
    guard arguments.count == code.parameters.count else {
      let wanted = code.parameters.count
      throw RunError(
        .wrongCall, "'\(code.name)' takes \(wanted) values, not \(arguments.count)", at: code.span)
    }
    for (position, argument) in arguments.enumerated() {
      try accept(argument, code.parameterTypes[position], code.parameters[position], position)
    }
    try refuel()
    return try execute()
  }

  /// Makes room for a frame that begins at the bases.
  func reserve(registers count: Int, tensors tensorCount: Int) {
    if registerBase + count > registerCapacity {
      let capacity = max(2 * registerCapacity, registerBase + count)
      let larger = UnsafeMutablePointer<UInt64>.allocate(capacity: capacity)
      larger.update(from: registers, count: registerCapacity)
      registers.deallocate()
      registers = larger
      registerCapacity = capacity
    }
    if tensorBase + tensorCount > tensorCapacity {
      let capacity = max(2 * tensorCapacity, tensorBase + tensorCount)
      let larger = UnsafeMutablePointer<TensorValue?>.allocate(capacity: capacity)
      larger.moveInitialize(from: tensors, count: tensorCapacity)
      (larger + tensorCapacity).initialize(repeating: nil, count: capacity - tensorCapacity)
      tensors.deallocate()
      tensors = larger
      let moved = UnsafeMutablePointer<UnsafeMutablePointer<Int>>.allocate(capacity: capacity)
      moved.initialize(repeating: noDescriptor, count: capacity)
      moved.update(from: descriptors, count: tensorCapacity)
      descriptors.deallocate()
      descriptors = moved
      tensorCapacity = capacity
    }
  }

  // MARK: Slots

  /// The tensor in `slot` of the frame.
  func tensor(_ slot: Int32) -> TensorValue {
    guard let tensor = tensors[tensorBase + Int(slot)] else {
      fatalError("slot \(slot) of '\(code.name)' holds no tensor")
    }
    return tensor
  }

  /// Puts `tensor` into `slot` of the frame; `nil` empties it.
  func setTensor(_ slot: Int32, _ tensor: TensorValue?) {
    tensors[tensorBase + Int(slot)] = tensor
    descriptors[tensorBase + Int(slot)] = tensor?.descriptor ?? noDescriptor
  }

  /// The tensor in `slot`, which is empty from here on.
  func takeTensor(_ slot: Int32) -> TensorValue {
    defer { setTensor(slot, nil) }
    return tensor(slot)
  }

  /// The entries of the list at `position` of the pool.
  func list(_ position: Int32, _ count: Int32) -> UnsafeMutableBufferPointer<Int32>.SubSequence {
    code.pool[Int(position)..<Int(position) + Int(count)]
  }

  /// A value that goes from one function to another.
  struct Transfer {
    /// The tensor, or the first register.
    var slot: Int32
    /// The registers that it takes; for a tensor 0 if it is shared, -1 if it is handed over.
    var lanes: Int32

    /// `true` iff it is a tensor or buffer.
    var isTensor: Bool { lanes <= 0 }
  }

  /// The value at `position` of the list of values that `i`, which leaves a function, has at `b`.
  func transfer(_ i: Instruction, _ position: Int) -> Transfer {
    let place = Int(i.b) + 2 * position
    return Transfer(slot: code.pool[place], lanes: code.pool[place + 1])
  }

  /// The tensor that `transfer` shares or hands over.
  func transferredTensor(_ transfer: Transfer) -> TensorValue {
    transfer.lanes < 0 ? takeTensor(transfer.slot) : tensor(transfer.slot)
  }

  /// The register `slot` of the frame.
  func register(_ slot: Int32) -> UInt64 { registers[registerBase + Int(slot)] }

  /// The integer in the register `slot` of the frame.
  func integer(_ slot: Int32) -> Int { Int(Int64(bitPattern: register(slot))) }

  // MARK: Limits

  /// Looks at limits after a quantum of steps.
  func refuel() throws(RunError) {
    if limits.isInterrupted?() == true { throw fail(.interrupted, "interrupted") }
    if stepsLeft <= 0 { throw fail(.outOfSteps, "more than \(limits.steps) steps") }
    fuel = min(Machine.quantum, stepsLeft)
    stepsLeft -= fuel
  }

  /// Refuses memory beyond the limit before it is taken.
  private func checkMemory(_ lengths: [Int], _ width: Int) throws(RunError) {
    let bytes = saturatedProduct(lengths, width)
    if bytes >= 1 << 47 || bytes > meter.limit - meter.bytes {
      throw outOfMemory(lengths)
    }
  }

  private func outOfMemory(_ lengths: [Int]) -> RunError {
    fail(.outOfMemory, "a tensor of shape \(lengths) does not fit into memory")
  }

  /// A dense tensor with unspecified elements, unless that would go beyond the limit or there is no
  /// memory for it.
  func allocate(_ element: ElementType, _ lengths: [Int]) throws(RunError) -> TensorValue {
    try checkMemory(lengths, element.byteCount)
    guard let tensor = TensorValue(element, lengths: lengths, meter: meter) else {
      throw outOfMemory(lengths)
    }
    return tensor
  }

  /// A tensor with the elements of `source`, of its own.
  func copy(of source: TensorValue) throws(RunError) -> TensorValue {
    try checkMemory(source.shape, source.element.byteCount)
    guard let copy = source.copied(meter: meter) else { throw outOfMemory(source.shape) }
    return copy
  }

  // MARK: Errors

  /// The position of the instruction that runs, for errors.
  var position = 0

  /// The error `message` of the instruction that runs.
  func fail(_ status: RunError.Status, _ message: String) -> RunError {
    let span = position < code.spans.count ? code.spans[position] : code.span
    return RunError(status, message, at: span)
  }
}
