import TesseraIR
import TesseraNumbers

/// Tiles that the rows of a matrix fill without rest: of one height, or the last ones lower.
struct WholeTiles {
  /// The tile, and how many there are, lower ones included.
  let tile: RegisterTile
  let count: Int64
  let lower: LowerTiles?
  /// About how many cycles a term of all sums takes in them.
  let work: Double
}

extension WholeTiles {
  /// Finds the tiles that cover a matrix of `rows` × `columns` with the least work.
  init(_ element: ScalarType, rows: Int64, columns: Int64, on target: TargetDescription) {
    let tiles = RegisterTile.all(element, on: target)
    var best = WholeTiles(
      tile: tiles[0], count: 0, lower: nil, work: .infinity)
    for tile in tiles where rows % Int64(tile.rows) == 0 {
      let work = tile.work(rows: rows, columns: columns)
      if work < 0.985 * best.work {
        best = WholeTiles(tile: tile, count: rows / Int64(tile.rows), lower: nil, work: work)
      }
    }
    let mixed = tiles.flatMap { tile in
      (1..<max(tile.rows, 1)).compactMap {
        WholeTiles(tile, lowerRows: $0, rows: rows, columns: columns)
      }
    }.min { ($0.work, $0.lower!.count) < ($1.work, $1.lower!.count) }
    // Two heights are twice the code.
    if let mixed, mixed.work < 0.975 * best.work { best = mixed }
    self = best
  }

  /// As few lower tiles as leave a multiple of the height of `tile`; `nil` if none do.
  private init?(_ tile: RegisterTile, lowerRows: Int, rows: Int64, columns: Int64) {
    var lower = tile
    lower.rows = lowerRows
    for count in 1...Int64(tile.rows) {
      let lowRows = count * Int64(lowerRows)
      let highRows = rows - lowRows
      if highRows < tile.rows { return nil }
      guard highRows % Int64(tile.rows) == 0 else { continue }
      let first = highRows / Int64(tile.rows)
      self.init(
        tile: tile, count: first + count,
        lower: LowerTiles(first: first, count: count, rows: lowerRows),
        work: tile.work(rows: highRows, columns: columns)
          + lower.work(rows: lowRows, columns: columns))
      return
    }
    return nil
  }
}

/// The last tiles of a matrix, if they have fewer rows than those before.
struct LowerTiles {
  /// The number of the first one, and how many there are.
  let first: Int64
  let count: Int64
  /// The rows of each.
  let rows: Int
}
