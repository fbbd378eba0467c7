import TesseraIR
import TesseraSource

/// Translates one function to flat code: regions become jumps, values get places.
struct Compiler {
  /// The function that is translated.
  let function: Function
  /// The numbers of the functions of the module, by their names.
  let functionIndices: [String: Int]
  /// Where tensors are handed on, and where they are given back.
  let lastUses: LastUses

  // What becomes of the function; `FunctionCode` says what each is.
  /// What becomes of the function; `FunctionCode` says what each is.
  var instructions: [Instruction] = []
  var spans: [SourceSpan] = []
  var pool: [Int32] = []
  var constants: [UInt64] = []
  var tensors: [TensorValue] = []
  var types: [Type] = []
  var texts: [String] = []
  var registerCount: Int32 = 0
  var tensorCount: Int32 = 0
  /// Where the parameters live.
  var parameters: [FunctionCode.Place] = []

  private var slots: [Int32]
  private var constantPlaces: [UInt64: Int32] = [:]
  /// The source text that new instructions stand for.
  var span: SourceSpan

  /// The code of `function`.
  static func compile(_ function: Function, _ functionIndices: [String: Int]) -> FunctionCode {
    var compiler = Compiler(function, functionIndices)
    compiler.parameters = function.parameters.map { compiler.place($0) }
    compiler.emitShapeChecks(function.parameters)
    compiler.compileRegion(function.body, results: [])
    return FunctionCode(compiler)
  }

  private init(_ function: Function, _ functionIndices: [String: Int]) {
    self.function = function
    self.functionIndices = functionIndices
    lastUses = LastUses(function)
    slots = Array(repeating: -1, count: function.values.count)
    span = function.span
  }

  // MARK: Places

  /// The type of `value`.
  func type(_ value: Value) -> Type { function.type(of: value) }

  /// The registers that a value of `type` takes; 0 for a tensor or buffer.
  func lanes(_ type: Type) -> Int32 {
    switch type {
    case .scalar, .pointer: 1
    case .vector(_, let lanes): Int32(lanes)
    case .tensor, .buffer: 0
    }
  }

  /// A fresh place for a value of so many lanes.
  mutating func makeSlot(lanes: Int32 = 1) -> Int32 {
    if lanes == 0 {
      defer { tensorCount += 1 }
      return tensorCount
    }
    defer { registerCount += lanes }
    return registerCount
  }

  /// The place of `value`, made when it is first asked for.
  mutating func slot(_ value: Value) -> Int32 {
    let known = slots[Int(value.index)]
    if known >= 0 { return known }
    let made = makeSlot(lanes: lanes(type(value)))
    slots[Int(value.index)] = made
    return made
  }

  /// Where `value` lives.
  mutating func place(_ value: Value) -> FunctionCode.Place {
    FunctionCode.Place(slot: slot(value), lanes: lanes(type(value)))
  }

  /// Makes `value` live in `slot`, where something puts it anyway.
  mutating func bind(_ value: Value, to slot: Int32) { slots[Int(value.index)] = slot }

  /// A list in the pool.
  mutating func list(_ slots: [Int32]) -> Int32 {
    pool += slots
    return Int32(pool.count - slots.count)
  }

  /// A list of the slots of `values` in the pool.
  mutating func list(_ values: some Sequence<Value>) -> Int32 { list(values.map { slot($0) }) }

  /// The number of a type for instructions that look it up.
  mutating func index(of type: Type) -> Int32 {
    if let known = types.lastIndex(of: type) { return Int32(known) }
    types.append(type)
    return Int32(types.count - 1)
  }

  // MARK: Instructions

  /// The number of the next instruction.
  var here: Int32 { Int32(instructions.count) }

  /// Adds `instruction`, and returns its position.
  @discardableResult
  mutating func emit(_ instruction: Instruction) -> Int {
    instructions.append(instruction)
    spans.append(span)
    return instructions.count - 1
  }

  /// Lets the jump at `position` go to the next instruction.
  mutating func land(_ position: Int) { instructions[position].c = here }

  /// Puts `bits` into `slot`.
  mutating func emitConstant(_ bits: UInt64, to slot: Int32) {
    if constantPlaces[bits] == nil {
      constants.append(bits)
      constantPlaces[bits] = Int32(constants.count - 1)
    }
    emit(Instruction(code: .constant, d: slot, a: constantPlaces[bits] ?? 0))
  }

  /// A fresh slot that holds `value`.
  mutating func makeConstant(_ value: Int) -> Int32 {
    let slot = makeSlot()
    emitConstant(UInt64(bitPattern: Int64(value)), to: slot)
    return slot
  }

  /// Moves values to places; a tensor is taken where the operation uses it for the last time.
  ///
  /// Where a value lies in the place of another, all go by way of fresh places.
  mutating func emitMoves(
    of operation: ID<Operation>, operands: Range<Int>, to targets: [FunctionCode.Place]
  ) {
    var moves = zip(operands, targets).map { operand, target in
      Move(
        source: slot(function.operations[operation].operands[operand]), target: target,
        isTaken: lastUses.taken.contains(LastUses.Use(operation: operation, operand: operand)))
    }
    // Going from one place to itself is no move.
    moves.removeAll { $0.source == $0.target.slot }
    let conflicts = moves.contains { move in moves.contains { move.reads($0.target) } }
    guard conflicts else {
      for move in moves { emit(move) }
      return
    }
    let stops = moves.map {
      FunctionCode.Place(slot: makeSlot(lanes: $0.target.lanes), lanes: $0.target.lanes)
    }
    for (move, stop) in zip(moves, stops) {
      emit(Move(source: move.source, target: stop, isTaken: move.isTaken))
    }
    for (move, stop) in zip(moves, stops) {
      emit(Move(source: stop.slot, target: move.target, isTaken: true))
    }
  }

