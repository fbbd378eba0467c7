/// Types of the memory and vector families.
extension Verifier {
  /// The result is a buffer; the operands are its extents.
  mutating func checkAllocate(_ op: Operation) {
    guard hasResults(op, 1) else { return }
    guard case .buffer(_, let extents) = type(op.results[0]), extents.count == op.operands.count
    else {
      return fail(
        op,
        .irResultType(
          op.spelling, 0, "a buffer of rank \(op.operands.count)", type(op.results[0])))
    }
    checkIndices(op, op.operands.indices)
  }

  /// A buffer lies in a buffer of bytes, at an offset, with these extents.
  mutating func checkPlace(_ op: Operation) {
    guard op.operands.count >= 2 else {
      return fail(op, .irOperandCount(op.spelling, "at least 2", op.operands.count))
    }
    guard case .buffer(.scalar(.u8), let bytes) = operand(op, 0), bytes.count == 1 else {
      return failOperand(op, 0, "a buffer of bytes")
    }
    guard hasResults(op, 1) else { return }
    let rank = op.operands.count - 2
    guard case .buffer(_, let extents) = type(op.results[0]), extents.count == rank else {
      return fail(
        op, .irResultType(op.spelling, 0, "a buffer of rank \(rank)", type(op.results[0])))
    }
    checkIndices(op, op.operands.indices.dropFirst())
  }

  /// The result is an element of the buffer at these indices.
  mutating func checkLoad(_ op: Operation) {
    guard let element = checkAccess(op, buffer: 0) else { return }
    checkResults(op, [element.type])
  }

  /// A number becomes the element of the buffer at these indices.
  mutating func checkStore(_ op: Operation) {
    guard let element = checkAccess(op, buffer: 1) else { return }
    checkOperand(op, 0, element.type)
    checkResults(op, [])
  }

  /// Checks that operand `position` is a buffer and that an index an axis follows; returns what its
  /// elements are.
  private mutating func checkAccess(_ op: Operation, buffer position: Int) -> ElementType? {
    guard op.operands.count > position else {
      fail(op, .irOperandCount(op.spelling, "at least \(position + 1)", op.operands.count))
      return nil
    }
    guard case .buffer(let element, let extents) = operand(op, position) else {
      failOperand(op, position, "a buffer")
      return nil
    }
    guard hasOperands(op, position + 1 + extents.count) else { return nil }
    checkIndices(op, op.operands.indices.dropFirst(position + 1))
    return element
  }

  /// The result is a part of the buffer, told by as many offsets and extents as it has axes.
  mutating func checkView(_ op: Operation) {
    guard let buffer = op.operands.first, case .buffer(let element, let extents) = type(buffer)
    else {
      return op.operands.isEmpty
        ? fail(op, .irOperandCount(op.spelling, "a buffer, offsets and extents as", 0))
        : failOperand(op, 0, "a buffer")
    }
    guard hasOperands(op, 1 + 2 * extents.count) else { return }
    checkIndices(op, op.operands.indices.dropFirst())
    checkResults(op, [.buffer(element, extents.map { _ in .dynamic })])
  }

  /// The result is a buffer of the same elements with these extents.
  mutating func checkReshape(_ op: Operation) {
    guard let buffer = op.operands.first, case .buffer(let element, _) = type(buffer) else {
      return op.operands.isEmpty
        ? fail(op, .irOperandCount(op.spelling, "a buffer and extents as", 0))
        : failOperand(op, 0, "a buffer")
    }
    guard hasResults(op, 1) else { return }
    let rank = op.operands.count - 1
    guard case .buffer(element, let extents) = type(op.results[0]), extents.count == rank else {
      return fail(
        op,
        .irResultType(
          op.spelling, 0, "a buffer of \(element), of rank \(rank)", type(op.results[0])))
    }
    checkIndices(op, op.operands.indices.dropFirst())
  }

