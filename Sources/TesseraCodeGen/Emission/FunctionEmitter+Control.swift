import TesseraIR
import TesseraLLVM

extension FunctionEmitter {
  // MARK: Ends of regions

  /// Ends a region: gives the values of a `yield`, or leaves the function.
  mutating func emitTerminator(_ op: Operation) throws(CodeGenError) -> RegionEnd {
    switch op.opcode {
    case .yield, .condition:
      var values: [Emitted] = []
      for operand in op.operands { values.append(try get(operand)) }
      return .values(values)
    case .return:
      try emitReturn(op)
      return .left
    case .tailCall:
      try emitTailCall(op)
      return .left
    default: throw malformed(op)
    }
  }

  private mutating func emitReturn(_ op: Operation) throws(CodeGenError) {
    guard case .function(let target) = kind else { throw malformed(op) }
    let isBufferReturned = source.resultTypes.contains { $0.isBuffer }
    fenceStreams()
    // A buffer that is handed out may be of this function's own memory, which the caller keeps.
    if !isBufferReturned { releaseArena() }
    let ok = target.facts.mayFail ? builder.integer(0, builder.integerType(32)) : nil
    switch target.results {
    case .memory:
      let type = module.resultsType(source)
      var member = 0
      for (index, operand) in op.operands.enumerated() {
        for value in flat(try get(operand), as: source.resultTypes[index]) {
          let address = builder.memberAddress(type, function.parameter(1), member)
          builder.store(value, address, alignment: 1)
          member += 1
        }
      }
      builder.return(ok)
    case .direct:
      guard let operand = op.operands.first else { return builder.return(ok) }
      builder.return(returnValue(try value(operand), status: ok))
    }
  }

  /// What the LLVM function returns for `value`, with `status` if there is one.
  private func returnValue(_ value: LLVMValue, status: LLVMValue?) -> LLVMValue {
    guard let status else { return value }
    let type = builder.structureType([status.type, value.type])
    let withStatus = builder.insertMember(status, into: builder.poison(type), 0)
    return builder.insertMember(value, into: withStatus, 1)
  }

  // MARK: Calls

  /// The run and the operands of a call, in the callee's form.
  private func arguments(
    _ op: Operation, _ callee: ModuleEmitter.EmittedFunction, results: LLVMValue?
  ) throws(CodeGenError) -> [LLVMValue] {
    var values: [LLVMValue] = []
    for (index, operand) in op.operands.enumerated() {
      let type = callee.source.type(of: callee.source.parameters[index])
      values += flat(try get(operand), as: type, isDense: callee.isDense(index))
    }
    return [run] + (results.map { [$0] } ?? [])
      + module.passing(values, to: callee) { allocateOnStack($0, alignment: 8) }
  }

  /// Calls another function of the module and sees to it that its failure is ours.
  mutating func emitCall(_ op: Operation) throws(CodeGenError) {
    guard case .symbol(let name) = op.attribute else { throw malformed(op) }
    let callee = try module.function(name, at: op.span)
    if callee.facts.isRecursive, module.facts[source.name]?.isRecursive == true {
      emitStackCheck(at: op.span)
    }
    var slot: LLVMValue?
    let resultsType = module.resultsType(callee.source)
    if callee.results == .memory { slot = allocateOnStack(resultsType, alignment: 16) }
    let call = builder.call(
      callee.function, try arguments(op, callee, results: slot), convention: callee.convention)
    let isPlain = callee.results == .direct && !callee.source.resultTypes.isEmpty
    if callee.facts.mayFail {
      failUnlessOK(isPlain ? builder.extractMember(call, 0) : call)
    }
    if let slot {
      var member = 0
      for (index, result) in op.results.enumerated() {
        let type = callee.source.resultTypes[index]
        let values = flatTypes(type).map { part in
          defer { member += 1 }
          return builder.load(
            part, builder.memberAddress(resultsType, slot, member), alignment: 1)
        }
        set(result, unflattened(values, type))
      }
    } else if isPlain {
      set(op.results[0], .value(callee.facts.mayFail ? builder.extractMember(call, 1) : call))
    }
  }

  /// A call in tail position, which LLVM is bound to make a jump.
  private mutating func emitTailCall(_ op: Operation) throws(CodeGenError) {
    guard case .symbol(let name) = op.attribute, case .function(let target) = kind else {
      throw malformed(op)
    }
    let callee = try module.function(name, at: op.span)
    emitInterruptPoll()
    if op.operands.contains(where: isOwnMemory) {
      throw .malformed("a tail call of @\(name) hands on memory that ends with its caller", op.span)
    }
    fenceStreams()
    let results = target.results == .memory ? function.parameter(1) : nil
    let arguments = try arguments(op, callee, results: results)
    releaseArena()
    let call = builder.call(callee.function, arguments, convention: .tail, tail: .must)
    let isVoid = source.resultTypes.isEmpty || target.results == .memory
    builder.return(isVoid && !target.facts.mayFail ? nil : call)
  }

