import TesseraIR
import TesseraNumbers

/// Whole tensors: every box of indices is one loop.
extension Compiler {
  // MARK: Boxes

  /// The registers and the loop of a box of indices.
  struct Box {
    /// The first index; the others follow, then lower ends, upper ends and steps.
    let base: Int32
    /// The number of indices.
    let rank: Int32
    /// The jump past an empty box.
    var start = 0
    /// The first instruction of the body.
    var body: Int32 = 0

    /// The register of the index `axis`; those of the ends follow, see `base`.
    func index(_ axis: Int) -> Int32 { base + Int32(axis) }
  }

  /// Begins a loop over the box from `lower` up to `upper` by `steps`; where ends or steps are
  /// `nil` they are 0 and 1.
  mutating func startBox(lower: [Int32?], upper: [Int32], steps: [Int32?]) -> Box {
    let rank = upper.count
    var box = Box(base: makeSlot(lanes: max(1, Int32(4 * rank))), rank: Int32(rank))
    for axis in 0..<rank {
      emitEnd(lower[axis], orElse: 0, to: box.index(rank + axis))
      emitEnd(upper[axis], orElse: 0, to: box.index(2 * rank + axis))
      emitEnd(steps[axis], orElse: 1, to: box.index(3 * rank + axis))
    }
    box.start = emit(Instruction(code: .boxStart, count: box.rank, a: box.base))
    box.body = here
    return box
  }

  private mutating func emitEnd(_ source: Int32?, orElse value: Int64, to target: Int32) {
    if let source {
      emit(Instruction(code: .move, d: target, a: source))
    } else {
      emitConstant(UInt64(bitPattern: value), to: target)
    }
  }

  /// Ends the loop.
  mutating func endBox(_ box: Box) {
    emit(Instruction(code: .boxNext, count: box.rank, a: box.base, c: box.body))
    land(box.start)
  }

  /// Begins a loop over all indices below `extents`.
  mutating func startBox(extents: [Int32]) -> Box {
    startBox(
      lower: extents.map { _ in nil }, upper: extents, steps: extents.map { _ in nil })
  }

  /// Begins a loop over the box of the operands from `first` on: lower ends, upper ends, steps.
  private mutating func startBox(_ op: Operation, from first: Int, rank: Int) -> Box {
    let slots = op.operands[first..<(first + 3 * rank)].map { slot($0) }
    return startBox(
      lower: Array(slots[..<rank]), upper: Array(slots[rank..<(2 * rank)]),
      steps: Array(slots[(2 * rank)...]))
  }

  /// Lets the first parameters of `region` be the indices of `box`.
  private mutating func bindIndices(of region: ID<Region>, to box: Box) {
    for axis in 0..<Int(box.rank) {
      bind(function.regions[region].parameters[axis], to: box.index(axis))
    }
  }

  // MARK: Compute, read

  /// Translates the length of an axis.
  mutating func compileDimension(_ op: Operation) {
    guard case .integer(let axis) = op.attribute else { return }
    emit(
      Instruction(
        code: .dimension, d: slot(op.results[0]), a: slot(op.operands[0]), b: Int32(axis)))
  }

  /// Translates a `compute`: a box of indices whose elements are stored one after the other.
  mutating func compileCompute(_ op: Operation) {
    let extents = op.operands.map { slot($0) }
    emitMakeTensors(op.results, extents: extents)
    let position = makeConstant(0)
    let box = startBox(extents: extents)
    bindIndices(of: op.regions[0], to: box)
    if let end = compileOperations(of: op.regions[0]) {
      for (result, element) in zip(op.results, function.operations[end].operands) {
        emit(
          Instruction(
            code: .storeLinear, type: type(result).element.storedType, a: slot(result),
            b: position, c: slot(element)))
      }
    }
    emit(Instruction(code: .increment, d: position))
    endBox(box)
  }

  private mutating func emitMakeTensors(_ results: [Value], extents: [Int32]) {
    let list = list(extents)
    for result in results {
      emit(
        Instruction(
          code: .makeTensor, count: Int32(extents.count), d: slot(result),
          a: index(of: type(result)), b: list))
    }
  }

  /// Translates the load, or read, of an element.
  mutating func compileLoad(_ op: Operation) {
    emit(
      Instruction(
        code: .load, type: type(op.operands[0]).element.storedType,
        count: Int32(op.operands.count - 1), d: slot(op.results[0]), a: slot(op.operands[0]),
        b: list(op.operands.dropFirst())))
  }

  // MARK: Reductions

