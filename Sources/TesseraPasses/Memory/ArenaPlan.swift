import TesseraIR

/// Which buffers of a function share which bytes of its arena.
///
/// Buffers of known size lie first, each in the lowest gap among those that are needed at the same
/// time. Then come slots for the others: buffers of one slot are never needed together, and the slot
/// is as large as the largest. Either way larger buffers choose first.
struct ArenaPlan {
  /// An allocation that gets a place.
  struct Placed {
    var operation: ID<Operation>
    var byteOffset: EntryNumbers.Number
  }

  /// The numbers in which sizes are told, and the buffers with their places.
  private(set) var numbers: EntryNumbers
  private(set) var placed: [Placed] = []
  /// The bytes of the arena.
  private(set) var byteCount: EntryNumbers.Number

  private struct Candidate {
    var operation: ID<Operation>
    var life: ClosedRange<Int>
    var byteCount: EntryNumbers.Number
    var estimate: Int64
  }

  private var candidates: [Candidate] = []

  /// Plans the arena of `function`.
  init(_ function: Function) {
    numbers = EntryNumbers(function)
    byteCount = numbers.constant(0)
    collect(function)
    if candidates.isEmpty { return }
    // Stable, so that the same program gives the same plan.
    let ordered = candidates.enumerated().sorted {
      ($1.element.estimate, $0.offset) < ($0.element.estimate, $1.offset)
    }.map(\.element)
    placeFixed(ordered.filter { numbers.constantValue($0.byteCount) != nil })
    placeInSlots(ordered.filter { numbers.constantValue($0.byteCount) == nil })
  }

  // MARK: Candidates

  private mutating func collect(_ function: Function) {
    let lives = BufferLives(function)
    let onStack = function.stackBuffers
    /// - Parameter guards: what must hold for the operations to run, as far as it is known.
    func visit(_ region: ID<Region>, _ guards: [EntryNumbers.Number], _ plan: inout ArenaPlan) {
      for id in function.regions[region].operations {
        let content = function.operations[id]
        switch content.opcode {
        case .allocate where !onStack.contains(id):
          if let life = lives.life(of: id) { plan.add(id, content, life, guards, function) }
        case .if:
          // Memory of a branch that may not be taken is not asked for ahead.
          guard let condition = plan.numbers.number(content.operands[0]) else { continue }
          let negated = plan.numbers.operation(.bitNot, [condition], .bool)
          visit(content.regions[0], guards + [condition], &plan)
          visit(content.regions[1], guards + [negated], &plan)
        case .for:
          var inner = guards
          if let lower = plan.numbers.number(content.operands[0]),
            let upper = plan.numbers.number(content.operands[1])
          {
            inner.append(plan.numbers.operation(.less, [lower, upper], .bool))
          }
          visit(content.regions[0], inner, &plan)
        case .while:
          for inner in content.regions { visit(inner, guards, &plan) }
        // Iterations of a `parallel` run at one time, each with memory of its own.
        default: break
        }
      }
    }
    visit(function.body, [], &self)
  }

  private mutating func add(
    _ id: ID<Operation>, _ content: Operation, _ life: ClosedRange<Int>,
    _ guards: [EntryNumbers.Number], _ function: Function
  ) {
    let type = function.type(of: content.results[0])
    var extents: [EntryNumbers.Number] = []
    for (extent, operand) in zip(type.extents, content.operands) {
      if case .constant(let length) = extent {
        extents.append(numbers.constant(Int64(length)))
      } else if let number = numbers.number(operand) {
        extents.append(number)
      } else {
        return
      }
    }
    var byteCount = numbers.byteCount(type.element, extents)
    let isModest = numbers.constantValue(byteCount).map { $0 < 1 << 30 } ?? false
    if !isModest {
      for condition in guards where numbers.constantValue(condition) != 1 {
        byteCount = numbers.operation(.select, [condition, byteCount, numbers.constant(0)])
      }
    }
    candidates.append(
      Candidate(
        operation: id, life: life, byteCount: byteCount, estimate: numbers.estimate(byteCount)))
  }

  // MARK: Places

  private mutating func placeFixed(_ candidates: [Candidate]) {
    var taken: [(life: ClosedRange<Int>, bytes: Range<Int64>)] = []
    var end: Int64 = 0
    for candidate in candidates {
      let length = numbers.constantValue(candidate.byteCount)!
      var offset: Int64 = 0
      let others = taken.filter { $0.life.overlaps(candidate.life) }
      for other in others.sorted(by: { $0.bytes.lowerBound < $1.bytes.lowerBound }) {
        if offset + length <= other.bytes.lowerBound { break }
        offset = max(offset, other.bytes.upperBound)
      }
      taken.append((candidate.life, offset..<offset + length))
      placed.append(
        Placed(operation: candidate.operation, byteOffset: numbers.constant(offset)))
      end = max(end, offset + length)
    }
    byteCount = numbers.constant(end)
  }

  private mutating func placeInSlots(_ candidates: [Candidate]) {
    var slots: [[Candidate]] = []
    for candidate in candidates {
      let free = slots.indices.filter { slot in
        slots[slot].allSatisfy { !$0.life.overlaps(candidate.life) }
      }
      let equal = free.first { slot in
        slots[slot].contains { $0.byteCount == candidate.byteCount }
      }
      // Later slots are smaller.
      if let slot = equal ?? free.last {
        slots[slot].append(candidate)
      } else {
        slots.append([candidate])
      }
    }
    for slot in slots {
      var greatest = slot[0].byteCount
      for candidate in slot.dropFirst() where candidate.byteCount != greatest {
        greatest = numbers.operation(.maximum, [greatest, candidate.byteCount])
      }
      for candidate in slot {
        placed.append(Placed(operation: candidate.operation, byteOffset: byteCount))
      }
      byteCount = numbers.operation(.add, [byteCount, greatest])
    }
  }
}
