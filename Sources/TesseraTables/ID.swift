/// A typed handle into a `Table` of entities.
public struct ID<Entity>: Hashable, Sendable, Comparable {
  /// The position of the entity in its table.
  public let index: UInt32

  /// Creates the handle of the entity at `index`.
  public init(index: UInt32) { self.index = index }

  public static func < (a: Self, b: Self) -> Bool { a.index < b.index }
}

extension ID: CustomStringConvertible {
  public var description: String { "#\(index)" }
}
