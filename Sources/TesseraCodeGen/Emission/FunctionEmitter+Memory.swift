import TesseraIR
import TesseraLLVM

extension FunctionEmitter {
  // MARK: Elements

  /// The number that memory holds at `address`.
  func loadElement(_ element: ElementType, _ address: LLVMValue) -> LLVMValue {
    let stored = builder.load(
      module.memoryType(element), address, alignment: element.byteCount)
    return element == .scalar(.bool)
      ? builder.compare(.notEqual, stored, builder.zero(stored.type)) : stored
  }

  /// Stores a number at `address`.
  func storeElement(_ value: LLVMValue, _ element: ElementType, _ address: LLVMValue) {
    let stored =
      element == .scalar(.bool)
      ? builder.cast(.zeroExtend, value, to: builder.integerType(8)) : value
    builder.store(stored, address, alignment: element.byteCount)
  }

  // MARK: Operations

  /// Reads an element.
  mutating func emitLoad(_ op: Operation) throws(CodeGenError) {
    let buffer = try buffer(op.operands[0])
    let address = try address(of: op.operands[0], at: op.operands[1...])
    set(op.results[0], .value(loadElement(buffer.element, address)))
  }

  /// Writes an element.
  mutating func emitStore(_ op: Operation) throws(CodeGenError) {
    let buffer = try buffer(op.operands[1])
    let address = try address(of: op.operands[1], at: op.operands[2...])
    storeElement(try value(op.operands[0]), buffer.element, address)
  }

  /// Makes a buffer of a part of another, in its memory.
  mutating func emitView(_ op: Operation) throws(CodeGenError) {
    let whole = try buffer(op.operands[0])
    let base = try address(of: op.operands[0], at: op.operands[1..<1 + whole.rank])
    var extents = try values(op.operands.dropFirst(1 + whole.rank))
    for (axis, extent) in source.type(of: op.results[0]).extents.enumerated() {
      if case .constant(let length) = extent { extents[axis] = index(Int64(length)) }
    }
    set(
      op.results[0],
      .buffer(
        EmittedBuffer(
          base: base, element: whole.element, extents: extents,
          strides: whole.strides)))
  }

  /// Shows a buffer in another shape.
  mutating func emitReshape(_ op: Operation) throws(CodeGenError) {
    let whole = try buffer(op.operands[0])
    let (element, extents) = try denseShape(op, op.operands.dropFirst())
    set(op.results[0], .buffer(denseBuffer(whole.base, element, extents)))
  }

  /// Takes memory for a buffer, from the stack if its size is small and fixed, else from the arena.
  mutating func emitAllocate(
    _ op: Operation, _ id: ID<Operation>
  ) throws(CodeGenError) {
    let (element, extents) = try denseShape(op, op.operands[...])
    let base =
      if stackBuffers.contains(id) {
        allocateOnStack(
          builder.arrayType(builder.integerType(8), Int(source.fixedByteCount(of: op) ?? 0)),
          alignment: 64)
      } else {
        try allocateFromArena(op, element, extents)
      }
    set(op.results[0], .buffer(denseBuffer(base, element, extents)))
  }

  /// Makes a buffer in the bytes of another.
  mutating func emitPlace(_ op: Operation) throws(CodeGenError) {
    let memory = try buffer(op.operands[0])
    let offset = try value(op.operands[1])
    let (element, extents) = try denseShape(op, op.operands.dropFirst(2))
    for extent in extents where op.opcode == .place && !extent.isConstant {
      fail(
        unless: builder.compare(.lessOrEqualSigned, index(0), extent), .outOfMemory,
        "a temporary value has a negative length", at: op.span)
    }
    let base = builder.offsetAddress(builder.integerType(8), memory.base, offset)
    set(op.results[0], .buffer(denseBuffer(base, element, extents)))
  }

  /// What the buffer that `op` makes consists of, and its extents, of which operands tell those
  /// that its type does not.
  private func denseShape(
    _ op: Operation, _ operands: ArraySlice<Value>
  ) throws(CodeGenError) -> (ElementType, [LLVMValue]) {
    guard case .buffer(let element, let shape) = source.type(of: op.results[0]) else {
      throw malformed(op)
    }
    var extents = try values(operands)
    for (axis, extent) in shape.enumerated() {
      if case .constant(let length) = extent { extents[axis] = index(Int64(length)) }
    }
    return (element, extents)
  }

  // MARK: Arena

  private mutating func allocateFromArena(
    _ op: Operation, _ element: ElementType, _ extents: [LLVMValue]
  ) throws(CodeGenError) -> LLVMValue {
    let byteCount =
      knownByteCount(element, extents).map(index) ?? checkedByteCount(op, element, extents)
    let memory = builder.call(module.runtimeFunction(.allocate), [run, byteCount])
    fail(
      unless: builder.compare(.notEqual, memory, builder.zero(memory.type)), .outOfMemory,
      "out of memory", at: op.span)
    return memory
  }

  /// No memory has so many bytes.
  private static var memoryLimit: Int64 { 1 << 47 }

  /// The number of bytes of a buffer whose lengths are constants, unless there is no such memory.
  private func knownByteCount(_ element: ElementType, _ extents: [LLVMValue]) -> Int64? {
    var byteCount = Int64(element.byteCount)
    for extent in extents {
      guard let length = extent.constantInteger, length >= 0 else { return nil }
      let (product, isLarge) = byteCount.multipliedReportingOverflow(by: length)
      guard !isLarge, product < Self.memoryLimit else { return nil }
      byteCount = product
    }
    return byteCount
  }

