import TesseraIR
import TesseraLLVM
import TesseraSource

/// Translates one function, or the region of one `parallel` or one loop of it, to one LLVM function.
struct FunctionEmitter {
  /// What is known of the module as a whole.
  let module: ModuleEmitter
  /// Appends instructions.
  let builder: LLVMBuilder
  /// The function that is translated.
  let source: Function
  /// The LLVM function that is filled.
  let function: LLVMFunction
  /// What it is called, without what a session adds.
  let symbol: String
  /// The address of the `tess_run`.
  var run: LLVMValue
  /// What stands for each value that is known so far, and how many were known before it: what a loop
  /// does not change was known before what it does.
  var emitted: [Value: (what: Emitted, place: Int)] = [:]
  /// What leaving the function means here.
  let kind: Kind
  /// Where stack memory of fixed size is taken; ends in a branch to the code proper.
  let entryBlock: LLVMBlock
  /// Where control goes when something failed, and the status that it takes there.
  var failure: (block: LLVMBlock, status: LLVMValue)?
  /// Where control goes first when a thing failed that is told without values.
  var knownFailures: [Failure: LLVMBlock] = [:]
  /// The arena's state when the function was entered, if it allocates.
  var arenaMark: (chunks: LLVMValue, next: LLVMValue)?
  /// The allocations for which stack memory of fixed size is taken.
  let stackBuffers: Set<ID<Operation>>
  /// The loops that become functions of their own.
  var loopsApart: Set<ID<Operation>> = []
  /// `true` iff a store so far goes past the caches, after which others see it only behind a fence.
  var storesPastCaches = false
  /// The addresses that the block `knownAddressBlock` has so far.
  var knownAddresses: [AddressStep: LLVMValue] = [:]
  /// The block in which `knownAddresses` hold.
  var knownAddressBlock: LLVMBlock?
  /// The loops of this LLVM function around the current operation, the outermost first.
  var loopsAround: [LoopAround] = []
  /// The number of loops around the current operation.
  var loopDepth = 0
  /// The scope of places in the source.
  var debugScope: LLVMDebugScope?
  /// The span whose place was set last.
  var currentSpan: SourceSpan?

  /// What kind of LLVM function is filled.
  enum Kind {
    case function(ModuleEmitter.EmittedFunction)
    /// The body of a `parallel`: `void (void *context, int64_t begin, int64_t end)`.
    case parallelBody
    /// A loop of such a body: `int32_t (void *context)`, which gives a status.
    case loop
  }

  /// How a region ended.
  enum RegionEnd {
    /// With the operands of its terminator.
    case values([Emitted])
    /// By leaving the function.
    case left
  }

  /// Creates the emitter of the function itself.
  init(_ module: ModuleEmitter, _ target: ModuleEmitter.EmittedFunction) throws(CodeGenError) {
    self.module = module
    builder = module.builder
    source = target.source
    function = target.function
    symbol = source.bodySymbol
    kind = .function(target)
    run = function.parameter(0)
    stackBuffers = target.facts.stackBuffers
    entryBlock = builder.appendBlock(to: function)
    debugScope = module.describe(function, name: source.name, span: source.span)
  }

  /// Creates the emitter of a part of `outer`, which goes to `function`, called `symbol`.
  init(_ kind: Kind, _ function: LLVMFunction, _ symbol: String, of outer: FunctionEmitter) {
    module = outer.module
    builder = outer.builder
    source = outer.source
    self.function = function
    self.symbol = symbol
    self.kind = kind
    run = function.parameter(0)
    stackBuffers = outer.stackBuffers
    entryBlock = builder.appendBlock(to: function)
  }

  // MARK: The function

  /// Fills the function.
  mutating func emitBody() throws(CodeGenError) {
    guard case .function(let target) = kind else { return }
    let start = builder.appendBlock(to: function)
    builder.position(atEndOf: start)
    setLocation(source.span)
    let first = target.results == .memory ? 2 : 1
    var next = 0
    var lengths = CheckedLengths(target, in: module.source)
    for (index, parameter) in source.parameters.enumerated() {
      let type = source.type(of: parameter)
      let isDense = target.isDense(index)
      if case .tensor = type {
        throw .malformed("\(type) is left after scheduling", source.span)
      }
      let types = flatTypes(type, isDense: isDense)
      var values = types.enumerated().map { position, type in
        guard target.takesTable else { return function.parameter(first + next + position) }
        let place = builder.byteAddress(function.parameter(first), 8 * (next + position))
        return builder.load(type, place, alignment: 8)
      }
      lengths?.unify(&values, type, of: index)
      set(parameter, unflattened(values, type, isDense: isDense))
      if target.isEntered, !target.takesTable, case .buffer = type {
        builder.addAttributes(["noalias"], to: function, parameter: first + next)
      }
      next += types.count
    }
    // What nobody calls but an entry leaves it to that to give memory back.
    if target.facts.allocates, target.facts.isCalled || !target.facts.tailCalls.isEmpty {
      arenaMark = markArena()
    }
    guard case .left = try emitRegion(source.body) else {
      throw .malformed("@\(source.name) does not return", source.span)
    }
    finishBody(from: start)
  }

  /// Emits the operations of `region` in order.
  mutating func emitRegion(_ region: ID<Region>) throws(CodeGenError) -> RegionEnd {
    for id in source.regions[region].operations {
      let operation = source.operations[id]
      setLocation(operation.span)
      if operation.opcode.info.traits.contains(.terminator) {
        return try emitTerminator(operation)
      }
      try emit(operation, id)
    }
    throw .malformed("a region of @\(source.name) has no end", source.span)
  }

