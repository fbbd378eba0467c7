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
    let context = makeContext(of: handed(captures, first: bounds[0]))
    let outer = builder.block
    let body = try emitParallelBody(op, captures, first: bounds[0])
    resume(atEndOf: outer, after: op)

    // A count that overflows is a range that no program has.
    let count =
      bounds[0].constantInteger == 0 ? bounds[1] : builder.subtract(bounds[1], bounds[0])
    let interrupted = Failure(status: .interrupted, message: "interrupted", span: op.span)
    failUnlessOK(
      builder.call(
        module.runtimeFunction(.runParallel),
        [run, count, body.value, context, module.constant(interrupted)]))
  }

  /// What a body for indices from `first` on is handed: the run, then `first` unless that is known,
  /// then what it uses.
  private func handed(_ captures: Captures, first: LLVMValue) -> [LLVMValue] {
    [run] + (first.isConstant ? [] : [first]) + captures.values
  }

  /// Emits `void body(void *context, int64_t begin, int64_t end)`, for indices from `first` on.
  private func emitParallelBody(
    _ op: Operation, _ captures: Captures, first: LLVMValue
  ) throws(CodeGenError) -> LLVMFunction {
    let i64 = builder.integerType(64)
    let part = addPart(
      op, named: ".parallel",
      builder.functionType([builder.pointerType, i64, i64], builder.voidType))
    guard module.emits(part.symbol) else { return part.function }
    var (inner, start) = beginPart(.parallelBody, op, part)
    inner.loopsApart = source.loopsApart(in: op.regions[0])
    let loaded = inner.loadContext(of: handed(captures, first: first))
    captures.restore(Array(loaded.suffix(captures.values.count)), in: &inner)

    let outerInstance = inner.beginRun(within: loaded[0])
    // Within a program of a grid, errors keep the place of that program.
    let isOutermost = builder.compare(.lessSigned, outerInstance, inner.index(0))
    let loop = inner.emitLoop(
      from: inner.function.parameter(1), below: inner.function.parameter(2), step: inner.index(1))
    let place = inner.added(first.isConstant ? first : loaded[1], loop.index)
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
    inner.finishBody(from: start)
    return inner.function
  }

  /// Begins a run of this range's own, for its arena and its place in the order of errors.
  ///
  /// - Returns: the program of a grid in which `outer` is, negative for none.
  private mutating func beginRun(within outer: LLVMValue) -> LLVMValue {
    func member(_ member: RunMember, _ type: LLVMType) -> LLVMValue {
      builder.load(
        type, builder.memberAddress(module.runType, outer, member.rawValue), alignment: 8)
    }
    let pointer = builder.pointerType
    run = allocateOnStack(module.runType, alignment: 16)
    let error = member(.error, pointer)
    let instance = member(.instance, builder.integerType(64))
    builder.call(
      module.runtimeFunction(.beginRun), [run, error, builder.zero(pointer), index(0)])
    return instance
  }
}

/// The values from outside that an operation's regions use, flat.
struct Captures {
  /// The values that travel, each once; constants do not.
  private(set) var values: [LLVMValue] = []
  private var positions: [LLVMValue: Int] = [:]
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
    guard let outside = emitter.emitted[operand]?.what, seen.insert(operand).inserted else {
      return
    }
    uses.append((operand, outside, outside.parts.map { position(of: $0) }))
  }

  /// Where `part` stands in `values`, which it joins if need be; `nil` for a constant.
  private mutating func position(of part: LLVMValue) -> Int? {
    if part.isConstant { return nil }
    if let known = positions[part] { return known }
    values.append(part)
    positions[part] = values.count - 1
    return values.count - 1
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
