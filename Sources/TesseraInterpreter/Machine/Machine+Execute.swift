import TesseraIR
import TesseraNumbers

extension Machine {
  /// Runs from the first instruction of `code` until the outermost function ends.
  ///
  /// This is the table of instructions, with as few lines for each as can be. What most programs do most
  /// of the time, numbers, jumps and elements, is done right here, and on local copies of where the
  /// frame lies, which are made anew after calls; other families of instructions have functions of
  /// their own. `position` is told where something may fail.
  func execute() throws(RunError) -> [InterpreterValue] {
    var frame = FrameView(self)
    var next = 0
    while true {
      let i = frame.code + next
      next += 1
      let d = frame.registers + Int(i.pointee.d)
      let a = frame.registers + Int(i.pointee.a)
      let b = frame.registers + Int(i.pointee.b)
      let c = frame.registers + Int(i.pointee.c)
      switch i.pointee.code {
      // Numbers.
      case .constant: d.pointee = code.constants[Int(i.pointee.a)]
      case .move: move(a, to: d, i.pointee.count)
      case .addI64: d.pointee = a.pointee &+ b.pointee
      case .subtractI64: d.pointee = a.pointee &- b.pointee
      case .multiplyI64: d.pointee = a.pointee &* b.pointee
      case .equalI64: d.pointee = a.pointee == b.pointee ? 1 : 0
      case .lessI64: d.pointee = signed(a) < signed(b) ? 1 : 0
      case .lessOrEqualI64: d.pointee = signed(a) <= signed(b) ? 1 : 0
      case .addF32: d.pointee = bits(single(a) + single(b))
      case .subtractF32: d.pointee = bits(single(a) - single(b))
      case .multiplyF32: d.pointee = bits(single(a) * single(b))
      case .multiplyAddF32: d.pointee = bits(single(c).addingProduct(single(a), single(b)))
      case .lessF32: d.pointee = single(a) < single(b) ? 1 : 0
      case .lessOrEqualF32: d.pointee = single(a) <= single(b) ? 1 : 0
      case .addF64: d.pointee = bits(double(a) + double(b))
      case .subtractF64: d.pointee = bits(double(a) - double(b))
      case .multiplyF64: d.pointee = bits(double(a) * double(b))
      case .multiplyAddF64: d.pointee = bits(double(c).addingProduct(double(a), double(b)))
      case .andBits: d.pointee = a.pointee & b.pointee
      case .orBits: d.pointee = a.pointee | b.pointee
      case .select: d.pointee = a.pointee != 0 ? b.pointee : c.pointee
      case .scalar: d.pointee = try scalar(i, a, b, c, at: next - 1)
      case .lanes, .selectLanes, .splat, .laneIndex, .reduceLanes, .pickLanes, .dotPairs, .lookUp,
        .placeLanes:
        position = next - 1
        try executeLanes(i, d, a, b, c)

      // Jumps.
      case .jump: next = try jump(from: next, to: Int(i.pointee.c))
      case .jumpUnless: if a.pointee == 0 { next = Int(i.pointee.c) }
      case .boxStart:
        position = next - 1
        if try !startBox(a, Int(i.pointee.count)) { next = Int(i.pointee.c) }
      case .boxNext:
        if nextIndex(a, Int(i.pointee.count)) { next = try jump(from: next, to: Int(i.pointee.c)) }
      case .boxLane: d.pointee = UInt64(Int(i.pointee.c) + boxLane(a, i.pointee))
      case .loadIndirect: d.pointee = frame.registers[Int(a.pointee)]
      case .storeIndirect: frame.registers[Int(a.pointee)] = d.pointee
      case .increment: d.pointee &+= 1

      // Calls.
      case .call:
        position = next - 1
        try call(i.pointee, returningTo: next)
        (frame, next) = (FrameView(self), 0)
      case .tailCall:
        position = next - 1
        try tailCall(i.pointee)
        (frame, next) = (FrameView(self), 0)
      case .finish:
        if frames.isEmpty { return results(i.pointee) }
        next = finish(i.pointee)
        frame = FrameView(self)
      case .check: if a.pointee == 0 { throw failedCheck(i.pointee, at: next - 1) }
      case .print: write(filled(i.pointee) + "\n")

      // Elements.
      case .dimension: d.pointee = frame.length(i)
      case .load:
        let address = try elementAddress(i, in: frame, at: next - 1)
        if !grids.isEmpty {
          position = next - 1
          try noteRead(i.pointee, address)
        }
        d.pointee = loadBits(address, i.pointee.type)
      case .store:
        let address = try elementAddress(i, in: frame, at: next - 1)
        storeBits(address, c.pointee, i.pointee.type)
      case .storeLinear: storeBits(frame.address(i, linear: b.pointee), c.pointee, i.pointee.type)

      // Tensors.
      case .moveTensor, .takeTensor, .releaseTensor, .constantTensor, .makeTensor, .makeBuffer,
        .expectShape, .makeUnique, .update, .sort, .sortInto, .view, .reshape, .place, .overlay,
        .copy, .loadVector, .storeVector, .gridStart, .gridNext, .gridEnd:
        position = next - 1
        try executeTensors(i.pointee, d, c)
      case .addressOffset, .addressLoad, .addressStore, .addressUpdate, .addressExchange:
        position = next - 1
        try executeAddress(i.pointee, d, a.pointee, b.pointee, c.pointee)
      }
    }
  }