  private mutating func emit(_ op: Operation, _ id: ID<Operation>) throws(CodeGenError) {
    switch op.opcode {
    case .constant: try emitConstant(op)
    case .add, .subtract, .multiply, .divide, .remainder, .divideTruncating, .remainderTruncating,
      .negate, .multiplyAdd, .minimum, .maximum, .minimumNumber, .maximumNumber, .bitAnd, .bitOr,
      .bitXor, .bitNot, .shiftLeft, .shiftRight, .equal, .notEqual, .less, .lessOrEqual, .greater,
      .greaterOrEqual, .select, .convert, .bitcast, .absolute, .floor, .ceil, .round, .truncate,
      .scaleByPower, .powerOfEighths, .squareRoot, .reciprocalSquareRoot, .exponential,
      .exponential2, .logarithm, .logarithm2, .sine, .cosine, .tangent, .hyperbolicTangent,
      .errorFunction, .power, .sigmoid, .isNaN:
      set(op.results[0], .value(try emitScalar(op)))
    case .lookUp: set(op.results[0], .value(try lookUp(op)))

    case .dimension:
      guard case .integer(let axis) = op.attribute else { throw malformed(op) }
      set(op.results[0], .value(try buffer(op.operands[0]).extents[Int(axis)]))
    case .compute, .blank, .read, .reduce, .scan, .update, .sort, .launch:
      throw .malformed("'\(op.opcode.info.spelling)' is left after scheduling", op.span)

    case .pointerOffset, .pointerLoad, .pointerStore, .atomicUpdate, .atomicCompareExchange:
      try emitPointer(op)

    case .allocate: try emitAllocate(op, id)
    case .load: try emitLoad(op)
    case .store: try emitStore(op)
    case .place, .overlay: try emitPlace(op)
    case .view: try emitView(op)
    case .reshape: try emitReshape(op)
    case .copy: try emitCopy(op)
    case .sortBuffer: try emitSort(op)
    case .release: try emitRelease(op)
    case .parallel: try emitParallel(op)

    case .vectorLoad: try emitVectorLoad(op)
    case .stridedLoad: try emitStridedLoad(op)
    case .vectorStore: try emitVectorStore(op)
    case .streamStore: try emitStreamStore(op)
    case .prefetch: try emitPrefetch(op)
    case .splat, .laneIndex, .reduceLanes, .pickLanes, .dotLanes:
      set(op.results[0], .value(try emitVector(op)))
    case .weaveLanes: try emitWeave(op)
    case .transposeLanes: try emitTranspose(op)

    case .if: try emitIf(op)
    case .for where loopsApart.contains(id): try emitApart(op, id)
    case .for: try emitFor(op, id)
    case .while: try emitWhile(op)
    case .call: try emitCall(op)
    case .assert: try emitAssert(op)
    case .print: try emitPrint(op)
    case .condition, .tailCall, .yield, .return: throw malformed(op)
    }
  }

  // MARK: Values

  /// Makes `value` stand for an IR value.
  mutating func set(_ id: Value, _ value: Emitted) {
    emitted[id] = (value, emitted.count)
  }

  /// What stands for `id`.
  func get(_ id: Value) throws(CodeGenError) -> Emitted {
    guard let value = emitted[id] else { throw undefined }
    return value.what
  }

  /// The number of values that were known before `id`.
  func place(of id: Value) throws(CodeGenError) -> Int {
    guard let value = emitted[id] else { throw undefined }
    return value.place
  }

  private var undefined: CodeGenError {
    .malformed("a value of @\(source.name) is used before it is defined", source.span)
  }

  /// The number, address or vector that stands for `id`.
  func value(_ id: Value) throws(CodeGenError) -> LLVMValue {
    switch try get(id) {
    case .value(let value): return value
    case .pieces(let pieces): return joined(pieces)
    case .buffer:
      throw .malformed("a buffer stands where a number should in @\(source.name)", source.span)
    }
  }

  /// The numbers, addresses or vectors that stand for `ids`.
  func values(_ ids: some Sequence<Value>) throws(CodeGenError) -> [LLVMValue] {
    var result: [LLVMValue] = []
    for id in ids { result.append(try value(id)) }
    return result
  }

  /// The buffer that stands for `id`.
  func buffer(_ id: Value) throws(CodeGenError) -> EmittedBuffer {
    guard case .buffer(let buffer) = try get(id) else {
      throw .malformed("a number stands where a buffer should in @\(source.name)", source.span)
    }
    return buffer
  }

  /// The error of an operation that breaks the rules of the IR.
  func malformed(_ op: Operation) -> CodeGenError {
    .malformed("'\(op.opcode.info.spelling)' in @\(source.name)", op.span)
  }

  // MARK: Places

  /// Gives what follows the place of `span` in the source.
  mutating func setLocation(_ span: SourceSpan) {
    if span == currentSpan { return }
    // The builder still has the place where it was in another function.
    if currentSpan == nil { builder.clearLocation() }
    currentSpan = span
    guard let debugScope else { return }
    if let place = module.location(of: span) {
      builder.setLocation(line: place.line, column: place.column, scope: debugScope)
    } else {
      builder.setLocation(line: 0, column: 0, scope: debugScope)
    }
  }

  /// Takes stack memory for the whole time of the function.
  func allocateOnStack(_ type: LLVMType, alignment: Int) -> LLVMValue {
    let current = builder.block
    builder.position(atEndOf: entryBlock)
    defer { builder.position(atEndOf: current) }
    return builder.allocateOnStack(type, alignment: alignment)
  }
}
