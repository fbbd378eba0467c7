import TesseraIR

/// The axes of a grid, as its programs use them.
struct ProgramGrid {
  /// An axis of a grid: points, or tiles of an axis that they cover without gap or overlap.
  struct Axis {
    /// The point that a program is given.
    var point: Value
    /// How many points there are.
    var count: Value
    /// The tiles; `nil` where programs use the point as it is.
    var tile: Tile?
  }

  /// What a program knows of its tile.
  struct Tile {
    /// The index of the whole axis where the tile begins.
    var start: Value
    /// How long it is.
    var length: Value
    /// How long the whole axis is.
    var extent: Extent
  }

  /// The length of an axis that tiles cover.
  enum Extent {
    case value(Value)
    case number(Int64)
  }

  /// The axes, in the order of the grid.
  let axes: [Axis]

  /// Reads the axes of `launch`; `nil` if a program's tile is none that this can tell.
  init?(_ launch: Operation, _ function: Function) {
    let region = launch.regions[0]
    let rank = launch.operands.count - launch.results.count
    var affine = AffineValues()
    var axes: [Axis] = []
    for (point, count) in zip(function.regions[region].parameters, launch.operands[..<rank]) {
      var axis = Axis(point: point, count: count)
      let users = function.regions[region].operations.map { function.operations[$0] }
        .filter { $0.operands.contains(point) }
      if users.count == 1, users[0].opcode == .multiply {
        let capacity = users[0].operands.first { $0 != point } ?? point
        guard
          let tile = Self.tile(
            from: users[0].results[0], capacity, count, region, function, &affine)
        else { return nil }
        axis.tile = tile
      }
      axes.append(axis)
    }
    self.axes = axes
  }

  /// The tile that begins at `start`, of at most `capacity` indices; there are `count` of them.
  private static func tile(
    from start: Value, _ capacity: Value, _ count: Value, _ region: ID<Region>,
    _ function: Function, _ affine: inout AffineValues
  ) -> Tile? {
    let operations = function.regions[region].operations.map { function.operations[$0] }
    let (points, most) = (function.integerConstant(count), function.integerConstant(capacity))
    let rest = operations.first { $0.opcode == .subtract && $0.operands[1] == start }
    guard let rest else {
      // Tiles that fit.
      guard let points, let most, points >= 0, most > 0 else { return nil }
      return Tile(start: start, length: capacity, extent: .number(points * most))
    }
    let (extent, left) = (rest.operands[0], rest.results[0])
    let length = operations.first { $0.opcode == .minimum && Set($0.operands) == [left, capacity] }
    guard let length else {
      return points == 1 ? Tile(start: start, length: left, extent: .value(extent)) : nil
    }
    let tile = Tile(start: start, length: length.results[0], extent: .value(extent))
    if let points, let most, let extent = function.integerConstant(extent) {
      return most > 0 && extent >= 0 && points == (extent + most - 1) / most ? tile : nil
    }
    let whole = affine.expression(of: extent, in: function)
    let part = affine.expression(of: capacity, in: function)
    let covering = (whole + part - AffineExpression(1)).quotient(by: part)
    return affine.expression(of: count, in: function) == covering ? tile : nil
  }

  /// The axis whose tiles begin at `value`.
  func axis(startingAt value: Value) -> Int? { axes.firstIndex { $0.tile?.start == value } }

  /// The axis of which `value` is the point.
  func axis(ofPoint value: Value) -> Int? { axes.firstIndex { $0.point == value } }

  /// The axes on which `value` depends by what they are given.
  func axis(ofLength value: Value, _ function: Function) -> Int? {
    axes.firstIndex {
      $0.tile.map { $0.length == value && function.integerConstant(value) == nil } ?? false
    }
  }

  /// `true` iff `length` is that of the tiles of `axis`.
  func isLength(_ length: Value, of axis: Int, _ function: Function) -> Bool {
    guard let tile = axes[axis].tile else { return false }
    return tile.length == length
      || function.integerConstant(length) != nil
        && function.integerConstant(length) == function.integerConstant(tile.length)
  }
}
