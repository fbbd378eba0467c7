/// Types of the tensor and pointer families.
extension Verifier {
  /// The operand has the axis of the attribute.
  mutating func checkDimension(_ op: Operation) {
    switch operand(op, 0) {
    case .tensor, .buffer: checkAxis(op, rank: operand(op, 0).rank)
    case .scalar, .pointer, .vector: failOperand(op, 0, "a tensor or buffer")
    }
    checkResults(op, [.index])
  }

  /// The operands are extents; the region takes an index for each, and yields an element of each
  /// result.
  mutating func checkCompute(_ op: Operation) {
    checkIndices(op, op.operands.indices)
    checkParameters(op, region: 0, indices(op.operands.count))
    checkYield(op, region: 0, checkTensorResults(op, extents: op.operands))
  }

  /// The operands are the extents of the result.
  mutating func checkBlank(_ op: Operation) {
    guard hasResults(op, 1) else { return }
    checkIndices(op, op.operands.indices)
    _ = checkTensorResults(op, extents: op.operands)
  }

  /// Checks that all results are tensors of `extents`; returns the types of their elements.
  private mutating func checkTensorResults(_ op: Operation, extents: [Value]) -> [Type] {
    types(op.results).enumerated().map { index, type in
      guard case .tensor(let element, let lengths) = type, lengths.count == extents.count else {
        fail(op, .irResultType(op.spelling, index, "a tensor of rank \(extents.count)", type))
        return type
      }
      for (axis, length) in lengths.enumerated() {
        if let known = constant(extents[axis]), !length.agrees(with: .constant(known)) {
          fail(op, .irResultType(op.spelling, index, "\(known) long on axis \(axis)", type))
        }
      }
      return element.type
    }
  }

  /// The number that `value` is known to be, if it is a constant.
  private func constant(_ value: Value) -> Int? {
    guard let definition = function.definition(of: value),
      case .integer(let number) = function.operations[definition].attribute,
      function.operations[definition].opcode == .constant
    else { return nil }
    return Int(number)
  }

  /// The types of so many indices.
  private func indices(_ count: Int) -> [Type] { Array(repeating: .index, count: count) }

  /// The result is an element of the tensor at these indices.
  mutating func checkRead(_ op: Operation) {
    guard let tensor = op.operands.first, case .tensor(let element, _) = type(tensor) else {
      return op.operands.isEmpty
        ? fail(op, .irOperandCount(op.spelling, "a tensor and its indices as", 0))
        : failOperand(op, 0, "a tensor")
    }
    guard hasOperands(op, 1 + type(tensor).rank) else { return }
    checkIndices(op, op.operands.indices.dropFirst())
    checkResults(op, [element.type])
  }

  // MARK: Reductions

  /// Lower ends, upper ends and steps, then initial values; lanes, if any, are a power of two.
  mutating func checkReduce(_ op: Operation) {
    guard case .reduction(let combiner, let order, _) = op.attribute else { return }
    let rank = function.regions[op.regions[0]].parameters.count
    guard op.operands.count >= 3 * rank else {
      return fail(op, .irOperandCount(op.spelling, "at least \(3 * rank)", op.operands.count))
    }
    checkIndices(op, 0..<3 * rank)
    checkParameters(op, region: 0, indices(rank))
    checkCombination(op, combiner, initial: Array(op.operands[(3 * rank)...])) { verifier in
      verifier.types(op.results)
    }
    guard case .lanes(let lanes) = order else { return }
    func isCount(_ count: Int) -> Bool { 1...256 ~= count && count & (count - 1) == 0 }
    if !isCount(lanes.count) || !isCount(lanes.restCount) || combiner.hasRegion {
      fail(op, .irAttribute("lanes are a power of two, of a combiner that is built in"))
    }
    if lanes.restCount > lanes.count {
      fail(op, .irAttribute("the rest has no more lanes than the whole"))
    }
    if lanes.joinedIndices < 1 || lanes.joinedIndices > rank {
      fail(op, .irAttribute("there are no \(lanes.joinedIndices) indices to go over"))
    }
    if lanes.isFused, function.product(of: op.regions[0], addedBy: combiner) == nil {
      fail(op, .irAttribute("what is fused is a sum of products of floats, made without regions"))
    }
  }

