import TesseraIR
import TesseraNumbers

/// A tile of sums that is kept in registers: rows × (vectors × lanes) columns.
struct RegisterTile {
  var element: ScalarType
  var rows: Int
  var vectors: Int
  var lanes: Int

  /// The rows of a lower tile for what is left of rows whose number is not known: enough sums for the
  /// products to follow each other without waiting.
  static let fewRows = 4

  /// The type of a register.
  var vector: Type { .vector(element, lanes: lanes) }
  /// The columns of the tile.
  var columns: Int { vectors * lanes }
  /// Where its registers lie in it, row by row.
  var places: [(row: Int64, column: Int64)] {
    (0..<rows).flatMap { row in (0..<vectors).map { (Int64(row), Int64($0 * lanes)) } }
  }
}

extension RegisterTile {
  /// The tile that covers a matrix of `rows` × `columns` with the least work, where they are known:
  /// what a tile has beyond the last row or column is computed, too.
  ///
  /// The shape of tiles does not show in results, for each element has one chain of sums.
  ///
  /// - Parameters:
  ///   - vectors: how many vectors of columns it has, where that is settled.
  ///   - wholeRows: whether only tiles count that rows fill without rest.
  init(
    _ element: ScalarType, rows: Int64?, columns: Int64?, vectors: Int? = nil,
    wholeRows: Bool = false, on target: TargetDescription
  ) {
    let lanes = target.lanes(of: element)
    let usual =
      vectors.map { (rows: target.productTileRows(vectors: $0), vectors: $0) } ?? target.productTile
    var best = usual
    func fits(_ count: Int) -> Bool { !wholeRows || (rows ?? 0) % Int64(count) == 0 }
    var least = fits(usual.rows) ? Self.work(usual, lanes, rows, columns) : .infinity
    for vectors in vectors.map({ $0...$0 }) ?? 1...Self.mostVectors {
      let most = target.productTileRows(vectors: vectors)
      for count in stride(from: most, to: 0, by: -1) where fits(count) {
        let work = Self.work((count, vectors), lanes, rows, columns)
        // The usual tile stays unless another is clearly better.
        if work < 0.985 * least { (best, least) = ((count, vectors), work) }
      }
    }
    self.init(element: element, rows: best.rows, vectors: best.vectors, lanes: lanes)
  }

  /// `true` iff it has more sums than are added to while one of them is.
  var hidesWaiting: Bool { rows * vectors > 8 }

  /// `true` iff this tile covers a matrix with hardly more work than `other`.
  func isHardlySlower(than other: RegisterTile, rows: Int64, columns: Int64) -> Bool {
    func work(_ tile: RegisterTile) -> Double {
      Self.work((tile.rows, tile.vectors), tile.lanes, rows, columns)
    }
    return work(self) <= 1.05 * work(other)
  }

  private static let mostVectors = 6

  /// About how many cycles a term of all sums takes: two products or two loads a cycle, chains of
  /// four cycles, and the loop.
  private static func work(
    _ tile: (rows: Int, vectors: Int), _ lanes: Int, _ rows: Int64?, _ columns: Int64?
  ) -> Double {
    func tiles(_ count: Int64?, _ size: Int) -> Double {
      let count = max(1, count ?? 1 << 20)
      return ((Double(count) / Double(size)).rounded(.up))
    }
    let cycles = Double(max(tile.rows * tile.vectors, tile.rows + tile.vectors, 8)) / 2 + 0.5
    return cycles * tiles(rows, tile.rows) * tiles(columns, tile.vectors * lanes)
  }
}