  /// Translates a reduction: a box of indices that goes round accumulators.
  mutating func compileReduce(_ id: ID<Operation>, _ op: Operation) {
    guard case .reduction(let combiner, let order, _) = op.attribute else { return }
    let rank = function.regions[op.regions[0]].parameters.count
    if case .lanes(let lanes) = order {
      return compileReduce(op, combiner, rank: rank, lanes)
    }
    let accumulators = op.results.map { place($0) }
    emitStart(id, op, combiner, firstInitial: 3 * rank, accumulators)
    let box = startBox(op, from: 0, rank: rank)
    bindIndices(of: op.regions[0], to: box)
    if let end = compileOperations(of: op.regions[0]) {
      emitCombination(op, combiner, accumulators, terms: end)
    }
    endBox(box)
  }

  /// Puts identity or initial values into the accumulators.
  private mutating func emitStart(
    _ id: ID<Operation>, _ op: Operation, _ combiner: Combiner, firstInitial: Int,
    _ accumulators: [FunctionCode.Place]
  ) {
    if combiner.hasRegion {
      emitMoves(of: id, operands: firstInitial..<op.operands.count, to: accumulators)
    } else {
      emitIdentity(combiner, type(op.results[0]).element.storedType, to: accumulators[0].slot)
    }
  }

  private mutating func emitIdentity(_ combiner: Combiner, _ type: ScalarType, to slot: Int32) {
    emitConstant(combiner.identity(type).bits, to: slot)
  }

  /// Combines the terms that the terminator `terms` yields into the accumulators.
  private mutating func emitCombination(
    _ op: Operation, _ combiner: Combiner, _ accumulators: [FunctionCode.Place],
    terms: ID<Operation>
  ) {
    let values = function.operations[terms].operands
    if let opcode = combiner.opcode {
      let accumulator = accumulators[0].slot
      emitScalar(
        opcode, type(values[0]), type(values[0]), to: accumulator, [accumulator, slot(values[0])])
      return
    }
    let parameters = function.regions[op.regions[1]].parameters
    for (parameter, accumulator) in zip(parameters, accumulators) {
      bind(parameter, to: accumulator.slot)
    }
    let targets = parameters.dropFirst(accumulators.count).map { place($0) }
    emitMoves(of: terms, operands: values.indices, to: targets)
    compileRegion(op.regions[1], results: accumulators)
  }

  /// A reduction by independent accumulators, see `ReductionOrder.lanes`.
  private mutating func compileReduce(
    _ op: Operation, _ combiner: Combiner, rank: Int, _ order: ReductionOrder.Lanes
  ) {
    guard let opcode = combiner.opcode else { return }
    let lanes = Int32(order.count)
    let numbers = list([lanes, Int32(order.restCount), Int32(order.joinedIndices)])
    let type = type(op.results[0])
    let first = makeSlot(lanes: lanes)
    for lane in 0..<lanes {
      emitIdentity(combiner, type.element.storedType, to: first + lane)
    }
    let which = makeSlot()
    let accumulator = makeSlot()
    let box = startBox(op, from: 0, rank: rank)
    bindIndices(of: op.regions[0], to: box)
    if let end = compileOperations(of: op.regions[0]) {
      emit(
        Instruction(
          code: .boxLane, count: box.rank, d: which, a: box.base, b: numbers, c: first))
      emit(Instruction(code: .loadIndirect, d: accumulator, a: which))
      if order.isFused, let product = function.product(of: op.regions[0], addedBy: combiner) {
        let factors = product.operands.map { slot($0) }
        emitScalar(.multiplyAdd, type, type, to: accumulator, factors + [accumulator])
      } else {
        let term = slot(function.operations[end].operands[0])
        emitScalar(opcode, type, type, to: accumulator, [accumulator, term])
      }
      emit(Instruction(code: .storeIndirect, d: accumulator, a: which))
    }
    endBox(box)
    var half = lanes / 2
    while half > 0 {
      for lane in 0..<half {
        emitScalar(opcode, type, type, to: first + lane, [first + lane, first + lane + half])
      }
      half /= 2
    }
    emit(Instruction(code: .move, d: slot(op.results[0]), a: first))
  }

