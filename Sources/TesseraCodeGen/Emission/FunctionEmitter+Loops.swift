import TesseraIR
import TesseraLLVM

extension FunctionEmitter {
  /// Emits a loop as a function of its own, which hands back what the loop gives through memory on the
  /// stack.
  mutating func emitApart(_ op: Operation, _ id: ID<Operation>) throws(CodeGenError) {
    let captures = Captures(of: op, and: op.operands, in: self)
    let resultTypes = op.results.map(source.type(of:))
    let memoryType = builder.structureType(resultTypes.flatMap { flatTypes($0) })
    let memory = allocateOnStack(memoryType, alignment: 64)
    let handed = [run, memory] + captures.values
    let context = makeContext(of: handed)
    let outer = builder.block
    let status = builder.integerType(32)
    let part = addPart(op, named: ".loop", builder.functionType([builder.pointerType], status))
    var (inner, start) = beginPart(.loop, op, part)
    inner.loopDepth = loopDepth
    let loaded = inner.loadContext(of: handed)
    inner.run = loaded[0]
    captures.restore(Array(loaded[2...]), in: &inner)
    try inner.emitFor(op, id)
    var member = 0
    for (value, type) in zip(op.results, resultTypes) {
      for part in inner.flat(try inner.get(value), as: type) {
        builder.store(part, builder.memberAddress(memoryType, loaded[1], member), alignment: 8)
        member += 1
      }
    }
    builder.return(builder.integer(0, status))
    inner.finishBody(from: start)

    resume(atEndOf: outer, after: op)
    let result = builder.call(inner.function, [context])
    if inner.failure != nil { failUnlessOK(result) }
    member = 0
    for (value, type) in zip(op.results, resultTypes) {
      let parts = flatTypes(type).map { part in
        defer { member += 1 }
        return builder.load(part, builder.memberAddress(memoryType, memory, member), alignment: 8)
      }
      set(value, unflattened(parts, type))
    }
    if inner.storesPastCaches { storesPastCaches = true }
  }
}

extension Function {
  /// The loops of a long region, or of loops in it, that are worth being functions of their own: LLVM
  /// translates functions on several threads, and the time for one grows faster than its length.
  ///
  /// What they are called for takes far longer than a call, since they hold loops themselves. Values
  /// that a loop gives go through memory then; so of such loops only those are apart from which a
  /// branch has its values, the longer one, as that which is taken less often is.
  func loopsApart(in region: ID<Region>) -> Set<ID<Operation>> {
    let total = operationCount(region)
    guard total >= Self.leastLongRegion else { return [] }
    var found: Set<ID<Operation>> = []
    func isWorthIt(_ id: ID<Operation>, _ count: Int) -> Bool {
      count >= Self.leastLoopApart && 3 * count < 2 * total
        && regions[operations[id].regions[0]].operations.contains { operations[$0].opcode == .for }
    }
    func visit(_ region: ID<Region>) {
      for id in regions[region].operations {
        let operation = operations[id]
        if operation.opcode == .for {
          let count = operationCount(operation.regions[0])
          if operation.results.isEmpty, isWorthIt(id, count) {
            found.insert(id)
          } else if count >= Self.leastLoopApart {
            visit(operation.regions[0])
          }
        } else if operation.opcode == .if, !operation.results.isEmpty {
          let lengths = operation.regions.map(operationCount)
          guard lengths[0] != lengths[1] else { continue }
          for inner in regions[operation.regions[lengths[0] > lengths[1] ? 0 : 1]].operations
          where operations[inner].opcode == .for
            && isWorthIt(inner, operationCount(operations[inner].regions[0]))
          {
            found.insert(inner)
          }
        }
      }
    }
    visit(region)
    return found
  }

  /// The operations of a region from which on it is taken apart, and of a loop that is.
  private static var leastLongRegion: Int { 400 }
  private static var leastLoopApart: Int { 100 }

  private func operationCount(_ region: ID<Region>) -> Int {
    var count = 0
    forEachOperation(in: region) { _ in count += 1 }
    return count
  }
}
