import TesseraSource

extension FunctionChecker {
  /// Demands that no program of the kernel reads what another one writes, as far as that is certain.
  func requireNoRaces(_ grid: [TypedFunction.GridAxis]) {
    let accesses = GridAccesses(of: self)
    if accesses.reads.isEmpty || accesses.writes.isEmpty { return }
    let axes = grid.map { axis in
      let extent = dimension(of: axis.extent)
      let capacity = axis.capacity.map { dimension(of: $0) } ?? Dimension(1)
      return GridOverlap.Axis(
        local: axis.local, count: programCount(extent, capacity), extent: extent,
        capacity: capacity?.constant)
    }
    var seen: Set<SourceSpan> = []
    for read in accesses.reads {
      let name = function.locals[read.local].name
      let dimensions = function.locals[read.local].type.dimensions
      let write = accesses.writes.first {
        $0.local == read.local && GridOverlap.exists(read.items, $0.items, in: dimensions, of: axes)
      }
      guard let write, seen.insert(read.span).inserted else { continue }
      diagnose(
        .readsWhatOthersWrite(name, isUpdate: read.isUpdate, written: write.span, at: read.span))
    }
  }

  /// How many tiles of `capacity` cover `extent`, if that is known.
  private func programCount(_ extent: Dimension?, _ capacity: Dimension?) -> Int? {
    guard let extent, let capacity else { return nil }
    if prover.provesNonNegative(capacity - extent) { return 1 }
    guard let length = extent.constant, let most = capacity.constant, most > 0 else { return nil }
    return (length - 1) / most + 1
  }
}
