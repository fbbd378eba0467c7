import TesseraIR

/// Which memory holds which tensor.
extension Scheduler {
  /// Lets `value` be made in `buffer` if `region` makes it, and what it is made from in place too.
  ///
  /// - Requires: nothing else that is needed is in `buffer` while `region` runs.
  mutating func request(_ value: Value, in buffer: Value, within region: ID<Region>) {
    var (value, buffer) = (value, buffer)
    // Ends since each step goes to an operation that stands earlier.
    while case .result(let definition, let index) = source.values[value].definition,
      source.type(of: value).isTensor, destinations[value] == nil,
      lastUses.home(of: value, in: source) == region
    {
      destinations[value] = buffer
      if let (tensor, shown) = requestRenumbered(definition, in: buffer) {
        (value, buffer) = (tensor, shown)
        continue
      }
      guard let operand = reusedOperand(source.operations[definition], index),
        canTakeOver(operand, at: definition)
      else { return }
      value = operand
    }
  }

  /// The operand whose memory the result `index` may take over.
  func reusedOperand(_ content: Operation, _ index: Int) -> Value? {
    switch content.opcode {
    case .update: return content.operands[0]
    case .for: return content.operands[3 + index]
    case .launch:
      return content.operands[content.operands.count - content.results.count + index]
    case .call:
      guard case .symbol(let name) = content.attribute,
        let parameter = signatures[name]?.reusedParameters[index]
      else { return nil }
      return content.operands[parameter]
    default: return nil
    }
  }

  /// Memory for a fresh tensor: where it was asked for, or at home, or new.
  mutating func memory(for result: Value, _ extents: [Value]) -> Value {
    if let place = destinations[result] ?? freeHome(of: result) { return place }
    return allocate(source.type(of: result), extents, name: source.values[result].name)
  }

  /// Memory for `result` that holds what `operand` is now: that of the operand if nobody will look
  /// at it again, or else a copy.
  mutating func memory(
    for result: Value, startingAs operand: Value, at operation: ID<Operation>
  ) -> Value {
    let old = value(of: operand)
    let mayTakeOver = canTakeOver(operand, at: operation)
    if sharedBuffers.contains(old) {
      // Other programs of the grid write to the same buffer, so the program keeps its own view of
      // what was there, and writes in place.
      if !mayTakeOver { values.insert(copy(of: old, operand), for: operand) }
      return old
    }
    let destination = destinations[result]
    if mayTakeOver, writable.contains(old), destination ?? old == old { return old }
    if isBlank(operand) { return memory(for: result, bufferExtents(old)) }
    guard let destination, destination != old else { return copy(of: old, result) }
    builder.emit(.copy, [old, destination])
    return destination
  }

  /// `true` iff nobody asks what is in `tensor`, see `Opcode.blank`.
  private func isBlank(_ tensor: Value) -> Bool {
    source.definition(of: tensor).map { source.operations[$0].opcode == .blank } ?? false
  }

  /// `true` iff `operation` may write what it makes where `operand` is: nobody needs the operand
  /// any more. An update looks after its own reads.
  func canTakeOver(_ operand: Value, at operation: ID<Operation>) -> Bool {
    let content = source.operations[operation]
    return lastUses.isDead(operand, after: operation, in: source)
      && content.operands.count { $0 == operand } == 1
      && (content.opcode == .update || !lastUses.isUsed(operand, inside: operation))
  }

  private mutating func copy(of buffer: Value, _ tensor: Value) -> Value {
    let fresh = allocate(
      source.type(of: tensor), bufferExtents(buffer), name: source.values[tensor].name)
    builder.emit(.copy, [buffer, fresh])
    return fresh
  }

  /// Appends an allocation for a tensor of `type`.
  mutating func allocate(_ type: Type, _ extents: [Value], name: String? = nil) -> Value {
    let buffer = builder.emit(
      .allocate, extents, results: [type.scheduled], names: [name])[0]
    self.extents[buffer] = extents
    writable.insert(buffer)
    return buffer
  }

  /// Copies each buffer to its place, as if all were read before any is written.
  mutating func copyAll(_ copies: [(from: Value, to: Value)]) {
    let needed = copies.filter { $0.from != $0.to }
    let targets = Set(needed.map(\.to))
    var sources: [Value: Value] = [:]
    for (from, _) in needed where targets.contains(from) && sources[from] == nil {
      let fresh = allocate(builder.type(of: from), bufferExtents(from))
      builder.emit(.copy, [from, fresh])
      sources[from] = fresh
    }
    for (from, to) in needed { builder.emit(.copy, [sources[from] ?? from, to]) }
  }

  // MARK: Extents

  /// The extents of a buffer.
  mutating func bufferExtents(_ buffer: Value) -> [Value] {
    if let known = extents[buffer] { return known }
    return builder.type(of: buffer).extents.enumerated().map { axis, extent in
      if case .constant(let length) = extent { return integer(length) }
      return builder.dimension(buffer, axis)
    }
  }

