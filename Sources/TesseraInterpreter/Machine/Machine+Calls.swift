import TesseraIR

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
    let transfers = list(i.b, 2 * i.count)
    frames.append(
      Frame(
        code: code, position: next, registerBase: registerBase, tensorBase: tensorBase,
        results: i.d))
    let caller = (registers: registerBase, tensors: tensorBase)
    registerBase += code.registerCount
    tensorBase += code.tensorCount
    reserve(registers: callee.registerCount, tensors: callee.tensorCount)
    for (index, place) in callee.parameters.enumerated() {
      let source = Int(transfers[transfers.startIndex + 2 * index])
      let lanes = transfers[transfers.startIndex + 2 * index + 1]
      if place.isTensor {
        hand(from: caller.tensors + source, isTaken: lanes < 0, to: place.slot)
      } else {
        (registers + registerBase + Int(place.slot))
          .update(from: registers + caller.registers + source, count: Int(lanes))
      }
    }
    code = callee
  }

  /// Puts the tensor at the absolute `position` into `slot` of the frame.
  private func hand(from position: Int, isTaken: Bool, to slot: Int32) {
    let base = tensorBase
    tensorBase = 0
    let tensor = isTaken ? takeTensor(Int32(position)) : tensor(Int32(position))
    tensorBase = base
    setTensor(slot, tensor)
  }

  /// Replaces the frame by one of the callee.
  func tailCall(_ i: Instruction) throws(RunError) {
    let callee = program.code(Int(i.a))
    let transfers = list(i.b, 2 * i.count)
    var numbers: [UInt64] = []
    var handed: [TensorValue] = []
    for index in 0..<Int(i.count) {
      let source = transfers[transfers.startIndex + 2 * index]
      let lanes = transfers[transfers.startIndex + 2 * index + 1]
      if lanes <= 0 {
        handed.append(lanes < 0 ? takeTensor(source) : tensor(source))
      } else {
        for lane in 0..<lanes { numbers.append(register(source + lane)) }
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
    let transfers = list(i.b, 2 * i.count)
    let targets = frame.code.pool[Int(frame.results)..<Int(frame.results) + Int(i.count)]
    for (index, target) in targets.enumerated() {
      let source = transfers[transfers.startIndex + 2 * index]
      let lanes = transfers[transfers.startIndex + 2 * index + 1]
      if lanes <= 0 {
        let tensor = lanes < 0 ? takeTensor(source) : tensor(source)
        tensorBase = frame.tensorBase
        setTensor(target, tensor)
        tensorBase = callee.tensors
      } else {
        (registers + frame.registerBase + Int(target))
          .update(from: registers + callee.registers + Int(source), count: Int(lanes))
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
    let agrees = zip(tensor.shape, extents).allSatisfy { Extent.constant($0).agrees(with: $1) }
    if !agrees { throw refuse(.wrongShape) }
  }

  /// The results that the outermost function ends with.
  func results(_ i: Instruction) -> [InterpreterValue] {
    let transfers = list(i.b, 2 * i.count)
    return code.resultTypes.enumerated().map { index, type in
      let slot = transfers[transfers.startIndex + 2 * index]
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
