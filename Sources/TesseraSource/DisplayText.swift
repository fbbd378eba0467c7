/// A line of source as a terminal shows it, and the columns of its bytes.
///
/// Tabs become blanks, control characters a replacement sign; wide characters take two columns.
struct DisplayText {
  /// The text that is shown.
  private(set) var text = ""
  /// The column, counted from 0, at which the byte at each offset is shown, and the end.
  private(set) var columns: [Int] = []

  /// Creates the shown form of `line`.
  init(_ line: String) {
    var column = 0
    for scalar in line.unicodeScalars {
      columns.append(contentsOf: repeatElement(column, count: UTF8.width(scalar)))
      switch scalar {
      case "\t":
        let width = DisplayText.tabWidth - column % DisplayText.tabWidth
        text.append(String(repeating: " ", count: width))
        column += width
      case _ where scalar.value < 0x20 || scalar.value == 0x7F:
        text.append("\u{FFFD}")
        column += 1
      default:
        text.unicodeScalars.append(scalar)
        column += DisplayText.width(of: scalar)
      }
    }
    columns.append(column)
  }

  private static let tabWidth = 4

  /// The number of columns that the line takes.
  var width: Int { columns.last ?? 0 }

  /// The column of the byte at `offset`, or the end of the line.
  func column(ofByteAt offset: Int) -> Int { columns[max(0, min(offset, columns.count - 1))] }

  /// The text in the columns `range`.
  func text(in range: Range<Int>) -> String {
    var result = String.UnicodeScalarView()
    var column = 0
    for scalar in text.unicodeScalars {
      if range.contains(column) { result.append(scalar) }
      column += DisplayText.width(of: scalar)
      if column >= range.upperBound { break }
    }
    return String(result)
  }

  /// The number of columns that `scalar` takes: 0 for marks, 2 for wide characters, else 1.
  ///
  /// The ranges are the blocks of Unicode's East Asian Width that hold wide characters.
  static func width(of scalar: Unicode.Scalar) -> Int {
    switch scalar.value {
    case ..<0x300: return 1
    case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
      0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F900...0x1F9FF, 0x20000...0x3FFFD:
      return 2
    default:
      switch scalar.properties.generalCategory {
      case .nonspacingMark, .enclosingMark, .format: return 0
      default: return 1
      }
    }
  }
}
