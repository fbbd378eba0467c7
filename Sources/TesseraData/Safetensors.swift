import TesseraNumbers

/// A file of named tensors in the safetensors format.
///
/// The header is checked when the file is opened: sizes, offsets, overlaps and gaps. Tensors share the
/// memory of the file where they can.
///
/// Source: huggingface/safetensors, README, «Format».
public struct Safetensors: Sendable {
  /// A tensor of the file.
  public struct Entry: Hashable, Sendable {
    /// The key.
    public let name: String
    /// The type of the elements.
    public let elementType: ScalarType
    /// The size of each dimension.
    public let shape: [Int]
    /// The bytes of the elements, counted from the start of the file.
    public let range: Range<Int>

    /// The type as the language writes it.
    public var typeDescription: String { Tensor.typeDescription(elementType, shape) }
  }

  /// The tensors in the order of their bytes.
  public let entries: [Entry]
  /// What the file says of itself.
  public let metadata: [(key: String, value: String)]
  private let bytes: TensorBytes
  private let places: [String: Int]

  /// Opens the file that `bytes` hold.
  ///
  /// - Throws: if the header is malformed or does not describe exactly the bytes that follow it.
  public init(_ bytes: [UInt8]) throws(DataError) { try self.init(TensorBytes(bytes)) }

  /// Opens the file that `bytes` hold.
  ///
  /// - Throws: if the header is malformed or does not describe exactly the bytes that follow it.
  public init(_ bytes: TensorBytes) throws(DataError) {
    var reader = ByteReader(bytes)
    let length = try reader.readInteger(8, "the header length")
    guard length <= 100_000_000 else {
      throw DataError(
        "a header of \(length) bytes", at: "byte 0", expected: "at most 100,000,000 bytes")
    }
    let text = try reader.read(Int(length), "the header")
    guard text.first == UInt8(ascii: "{") else {
      throw DataError("a header that is no object", at: "byte 8", expected: "'{'")
    }
    let header: JSON
    do { header = try JSON(parsing: text) } catch { throw error.inside("the header") }
    var entries: [Entry] = []
    var metadata: [(key: String, value: String)] = []
    for member in header.members ?? [] {
      if member.key == "__metadata__" {
        metadata = try Self.metadata(member.value)
      } else {
        do {
          entries.append(try Self.entry(member, dataOffset: reader.offset, end: bytes.count))
        } catch { throw error.inside("'\(member.key)'") }
      }
    }
    // Empty tensors come before others that begin at the same byte.
    entries.sort {
      ($0.range.lowerBound, $0.range.upperBound, $0.name)
        < ($1.range.lowerBound, $1.range.upperBound, $1.name)
    }
    try Self.checkCoverage(entries, dataOffset: reader.offset, end: bytes.count)
    self.entries = entries
    self.metadata = metadata
    self.bytes = bytes
    places = Dictionary(uniqueKeysWithValues: zip(entries.map(\.name), 0...))
  }

  /// The entry of `name`, or `nil` if there is none.
  public func entry(_ name: String) -> Entry? { places[name].map { entries[$0] } }

  /// The tensor of `name`, or `nil` if there is none.
  ///
  /// - Throws: if a bool is neither 0 nor 1.
  public func tensor(_ name: String) throws(DataError) -> Tensor? {
    guard let entry = entry(name) else { return nil }
    do {
      return try Tensor(entry.elementType, entry.shape, sharing: bytes.part(entry.range))
    } catch { throw error.inside("'\(name)'") }
  }

  /// The bytes of a file that holds `tensors`; keys and bytes are in the order given.
  ///
  /// - Throws: if a key occurs twice or is `__metadata__`.
  public static func encode(
    _ tensors: [(name: String, tensor: Tensor)], metadata: [(key: String, value: String)] = []
  ) throws(DataError) -> [UInt8] {
    var members: [JSON.Member] = []
    var names: Set<String> = ["__metadata__"]
    if !metadata.isEmpty {
      let values = metadata.map { JSON.Member($0.key, .string($0.value)) }
      members.append(JSON.Member("__metadata__", .object(values)))
    }
    var offset = 0
    for (name, tensor) in tensors {
      guard names.insert(name).inserted else {
        throw DataError("key '\(name)' for the second time", expected: "each key once")
      }
      let end = offset + tensor.bytes.count
      members.append(
        JSON.Member(
          name,
          .object([
            .init("dtype", .string(spelling(of: tensor.elementType))),
            .init("shape", .array(tensor.shape.map { .number(String($0)) })),
            .init("data_offsets", .array([.number(String(offset)), .number(String(end))])),
          ])))
      offset = end
    }
    var header = Array(JSON.object(members).description.utf8)
    header += [UInt8](repeating: 0x20, count: (8 - header.count % 8) % 8)
    var result = littleEndian(header.count, width: 8) + header
    result.reserveCapacity(result.count + offset)
    for (_, tensor) in tensors { result += tensor.bytes }
    return result
  }
}