  /// The length of an axis of a tensor of the source, which need not be scheduled yet.
  mutating func extent(of tensor: Value, _ axis: Int) -> Value {
    if case .constant(let length) = source.type(of: tensor).extents[axis] {
      return integer(length)
    }
    if let buffer = values[tensor] {
      return extents[buffer]?[axis] ?? builder.dimension(buffer, axis)
    }
    guard case .result(let definition, let index) = source.values[tensor].definition else {
      preconditionFailure("a tensor of @\(source.name) is not visible")
    }
    let content = source.operations[definition]
    switch content.opcode {
    case .compute, .blank, .scan: return demanded(content.operands[axis])
    case .sort: return extent(of: content.operands[0], axis)
    case .update, .for, .launch: return extent(of: reusedOperand(content, index)!, axis)
    case .if: return extentOfBranches(content, index, axis)
    case .call: return extentOfCall(content, index, axis)
    default:
      demand(definition)
      return extent(of: tensor, axis)
    }
  }

  private mutating func extentOfBranches(_ content: Operation, _ index: Int, _ axis: Int) -> Value {
    let branches = content.regions.filter {
      source.operations[source.terminator(of: $0)!].opcode == .yield
    }
    // The extents of both agree, so one that costs nothing and cannot fail will do.
    if let cheap = branches.first(where: { isCheapExtent(of: yielded($0)[index], axis) }) {
      return extent(of: yielded(cheap)[index], axis)
    }
    if branches.count == 1 { return extent(of: yielded(branches[0])[index], axis) }
    let condition = demanded(content.operands[0])
    let regions = branches.map { branch in
      region { scheduler, _ in
        let length = scheduler.extent(of: scheduler.yielded(branch)[index], axis)
        scheduler.builder.emit(.yield, [length])
      }
    }
    return builder.emit(.if, [condition], results: [.index], regions: regions)[0]
  }

  /// `true` iff the length is known without running anything that might fail.
  private func isCheapExtent(of tensor: Value, _ axis: Int) -> Bool {
    if case .constant = source.type(of: tensor).extents[axis] { return true }
    if values[tensor] != nil { return true }
    guard case .result(let definition, let index) = source.values[tensor].definition else {
      return false
    }
    let content = source.operations[definition]
    switch content.opcode {
    case .compute, .blank, .scan: return isCheap(content.operands[axis])
    case .sort: return isCheapExtent(of: content.operands[0], axis)
    case .update, .for, .launch: return isCheapExtent(of: reusedOperand(content, index)!, axis)
    default: return false
    }
  }

  /// `true` iff a few operations that cannot fail give the number.
  private func isCheap(_ number: Value, depth: Int = 0) -> Bool {
    if values[number] != nil { return true }
    guard depth < 8, let definition = source.definition(of: number) else { return false }
    let content = source.operations[definition]
    switch content.opcode {
    case .dimension:
      guard case .integer(let axis) = content.attribute else { return false }
      return isCheapExtent(of: content.operands[0], Int(axis))
    case .divide, .remainder:
      guard let divisor = source.integerConstant(content.operands[1]), divisor != 0 else {
        return false
      }
      return isCheap(content.operands[0], depth: depth + 1)
    default:
      return content.opcode.isPure && content.opcode.info.family == .scalar
        && !content.opcode.info.traits.contains(.mayTrap)
        && content.operands.allSatisfy { isCheap($0, depth: depth + 1) }
    }
  }

  /// What stands for a value of the source, which is scheduled here and now if it was not yet.
  mutating func demanded(_ number: Value) -> Value {
    if let known = values[number] { return known }
    guard let definition = source.definition(of: number) else {
      preconditionFailure("a value of @\(source.name) is not visible")
    }
    demand(definition)
    return value(of: number)
  }

  /// Schedules `operation` here and now, and all that it needs.
  ///
  /// Chains of operations may be long, so those that wait are kept in a list.
  mutating func demand(_ operation: ID<Operation>) {
    let wasDemanding = isDemanding
    isDemanding = true
    defer { isDemanding = wasDemanding }
    var waiting = [operation]
    // Ends since each operation waits for earlier ones alone.
    while let next = waiting.last {
      let results = source.operations[next].results
      if !results.isEmpty, results.allSatisfy({ values[$0] != nil }) {
        waiting.removeLast()
        continue
      }
      let missing = missingOperations(for: next)
      waiting += missing
      if missing.isEmpty {
        waiting.removeLast()
        emit(next)
      }
    }
  }

  /// The operations that give what `operation` needs and are not scheduled yet.
  private func missingOperations(for operation: ID<Operation>) -> [ID<Operation>] {
    // A length needs no more of a tensor than its own.
    if source.operations[operation].opcode == .dimension { return [] }
    return freeValues(of: operation).filter { values[$0] == nil }.map { value in
      guard let definition = source.definition(of: value) else {
        preconditionFailure("a value of @\(source.name) is not visible")
      }
      return definition
    }
  }

  /// The values that `operation` and its regions use and do not define.
  private func freeValues(of operation: ID<Operation>) -> [Value] {
    var found: [Value] = source.operations[operation].operands
    for region in source.operations[operation].regions {
      source.forEachOperation(in: region) { inner in
        for operand in source.operations[inner].operands
        where !source.operations[operation].regions.contains(where: {
          lastUses.isDefined(operand, within: $0, in: source)
        }) {
          found.append(operand)
        }
      }
    }
    return found
  }
}
