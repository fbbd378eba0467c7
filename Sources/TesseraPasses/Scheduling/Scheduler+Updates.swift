import TesseraIR

/// Updates as loops over the iteration, in place where nobody needs the old tensor.
extension Scheduler {
  /// Emits an update into the memory of the old tensor, or a copy of it.
  mutating func emitUpdate(_ operation: ID<Operation>, _ content: Operation) {
    guard case .update(let combiner) = content.attribute else { return }
    let update = UpdateBox(content, source)
    let old = value(of: update.tensor)
    let buffer = memory(for: content.results[0], startingAs: update.tensor, at: operation)
    let ranges = ranges(of: update)
    // All right-hand sides are read before anything is written.
    let inTwoSteps = value(of: update.tensor) == buffer && buffer == old && readsElsewhere(update)
    let plan =
      inTwoSteps || target.vectorByteCount == 0 ? nil : UpdatePlan(content, source, target)
    remarkUpdate(content, plan, inTwoSteps: inTwoSteps)
    if inTwoSteps {
      updateInTwoSteps(update, combiner, ranges, buffer)
    } else if let plan {
      updateInVectors(plan, ranges, buffer)
    } else {
      nest(ranges) { scheduler, indices in
        let yielded = scheduler.inline(update.region, indices)
        scheduler.write(yielded, into: buffer, combiner)
      }
    }
    values.insert(buffer, for: content.results[0])
  }

  /// Stores one yielded element, combined with what is there, if it is to be stored at all.
  mutating func write(_ yielded: [Value], into buffer: Value, _ combiner: Combiner) {
    let place = Array(yielded.dropLast(2))
    let (element, isWanted) = (yielded[yielded.count - 2], yielded[yielded.count - 1])
    let store = { (scheduler: inout Scheduler) in
      var new = element
      if let opcode = combiner.opcode {
        let type = scheduler.builder.type(of: element)
        let old = scheduler.builder.emit(.load, [buffer] + place, results: [type])[0]
        new = scheduler.builder.arithmetic(opcode, old, element)
      }
      scheduler.builder.emit(.store, [new, buffer] + place)
    }
    if knownNumber(isWanted) == 1 { return store(&self) }
    let then = region { scheduler, _ in
      store(&scheduler)
      scheduler.builder.emit(.yield)
    }
    let otherwise = region { scheduler, _ in scheduler.builder.emit(.yield) }
    builder.emit(.if, [isWanted], regions: [then, otherwise])
  }

  /// `true` iff the region reads the tensor where another iteration may have written before.
  private func readsElsewhere(_ update: UpdateBox) -> Bool {
    let place = Array(yielded(update.region).dropLast(2))
    // Different iterations write to different places if each index is a place of its own.
    let isInjective = update.indices.allSatisfy { place.contains($0) }
    var found = false
    source.forEachOperation(in: update.region) { inner in
      let content = source.operations[inner]
      guard content.operands.contains(update.tensor), content.opcode != .dimension else { return }
      let isOwnPlace =
        content.opcode == .read && isInjective && Array(content.operands.dropFirst()) == place
      if !isOwnPlace { found = true }
    }
    return found
  }

  /// Computes all places and elements, and writes them when nothing is read any more.
  private mutating func updateInTwoSteps(
    _ update: UpdateBox, _ combiner: Combiner, _ ranges: [IndexRange], _ buffer: Value
  ) {
    let lengths = ranges.map { count(of: $0) }
    let types = yielded(update.region).map { source.type(of: $0) }
    let rank = ranges.count
    let notes = types.map { type in
      allocate(.buffer(type.element, Array(repeating: .dynamic, count: rank)), lengths)
    }
    nest(ranges) { scheduler, indices in
      let yielded = scheduler.inline(update.region, indices)
      let steps = zip(indices, ranges).map { scheduler.step(of: $0, in: $1) }
      for (value, note) in zip(yielded, notes) {
        scheduler.builder.emit(.store, [value, note] + steps)
      }
    }
    let counts = lengths.map {
      IndexRange(lower: integer(0), upper: $0, step: integer(1), name: nil)
    }
    nest(counts) { scheduler, steps in
      let yielded = zip(notes, types).map { note, type in
        scheduler.builder.emit(.load, [note] + steps, results: [type])[0]
      }
      scheduler.write(yielded, into: buffer, combiner)
    }
  }

  /// Which index of its range an index is, from 0.
  private mutating func step(of index: Value, in range: IndexRange) -> Value {
    divided(builder.arithmetic(.subtract, index, range.lower), by: range.step)
  }
}
