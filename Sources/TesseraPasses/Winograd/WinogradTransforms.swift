import TesseraIR
import TesseraNumbers

/// The matrices of F(m×m, 3×3): with them a tile is `inverse · Σ (filter · g · filterᵀ) ∘ (input · d ·
/// inputᵀ) · inverseᵀ`.
struct WinogradTransforms {
  /// From the elements of a window to frequencies.
  let input: [[Double]]
  /// From a filter to frequencies.
  let filter: [[Double]]
  /// From frequencies to results.
  let inverse: [[Double]]

  /// The matrices for tiles of `size`, made from the points 0, ±1, (±2,) ∞.
  init(tileSize size: Int) {
    switch size {
    case 2:
      input = [[1, 0, -1, 0], [0, 1, 1, 0], [0, -1, 1, 0], [0, 1, 0, -1]]
      filter = [[1, 0, 0], [0.5, 0.5, 0.5], [0.5, -0.5, 0.5], [0, 0, 1]]
      inverse = [[1, 1, 1, 0], [0, 1, -1, -1]]
    case 4:
      input = [
        [4, 0, -5, 0, 1, 0], [0, -4, -4, 1, 1, 0], [0, 4, -4, -1, 1, 0], [0, -2, -1, 2, 1, 0],
        [0, 2, -1, -2, 1, 0], [0, 4, 0, -5, 0, 1],
      ]
      filter = [
        [1 / 4, 0, 0], [-1 / 6, -1 / 6, -1 / 6], [-1 / 6, 1 / 6, -1 / 6],
        [1 / 24, 1 / 12, 1 / 6], [1 / 24, -1 / 12, 1 / 6], [0, 0, 1],
      ]
      inverse = [
        [1, 1, 1, 1, 1, 0], [0, 1, -1, 2, -2, 0], [0, 1, 1, 4, 4, 0], [0, 1, -1, 8, -8, 1],
      ]
    default: preconditionFailure("there are no transforms for tiles of \(size)")
    }
  }
}

extension Scheduler {
  /// Emits `matrix · grid · matrixᵀ`, for numbers or vectors.
  mutating func transformed(_ grid: [[Value]], by matrix: [[Double]]) -> [[Value]] {
    let columns = grid[0].indices.map { column in product(matrix, grid.map { $0[column] }) }
    return matrix.indices.map { row in product(matrix, columns.map { $0[row] }) }
  }

  /// Emits `matrix · grid · matrixᵀ` for vectors of numbers of `type`, by a loop over the lines of the
  /// grid and one over the columns of what they become: where the result has six lines, the code is a
  /// sixth as long as without loops, and what is under way would not fit the registers anyway.
  ///
  /// - Parameters:
  ///   - line: the vectors of a line.
  ///   - store: stores the result of a line, which is a number, and a column.
  mutating func transform(
    lines: Int, of type: ScalarType, lanes: Int, by matrix: [[Double]],
    line: (inout Scheduler, _ line: Value) -> [Value],
    store: (inout Scheduler, _ line: Int, _ column: Value, _ result: Value) -> Void
  ) {
    let (zero, size) = (integer(0), integer(matrix.count))
    let lineCount = integer(lines)
    let half = allocate(
      .tensor(.scalar(type), [.constant(lines), .constant(matrix.count), .constant(lanes)]),
      [lineCount, size, integer(lanes)], name: "half")
    loop(from: zero, to: lineCount, name: "line") { scheduler, number in
      let results = scheduler.product(matrix, line(&scheduler, number))
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
      for (number, result) in scheduler.product(matrix, values).enumerated() {
        store(&scheduler, number, column, result)
      }
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
