import TesseraIR

/// Values that stand for others, found while a walk goes on.
///
/// Since every use comes after its definition, a walk that replaces the operands of each operation
/// as it meets it has replaced all uses at its end, in linear time.
struct Replacements: Sendable {
  private var targets: [Value: Value] = [:]

  /// Makes `new` stand for `old`.
  mutating func replace(_ old: Value, with new: Value) { targets[old] = self[new] }

  /// The value that stands for `value`: itself, if none was named.
  subscript(value: Value) -> Value {
    var value = value
    // A target may be replaced after it was named, so there are chains, but never rings.
    while let next = targets[value] { value = next }
    return value
  }

  /// Replaces each of `operands`.
  func apply(to operands: inout [Value]) {
    if targets.isEmpty { return }
    for index in operands.indices { operands[index] = self[operands[index]] }
  }
}
