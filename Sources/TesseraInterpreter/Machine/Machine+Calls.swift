import TesseraIR
import TesseraNumbers

/// Calls, arguments and results.
extension Machine {
  /// Begins a call; the caller waits until `finish(_:)`.
  func call(_ i: Instruction, returningTo next: Int) throws(RunError) {
    fuel -= 8
    if fuel < 0 { try refuel() }
    let callee = program.code(Int(i.a))
    let registersInUse = registerBase + code.registerCount + callee.registerCount
    guard frames.count < limits.callDepth, registersInUse < Machine.registerLimit else {
      throw fail(.recursionTooDeep, "more than \(frames.count) calls within each other")
    }
    frames.append(
      Frame(
        code: code, position: next, registerBase: registerBase, tensorBase: tensorBase,
        results: i.d))
    let (callerRegisters, callerTensors) = (registerBase, tensorBase)
    let (ownRegisters, ownTensors) = (
      registerBase + code.registerCount, tensorBase + code.tensorCount
    )
    (registerBase, tensorBase) = (ownRegisters, ownTensors)
    reserve(registers: callee.registerCount, tensors: callee.tensorCount)
    for (index, place) in callee.parameters.enumerated() {
      let given = transfer(i, index)
      if given.isTensor {
        tensorBase = callerTensors
        let tensor = transferredTensor(given)
        tensorBase = ownTensors
        setTensor(place.slot, tensor)
      } else {
        (registers + ownRegisters + Int(place.slot))
          .update(from: registers + callerRegisters + Int(given.slot), count: Int(given.lanes))
      }
    }
    code = callee
  }

  /// Replaces the frame by one of the callee.
  func tailCall(_ i: Instruction) throws(RunError) {
    fuel -= 8
    if fuel < 0 { try refuel() }
    let callee = program.code(Int(i.a))
    var numbers: [UInt64] = []
    var handed: [TensorValue] = []
    for index in 0..<Int(i.count) {
      let given = transfer(i, index)
      if given.isTensor {
        handed.append(transferredTensor(given))
      } else {
        for lane in 0..<given.lanes { numbers.append(register(given.slot + lane)) }
      }
    }
    clearTensors()
    reserve(registers: callee.registerCount, tensors: callee.tensorCount)
    var nextNumber = 0
    var nextTensor = 0
    for place in callee.parameters {
      if place.isTensor {
        setTensor(place.slot, handed[nextTensor])
        nextTensor += 1
      } else {
        for lane in 0..<Int(place.lanes) {
          registers[registerBase + Int(place.slot) + lane] = numbers[nextNumber]
          nextNumber += 1
        }
      }
    }
    code = callee
  }

  /// Ends the frame and returns where the caller goes on.
  func finish(_ i: Instruction) -> Int {
    guard let frame = frames.popLast() else { return 0 }
    let callee = (registers: registerBase, tensors: tensorBase)
    let targets = frame.code.pool[Int(frame.results)..<Int(frame.results) + Int(i.count)]
    for (index, target) in targets.enumerated() {
      let given = transfer(i, index)
      if given.isTensor {
        let tensor = transferredTensor(given)
        tensorBase = frame.tensorBase
        setTensor(target, tensor)
        tensorBase = callee.tensors
      } else {
        (registers + frame.registerBase + Int(target))
          .update(from: registers + callee.registers + Int(given.slot), count: Int(given.lanes))
      }
    }
    clearTensors()
    code = frame.code
    registerBase = frame.registerBase
    tensorBase = frame.tensorBase
    return frame.position
  }

  /// Gives back what the frame holds.
  private func clearTensors() {
    for slot in 0..<Int32(code.tensorCount) where tensors[tensorBase + Int(slot)] != nil {
      setTensor(slot, nil)
    }
  }

  // MARK: Arguments and results

  /// Puts an argument from outside into its place.
  func accept(
    _ argument: InterpreterValue, _ type: Type, _ place: FunctionCode.Place, _ position: Int
  ) throws(RunError) {
    switch (argument, type) {
    case (.scalar(let value), .scalar(let scalar)) where value.type == scalar:
      registers[registerBase + Int(place.slot)] = value.bits
    case (.tensor(let tensor), .tensor(let element, let extents)),
      (.tensor(let tensor), .buffer(let element, let extents)):
      try check(tensor, element, extents, position)
      setTensor(place.slot, tensor)
    case (.address(let memory, let byteOffset), .pointer):
      registers[registerBase + Int(place.slot)] = address(memory, byteOffset).bits
    case (.null, .pointer): registers[registerBase + Int(place.slot)] = Address.null.bits
    default:
      throw RunError(
        .wrongElementType, "argument \(position + 1) of '\(code.name)' must be a \(type)",
        at: code.span)
    }
  }

  private func check(
    _ tensor: TensorValue, _ element: ElementType, _ extents: [Extent], _ position: Int
  ) throws(RunError) {
    func refuse(_ status: RunError.Status) -> RunError {
      let wanted = Type.tensor(element, extents)
      let found = "\(tensor.element)[\(tensor.shape.map(String.init).joined(separator: ", "))]"
      return RunError(
        status, "argument \(position + 1) of '\(code.name)' is \(found), not \(wanted)",
        at: code.span)
    }
    if tensor.element != element { throw refuse(.wrongElementType) }
    if tensor.rank != extents.count { throw refuse(.wrongRank) }
    if !Type.tensor(element, extents).allows(tensor.shape) { throw refuse(.wrongShape) }
  }

  /// The results that the outermost function ends with.
  func results(_ i: Instruction) -> [InterpreterValue] {
    code.resultTypes.enumerated().map { index, type in
      let slot = transfer(i, index).slot
      switch type {
      case .scalar(let scalar), .vector(let scalar, _):
        return .scalar(ScalarValue(bits: register(slot), scalar))
      case .tensor, .buffer: return .tensor(tensor(slot))
      case .pointer:
        let address = Address(bits: register(slot))
        guard address.allocation > 0 else { return .null }
        return .address(memory: allocations[address.allocation - 1], byteOffset: address.offset)
      }
    }
  }
}
