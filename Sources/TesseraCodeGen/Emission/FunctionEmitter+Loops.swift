import TesseraIR
import TesseraLLVM

extension FunctionEmitter {
  /// Emits a loop that carries nothing as a function of its own, which is handed what it uses through
  /// a structure on the stack.
  mutating func emitApart(_ op: Operation, _ id: ID<Operation>) throws(CodeGenError) {
    let captures = Captures(of: op, and: op.operands, in: self)
    let handed = [run] + captures.values
    let context = makeContext(of: handed)
    let outer = builder.block
    let status = builder.integerType(32)
    var (inner, start) = beginPart(
      .loop, op, named: ".loop", builder.functionType([builder.pointerType], status))
    inner.loopDepth = loopDepth
    let loaded = inner.loadContext(of: handed)
    inner.run = loaded[0]
    captures.restore(Array(loaded[1...]), in: &inner)
    try inner.emitFor(op, id)
    builder.return(builder.integer(0, status))
    inner.finishBody(from: start)

    resume(atEndOf: outer, after: op)
    let result = builder.call(inner.function, [context])
    if inner.failure != nil { failUnlessOK(result) }
    if inner.storesPastCaches { storesPastCaches = true }
  }
}

extension Function {
  /// The loops of a long region, or of loops in it, that are worth being functions of their own: LLVM
  /// translates functions on several threads, and the time for one grows faster than its length.
  ///
  /// What they are called for takes far longer than a call, since they hold loops themselves.
  func loopsApart(in region: ID<Region>) -> Set<ID<Operation>> {
    let total = operationCount(region)
    guard total >= Self.leastLongRegion else { return [] }
    var found: Set<ID<Operation>> = []
    func visit(_ region: ID<Region>) {
      for id in regions[region].operations where operations[id].opcode == .for {
        let inner = operations[id].regions[0]
        let count = operationCount(inner)
        if count < Self.leastLoopApart { continue }
        let holdsLoop = regions[inner].operations.contains { operations[$0].opcode == .for }
        if holdsLoop, operations[id].results.isEmpty, 3 * count < 2 * total {
          found.insert(id)
        } else {
          visit(inner)
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
