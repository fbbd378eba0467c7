import TesseraData

/// A curve of the elements of a tensor, drawn with dots of Braille: two columns and four rows a
/// character.
struct Plot {
  private let values: [Double]
  private let columns = 72
  private let rows = 12

  /// Prepares a drawing of the elements of `tensor`.
  init(_ tensor: Tensor) { values = tensor.doubles() }

  /// The lines of the drawing, with the least and greatest value beside.
  var text: String {
    let finite = values.filter(\.isFinite)
    guard let low = finite.min(), let high = finite.max() else { return "nothing to draw\n" }
    let width = min(2 * columns, max(2, values.count))
    let height = 4 * rows
    let charactersPerRow = (width + 1) / 2
    let span = high > low ? high - low : 1
    var dots = [UInt8](repeating: 0, count: charactersPerRow * rows)
    for x in 0..<width {
      // Each column of dots stands for a stretch of elements, of which all are drawn.
      let first = x * values.count / width
      let last = max(first + 1, (x + 1) * values.count / width)
      for value in values[first..<min(last, values.count)] where value.isFinite {
        let y = height - 1 - Int(((value - low) / span * Double(height - 1)).rounded())
        dots[y / 4 * charactersPerRow + x / 2] |= Self.bit(column: x % 2, row: y % 4)
      }
    }
    var lines: [String] = []
    for row in 0..<rows {
      let line = dots[row * charactersPerRow..<(row + 1) * charactersPerRow]
      let text = String(String.UnicodeScalarView(line.map { Unicode.Scalar(0x2800 + UInt32($0))! }))
      let label = row == 0 ? " \(high)" : row == rows - 1 ? " \(low)" : ""
      lines.append(text + label)
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// The bit of a dot in the block of Unicode that begins at 2800.
  private static func bit(column: Int, row: Int) -> UInt8 {
    row == 3 ? 0x40 << UInt8(column) : 1 << UInt8(3 * column + row)
  }
}
