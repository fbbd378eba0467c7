import TesseraIR
import TesseraNumbers

/// The matrices of F(m×m, 3×3): with them a tile is `inverse · Σ (filter · g · filterᵀ) ∘ (input · d ·
/// inputᵀ) · inverseᵀ`.
struct WinogradTransforms {
  /// From the elements of a window to frequencies.
  let input: SparseFactors
  /// From a filter to frequencies.
  let filter: SparseFactors
  /// From frequencies to results.
  let inverse: SparseFactors

  /// The matrices for tiles of `size`, made from the points 0, ±1, (±2,) ∞.
  ///
  /// Rows for a point and its opposite differ in the signs of every other entry, so what these make
  /// and what the others make is added and subtracted; likewise the columns of an inverse.
  init(tileSize size: Int) {
    switch size {
    case 2:
      input = [[[1, 0, -1, 0], [0, 1, 1, 0], [0, -1, 1, 0], [0, 1, 0, -1]]]
      filter = [
        [[1, 0, 0], [0.5, 0, 0.5], [0, 1, 0], [0, 0, 1]],
        [[1, 0, 0, 0], [0, 1, 0.5, 0], [0, 1, -0.5, 0], [0, 0, 0, 1]],
      ]
      inverse = [[[1, 1, 1, 0], [0, 1, -1, -1]]]
    case 4:
      input = [
        [
          [4, 0, -5, 0, 1, 0], [0, 0, -4, 0, 1, 0], [0, -4, 0, 1, 0, 0], [0, 0, -1, 0, 1, 0],
          [0, -1, 0, 1, 0, 0], [0, 4, 0, -5, 0, 1],
        ],
        [
          [1, 0, 0, 0, 0, 0], [0, 1, 1, 0, 0, 0], [0, 1, -1, 0, 0, 0], [0, 0, 0, 1, 2, 0],
          [0, 0, 0, 1, -2, 0], [0, 0, 0, 0, 0, 1],
        ],
      ]
      filter = [
        [[1 / 4, 0, 0], [-1 / 6, 0, -1 / 6], [1 / 24, 0, 1 / 6], [0, 1, 0], [0, 0, 1]],
        [
          [1, 0, 0, 0, 0], [0, 1, 0, -1 / 6, 0], [0, 1, 0, 1 / 6, 0], [0, 0, 1, 1 / 12, 0],
          [0, 0, 1, -1 / 12, 0], [0, 0, 0, 0, 1],
        ],
      ]
      inverse = [
        [
          [1, 0, 0, 0, 0, 0], [0, 1, 1, 0, 0, 0], [0, 1, -1, 0, 0, 0], [0, 0, 0, 1, 1, 0],
          [0, 0, 0, 1, -1, 0], [0, 0, 0, 0, 0, 1],
        ],
        [[1, 1, 0, 1, 0, 0], [0, 0, 1, 0, 2, 0], [0, 1, 0, 4, 0, 0], [0, 0, 1, 0, 8, 1]],
      ]
    default: preconditionFailure("there are no transforms for tiles of \(size)")
    }
  }
}

/// A matrix as a product of ones with many zeros, rows of entries each: the first of them is that by
/// which vectors are multiplied first.
typealias SparseFactors = [[[Double]]]

extension Scheduler {
  /// Emits `matrix · grid · matrixᵀ`, for numbers or vectors.
  mutating func transformed(_ grid: [[Value]], by matrix: SparseFactors) -> [[Value]] {
    let columns = grid[0].indices.map { column in
      transformed(grid.map { $0[column] }, by: matrix)
    }
    return columns[0].indices.map { row in transformed(columns.map { $0[row] }, by: matrix) }
  }

  /// Emits `matrix · values`.
  mutating func transformed(_ values: [Value], by matrix: SparseFactors) -> [Value] {
    matrix.reduce(values) { product($1, $0) }
  }

  /// Emits `matrix · grid · matrixᵀ` for vectors of numbers of `type`, by a loop over the lines of the
  /// grid and one over the columns of what they become: the code is a fraction of what it is without
  /// loops, and what is under way would not fit the registers anyway. (Rows and columns may change
  /// places.)
  ///
  /// - Parameters:
  ///   - lines: how many there are, each of which has as many vectors.
  ///   - line: the vectors of a line.
  ///   - store: stores a column of the result.
  mutating func transform(
    lines: Int, of type: ScalarType, lanes: Int, by matrix: SparseFactors,
    line: (inout Scheduler, _ line: Value) -> [Value],
    store: (inout Scheduler, _ column: Value, _ results: [Value]) -> Void
  ) {
    let columns = matrix[matrix.count - 1].count
    let (zero, size) = (integer(0), integer(columns))
    let lineCount = integer(lines)
    let half = allocate(
      .tensor(.scalar(type), [.constant(lines), .constant(columns), .constant(lanes)]),
      [lineCount, size, integer(lanes)], name: "half")
    loop(from: zero, to: lineCount, name: "line") { scheduler, number in
      let results = scheduler.transformed(line(&scheduler, number), by: matrix)
      for (column, result) in results.enumerated() {
        let place = [half, number, scheduler.integer(column), zero]
        scheduler.builder.emit(.vectorStore, [result] + place)
      }
    }
    loop(from: zero, to: size, name: "column") { scheduler, column in
      let values = (0..<lines).map { number in
        let place = [half, scheduler.integer(number), column, zero]
        return scheduler.builder.emit(
          .vectorLoad, place, results: [.vector(type, lanes: lanes)])[0]
      }
      store(&scheduler, column, scheduler.transformed(values, by: matrix))
    }
  }

  /// Emits `matrix · values`, with no more operations than its entries need.
  private mutating func product(_ matrix: [[Double]], _ values: [Value]) -> [Value] {
    matrix.map { row in
      var terms = zip(row, values).filter { $0.0 != 0 }
      let first = terms.remove(at: terms.firstIndex { $0.0 == 1 } ?? 0)
      let start =
        first.0 == 1
        ? first.1 : builder.arithmetic(.multiply, constant(first.0, like: first.1), first.1)
      return terms.reduce(start) { sum, term in
        switch term.0 {
        case 1: builder.arithmetic(.add, sum, term.1)
        case -1: builder.arithmetic(.subtract, sum, term.1)
        default: builder.arithmetic(.multiplyAdd, constant(term.0, like: term.1), term.1, sum)
        }
      }
    }
  }

  /// A number as a scalar or vector of the type of `value`.
  private mutating func constant(_ number: Double, like value: Value) -> Value {
    let type = builder.type(of: value)
    guard case .vector(let scalar, _) = type else {
      return builder.constant(number, type.scalarType!)
    }
    return builder.emit(.splat, [builder.constant(number, scalar)], results: [type])[0]
  }
}