  /// The number of bytes of a buffer; fails if there is no such memory.
  private mutating func checkedByteCount(
    _ op: Operation, _ element: ElementType, _ extents: [LLVMValue]
  ) -> LLVMValue {
    // Each length is less than the limit, and so is each product, or there is no such memory; so the
    // products that are computed cannot overflow unnoticed.
    let limit = index(Self.memoryLimit)
    let i1 = builder.integerType(1)
    var byteCount = index(Int64(element.byteCount))
    var isPossible = builder.integer(-1, i1)
    for extent in extents {
      let isShort = builder.compare(.lessUnsigned, extent, limit)
      let pair = builder.intrinsic(
        "llvm.umul.with.overflow", [builder.integerType(64)], [byteCount, extent])
      byteCount = builder.extractMember(pair, 0)
      let fits = builder.compare(
        .equal, builder.extractMember(pair, 1), builder.integer(0, i1))
      isPossible = builder.binary(.and, isPossible, builder.binary(.and, isShort, fits))
    }
    isPossible = builder.binary(
      .and, isPossible, builder.compare(.lessUnsigned, byteCount, limit))
    fail(
      unless: isPossible, .outOfMemory, "a temporary value is too large", at: op.span)
    return byteCount
  }

  /// The state of the arena, to which `release` returns.
  func markArena() -> (chunks: LLVMValue, next: LLVMValue) {
    (loadRun(.chunks, builder.pointerType), loadRun(.next, builder.pointerType))
  }

  /// Gives back all memory taken since `mark`.
  func release(_ mark: (chunks: LLVMValue, next: LLVMValue)) {
    builder.call(module.runtimeFunction(.release), [run, mark.chunks, mark.next])
  }

  /// Gives back what the function took, if it took anything.
  func releaseArena() {
    if let arenaMark { release(arenaMark) }
  }

  /// The state of the arena at the start of a turn of the loop `op`, if turns allocate and hand no
  /// buffer on.
  func loopMark(_ op: Operation) -> (chunks: LLVMValue, next: LLVMValue)? {
    let carriesBuffer =
      (op.results + op.operands).contains { source.type(of: $0).isBuffer }
    if carriesBuffer { return nil }
    let allocates = op.regions.contains { source.allocates(in: $0, beside: stackBuffers) }
    return allocates ? markArena() : nil
  }

  // MARK: Copies

  /// Copies all elements of a buffer to another of its shape.
  mutating func emitCopy(_ op: Operation) throws(CodeGenError) {
    let from = try buffer(op.operands[0])
    let to = try buffer(op.operands[1])
    copy(from, to, outer: [])
  }

  /// Copies the elements whose first indices are `outer`.
  private mutating func copy(_ from: EmittedBuffer, _ to: EmittedBuffer, outer: [LLVMValue]) {
    let byteCount = from.element.byteCount
    if from.rank == 0 {
      let value = builder.load(
        module.memoryType(from.element), from.base, alignment: byteCount)
      return builder.store(value, to.base, alignment: byteCount)
    }
    let axis = outer.count
    if axis < from.rank - 1 {
      let loop = emitLoop(from: index(0), below: from.extents[axis], step: index(1))
      copy(from, to, outer: outer + [loop.index])
      finishLoop(loop)
      return
    }
    builder.copyMemory(
      from: row(from, outer), to: row(to, outer),
      byteCount: multiplied(from.extents[axis], index(Int64(byteCount))), alignment: byteCount)
  }

  /// The address of the first element of the row that has the indices `outer`.
  private func row(_ buffer: EmittedBuffer, _ outer: [LLVMValue]) -> LLVMValue {
    let offset = zip(outer, buffer.strides).reduce(index(0)) { added($0, multiplied($1.0, $1.1)) }
    return builder.elementAddress(module.memoryType(buffer.element), buffer.base, offset)
  }

  /// Tells the host that nothing reads a weight any more.
  mutating func emitRelease(_ op: Operation) throws(CodeGenError) {
    let buffer = try buffer(op.operands[0])
    let byteCount = buffer.extents.reduce(index(Int64(buffer.element.byteCount))) {
      multiplied($0, $1)
    }
    builder.call(module.runtimeFunction(.tellReleased), [buffer.base, byteCount])
  }

  // MARK: Sorting

  /// Sorts along an axis by the runtime.
  mutating func emitSort(_ op: Operation) throws(CodeGenError) {
    guard case .integer(let axis) = op.attribute,
      let scalar = source.type(of: op.operands[0]).scalarType
    else { throw malformed(op) }
    let buffers = [
      try buffer(op.operands[0]), try buffer(op.operands[1]), try buffer(op.operands[2]),
    ]
    let i32 = builder.integerType(32)
    var arguments = [
      builder.integer(Int64(scalar.dataTypeCode), i32),
      builder.integer(Int64(scalar.bitWidth), i32),
      builder.integer(Int64(buffers[0].rank), i32), builder.integer(axis, i32),
      storeIndices(buffers[0].extents),
    ]
    for buffer in buffers { arguments += [buffer.base, storeIndices(buffer.strides)] }
    let status = builder.call(module.runtimeFunction(.sort), arguments)
    fail(
      unless: builder.compare(.equal, status, builder.zero(i32)), .outOfMemory, "out of memory",
      at: op.span)
  }

  /// Stores indices as an array and returns its address.
  func storeIndices(_ values: [LLVMValue]) -> LLVMValue {
    let i64 = builder.integerType(64)
    let array = allocateOnStack(builder.arrayType(i64, max(1, values.count)), alignment: 8)
    for (position, value) in values.enumerated() {
      builder.store(value, builder.byteAddress(array, 8 * position), alignment: 8)
    }
    return array
  }
}
