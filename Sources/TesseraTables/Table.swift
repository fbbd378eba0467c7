/// A dense, append-only table of entities addressed by typed handles.
///
/// Handles stay valid as the table grows; removing an entity means leaving its handle out of
/// whatever list orders it.
public struct Table<Entity>: RandomAccessCollection {
  private var entries: [Entity] = []

  /// Creates an empty table.
  public init() {}

  public var startIndex: Int { 0 }
  public var endIndex: Int { entries.count }
  public subscript(position: Int) -> Entity { entries[position] }

  /// The entity named by `id`.
  public subscript(id: ID<Entity>) -> Entity {
    get { entries[Int(id.index)] }
    _modify { yield &entries[Int(id.index)] }
  }

  /// Appends `entity` and returns its handle.
  @discardableResult
  public mutating func append(_ entity: Entity) -> ID<Entity> {
    entries.append(entity)
    return ID(index: UInt32(entries.count - 1))
  }

  /// The handles of all entities in order of creation.
  public var ids: some Sequence<ID<Entity>> {
    (0..<UInt32(entries.count)).lazy.map { ID(index: $0) }
  }
}

extension Table: Sendable where Entity: Sendable {}
