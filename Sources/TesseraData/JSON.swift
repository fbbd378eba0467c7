import TesseraSource

/// A JSON value that keeps the order of its members and the text of its numbers.
public enum JSON: Hashable, Sendable {
  case null
  case bool(Bool)
  /// A number as it was written.
  case number(String)
  case string(String)
  case array([JSON])
  case object([Member])

  /// A key and its value.
  public struct Member: Hashable, Sendable {
    /// The key.
    public var key: String
    /// The value.
    public var value: JSON

    /// Creates the member `key: value`.
    public init(_ key: String, _ value: JSON) {
      self.key = key
      self.value = value
    }
  }

  /// The value of member `key`, or `nil` if this is no object that has one.
  public subscript(key: String) -> JSON? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.key == key }?.value
  }

  /// The text, or `nil` if this is no string.
  public var text: String? { if case .string(let text) = self { text } else { nil } }

  /// The number, or `nil` if this is none that fits an `Int`.
  public var integer: Int? { if case .number(let digits) = self { Int(digits) } else { nil } }

  /// The number, or `nil` if this is none.
  public var double: Double? { if case .number(let digits) = self { Double(digits) } else { nil } }

  /// The truth value, or `nil` if this is none.
  public var boolean: Bool? { if case .bool(let value) = self { value } else { nil } }

  /// The elements, or `nil` if this is no array.
  public var elements: [JSON]? { if case .array(let elements) = self { elements } else { nil } }

  /// The members in their order, or `nil` if this is no object.
  public var members: [Member]? { if case .object(let members) = self { members } else { nil } }
}

extension JSON: CustomStringConvertible {
  /// The value on one line.
  public var description: String {
    switch self {
    case .null: "null"
    case .bool(let value): value ? "true" : "false"
    case .number(let digits): digits
    case .string(let text): text.quotedAsJSON
    case .array(let elements): "[\(elements.map(\.description).joined(separator: ", "))]"
    case .object(let members):
      "{\(members.map { "\($0.key.quotedAsJSON): \($0.value)" }.joined(separator: ", "))}"
    }
  }
}