  /// Both buffers are of one type.
  mutating func checkCopy(_ op: Operation) {
    guard case .buffer = operand(op, 0) else { return failOperand(op, 0, "a buffer") }
    checkOperand(op, 1, operand(op, 0))
    checkResults(op, [])
  }

  /// The sorted numbers and their places go to buffers as large as the first one, which has the
  /// axis.
  mutating func checkSortBuffer(_ op: Operation) {
    guard case .buffer(.scalar, let extents) = operand(op, 0) else {
      return failOperand(op, 0, "a buffer of numbers")
    }
    checkAxis(op, rank: extents.count)
    checkOperand(op, 1, operand(op, 0))
    checkOperand(op, 2, .buffer(.scalar(.i64), extents))
    checkResults(op, [])
  }

  /// The operand is a buffer.
  mutating func checkRelease(_ op: Operation) {
    guard operand(op, 0).isBuffer else { return failOperand(op, 0, "a buffer") }
    checkResults(op, [])
  }

  /// Start and end are indices; the region takes one and yields nothing.
  mutating func checkParallel(_ op: Operation) {
    checkIndices(op, 0..<2)
    checkParameters(op, region: 0, [.index])
    checkYield(op, region: 0, [])
    checkResults(op, [])
  }

  // MARK: Vectors

  /// The result is a vector of the buffer's elements; the buffer has an axis along which they lie.
  mutating func checkVectorLoad(_ op: Operation) {
    guard let element = checkAccess(op, buffer: 0), hasResults(op, 1) else { return }
    guard operand(op, 0).rank > 0 else { return failOperand(op, 0, "a buffer with an axis") }
    guard case .vector(let scalar, _) = type(op.results[0]), element == .scalar(scalar) else {
      return fail(
        op, .irResultType(op.spelling, 0, "a vector of \(element)", type(op.results[0])))
    }
  }

  /// A vector load whose last operand is a distance along the axis of the attribute.
  mutating func checkStridedLoad(_ op: Operation) {
    guard let load = withoutLast(op, .index) else { return }
    checkVectorLoad(load)
    checkAxis(op, rank: operand(op, 0).rank)
  }

  /// The first operand is a vector of the buffer's elements; the buffer has an axis along which
  /// they go.
  mutating func checkVectorStore(_ op: Operation) {
    guard let element = checkAccess(op, buffer: 1) else { return }
    guard operand(op, 1).rank > 0 else { return failOperand(op, 1, "a buffer with an axis") }
    guard case .vector(let scalar, _) = operand(op, 0), element == .scalar(scalar) else {
      return failOperand(op, 0, "a vector of \(element)")
    }
    checkResults(op, [])
  }

  /// A vector store whose last operand says whether it goes past the caches.
  mutating func checkStreamStore(_ op: Operation) {
    if let store = withoutLast(op, .bool) { checkVectorStore(store) }
  }

  /// An access without its last operand, which must be of `type`; `nil` if there are too few.
  private mutating func withoutLast(_ op: Operation, _ type: Type) -> Operation? {
    guard op.operands.count > 2 else {
      fail(op, .irOperandCount(op.spelling, "at least 3", op.operands.count))
      return nil
    }
    checkOperand(op, op.operands.count - 1, type)
    var access = op
    access.operands.removeLast()
    return access
  }

  /// An access to a buffer that gives nothing.
  mutating func checkPrefetch(_ op: Operation) {
    if checkAccess(op, buffer: 0) != nil { checkResults(op, []) }
  }

  /// The result repeats a number, or the lanes of a shorter vector.
  mutating func checkSplat(_ op: Operation) {
    guard hasResults(op, 1) else { return }
    guard case .vector(let scalar, let lanes) = type(op.results[0]) else {
      return fail(op, .irResultType(op.spelling, 0, "a vector", type(op.results[0])))
    }
    if case .vector(scalar, let count) = operand(op, 0), count > 0, lanes % count == 0 { return }
    checkOperand(op, 0, .scalar(scalar))
  }

