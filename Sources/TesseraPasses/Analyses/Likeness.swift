import TesseraIR

/// Whether values of one region are made like those of another, by operations that do nothing else.
struct Likeness {
  private let function: Function
  /// What is known to be alike, beside each value and itself.
  private var pairs: [Value: Value]

  /// Begins with `pairs` that count as alike.
  init(_ pairs: some Sequence<(Value, Value)>, in function: Function) {
    self.function = function
    self.pairs = Dictionary(pairs) { first, _ in first }
  }

  /// `true` iff the same operations make both values from what is alike.
  mutating func holds(_ a: Value, _ b: Value) -> Bool {
    if a == b || pairs[a] == b { return true }
    guard case .result(let first, let place) = function.values[a].definition,
      case .result(let second, place) = function.values[b].definition,
      function.type(of: a) == function.type(of: b)
    else { return false }
    let (one, two) = (function.operations[first], function.operations[second])
    guard one.opcode == two.opcode, one.attribute == two.attribute,
      one.operands.count == two.operands.count, one.regions.count == two.regions.count
    else { return false }
    // Ends since operands stand before what they are for.
    for (a, b) in zip(one.operands, two.operands) where !holds(a, b) { return false }
    for (a, b) in zip(one.regions, two.regions) where !yieldAlike(a, b) { return false }
    pairs[a] = b
    return true
  }

  private mutating func yieldAlike(_ a: ID<Region>, _ b: ID<Region>) -> Bool {
    for (a, b) in zip(function.regions[a].parameters, function.regions[b].parameters) {
      pairs[a] = b
    }
    guard let first = function.terminator(of: a).map({ function.operations[$0] }),
      let second = function.terminator(of: b).map({ function.operations[$0] }),
      first.opcode == second.opcode, first.operands.count == second.operands.count
    else { return false }
    for (a, b) in zip(first.operands, second.operands) where !holds(a, b) { return false }
    return true
  }
}
