import TesseraSource

extension FunctionChecker {
  /// Demands that no program of the kernel reads or writes what another one writes, as far as that is
  /// certain.
  func requireNoRaces(_ grid: [TypedFunction.GridAxis]) {
    let accesses = GridAccesses(of: self)
    if accesses.writes.isEmpty { return }
    let axes = grid.map { axis in
      let extent = dimension(of: axis.extent)
      let capacity = axis.capacity.map { dimension(of: $0) } ?? Dimension(1)
      return GridOverlap.Axis(
        local: axis.local, count: programCount(extent, capacity), extent: extent,
        capacity: capacity?.constant)
    }
    /// The first of `writes` whose elements include some of another program's `access`.
    func write(
      meeting access: GridAccesses.Access, among writes: ArraySlice<GridAccesses.Access>
    ) -> GridAccesses.Access? {
      let dimensions = function.locals[access.local].type.dimensions
      return writes.first {
        $0.local == access.local
          && GridOverlap.exists(access.items, $0.items, in: dimensions, of: axes)
      }
    }
    var seen: Set<SourceSpan> = []
    for read in accesses.reads {
      let name = function.locals[read.local].name
      guard let write = write(meeting: read, among: accesses.writes[...]),
        seen.insert(read.span).inserted
      else { continue }
      // What is added to is read as well, and one mistake is one diagnostic.
      seen.insert(write.span)
      diagnose(
        .readsWhatOthersWrite(name, isUpdate: read.isUpdate, written: write.span, at: read.span))
    }
    for (place, later) in accesses.writes.enumerated() {
      guard let write = write(meeting: later, among: accesses.writes[...place]),
        seen.insert(later.span).inserted
      else { continue }
      diagnose(
        .writesWhatOthersWrite(
          function.locals[later.local].name, written: write.span, at: later.span))
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