  /// Translates a scan: boxes along its axis, for each place on the others.
  mutating func compileScan(_ id: ID<Operation>, _ op: Operation) {
    guard case .scan(let combiner, let axis, let reverse, let exclusive) = op.attribute
    else { return }
    let rank = function.regions[op.regions[0]].parameters.count
    let extents = op.operands[..<rank].map { slot($0) }
    emitMakeTensors(op.results, extents: extents)
    let accumulators = op.results.map {
      let count = lanes(type($0).element.type)
      return FunctionCode.Place(slot: makeSlot(lanes: count), lanes: count)
    }

    var outerExtents = extents
    outerExtents.remove(at: axis)
    let outer = startBox(extents: outerExtents)
    emitStart(id, op, combiner, firstInitial: rank, accumulators)
    let inner = startBox(extents: [extents[axis]])
    let place = emitPlace(inner, extent: extents[axis], reverse: reverse)

    // The place along the axis stands among the outer indices.
    var indices = (0..<(rank - 1)).map { outer.index($0) }
    indices.insert(place, at: axis)
    for (parameter, index) in zip(function.regions[op.regions[0]].parameters, indices) {
      bind(parameter, to: index)
    }
    if exclusive { emitStores(of: accumulators, to: op.results, at: indices) }
    if let end = compileOperations(of: op.regions[0]) {
      emitCombination(op, combiner, accumulators, terms: end)
    }
    if !exclusive { emitStores(of: accumulators, to: op.results, at: indices) }
    endBox(inner)
    endBox(outer)
  }

  private mutating func emitPlace(_ box: Box, extent: Int32, reverse: Bool) -> Int32 {
    guard reverse else { return box.index(0) }
    let one = makeConstant(1)
    let place = makeSlot()
    emit(Instruction(code: .subtractI64, d: place, a: extent, b: box.index(0)))
    emit(Instruction(code: .subtractI64, d: place, a: place, b: one))
    return place
  }

  private mutating func emitStores(
    of accumulators: [FunctionCode.Place], to results: [Value], at indices: [Int32]
  ) {
    for (accumulator, result) in zip(accumulators, results) {
      emit(
        Instruction(
          code: .store, type: type(result).element.storedType, count: Int32(indices.count),
          a: slot(result), b: list(indices), c: accumulator.slot))
    }
  }

  // MARK: Updates, sorting, grids

  /// Translates an update, into memory that is nobody else's.
  mutating func compileUpdate(_ id: ID<Operation>, _ op: Operation) {
    guard case .update(let combiner) = op.attribute else { return }
    let result = op.results[0]
    let isTaken = lastUses.taken.contains(LastUses.Use(operation: id, operand: 0))
    emit(
      Instruction(
        code: .makeUnique, d: slot(result), a: slot(op.operands[0]), b: isTaken ? 1 : 0))
    let rank = function.regions[op.regions[0]].parameters.count
    let box = startBox(op, from: 1, rank: rank)
    bindIndices(of: op.regions[0], to: box)
    if let end = compileOperations(of: op.regions[0]) {
      let yielded = function.operations[end].operands.map { slot($0) }
      let axes = type(result).rank
      emit(
        Instruction(
          code: .update, opcode: combiner.opcode ?? .constant,
          type: type(result).element.storedType, count: Int32(axes), d: yielded[axes + 1],
          a: slot(result), b: list(Array(yielded[..<axes])), c: yielded[axes]))
    }
    endBox(box)
  }

  /// Translates a sort.
  mutating func compileSort(_ op: Operation) {
    guard case .integer(let axis) = op.attribute else { return }
    emit(
      Instruction(
        code: .sort, type: type(op.operands[0]).element.storedType, d: slot(op.results[0]),
        a: slot(op.operands[0]), b: Int32(axis), c: slot(op.results[1])))
  }

  /// Translates the programs of a grid, one after the other, watched for races.
  mutating func compileLaunch(_ id: ID<Operation>, _ op: Operation) {
    let rank = op.operands.count - op.results.count
    let region = op.regions[0]
    let tensors = function.regions[region].parameters.dropFirst(rank).map { place($0) }
    emitMoves(of: id, operands: rank..<op.operands.count, to: tensors)
    let list = list(tensors.map(\.slot))
    emit(Instruction(code: .gridStart, count: Int32(tensors.count), a: list))
    let box = startBox(extents: op.operands[..<rank].map { slot($0) })
    bindIndices(of: region, to: box)
    emitShapeChecks(function.regions[region].parameters.dropFirst(rank))
    compileRegion(region, results: tensors)
    emit(Instruction(code: .gridNext, count: Int32(tensors.count), a: list))
    endBox(box)
    emit(Instruction(code: .gridEnd, count: Int32(tensors.count), a: list))
    for (result, tensor) in zip(op.results, tensors) {
      emit(Instruction(code: .takeTensor, d: slot(result), a: tensor.slot))
    }
  }
}