  /// Extents, then initial values; the results are tensors of these extents, which have the axis.
  mutating func checkScan(_ op: Operation) {
    guard case .scan(let combiner, let axis, _, _) = op.attribute else { return }
    let rank = function.regions[op.regions[0]].parameters.count
    guard op.operands.count >= rank else {
      return fail(op, .irOperandCount(op.spelling, "at least \(rank)", op.operands.count))
    }
    checkIndices(op, 0..<rank)
    checkParameters(op, region: 0, indices(rank))
    if axis < 0 || axis >= rank {
      fail(op, .irAttribute("there is no axis \(axis) where there are \(rank)"))
    }
    let extents = Array(op.operands.prefix(rank))
    checkCombination(op, combiner, initial: Array(op.operands[rank...])) { verifier in
      verifier.checkTensorResults(op, extents: extents)
    }
  }

  /// Checks initial values, terms and the region of a combiner against the accumulators, whose
  /// types `accumulatorTypes` tells.
  private mutating func checkCombination(
    _ op: Operation, _ combiner: Combiner, initial: [Value],
    accumulatorTypes: (inout Verifier) -> [Type]
  ) {
    let accumulators = accumulatorTypes(&self)
    let terms = yielded(op, region: 0)
    switch combiner {
    case .sum, .product, .minimum, .maximum, .any, .all:
      guard hasResults(op, 1) else { return }
      if !initial.isEmpty {
        fail(
          op,
          .irOperandCount(op.spelling, "\(op.operands.count - initial.count)", op.operands.count))
      }
      if op.regions.count != 1 { fail(op, .irRegionCount(op.spelling, op.regions.count)) }
      checkYield(op, region: 0, accumulators)
      if let type = terms.first, !combiner.accepts(type) {
        fail(op, .irAttribute("'\(combiner.rawValue)' does not combine \(type)"))
      }
    case .combiner, .fold, .argmax, .argmin:
      guard op.regions.count == 2 else {
        return fail(op, .irRegionCount(op.spelling, op.regions.count))
      }
      guard hasResults(op, initial.count) else { return }
      if !agree(types(initial), accumulators) {
        fail(op, .irAttribute("the initial values have other types than the results"))
      }
      if combiner != .fold { checkYield(op, region: 0, accumulators) }
      if combiner == .argmax || combiner == .argmin,
        accumulators.count != 2 || !accumulators[0].isNumber(.numbers) || accumulators[1] != .index
      {
        fail(op, .irAttribute("'\(combiner.rawValue)' combines a number and its place"))
      }
      checkParameters(op, region: 1, accumulators + terms)
      checkYield(op, region: 1, accumulators)
    case .bitAnd, .bitOr, .bitXor, .replace:
      fail(op, .irAttribute("'\(op.spelling)' does not combine by '\(combiner.rawValue)'"))
    }
  }

  // MARK: Updates, sorting, grids

  /// A tensor, then lower ends, upper ends and steps; the region yields a place, an element and
  /// whether it counts.
  mutating func checkUpdate(_ op: Operation) {
    guard case .update(let combiner) = op.attribute else { return }
    let rank = function.regions[op.regions[0]].parameters.count
    guard hasOperands(op, 1 + 3 * rank) else { return }
    guard case .tensor(let element, let extents) = operand(op, 0) else {
      return failOperand(op, 0, "a tensor")
    }
    checkIndices(op, op.operands.indices.dropFirst())
    checkParameters(op, region: 0, indices(rank))
    checkYield(op, region: 0, indices(extents.count) + [element.type, .bool])
    checkUpdateCombiner(op, combiner, element.type)
    checkResults(op, [operand(op, 0)])
  }

