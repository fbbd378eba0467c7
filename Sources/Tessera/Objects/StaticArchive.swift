/// A static library: object files one after the other, behind a table of their symbols.
///
/// Written by hand so that the same objects give the same bytes: no times, no owners.
///
/// Source: System V ABI, «Archive File».
struct StaticArchive {
  /// The members: names and bytes of object files.
  var members: [(name: String, bytes: [UInt8])]

  /// The bytes of the archive.
  ///
  /// - Throws: if a member is no 64-bit little-endian ELF object.
  func encoded() throws(InternalFailure) -> [UInt8] {
    var symbols: [(name: String, member: Int)] = []
    for (index, member) in members.enumerated() {
      guard let names = ELFObject(member.bytes).definedSymbols else {
        throw InternalFailure("'\(member.name)' is no object file")
      }
      symbols += names.map { ($0, index) }
    }
    let longNames = Array(members.map { $0.name + "/\n" }.joined().utf8)
    let tableSize = 4 + 4 * symbols.count + symbols.reduce(0) { $0 + $1.name.utf8.count + 1 }
    func padded(_ count: Int) -> Int { (count + 1) / 2 * 2 }
    var offset = 8 + 60 + padded(tableSize) + 60 + padded(longNames.count)
    var places: [Int] = []
    for member in members {
      places.append(offset)
      offset += 60 + padded(member.bytes.count)
    }

    var table = bigEndian(symbols.count)
    for symbol in symbols { table += bigEndian(places[symbol.member]) }
    for symbol in symbols { table += Array(symbol.name.utf8) + [0] }
    var result = Array("!<arch>\n".utf8)
    append(table, named: "/", to: &result)
    append(longNames, named: "//", to: &result)
    var nameOffset = 0
    for member in members {
      append(member.bytes, named: "/\(nameOffset)", to: &result)
      nameOffset += member.name.utf8.count + 2
    }
    return result
  }

  private func append(_ bytes: [UInt8], named name: String, to result: inout [UInt8]) {
    func field(_ text: String, _ width: Int) -> String {
      text + String(repeating: " ", count: width - text.utf8.count)
    }
    let header =
      field(name, 16) + field("0", 12) + field("0", 6) + field("0", 6) + field("644", 8)
      + field("\(bytes.count)", 10) + "`\n"
    result += Array(header.utf8) + bytes
    if bytes.count % 2 == 1 { result.append(UInt8(ascii: "\n")) }
  }

  private func bigEndian(_ value: Int) -> [UInt8] {
    (0..<4).reversed().map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }
}

/// A relocatable object in the ELF format, as far as an archive's table needs it.
private struct ELFObject {
  private let bytes: [UInt8]

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// The names of the global symbols that the object defines, in order; `nil` if it is no such
  /// object.
  var definedSymbols: [String]? {
    guard bytes.starts(with: [0x7F, 0x45, 0x4C, 0x46, 2, 1]), let sections = number(40, 8),
      let sectionSize = number(58, 2), let sectionCount = number(60, 2)
    else { return nil }
    for index in 0..<sectionCount {
      let header = sections + index * sectionSize
      // Type 2 is the symbol table; its link names the section of strings.
      guard number(header + 4, 4) == 2 else { continue }
      guard let start = number(header + 24, 8), let size = number(header + 32, 8),
        let link = number(header + 40, 4),
        let strings = number(sections + link * sectionSize + 24, 8)
      else { return nil }
      return stride(from: start, to: start + size, by: 24).compactMap { symbol in
        guard let name = number(symbol, 4), let info = number(symbol + 4, 1),
          let visibility = number(symbol + 5, 1), let section = number(symbol + 6, 2)
        else { return nil }
        // Binding 1 is global, 2 weak; section 0 means that it is defined elsewhere.
        guard info >> 4 == 1 || info >> 4 == 2, section != 0, visibility & 3 != 1 else {
          return nil
        }
        let text = bytes[(strings + name)...].prefix { $0 != 0 }
        return String(decoding: text, as: UTF8.self)
      }
    }
    return []
  }

  /// The unsigned number of `width` bytes at `offset`, little end first.
  private func number(_ offset: Int, _ width: Int) -> Int? {
    guard offset >= 0, offset + width <= bytes.count else { return nil }
    return bytes[offset..<offset + width].reversed().reduce(0) { $0 << 8 | Int($1) }
  }
}
