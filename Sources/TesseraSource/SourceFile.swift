/// A handle of a file in a `SourceMap`.
public struct FileID: Hashable, Sendable, Comparable {
  /// The position of the file in its map.
  public let index: UInt32

  /// Creates the handle of the file at `index`.
  public init(index: UInt32) { self.index = index }

  public static func < (a: Self, b: Self) -> Bool { a.index < b.index }
}

/// A range of UTF-8 offsets in one file.
public struct SourceSpan: Hashable, Sendable {
  /// The file that holds the text.
  public var file: FileID
  /// The offset of the first byte.
  public var start: UInt32
  /// The offset one past the last byte.
  public var end: UInt32

  /// Creates the span of the bytes in `start..<end` of `file`.
  public init(file: FileID, start: UInt32, end: UInt32) {
    self.file = file
    self.start = start
    self.end = end
  }

  /// The span of things that no source text stands for.
  public static let none = SourceSpan(file: FileID(index: .max), start: 0, end: 0)

  /// The empty span before the first byte.
  public var leadingEdge: SourceSpan { SourceSpan(file: file, start: start, end: start) }

  /// The empty span behind the last byte.
  public var trailingEdge: SourceSpan { SourceSpan(file: file, start: end, end: end) }

  /// The smallest span that holds this one and `other`; that of the other if one is `.none`.
  public func joined(_ other: SourceSpan) -> SourceSpan {
    if self == .none { return other }
    if other == .none || other.file != file { return self }
    return SourceSpan(file: file, start: min(start, other.start), end: max(end, other.end))
  }
}

/// A place in a file as people count it.
public struct SourceLocation: Hashable, Sendable {
  /// The line, counted from 1.
  public let line: Int
  /// The column in characters, counted from 1.
  public let column: Int
}

/// The text of one file and where its lines begin.
public struct SourceFile: Sendable {
  /// The handle of the file.
  public let id: FileID
  /// The path or title under which diagnostics name the file.
  public let name: String
  /// The bytes of the file; lexing tolerates any.
  public let bytes: [UInt8]
  private let lineStarts: [Int]

  /// Creates the file `id`, called `name`, that holds `bytes`.
  public init(id: FileID, name: String, bytes: [UInt8]) {
    self.id = id
    self.name = name
    self.bytes = bytes
    var starts = [0]
    for (offset, byte) in bytes.enumerated() where byte == UInt8(ascii: "\n") {
      starts.append(offset + 1)
    }
    lineStarts = starts
  }

  /// The text at `span`, whose file is not looked at, malformed UTF-8 repaired.
  public func text(_ span: SourceSpan) -> String {
    let upper = min(Int(span.end), bytes.count)
    return String(decoding: bytes[min(Int(span.start), upper)..<upper], as: UTF8.self)
  }

  /// The line and column of the byte at `offset`.
  ///
  /// - Complexity: O(log n) in the number of lines, plus the length of the line.
  public func location(of offset: UInt32) -> SourceLocation {
    var low = 0
    var high = lineStarts.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if lineStarts[middle] <= Int(offset) { low = middle } else { high = middle }
    }
    let upper = min(Int(offset), bytes.count)
    let prefix = String(decoding: bytes[min(lineStarts[low], upper)..<upper], as: UTF8.self)
    return SourceLocation(line: low + 1, column: prefix.count + 1)
  }

  /// The offset of the first byte of line `number`, counted from 1.
  public func offset(ofLine number: Int) -> Int { lineStarts[number - 1] }

  /// The text of line `number`, counted from 1, without its end.
  public func line(_ number: Int) -> String {
    let start = lineStarts[number - 1]
    var end = number < lineStarts.count ? lineStarts[number] - 1 : bytes.count
    if end > start, bytes[end - 1] == UInt8(ascii: "\r") { end -= 1 }
    return String(decoding: bytes[start..<max(start, end)], as: UTF8.self)
  }
}

/// The files of one compilation, so that a span can be shown.
public struct SourceMap: Sendable {
  private var files: [SourceFile] = []

  /// Creates a map without files.
  public init() {}

  /// Adds a file called `name` that holds `bytes` and returns it.
  @discardableResult
  public mutating func add(name: String, bytes: [UInt8]) -> SourceFile {
    let file = SourceFile(id: FileID(index: UInt32(files.count)), name: name, bytes: bytes)
    files.append(file)
    return file
  }

  /// Adds a file called `name` that holds `text` and returns it.
  @discardableResult
  public mutating func add(name: String, text: String) -> SourceFile {
    add(name: name, bytes: Array(text.utf8))
  }

  /// The file named by `id`, or `nil` for the file of `SourceSpan.none`.
  public subscript(id: FileID) -> SourceFile? {
    Int(id.index) < files.count ? files[Int(id.index)] : nil
  }
}