  /// The combiner has no region and takes numbers of `type`.
  private mutating func checkUpdateCombiner(_ op: Operation, _ combiner: Combiner, _ type: Type) {
    if !combiner.accepts(type) || combiner.hasRegion {
      fail(op, .irAttribute("'\(combiner.rawValue)' does not combine \(type)"))
    }
  }

  /// The tensor has the axis; its numbers and their places are the results.
  mutating func checkSort(_ op: Operation) {
    guard case .tensor(.scalar, let extents) = operand(op, 0) else {
      return failOperand(op, 0, "a tensor of numbers")
    }
    checkAxis(op, rank: extents.count)
    checkResults(op, [operand(op, 0), .tensor(.scalar(.i64), extents)])
  }

  /// The operands are the extents of the grid, then the tensors that the results begin as; the
  /// region takes and yields these.
  mutating func checkLaunch(_ op: Operation) {
    let tensors = types(op.results)
    let rank = op.operands.count - tensors.count
    guard rank >= 0 else {
      return fail(
        op, .irOperandCount(op.spelling, "at least \(tensors.count)", op.operands.count))
    }
    checkIndices(op, 0..<rank)
    for (index, type) in tensors.enumerated() {
      guard case .tensor = type else {
        fail(op, .irResultType(op.spelling, index, "a tensor", type))
        continue
      }
      checkOperand(op, rank + index, type)
    }
    checkParameters(op, region: 0, indices(rank) + tensors)
    checkYield(op, region: 0, tensors)
  }

  // MARK: Pointers

  /// The address moves by a number of elements.
  mutating func checkPointerOffset(_ op: Operation) {
    guard pointee(op) != nil else { return }
    checkOperand(op, 1, .index)
    checkResults(op, [operand(op, 0)])
  }

  /// A number from the address if the bool says so, or else the other operand.
  mutating func checkPointerLoad(_ op: Operation) {
    guard let number = pointee(op) else { return }
    checkOperand(op, 1, .bool)
    checkOperand(op, 2, number)
    checkResults(op, [number])
  }

  /// The number goes to the address if the bool says so.
  mutating func checkPointerStore(_ op: Operation) {
    guard let number = pointee(op) else { return }
    checkOperand(op, 1, number)
    checkOperand(op, 2, .bool)
    checkResults(op, [])
  }

  /// The number is combined with what the address holds, if the bool says so.
  mutating func checkAtomicUpdate(_ op: Operation) {
    guard let number = pointee(op), case .update(let combiner) = op.attribute else { return }
    checkOperand(op, 1, number)
    checkOperand(op, 2, .bool)
    checkUpdateCombiner(op, combiner, number)
    checkResults(op, [number])
  }

  /// A number that is expected and one that takes its place are of the address's type.
  mutating func checkAtomicCompareExchange(_ op: Operation) {
    guard let number = pointee(op) else { return }
    checkOperand(op, 1, number)
    checkOperand(op, 2, number)
    checkResults(op, [number])
  }

  /// The type of the numbers that the first operand points to; where it is no address, that is
  /// reported.
  private mutating func pointee(_ op: Operation) -> Type? {
    if case .pointer(let scalar) = operand(op, 0) { return .scalar(scalar) }
    failOperand(op, 0, "an address")
    return nil
  }
}

extension Combiner {
  /// `true` iff a region says how to combine.
  public var hasRegion: Bool {
    switch self {
    case .combiner, .fold, .argmax, .argmin: true
    case .sum, .product, .minimum, .maximum, .any, .all, .bitAnd, .bitOr, .bitXor, .replace: false
    }
  }

  /// `true` iff values of `type` can be combined.
  func accepts(_ type: Type) -> Bool {
    switch self {
    case .combiner, .fold, .argmax, .argmin, .replace: return true
    case .sum, .product, .minimum, .maximum: return type.isNumber(.numbers)
    case .any, .all: return type == .bool
    case .bitAnd, .bitOr, .bitXor: return type.isNumber(.integersAndBools)
    }
  }
}

extension Type {
  fileprivate func isNumber(_ kinds: ScalarKinds) -> Bool {
    if case .scalar(let scalar) = self { return kinds.contains(scalar) }
    return false
  }
}