  /// `true` iff `value` is a buffer that this function allocated, or a view of one.
  private func isOwnMemory(_ value: Value) -> Bool {
    guard let definition = source.definition(of: value) else { return false }
    switch source.operations[definition].opcode {
    case .allocate: return true
    case .place, .overlay, .view, .reshape:
      return isOwnMemory(source.operations[definition].operands[0])
    default: return false
    }
  }

  // MARK: Branches

  /// Emits both branches; what they yield meets in phis.
  mutating func emitIf(_ op: Operation) throws(CodeGenError) {
    let condition = try value(op.operands[0])
    let blocks = [builder.appendBlock(to: function), builder.appendBlock(to: function)]
    let end = builder.appendBlock(to: function)
    builder.branch(condition, then: blocks[0], else: blocks[1])
    var arms: [(values: [LLVMValue], block: LLVMBlock)] = []
    let types = op.results.map { source.type(of: $0) }
    for (region, block) in zip(op.regions, blocks) {
      builder.position(atEndOf: block)
      guard case .values(let values) = try emitRegion(region) else { continue }
      arms.append((flatAll(values, types), builder.block))
      builder.branch(to: end)
    }
    builder.position(atEndOf: end)
    setLocation(op.span)
    if arms.isEmpty {
      // Both regions left the function; what follows is never reached, but must be whole.
      let unreached = types.flatMap { flatTypes($0) }.map { builder.poison($0) }
      setAll(op.results, unreached, types)
      return
    }
    let merged = arms[0].values.indices.map { index in
      let phi = builder.phi(arms[0].values[index].type)
      for arm in arms { builder.addIncoming(arm.values[index], from: arm.block, to: phi) }
      return phi
    }
    setAll(op.results, merged, types)
  }

  // MARK: Loops

  /// Emits a loop; what it carries are phis of its header.
  mutating func emitFor(_ op: Operation, _ id: ID<Operation>) throws(CodeGenError) {
    let bounds = try values(op.operands[..<3])
    let (lower, upper, step) = (bounds[0], bounds[1], bounds[2])
    let types = op.results.map { source.type(of: $0) }
    var initial: [Emitted] = []
    for operand in op.operands.dropFirst(3) { initial.append(try get(operand)) }
    let parameters = source.regions[op.regions[0]].parameters

    let loop = emitLoop(from: lower, below: upper, step: step, flatAll(initial, types))
    set(parameters[0], .value(loop.index))
    setAll(Array(parameters.dropFirst()), loop.carried, types)
    let mark = loopMark(op)
    loopDepth += 1
    guard case .values(let next) = try emitRegion(op.regions[0]) else { throw malformed(op) }
    loopDepth -= 1
    if let mark { release(mark) }
    if loopDepth == 0, source.pollsInterrupt(id), !startsThreads(op.regions[0]) {
      emitInterruptPoll()
    }
    setAll(op.results, finishLoop(loop, flatAll(next, types)), types)
  }

  /// `true` iff whoever goes through `region` has threads work on a part of it, and looks then whether
  /// the run was interrupted.
  private func startsThreads(_ region: ID<Region>) -> Bool {
    guard case .function = kind else { return false }
    return source.regions[region].operations.contains { source.operations[$0].opcode == .parallel }
  }

  /// A counted loop that is open: the builder stands in its body.
  struct Loop {
    /// The index of the turn.
    var index: LLVMValue
    /// What the loop carries, flat.
    var carried: [LLVMValue]
    /// What is added to the index after each turn.
    var step: LLVMValue
    /// Where the index stops, not included.
    var upper: LLVMValue
    /// Where each turn begins, with the test.
    var header: LLVMBlock
    /// Where control goes on after the loop.
    var end: LLVMBlock
    /// `true` iff a first turn is certain, so that only the end of a turn looks for another: the
    /// header is the body.
    var looksAtEnd: Bool
  }

