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

  /// Half of its rows or less, into which all can be cut, if their sums are enough not to wait for each
  /// other; else all rows.
  var fewerRows: Int {
    (1..<max(rows, 2)).last { rows % $0 == 0 && $0 <= rows / 2 && $0 * vectors >= 8 } ?? rows
  }

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
  ///   - sums: from how many sums elements are made; each has as many vectors of the columns.
  ///   - vectors: how many vectors of columns it has, where that is settled.
  init(
    _ element: ScalarType, rows: Int64?, columns: Int64?, sums: Int = 1, vectors: Int? = nil,
    on target: TargetDescription
  ) {
    let columns = columns.map { $0.multipliedReportingOverflow(by: Int64(sums)).partialValue }
    let tiles = Self.all(element, sums: sums, vectors: vectors, on: target)
    self = tiles[0]
    var least = work(rows: rows, columns: columns)
    for tile in tiles.dropFirst() {
      let work = tile.work(rows: rows, columns: columns)
      // The usual tile stays unless another is clearly better.
      if work < 0.985 * least { (self, least) = (tile, work) }
    }
  }

  /// All tiles that registers hold, of so many vectors if that is settled; the usual one comes first.
  static func all(
    _ element: ScalarType, sums: Int = 1, vectors: Int? = nil, on target: TargetDescription
  ) -> [RegisterTile] {
    let lanes = target.lanes(of: element)
    let settled = vectors ?? (target.productTile.vectors.isMultiple(of: sums) ? nil : sums)
    let usual =
      settled.map { (rows: target.productTileRows(vectors: $0), vectors: $0) } ?? target.productTile
    let counts = vectors.map { [$0] } ?? Array(stride(from: sums, through: mostVectors, by: sums))
    let others = counts.flatMap { vectors in
      stride(from: target.productTileRows(vectors: vectors), to: 0, by: -1).map { ($0, vectors) }
    }
    return ([usual] + others).map {
      RegisterTile(element: element, rows: $0.0, vectors: $0.1, lanes: lanes)
    }
  }

  /// `true` iff it has more sums than are added to while one of them is.
  var hidesWaiting: Bool { rows * vectors > 8 }

  private static let mostVectors = Contraction.mostSums

  /// About how many cycles a term of all sums of a matrix takes, where its size is known: two products
  /// or two loads a cycle, chains of four cycles, and the loop.
  func work(rows count: Int64?, columns length: Int64?) -> Double {
    func tiles(_ count: Int64?, _ size: Int) -> Double {
      let count = max(1, count ?? 1 << 20)
      return ((Double(count) / Double(size)).rounded(.up))
    }
    let cycles = Double(max(rows * vectors, rows + vectors, 8)) / 2 + 0.5
    return cycles * tiles(count, rows) * tiles(length, columns)
  }
}
