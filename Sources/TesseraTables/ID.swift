/// A typed handle into a `Table` of entities.
public struct ID<Entity>: Hashable, Sendable, Comparable {
  /// The position of the entity in its table.
  public let index: UInt32

  /// Creates the handle of the entity at `index`.
  public init(index: UInt32) { self.index = index }

  public static func < (a: Self, b: Self) -> Bool { a.index < b.index }
}

extension ID {
  /// The hash by which the standard library's sets and dictionaries find a handle.
  ///
  /// Handles are small numbers that come from no stranger, so they need no hash that withstands an
  /// attack: one multiplication spreads them over all bits.
  public func _rawHashValue(seed: Int) -> Int {
    let product = (UInt64(index) ^ UInt64(truncatingIfNeeded: seed)) &* 0x9E37_79B9_7F4A_7C15
    return Int(truncatingIfNeeded: product ^ (product >> 32))
  }
}

extension ID: CustomStringConvertible {
  public var description: String { "#\(index)" }
}