  // What follows is part of the loop; functions keep the table short.

  @inline(__always)
  private func move(
    _ a: UnsafeMutablePointer<UInt64>, to d: UnsafeMutablePointer<UInt64>, _ count: Int32
  ) {
    if count == 1 {
      d.pointee = a.pointee
    } else {
      d.update(from: a, count: Int(count))
    }
  }

  /// The result of an operation that has no instruction of its own.
  @inline(__always)
  private func scalar(
    _ i: UnsafePointer<Instruction>, _ a: UnsafeMutablePointer<UInt64>,
    _ b: UnsafeMutablePointer<UInt64>, _ c: UnsafeMutablePointer<UInt64>, at position: Int
  ) throws(RunError) -> UInt64 {
    if let result = evaluate(i, a.pointee, b.pointee, c.pointee) { return result }
    self.position = position
    throw fail(.divisionByZero, "division by zero")
  }

  /// The error of a check that does not hold.
  private func failedCheck(_ i: Instruction, at position: Int) -> RunError {
    self.position = position
    return fail(.assertionFailed, filled(i))
  }

  /// Takes steps off for what lies between, and returns `target`.
  @inline(__always)
  private func jump(from next: Int, to target: Int) throws(RunError) -> Int {
    fuel -= max(1, next - target)
    if fuel < 0 {
      position = target
      try refuel()
    }
    return target
  }

  /// The address of the element that `i` loads or stores.
  @inline(__always)
  private func elementAddress(
    _ i: UnsafePointer<Instruction>, in frame: FrameView, at position: Int
  ) throws(RunError) -> UnsafeMutableRawPointer {
    let view = frame.views[Int(i.pointee.a)]
    let list = frame.pool! + Int(i.pointee.b)
    if let address = element(view, list, i.pointee.count, frame.registers) { return address }
    self.position = position
    throw outOfBounds(i.pointee)
  }
}

/// Where the frame at hand lies.
private struct FrameView {
  let code: UnsafePointer<Instruction>
  let pool: UnsafeMutablePointer<Int32>?
  let registers: UnsafeMutablePointer<UInt64>
  /// The descriptors of its tensors.
  let views: UnsafeMutablePointer<UnsafeMutablePointer<Int>>

  init(_ machine: Machine) {
    code = UnsafePointer(machine.code.instructions.baseAddress!)
    pool = machine.code.pool.baseAddress
    registers = machine.registers + machine.registerBase
    views = machine.descriptors + machine.tensorBase
  }

  /// The length of axis `b` of the tensor `a`.
  @inline(__always)
  func length(_ i: UnsafePointer<Instruction>) -> UInt64 {
    let view = views[Int(i.pointee.a)]
    return UInt64(bitPattern: Int64(view[Descriptor.header + Int(i.pointee.b)]))
  }

  /// The address of the element `number` of the dense tensor `a`.
  @inline(__always)
  func address(
    _ i: UnsafePointer<Instruction>, linear number: UInt64
  ) -> UnsafeMutableRawPointer {
    let start = views[Int(i.pointee.a)][Descriptor.address]
    let address = start &+ Int(number) &* i.pointee.type.byteCount
    return UnsafeMutableRawPointer(bitPattern: address)!
  }
}

@inline(__always)
private func signed(_ register: UnsafeMutablePointer<UInt64>) -> Int64 {
  Int64(bitPattern: register.pointee)
}
