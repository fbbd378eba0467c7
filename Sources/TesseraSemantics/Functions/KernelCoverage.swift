/// What the programs of a kernel together do with its `out` parameters.
struct KernelCoverage {
  /// The axes of the grid with the numbers over which they run, `nil` for one that is no dimension.
  var axes: [ID<Local>: Dimension?] = [:]
  /// The `out` parameters of which every element is written.
  var written: Set<ID<Local>> = []
  /// The locals that are read.
  var read: Set<ID<Local>> = []

  /// `true` iff no program can see what the `out` parameter held before: all of it is written, and
  /// none of it is read, perhaps before another program has written it.
  func hides(_ out: ID<Local>) -> Bool { written.contains(out) && !read.contains(out) }
}
