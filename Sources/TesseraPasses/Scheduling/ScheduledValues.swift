import TesseraIR
import TesseraTables

/// What stands for each value of the source that is visible, and what the buffers that are watched hold or
/// held.
struct ScheduledValues {
  private var table = ScopedTable<Value, Value>()
  /// The tensors that were put into each buffer that is watched.
  private var lodgers: [Value: [Value]] = [:]

  /// What stands for `value`; `nil` if it is not visible.
  subscript(value: Value) -> Value? { table[value] }

  /// Makes `scheduled` stand for `value` until the scope ends.
  mutating func insert(_ scheduled: Value, for value: Value) {
    table.insert(scheduled, for: value)
    if !lodgers.isEmpty, lodgers[scheduled] != nil { lodgers[scheduled]!.append(value) }
  }

  /// Opens an inner scope.
  mutating func push() { table.push() }

  /// Ends the innermost scope and forgets what it made.
  mutating func pop() { table.pop() }

  /// Notes from now on what is put into `buffer`, in which `tenant` lies.
  mutating func watch(_ buffer: Value, _ tenant: Value?) {
    if lodgers[buffer] == nil { lodgers[buffer] = tenant.map { [$0] } ?? [] }
  }

  /// `true` iff what is put into `buffer` is noted.
  func isWatched(_ buffer: Value) -> Bool { lodgers[buffer] != nil }

  /// The visible tensors that lie or lay in `buffer`, which is watched.
  func tenants(of buffer: Value) -> [Value] {
    (lodgers[buffer] ?? []).filter { table[$0] == buffer }
  }
}
