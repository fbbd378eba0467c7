/// A dictionary whose entries live until the scope that made them ends.
///
/// Invariant: a lookup finds the innermost entry of its key.
public struct ScopedTable<Key: Hashable, Value> {
  private var entries: [Key: [Value]] = [:]
  private var scopes: [[Key]] = [[]]

  /// Creates a table with one open scope.
  public init() {}

  /// Opens an inner scope.
  public mutating func push() { scopes.append([]) }

  /// Ends the innermost scope and forgets its entries.
  ///
  /// - Requires: `push()` was called more often than `pop()`.
  public mutating func pop() {
    for key in scopes.removeLast() { entries[key]!.removeLast() }
  }

  /// The innermost entry of `key`; `nil` if it has none.
  public subscript(key: Key) -> Value? { entries[key]?.last }

  /// Makes `value` the entry of `key` in the innermost scope.
  public mutating func insert(_ value: Value, for key: Key) {
    entries[key, default: []].append(value)
    scopes[scopes.count - 1].append(key)
  }

  /// The keys that have an entry, in no order.
  public var keys: [Key] { entries.filter { !$0.value.isEmpty }.map(\.key) }

  /// Makes `value` the innermost entry of `key`, in the scope that holds the present one.
  ///
  /// - Requires: `key` has an entry.
  public mutating func replace(_ value: Value, for key: Key) {
    entries[key]![entries[key]!.count - 1] = value
  }

  /// `true` iff the innermost scope itself holds an entry of `key`.
  public func innermostScopeContains(_ key: Key) -> Bool { scopes.last!.contains(key) }
}

extension ScopedTable: Sendable where Key: Sendable, Value: Sendable {}
