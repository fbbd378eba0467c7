import TesseraTables

/// Whether two programs of a grid meet at an element.
///
/// The points of two programs, on each axis of the grid, are the unknowns of equations that the axes
/// of a tensor give. They are joined as far as the equations tie them together.
struct GridOverlap {
  /// An axis of the grid.
  struct Axis {
    var local: ID<Local>
    /// How many points there are, if that is known.
    var count: Int?
    /// The number of indices that the axis covers, if it is a dimension.
    var extent: Dimension?
    /// The most indices in a tile, if that is known; 1 for points.
    var capacity: Int?
  }

  private let axes: [Axis]
  /// For each unknown the one that it is tied to, and how much larger it is.
  private var parents: [(unknown: Int, distance: Int)]
  /// The unknowns, tied to no other, of which the value is known.
  private var values: [Int: Int] = [:]
  /// `false` iff no two programs fit the equations.
  private var isPossible = true

  /// Finds where a program's access to `a` and another's to `b` meet, in a tensor of `dimensions`.
  private init(
    _ a: [GridAccesses.Item], _ b: [GridAccesses.Item], _ dimensions: [Dimension], _ axes: [Axis]
  ) {
    self.axes = axes
    parents = (0..<2 * axes.count).map { ($0, 0) }
    for (position, size) in dimensions.enumerated() {
      switch (a[position], b[position]) {
      case (.whole, _), (_, .whole): break
      case (.constant(let x), .constant(let y)): isPossible = isPossible && x == y
      case (.constant(let number), let item): set(item, of: 1, to: number, size)
      case (let item, .constant(let number)): set(item, of: 0, to: number, size)
      case (.point(let first, let x), .point(let second, let y)): tie(first, second, y - x)
      case (.tile(let first), .tile(let second)) where first == second: tie(first, second, 0)
      case (.tile, _), (_, .tile): isPossible = false
      }
    }
  }

  /// `true` iff some two programs certainly meet at an element when one accesses it by `a` and the
  /// other by `b`.
  static func exists(
    _ a: [GridAccesses.Item], _ b: [GridAccesses.Item], in dimensions: [Dimension],
    of axes: [Axis]
  ) -> Bool {
    let overlap = GridOverlap(a, b, dimensions, axes)
    return overlap.isPossible
      && axes.indices.contains { axes[$0].count != 1 && overlap.mayDiffer(on: $0) }
  }

  /// `true` iff the two programs need not have the same point on `axis`.
  private func mayDiffer(on axis: Int) -> Bool {
    let (first, second) = (root(of: axis), root(of: axes.count + axis))
    if first.unknown == second.unknown { return first.distance != second.distance }
    guard let x = values[first.unknown], let y = values[second.unknown] else { return true }
    return x + first.distance != y + second.distance
  }

  // MARK: Equations

  /// The point of program `number` such that `item` is the index `index`.
  private mutating func set(
    _ item: GridAccesses.Item, of number: Int, to index: Int, _ size: Dimension
  ) {
    let (local, point): (ID<Local>, Int)
    switch item {
    case .point(let axis, let offset): (local, point) = (axis, index - offset)
    case .tile(let axis):
      guard let capacity = axes.first(where: { $0.local == axis })?.capacity else {
        isPossible = isPossible && index == 0
        (local, point) = (axis, 0)
        break
      }
      (local, point) = (axis, index / capacity)
    case .constant, .whole: return
    }
    let axis = axes.firstIndex { $0.local == local }!
    // Where the grid covers the axis, every element has its program.
    let exists =
      axes[axis].count.map { point < $0 } ?? (point == 0 || axes[axis].extent == size)
    isPossible = isPossible && point >= 0 && exists
    let (root, distance) = root(of: number * axes.count + axis)
    if let known = values[root], known != point - distance { isPossible = false }
    values[root] = point - distance
  }

  /// The first program's point on `first` is `distance` more than the second's on `second`.
  private mutating func tie(_ first: ID<Local>, _ second: ID<Local>, _ distance: Int) {
    let (left, right) = (
      axes.firstIndex { $0.local == first }!, axes.firstIndex { $0.local == second }!
    )
    if let count = axes[left].count, count <= distance { isPossible = false }
    if let count = axes[right].count, count <= -distance { isPossible = false }
    let (a, b) = (root(of: left), root(of: axes.count + right))
    let between = b.distance + distance - a.distance
    if a.unknown == b.unknown {
      if between != 0 { isPossible = false }
      return
    }
    parents[a.unknown] = (b.unknown, between)
    guard let value = values.removeValue(forKey: a.unknown) else { return }
    if let known = values[b.unknown], known != value - between { isPossible = false }
    values[b.unknown] = value - between
  }

  /// The unknown to which `unknown` is tied in the end, and how much larger it is.
  private func root(of unknown: Int) -> (unknown: Int, distance: Int) {
    var (place, distance) = (unknown, 0)
    // Ends since ties go to roots only.
    while parents[place].unknown != place {
      distance += parents[place].distance
      place = parents[place].unknown
    }
    return (place, distance)
  }
}