extension Safetensors {
  /// The name of `type` in a header.
  private static func spelling(of type: ScalarType) -> String { type.rawValue.uppercased() }

  private static func metadata(_ json: JSON) throws(DataError) -> [(key: String, value: String)] {
    guard let members = json.members else {
      throw DataError("metadata that is no object", at: "'__metadata__'", expected: "an object")
    }
    var result: [(key: String, value: String)] = []
    for member in members {
      guard let text = member.value.text else {
        throw DataError(
          "a value that is no string", at: "'__metadata__', '\(member.key)'", expected: "a string")
      }
      result.append((member.key, text))
    }
    return result
  }

  private static func entry(
    _ member: JSON.Member, dataOffset: Int, end: Int
  ) throws(DataError) -> Entry {
    let expected = "dtype, shape and data_offsets"
    guard let members = member.value.members else {
      throw DataError("an entry that is no object", expected: expected)
    }
    func value(_ key: String) throws(DataError) -> JSON {
      if let value = member.value[key] { return value }
      throw DataError("no '\(key)'", expected: expected)
    }
    let dtype = try value("dtype")
    let shape = try sizes(try value("shape"), "shape")
    let offsets = try sizes(try value("data_offsets"), "data_offsets")
    if let extra = members.first(where: { !["dtype", "shape", "data_offsets"].contains($0.key) }) {
      throw DataError("key '\(extra.key)'", expected: expected)
    }
    guard let type = ScalarType.allCases.first(where: { spelling(of: $0) == dtype.text }) else {
      throw DataError(
        "dtype \(dtype)", expected: ScalarType.allCases.map(spelling).joined(separator: ", "))
    }
    guard offsets.count == 2, offsets[0] <= offsets[1] else {
      throw DataError("data_offsets \(offsets)", expected: "a start and an end not before it")
    }
    guard offsets[1] <= end - dataOffset else {
      throw DataError(
        "data_offsets \(offsets) past the end", expected: "at most \(end - dataOffset)")
    }
    let byteCount = try Tensor.byteCount(type, shape)
    guard offsets[1] - offsets[0] == byteCount else {
      throw DataError(
        "\(offsets[1] - offsets[0]) bytes for \(Tensor.typeDescription(type, shape))",
        expected: "\(byteCount) bytes")
    }
    return Entry(
      name: member.key, elementType: type, shape: shape,
      range: dataOffset + offsets[0]..<dataOffset + offsets[1])
  }

  private static func sizes(_ json: JSON, _ what: String) throws(DataError) -> [Int] {
    guard let elements = json.elements else {
      throw DataError("\(what) \(json)", expected: "an array of integers")
    }
    var result: [Int] = []
    for element in elements {
      guard let size = element.integer, size >= 0 else {
        throw DataError("\(element) in \(what)", expected: "an integer from 0 to 2^63 - 1")
      }
      result.append(size)
    }
    return result
  }

  /// Refuses entries that overlap, leave a gap, or do not reach the end.
  private static func checkCoverage(
    _ entries: [Entry], dataOffset: Int, end: Int
  ) throws(DataError) {
    var covered = dataOffset
    var previous = "the header"
    for entry in entries {
      let start = entry.range.lowerBound
      guard start == covered else {
        throw DataError(
          start < covered
            ? "'\(entry.name)' overlaps \(previous)"
            : "a gap between \(previous) and '\(entry.name)'",
          at: "byte \(min(start, covered))", expected: "tensors one after the other")
      }
      covered = entry.range.upperBound
      previous = "'\(entry.name)'"
    }
    guard covered == end else {
      throw DataError(
        "\(end - covered) bytes that belong to no tensor", at: "byte \(covered)",
        expected: "the end of the file")
    }
  }
}