  /// The result is a vector of integers.
  mutating func checkLaneIndex(_ op: Operation) {
    guard hasResults(op, 1) else { return }
    guard case .vector(let scalar, _) = type(op.results[0]), scalar.isInteger else {
      return fail(op, .irResultType(op.spelling, 0, "a vector of integers", type(op.results[0])))
    }
  }

  /// The lanes are combined by a combiner without a region, in no other order than the usual one.
  mutating func checkReduceLanes(_ op: Operation) {
    guard case .reduction(let combiner, let order, _) = op.attribute else { return }
    guard case .vector(let scalar, _) = operand(op, 0) else {
      return failOperand(op, 0, "a vector")
    }
    if order != .sequential || combiner.hasRegion || combiner == .replace
      || !combiner.accepts(.scalar(scalar))
    {
      fail(op, .irAttribute("lanes of \(scalar.rawValue) are not combined so"))
    }
    checkResults(op, [.scalar(scalar)])
  }

  /// The result has every so many-th lane of the operand, from the one of the attribute on.
  mutating func checkPickLanes(_ op: Operation) {
    guard case .vector(let scalar, let lanes) = operand(op, 0) else {
      return failOperand(op, 0, "a vector")
    }
    guard hasResults(op, 1), case .integer(let first) = op.attribute else { return }
    guard case .vector(scalar, let count) = type(op.results[0]), count > 0, lanes % count == 0,
      count < lanes
    else {
      let expected = "a shorter vector of \(scalar.rawValue)"
      return fail(op, .irResultType(op.spelling, 0, expected, type(op.results[0])))
    }
    if !(0..<Int64(lanes / count)).contains(first) {
      fail(op, .irAttribute("the first lane is one of 0 to \(lanes / count - 1)"))
    }
  }

  /// The result takes lanes by turns from two or four vectors of one type.
  mutating func checkWeaveLanes(_ op: Operation) {
    guard [2, 4].contains(op.operands.count), case .vector(let scalar, let lanes) = operand(op, 0)
    else { return failOperand(op, 0, "one of two or four vectors") }
    for index in op.operands.indices { checkOperand(op, index, operand(op, 0)) }
    // Where the vector comes from it is told that none can be so long.
    guard Type.laneCounts.contains(lanes) else { return }
    checkResults(op, [.vector(scalar, lanes: lanes * op.operands.count)])
  }

  /// The operands are rows of one type; there is a column for each of their lanes.
  mutating func checkTransposeLanes(_ op: Operation) {
    guard case .vector(let scalar, let lanes)? = op.operands.first.map({ type($0) }) else {
      return op.operands.isEmpty
        ? fail(op, .irOperandCount(op.spelling, "a vector for each row, so at least 1", 0))
        : failOperand(op, 0, "a vector")
    }
    for index in op.operands.indices { checkOperand(op, index, operand(op, 0)) }
    // Where the vector comes from it is told that none has such lanes.
    guard Type.laneCounts.contains(lanes) else { return }
    let column = Type.vector(scalar, lanes: op.operands.count)
    checkResults(op, Array(repeating: column, count: lanes))
  }

  /// Sums take products of so many neighbouring lanes of narrow numbers, of either sign, as their
  /// type says.
  mutating func checkDotLanes(_ op: Operation) {
    guard case .vector(let first, let lanes) = operand(op, 0) else {
      return failOperand(op, 0, "a vector")
    }
    guard let together = DotProducts.together(first) else {
      return failOperand(op, 0, "a vector of i8, u8, i16 or bf16")
    }
    guard case .vector(let second, lanes) = operand(op, 1),
      DotProducts.together(second) == together,
      DotProducts.sumType(second) == DotProducts.sumType(first)
    else { return failOperand(op, 1, "like operand 1, in signs at most different") }
    guard Type.laneCounts.contains(lanes), lanes % together == 0 else { return }
    let sums = Type.vector(DotProducts.sumType(first), lanes: lanes / together)
    checkOperand(op, 2, sums)
    checkResults(op, [sums])
  }
}
