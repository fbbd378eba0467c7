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
    var (inner, start) = beginPart(
      .loop, op, named: ".loop", builder.functionType([builder.pointerType], status))
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
  /// The loops of a long region, or of loops and branches in it, that are worth being functions of
  /// their own: LLVM translates functions on several threads, and the time for one grows faster than
  /// its length.
  ///
  /// What they are called for takes far longer than a call, since they hold loops themselves. Values
  /// that a loop gives go through memory then, so of such loops only one in a branch may be apart: in
  /// the longer one, as that which is taken less often is.
  func loopsApart(in region: ID<Region>) -> Set<ID<Operation>> {
    let total = operationCount(region)
    guard total >= Self.leastLongRegion else { return [] }
    var found: Set<ID<Operation>> = []
    func visit(_ region: ID<Region>, mayGiveValues: Bool) {
      for id in regions[region].operations {
        switch operations[id].opcode {
        case .if:
          let lengths = operations[id].regions.map(operationCount)
          guard let longest = lengths.max(), longest >= Self.leastLoopApart else { continue }
          let isAlone = lengths.filter { $0 == longest }.count == 1
          for (branch, length) in zip(operations[id].regions, lengths) {
            visit(branch, mayGiveValues: isAlone && length == longest)
          }
        case .for:
          let inner = operations[id].regions[0]
          let count = operationCount(inner)
          if count < Self.leastLoopApart { continue }
          let holdsLoop = regions[inner].operations.contains { operations[$0].opcode == .for }
          let isSilent = operations[id].results.isEmpty
          if holdsLoop, isSilent || mayGiveValues, 3 * count < 2 * total {
            found.insert(id)
          } else {
            visit(inner, mayGiveValues: false)
          }
        default: continue
        }
      }
    }
    visit(region, mayGiveValues: false)
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
