import TesseraIR

/// Reductions whose innermost index goes round several accumulators.
extension Scheduler {
  /// Emits a reduction with `lanes` accumulators, as scalars in a small buffer.
  mutating func reduceInLanes(
    _ lanes: Int, _ combiner: Combiner, _ box: ReductionBox, _ ranges: [IndexRange], _ start: Value
  ) -> Value {
    preconditionFailure("not yet")
  }
}
