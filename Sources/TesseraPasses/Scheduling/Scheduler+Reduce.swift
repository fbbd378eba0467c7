import TesseraIR
import TesseraNumbers

/// Reductions as loops that carry accumulators.
extension Scheduler {
  /// Emits a reduction of numbers, in the order that its attribute says.
  mutating func emitReduce(_ content: Operation) {
    guard case .reduction(let combiner, let order, _) = content.attribute else { return }
    if let finished = finishedReductions[content.results[0]] {
      return values.insert(finished, for: content.results[0])
    }
    let box = ReductionBox(content, source)
    if case .lanes(let lanes) = order, lanes.joinedIndices > 1,
      let joined = JoinedIndices(source, box, limit: lanes.joinedIndices),
      joined.count == lanes.joinedIndices
    {
      return joining(joined.count, of: joined.tensors) { scheduler in
        scheduler.emitReduce(
          content, combiner,
          .lanes(.init(lanes.count, rest: lanes.restCount, fused: lanes.isFused)), box,
          scheduler.joined(joined.count, of: scheduler.ranges(of: box)))
      }
    }
    emitReduce(content, combiner, order, box, ranges(of: box))
  }

  private mutating func emitReduce(
    _ content: Operation, _ combiner: Combiner, _ order: ReductionOrder, _ box: ReductionBox,
    _ ranges: [IndexRange]
  ) {
    let types = content.results.map { source.type(of: $0) }
    let initial = box.initial.map { value(of: $0) }
    let start = initial.isEmpty ? [identity(combiner, types[0])] : initial
    let results: [Value]
    if case .lanes(let lanes) = order, lanes.count > 1 || lanes.isFused, !ranges.isEmpty {
      if let registerRow {
        results = [reduceRegisters(registerRow, lanes, combiner, box, start[0])]
      } else if target.vectorByteCount > 0, lanes.joinedIndices == 1, lanes.restCount > 1,
        let plan = LanePlan(box, source)
      {
        results = [reduceInVectors(lanes, combiner, box, plan, ranges, start[0])]
      } else {
        results = [reduceInLanes(lanes, combiner, box, ranges, start[0])]
      }
    } else if combiner == .argmax || combiner == .argmin, registerRow == nil,
      let plan = PlacePlan(box, source, target)
    {
      results = emitPlace(plan, combiner, box, ranges[0], start)
    } else {
      results = nest(ranges, carrying: start) { scheduler, indices, accumulators in
        let terms = scheduler.inline(box.terms, indices)
        return scheduler.combine(combiner, box.combine, accumulators, terms)
      }
    }
    for (old, new) in zip(content.results, results) { values.insert(new, for: old) }
  }

  /// The ranges of the indices of `box`, or of these of them; `number` says what stands for
  /// their ends and steps.
  mutating func ranges(
    of box: some IndexBox, _ axes: [Int]? = nil,
    _ number: (inout Scheduler, Value) -> Value = { $0.value(of: $1) }
  ) -> [IndexRange] {
    (axes ?? Array(box.indices.indices)).map { axis in
      IndexRange(
        lower: number(&self, box.lower[axis]), upper: number(&self, box.upper[axis]),
        step: number(&self, box.steps[axis]), name: source.values[box.indices[axis]].name)
    }
  }

  /// What reducing nothing gives.
  mutating func identity(_ combiner: Combiner, _ type: Type) -> Value {
    guard let scalar = type.scalarType else { preconditionFailure("addresses are not combined") }
    return builder.constant(combiner.identity(scalar))
  }

  /// Combines accumulators with terms; `region` is asked where the combiner is not built in.
  mutating func combine(
    _ combiner: Combiner, _ region: ID<Region>, _ accumulators: [Value], _ terms: [Value]
  ) -> [Value] {
    guard let opcode = combiner.opcode else { return inline(region, accumulators + terms) }
    return [builder.arithmetic(opcode, accumulators[0], terms[0])]
  }
}
