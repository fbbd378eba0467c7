/// A dictionary whose entries live until the scope that made them ends.
///
/// Invariant: a lookup finds the innermost entry of its key.
///
/// Other modules see into it, so that there is code for each kind of table where it is used: to look
/// types up at run time took half of the time of `cse` and a third of that of `schedule`.
public struct ScopedTable<Key: Hashable, Value> {
  @usableFromInline var entries: [Key: Value] = [:]
  /// What each open scope covers up: its keys with the entries that they had before, if any.
  @usableFromInline var covered: [Covered] = []
  /// Where the part of each open scope begins.
  @usableFromInline var starts = [0]

  /// An entry of a key before a scope made another.
  @usableFromInline struct Covered {
    @usableFromInline var key: Key
    @usableFromInline var value: Value?

    @inlinable init(key: Key, value: Value?) {
      self.key = key
      self.value = value
    }
  }

  /// Creates a table with one open scope.
  @inlinable public init() {}

  /// Opens an inner scope.
  @inlinable public mutating func push() { starts.append(covered.count) }

  /// Ends the innermost scope and forgets its entries.
  ///
  /// - Requires: `push()` was called more often than `pop()`.
  @inlinable public mutating func pop() {
    let start = starts.removeLast()
    for entry in covered[start...].reversed() { entries[entry.key] = entry.value }
    covered.removeSubrange(start...)
  }

  /// The innermost entry of `key`; `nil` if it has none.
  @inlinable public subscript(key: Key) -> Value? { entries[key] }

  /// Makes `value` the entry of `key` in the innermost scope.
  @inlinable public mutating func insert(_ value: Value, for key: Key) {
    covered.append(Covered(key: key, value: entries.updateValue(value, forKey: key)))
  }

  /// The keys that have an entry, in no order.
  @inlinable public var keys: [Key] { Array(entries.keys) }

  /// Makes `value` the innermost entry of `key`, in the scope that holds the present one.
  ///
  /// - Requires: `key` has an entry.
  @inlinable public mutating func replace(_ value: Value, for key: Key) {
    entries[key] = value
  }

  /// `true` iff the innermost scope itself holds an entry of `key`.
  @inlinable public func innermostScopeContains(_ key: Key) -> Bool {
    // What has no entry at all is spared the search.
    entries[key] != nil && covered[starts.last!...].contains { $0.key == key }
  }
}

extension ScopedTable.Covered: Sendable where Key: Sendable, Value: Sendable {}
extension ScopedTable: Sendable where Key: Sendable, Value: Sendable {}
