/// A member of a static library.
public struct ArchiveMember: Sendable {
  /// The name of the file.
  public var name: String
  /// What the file holds: an ELF object.
  public var bytes: [UInt8]

  /// Creates a member.
  public init(name: String, bytes: [UInt8]) {
    self.name = name
    self.bytes = bytes
  }
}

/// The bytes of a static library of `members`, as `ar` writes it with times and owners left at 0, so
/// that the same members give the same bytes.
///
/// Format: the common Unix archive with the GNU table of symbols and the GNU table of long names.
public func staticLibrary(_ members: [ArchiveMember]) -> [UInt8] {
  var longNames: [UInt8] = []
  let headers = members.map { member -> String in
    if member.name.utf8.count < 16 { return member.name + "/" }
    let offset = longNames.count
    longNames += Array((member.name + "/\n").utf8)
    return "/\(offset)"
  }
  let symbols = members.map { definedSymbols($0.bytes) }
  let names = symbols.flatMap { $0 }
  let tableByteCount =
    4 + 4 * names.count + names.reduce(0) { $0 + $1.utf8.count + 1 }

  var position = magic.count + entryByteCount(tableByteCount)
  if !longNames.isEmpty { position += entryByteCount(longNames.count) }
  var table = bigEndian(names.count)
  for (index, member) in members.enumerated() {
    for _ in symbols[index] { table += bigEndian(position) }
    position += entryByteCount(member.bytes.count)
  }
  for name in names { table += Array(name.utf8) + [0] }

  var result = magic + entry("/", table)
  if !longNames.isEmpty { result += entry("//", longNames) }
  for (header, member) in zip(headers, members) { result += entry(header, member.bytes) }
  return result
}

private let magic = Array("!<arch>\n".utf8)

/// The length of an entry with its header, in bytes; entries begin at even places.
private func entryByteCount(_ byteCount: Int) -> Int { 60 + (byteCount + 1) / 2 * 2 }

/// A header with `bytes` behind it.
private func entry(_ name: String, _ bytes: [UInt8]) -> [UInt8] {
  func field(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.utf8.count))
  }
  let header =
    field(name, 16) + field("0", 12) + field("0", 6) + field("0", 6) + field("100644", 8)
    + field("\(bytes.count)", 10) + "`\n"
  return Array(header.utf8) + bytes + (bytes.count % 2 == 0 ? [] : [UInt8(ascii: "\n")])
}

private func bigEndian(_ value: Int) -> [UInt8] {
  (0..<4).reversed().map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
}

/// The global symbols that a 64-bit little-endian ELF object defines; none if it is something else.
///
/// Format: System V ABI, «Object Files».
func definedSymbols(_ object: [UInt8]) -> [String] {
  func read(_ offset: Int, _ byteCount: Int) -> Int {
    guard offset >= 0, offset <= object.count - byteCount else { return 0 }
    return (0..<byteCount).reduce(0) { $0 | Int(object[offset + $1]) << (8 * $1) }
  }
  guard object.starts(with: [0x7F, 0x45, 0x4C, 0x46, 2, 1]) else { return [] }
  let sections = read(0x28, 8)
  let sectionByteCount = read(0x3A, 2)
  var names: [String] = []
  for number in 0..<read(0x3C, 2) {
    let section = sections + number * sectionByteCount
    let isSymbolTable = read(section + 4, 4) == 2
    guard isSymbolTable else { continue }
    let strings = read(sections + read(section + 0x28, 4) * sectionByteCount + 0x18, 8)
    let start = read(section + 0x18, 8)
    for symbol in stride(from: start, to: start + read(section + 0x20, 8), by: 24) {
      let isLocal = read(symbol + 4, 1) >> 4 == 0
      let isUndefined = read(symbol + 6, 2) == 0
      if isLocal || isUndefined { continue }
      let name = strings + read(symbol, 4)
      guard name >= 0, name < object.count else { continue }
      names.append(String(decoding: object[name...].prefix { $0 != 0 }, as: UTF8.self))
    }
  }
  return names
}
