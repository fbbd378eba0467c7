extension Function {
  /// Stack memory that one piece of machine code may use for small buffers, in bytes.
  private static var mostStackBytes: Int64 { 16 << 10 }

  /// The allocations that need no memory beside the stack: of few bytes, known while compiling, as
  /// many as fit together into what one piece of machine code may use.
  ///
  /// The body of a `parallel` that is in no other one is such a piece, and the rest of the function.
  /// None where a buffer may outlive the turn of a loop that makes it.
  public var stackBuffers: Set<ID<Operation>> {
    if handsBuffersOn { return [] }
    var found: Set<ID<Operation>> = []
    func visit(_ region: ID<Region>, _ taken: inout Int64, isParallel: Bool) {
      for id in regions[region].operations {
        let operation = operations[id]
        if operation.opcode == .allocate, let byteCount = fixedByteCount(of: operation),
          taken + byteCount <= Self.mostStackBytes
        {
          taken += byteCount
          found.insert(id)
        }
        for inner in operation.regions {
          if operation.opcode == .parallel, !isParallel {
            var own: Int64 = 0
            visit(inner, &own, isParallel: true)
          } else {
            visit(inner, &taken, isParallel: isParallel)
          }
        }
      }
    }
    var taken: Int64 = 0
    visit(body, &taken, isParallel: false)
    return found
  }

  /// The bytes of the buffer that `operation`, an allocation, makes, if they are known while
  /// compiling and few.
  public func fixedByteCount(of operation: Operation) -> Int64? {
    let type = type(of: operation.results[0])
    var byteCount = Int64(type.element.byteCount)
    for (extent, operand) in zip(type.extents, operation.operands) {
      let length: Int64?
      if case .constant(let known) = extent {
        length = Int64(known)
      } else if let definition = definition(of: operand),
        operations[definition].opcode == .constant,
        case .integer(let known) = operations[definition].attribute
      {
        length = known
      } else {
        length = nil
      }
      guard let length, length >= 0, length <= Self.mostStackBytes else { return nil }
      byteCount *= length
      if byteCount > Self.mostStackBytes { return nil }
    }
    return byteCount
  }

  /// `true` iff a loop carries a buffer, or a region or the function hands one on, so that a buffer
  /// may outlive the turn of the loop that makes it.
  private var handsBuffersOn: Bool {
    var result = false
    forEachOperation(in: body) { id in
      switch operations[id].opcode {
      case .yield, .condition, .return, .tailCall, .for, .while:
        if operations[id].operands.contains(where: { type(of: $0).isBuffer }) { result = true }
      default: break
      }
    }
    return result
  }
}