  /// A value that goes from `source` to a place of as many lanes.
  private struct Move {
    var source: Int32
    var target: FunctionCode.Place
    /// `true` iff a tensor is not needed at its source any more.
    var isTaken: Bool

    /// `true` iff something that is read lies in `place`.
    func reads(_ place: FunctionCode.Place) -> Bool {
      place.isTensor == target.isTensor && source < place.slot + max(1, place.lanes)
        && place.slot < source + max(1, target.lanes)
    }
  }

  private mutating func emit(_ move: Move) {
    let target = move.target
    if target.isTensor {
      emit(
        Instruction(
          code: move.isTaken ? .takeTensor : .moveTensor, d: target.slot, a: move.source))
    } else {
      emit(Instruction(code: .move, count: target.lanes, d: target.slot, a: move.source))
    }
  }

  /// Checks those of `values` that come from elsewhere and have a known length.
  ///
  /// A tensor may be handed on where its lengths are known though its own type does not tell them.
  mutating func emitShapeChecks(_ values: some Sequence<Value>) {
    for value in values { emitShapeCheck(value, type(value)) }
  }

  /// Checks that `value` has the lengths that `type` tells.
  mutating func emitShapeCheck(_ value: Value, _ type: Type) {
    if type.extents.allSatisfy({ $0 == .dynamic }) { return }
    emit(Instruction(code: .expectShape, a: slot(value), b: index(of: type)))
  }

  // MARK: Regions

  /// Translates `region`; what it yields goes to `results`.
  mutating func compileRegion(_ region: ID<Region>, results: [FunctionCode.Place]) {
    guard let end = compileOperations(of: region) else { return }
    let operation = function.operations[end]
    let outer = span
    defer { span = outer }
    span = operation.span
    switch operation.opcode {
    case .return: compileReturn(end)
    case .tailCall: compileTailCall(end)
    default: emitMoves(of: end, operands: operation.operands.indices, to: results)
    }
  }

  /// Translates all of `region` but its terminator, which is returned.
  mutating func compileOperations(of region: ID<Region>) -> ID<Operation>? {
    let operations = function.regions[region].operations
    let outer = span
    defer { span = outer }
    for id in operations.dropLast() {
      span = function.operations[id].span
      compile(id, function.operations[id])
      for value in lastUses.released[id] ?? [] {
        emit(Instruction(code: .releaseTensor, a: slot(value)))
      }
    }
    return operations.last
  }

  private mutating func compile(_ id: ID<Operation>, _ op: Operation) {
    defer { emitShapeChecks(op.results) }
    switch op.opcode {
    case .constant: compileConstant(op)
    case .select: compileSelect(op)
    case .add, .subtract, .multiply, .divide, .remainder, .divideTruncating, .remainderTruncating,
      .negate, .multiplyAdd, .minimum, .maximum, .minimumNumber, .maximumNumber, .bitAnd, .bitOr,
      .bitXor, .bitNot, .shiftLeft, .shiftRight, .equal, .notEqual, .less, .lessOrEqual, .greater,
      .greaterOrEqual, .convert, .bitcast, .absolute, .floor, .ceil, .round, .truncate,
      .scaleByPower, .powerOfEighths, .squareRoot, .isNaN, .reciprocalSquareRoot, .exponential,
      .exponential2, .logarithm, .logarithm2, .sine, .cosine, .tangent, .hyperbolicTangent,
      .errorFunction, .power, .sigmoid:
      compileScalar(op)

    case .dimension: compileDimension(op)
    case .compute: compileCompute(op)
    case .blank: compileAllocate(op)
    case .read: compileLoad(op)
    case .reduce: compileReduce(id, op)
    case .scan: compileScan(id, op)
    case .update: compileUpdate(id, op)
    case .sort: compileSort(op)
    case .launch: compileLaunch(id, op)

    case .pointerOffset, .pointerLoad, .pointerStore, .atomicUpdate, .atomicCompareExchange:
      compilePointer(op)

    case .allocate: compileAllocate(op)
    case .load: compileLoad(op)
    case .store: compileStore(op)
    case .place, .overlay: compilePlace(op)
    case .view: compileView(op)
    case .reshape: compileReshape(op)
    case .copy: compileCopy(op)
    case .sortBuffer: compileSortBuffer(op)
    case .release: break
    case .parallel: compileParallel(op)

    case .vectorLoad: compileVectorLoad(op)
    case .stridedLoad: compileStridedLoad(op)
    case .vectorStore: compileVectorStore(op, indices: op.operands[2...])
    case .streamStore: compileVectorStore(op, indices: op.operands[2...].dropLast())
    case .prefetch: break
    case .splat, .laneIndex, .reduceLanes, .pickLanes: compileLanes(op)
    case .weaveLanes: compileWeave(op)
    case .transposeLanes: compileTranspose(op)
    case .dotLanes: compileDot(op)
    case .lookUp: compileLookUp(op)

    case .if: compileIf(op)
    case .for: compileFor(id, op)
    case .while: compileWhile(id, op)
    case .call: compileCall(id, op)
    case .assert, .print: compileText(op)
    // Terminators are met at the end of their region alone.
    case .tailCall, .yield, .condition, .return: break
    }
  }
}
