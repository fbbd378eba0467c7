import TesseraIR
import TesseraLLVM

extension FunctionEmitter {
  /// Emits the region as a function of its own that the runtime's pool calls for ranges of indices,
  /// and hands it what it uses through a structure on the stack. A `parallel` within another is a
  /// plain loop.
  mutating func emitParallel(_ op: Operation) throws(CodeGenError) {
    let bounds = try values(op.operands)
    let region = op.regions[0]
    let parameter = source.regions[region].parameters[0]
    switch kind {
    case .function: break
    case .parallelBody, .loop:
      let loop = emitLoop(from: bounds[0], below: bounds[1], step: index(1))
      set(parameter, .value(loop.index))
      let mark = loopMark(op)
      loopDepth += 1
      _ = try emitRegion(region)
      loopDepth -= 1
      if let mark { release(mark) }
      finishLoop(loop)
      return
    }

    let captures = Captures(of: op, in: self)
    let contextType = builder.structureType(
      [builder.pointerType, builder.integerType(64)] + captures.values.map(\.type))
    let context = allocateOnStack(contextType, alignment: 16)
    for (member, value) in ([run, bounds[0]] + captures.values).enumerated() {
      builder.store(value, builder.memberAddress(contextType, context, member), alignment: 8)
    }
    let outer = builder.block
    let body = try emitParallelBody(op, captures, contextType)
    builder.position(atEndOf: outer)
    currentSpan = nil
    setLocation(op.span)

    // A count that overflows is a range that no program has.
    let count = builder.subtract(bounds[1], bounds[0])
    builder.call(
      module.runtimeFunction(.parallelFor),
      [count, builder.integer(0, builder.integerType(32)), body.value, context])
    let error = loadRun(.error, builder.pointerType)
    failUnlessOK(builder.loadVolatile(builder.integerType(32), error, alignment: 4))
    emitInterruptPoll()
  }

  /// Emits `void body(void *context, int64_t begin, int64_t end)`.
  private func emitParallelBody(
    _ op: Operation, _ captures: Captures, _ contextType: LLVMType
  ) throws(CodeGenError) -> LLVMFunction {
    let i64 = builder.integerType(64)
    let pointer = builder.pointerType
    let function = module.addFunction(
      source.name + ".parallel", builder.functionType([pointer, i64, i64], builder.voidType))
    builder.addAttributes(["nounwind"], to: function)
    module.addMachineAttributes(to: function)

    var inner = FunctionEmitter(.parallelBody, function, of: self)
    inner.loopsApart = source.loopsApart(in: op.regions[0])
    inner.debugScope = module.describe(function, name: source.name, span: op.span)
    let start = builder.appendBlock(to: function)
    builder.position(atEndOf: start)
    inner.setLocation(op.span)
    func member(_ position: Int, _ type: LLVMType) -> LLVMValue {
      builder.load(
        type, builder.memberAddress(contextType, function.parameter(0), position), alignment: 8)
    }
    let outerRun = member(0, pointer)
    let first = member(1, i64)
    var loaded: [LLVMValue] = []
    for (position, value) in captures.values.enumerated() {
      loaded.append(member(position + 2, value.type))
    }
    captures.restore(loaded, in: &inner)

    // Each range has a run of its own, for its arena and its place in the order of errors.
    inner.run = inner.allocateOnStack(module.runType, alignment: 16)
    let error = builder.load(
      pointer, builder.memberAddress(module.runType, outerRun, RunMember.error.rawValue),
      alignment: 8)
    let outerInstance = builder.load(
      i64, builder.memberAddress(module.runType, outerRun, RunMember.instance.rawValue),
      alignment: 8)
    builder.call(
      module.runtimeFunction(.beginRun),
      [inner.run, error, builder.zero(pointer), inner.index(0)])
    let loop = inner.emitLoop(
      from: function.parameter(1), below: function.parameter(2), step: inner.index(1))
    let place = builder.addIndices(first, loop.index)
    // Within a program of a grid, errors keep the place of that program.
    let isOutermost = builder.compare(.lessSigned, outerInstance, inner.index(0))
    builder.store(
      builder.select(isOutermost, loop.index, outerInstance), inner.runMember(.instance),
      alignment: 8)
    inner.set(source.regions[op.regions[0]].parameters[0], .value(place))
    let mark = inner.loopMark(op)
    inner.loopDepth = 1
    guard case .values = try inner.emitRegion(op.regions[0]) else { throw malformed(op) }
    if let mark { inner.release(mark) }
    inner.finishLoop(loop)
    inner.fenceStreams()
    builder.call(module.runtimeFunction(.endRun), [inner.run])
    builder.return(nil)

    builder.position(atEndOf: inner.entryBlock)
    builder.clearLocation()
    builder.branch(to: start)
    inner.emitFailure()
    return function
  }
}

/// The values from outside that an operation's regions use, flat.
struct Captures {
  /// The values that travel; constants do not.
  private(set) var values: [LLVMValue] = []
  /// For each value used: what it is outside, and for each of its parts its position in `values`,
  /// or `nil` where the part is a constant.
  private var uses: [(id: Value, outside: Emitted, positions: [Int?])] = []

  /// Finds what the regions of `op` use, and `operands` too.
  init(of op: Operation, and operands: [Value] = [], in emitter: FunctionEmitter) {
    var seen: Set<Value> = []
    for operand in operands { add(operand, &seen, emitter) }
    for region in op.regions {
      emitter.source.forEachOperation(in: region) { id in
        for operand in emitter.source.operations[id].operands { add(operand, &seen, emitter) }
      }
    }
  }

  private mutating func add(
    _ operand: Value, _ seen: inout Set<Value>, _ emitter: FunctionEmitter
  ) {
    // What is defined inside has no value yet.
    guard let outside = emitter.emitted[operand], seen.insert(operand).inserted else { return }
    let positions = outside.parts.map { part -> Int? in
      if part.isConstant { return nil }
      values.append(part)
      return values.count - 1
    }
    uses.append((operand, outside, positions))
  }

  /// Makes the values that `loaded` brought known inside.
  func restore(_ loaded: [LLVMValue], in emitter: inout FunctionEmitter) {
    for use in uses {
      let parts = zip(use.outside.parts, use.positions).map { part, position in
        position.map { loaded[$0] } ?? part
      }
      emitter.set(use.id, use.outside.replacingParts(by: parts))
    }
  }
}

extension Emitted {
  /// All LLVM values of the bundle.
  fileprivate var parts: [LLVMValue] {
    switch self {
    case .value(let value): [value]
    case .pieces(let pieces): pieces
    case .buffer(let buffer): [buffer.base] + buffer.extents + buffer.strides
    }
  }

  /// The same bundle of other values.
  fileprivate func replacingParts(by parts: [LLVMValue]) -> Emitted {
    if case .pieces = self { return .pieces(parts) }
    guard case .buffer(var buffer) = self else { return .value(parts[0]) }
    buffer.base = parts[0]
    buffer.extents = Array(parts[1..<1 + buffer.rank])
    buffer.strides = Array(parts[(1 + buffer.rank)...])
    return .buffer(buffer)
  }
}