  /// Opens a loop over `lower..<upper`; the caller fills the body and calls `finishLoop`.
  mutating func emitLoop(
    from lower: LLVMValue, below upper: LLVMValue, step: LLVMValue, _ initial: [LLVMValue] = []
  ) -> Loop {
    let before = builder.block
    let looksAtEnd = surelyTurns(from: lower, below: upper, step: step)
    let header = builder.appendBlock(to: function)
    let body = looksAtEnd ? header : builder.appendBlock(to: function)
    let end = builder.appendBlock(to: function)
    builder.branch(to: header)
    loopsAround.append(LoopAround(before: before, place: emitted.count))
    builder.position(atEndOf: header)
    let index = builder.phi(builder.integerType(64))
    builder.addIncoming(lower, from: before, to: index)
    let carried = initial.map { value in
      let phi = builder.phi(value.type)
      builder.addIncoming(value, from: before, to: phi)
      return phi
    }
    if !looksAtEnd {
      builder.branch(builder.compare(.lessSigned, index, upper), then: body, else: end)
      builder.position(atEndOf: body)
    }
    return Loop(
      index: index, carried: carried, step: step, upper: upper, header: header, end: end,
      looksAtEnd: looksAtEnd)
  }

  /// `true` iff a loop turns at least once, and its index never overflows.
  private func surelyTurns(
    from lower: LLVMValue, below upper: LLVMValue, step: LLVMValue
  ) -> Bool {
    guard let first = lower.constantInteger, let end = upper.constantInteger,
      let step = step.constantInteger
    else { return false }
    return first < end && step > 0 && !end.addingReportingOverflow(step).overflow
  }

  /// Closes a loop that goes on with `next`; the builder then stands behind it.
  ///
  /// - Returns: what it carried when it ended.
  @discardableResult
  mutating func finishLoop(_ loop: Loop, _ next: [LLVMValue] = []) -> [LLVMValue] {
    // By steps of 1 an index below the end cannot overflow; wider steps might, past the end.
    let following =
      loop.step.constantInteger == 1 || loop.looksAtEnd
      ? builder.addIndices(loop.index, loop.step) : builder.add(loop.index, loop.step)
    builder.addIncoming(following, from: builder.block, to: loop.index)
    for (value, phi) in zip(next, loop.carried) {
      builder.addIncoming(value, from: builder.block, to: phi)
    }
    if loop.looksAtEnd {
      let goesOn = builder.compare(.lessSigned, following, loop.upper)
      builder.branch(goesOn, then: loop.header, else: loop.end)
    } else {
      builder.branch(to: loop.header)
    }
    builder.position(atEndOf: loop.end)
    loopsAround.removeLast()
    return loop.looksAtEnd ? next : loop.carried
  }

  /// Emits a loop whose condition is a region.
  mutating func emitWhile(_ op: Operation) throws(CodeGenError) {
    let carriedTypes = op.operands.map { source.type(of: $0) }
    let passedTypes = op.results.map { source.type(of: $0) }
    var initial: [Emitted] = []
    for operand in op.operands { initial.append(try get(operand)) }
    let before = builder.block
    let header = builder.appendBlock(to: function)
    let body = builder.appendBlock(to: function)
    let end = builder.appendBlock(to: function)
    builder.branch(to: header)
    loopsAround.append(LoopAround(before: before, place: emitted.count))
    builder.position(atEndOf: header)
    let phis = flatAll(initial, carriedTypes).map { value in
      let phi = builder.phi(value.type)
      builder.addIncoming(value, from: before, to: phi)
      return phi
    }
    setAll(source.regions[op.regions[0]].parameters, phis, carriedTypes)
    loopDepth += 1
    let mark = loopMark(op)
    guard case .values(let ended) = try emitRegion(op.regions[0]),
      case .value(let goOn)? = ended.first
    else { throw malformed(op) }
    let passed = flatAll(Array(ended.dropFirst()), passedTypes)
    builder.branch(goOn, then: body, else: end)

    builder.position(atEndOf: body)
    setAll(source.regions[op.regions[1]].parameters, passed, passedTypes)
    guard case .values(let next) = try emitRegion(op.regions[1]) else { throw malformed(op) }
    loopDepth -= 1
    if let mark { release(mark) }
    emitInterruptPoll()
    for (value, phi) in zip(flatAll(next, carriedTypes), phis) {
      builder.addIncoming(value, from: builder.block, to: phi)
    }
    builder.branch(to: header)
    loopsAround.removeLast()
    builder.position(atEndOf: end)
    setAll(op.results, passed, passedTypes)
  }

  // MARK: Flat lists

  /// The LLVM values of `values`, which have `types`, in a row.
  func flatAll(_ values: [Emitted], _ types: [Type]) -> [LLVMValue] {
    zip(values, types).flatMap { flat($0, as: $1) }
  }

  /// Lets `ids` stand for what lies in a row in `values`.
  mutating func setAll(_ ids: [Value], _ values: [LLVMValue], _ types: [Type]) {
    var next = 0
    for (id, type) in zip(ids, types) {
      let count = flatTypes(type).count
      set(id, unflattened(Array(values[next..<next + count]), type))
      next += count
    }
  }
}
