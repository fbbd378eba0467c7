import TesseraIR

// Before:                                      After:
//   %s, %t = for %a, %b, %c, %x, %y {            %s = for %a, %b, %c, %x {
//   ^(%i: i64, %p: i64, %q: i64):                ^(%i: i64, %p: i64):
//     %u = add %p, %i : i64                        %u = add %p, %i : i64
//     %v = add %q, %i : i64                        yield %u
//     yield %u, %v                               }
//   }                                            return %s
//   return %s
//
// What is used only by itself, round a loop, is unused. An error that only an unused operation
// could raise goes with it; calls stay, since they may print, and so does a `while`: one that never
// ends keeps what follows from happening.

extension Pass {
  /// Removes pure operations whose results are never used, and results and carried values that are
  /// never used.
  static let deadCodeElimination = Pass(
    name: "dce", summary: "remove pure operations and carried values that nothing uses"
  ) { function in
    var liveness = Liveness(function)
    liveness.markAll(in: function)
    return Sweep(liveness: liveness).sweep(function.body, in: &function)
  }
}

/// Which operations and values what the function does depends on.
private struct Liveness {
  private let tree: RegionTree
  private(set) var operations: [Bool]
  private(set) var values: [Bool]
  private var pending: [Value] = []

  init(_ function: Function) {
    tree = RegionTree(function)
    operations = Array(repeating: false, count: function.operations.count)
    values = Array(repeating: false, count: function.values.count)
  }

  /// `true` iff something that the function does depends on it.
  func isLive(_ value: Value) -> Bool { values[Int(value.index)] }
  func isLive(_ operation: ID<Operation>) -> Bool { operations[Int(operation.index)] }

  /// Finds all that is live.
  mutating func markAll(in function: Function) {
    var roots: [ID<Operation>] = []
    function.forEachOperation(in: function.body) { operation in
      if isRoot(function.operations[operation].opcode) { roots.append(operation) }
    }
    for root in roots { mark(root, in: function) }
    spreadAll(in: function)
    // A `compute` that is needed for an effect alone keeps its first result.
    function.forEachOperation(in: function.body) { operation in
      let content = function.operations[operation]
      if content.opcode == .compute, isLive(operation), !content.results.contains(where: isLive) {
        mark(content.results[0])
      }
    }
    spreadAll(in: function)
  }

  private mutating func spreadAll(in function: Function) {
    while let value = pending.popLast() { spread(value, in: function) }
  }

  /// `true` iff an operation has an effect by itself, or may never end.
  private func isRoot(_ opcode: Opcode) -> Bool {
    switch opcode {
    case .return, .tailCall, .while: true
    case .allocate, .place: false
    default: opcode.info.traits.contains(.writes)
    }
  }

  private mutating func mark(_ value: Value) {
    if values[Int(value.index)] { return }
    values[Int(value.index)] = true
    pending.append(value)
  }

  /// Marks `operation`, what is around it, and what it always needs.
  private mutating func mark(_ operation: ID<Operation>, in function: Function) {
    if operations[Int(operation.index)] { return }
    operations[Int(operation.index)] = true
    if let owner = tree.home(of: operation).flatMap(tree.owner) { mark(owner, in: function) }
    let content = function.operations[operation]
    for operand in content.operands[content.needed] { mark(operand) }
    for region in content.regions {
      guard let terminator = function.terminator(of: region) else { continue }
      mark(terminator, in: function)
      let end = function.operations[terminator]
      switch end.opcode {
      // A yield serves the results that are used, if its owner knows them one by one.
      case .yield where !content.opcode.hasSlots: for operand in end.operands { mark(operand) }
      case .condition: mark(end.operands[0])
      default: break
      }
    }
  }

  /// Marks what the value of `value` comes from.
  private mutating func spread(_ value: Value, in function: Function) {
    switch function.values[value].definition {
    case .result(let operation, let index):
      mark(operation, in: function)
      let content = function.operations[operation]
      switch content.opcode {
      case .if, .compute: markYields(content, index, in: function)
      case .for, .launch: markSlot(content, index, in: function)
      case .while: markOperand(of: content.regions[0], index + 1, in: function)
      default: break
      }
    case .parameter(let region, let index):
      guard let owner = tree.owner(of: region) else { return }
      mark(owner, in: function)
      let content = function.operations[owner]
      switch content.opcode {
      case .for, .launch:
        let slot = index - content.indexCount
        if slot >= 0 { markSlot(content, slot, in: function) }
      case .while where region == content.regions[0]:
        mark(content.operands[index])
        markOperand(of: content.regions[1], index, in: function)
      case .while: markOperand(of: content.regions[0], index + 1, in: function)
      default: break
      }
    }
  }

  /// Marks the initial value of a carried one and what each turn makes of it.
  private mutating func markSlot(_ content: Operation, _ slot: Int, in function: Function) {
    mark(content.operands[content.needed.upperBound + slot])
    markYields(content, slot, in: function)
  }

  private mutating func markYields(_ content: Operation, _ index: Int, in function: Function) {
    for region in content.regions { markOperand(of: region, index, in: function) }
  }

  /// Marks one operand of the terminator of `region`; one that leaves the function has no yield.
  private mutating func markOperand(of region: ID<Region>, _ index: Int, in function: Function) {
    guard let terminator = function.terminator(of: region) else { return }
    let end = function.operations[terminator]
    if end.opcode == .yield || end.opcode == .condition { mark(end.operands[index]) }
  }
}

extension Opcode {
  /// `true` iff each result has its own operands of the region's terminator.
  fileprivate var hasSlots: Bool {
    switch self {
    case .if, .for, .while, .launch, .compute: true
    default: false
    }
  }
}

extension Operation {
  /// The operands that are needed whichever results are used.
  fileprivate var needed: Range<Int> {
    switch opcode {
    case .for: 0..<3
    case .while: 0..<0
    case .launch: 0..<(operands.count - results.count)
    case .yield, .condition: 0..<0
    default: 0..<operands.count
    }
  }

  /// How many parameters of the region count rather than carry.
  fileprivate var indexCount: Int { opcode == .for ? 1 : operands.count - results.count }
}

/// Leaves out what is not live.
private struct Sweep {
  let liveness: Liveness

  /// Takes what is dead out of `region` and all that it holds; `true` iff there was something.
  func sweep(_ region: ID<Region>, in function: inout Function) -> Bool {
    let before = function.regions[region].operations
    let after = before.filter { liveness.isLive($0) }
    var changed = after.count != before.count
    if changed { function.regions[region].operations = after }
    for operation in after {
      for inner in function.operations[operation].regions {
        if sweep(inner, in: &function) { changed = true }
      }
      if shrink(operation, in: &function) { changed = true }
    }
    return changed
  }

  private func shrink(_ operation: ID<Operation>, in function: inout Function) -> Bool {
    let content = function.operations[operation]
    let isUsed = content.results.map { liveness.isLive($0) }
    switch content.opcode {
    case .if, .compute:
      if isUsed.allSatisfy({ $0 }) { return false }
      function.keepResults(of: operation, where: isUsed)
      for region in content.regions { keepYield(of: region, isUsed, in: &function) }
      return true
    case .for, .launch:
      let indices = content.indexCount
      let carried = function.regions[content.regions[0]].parameters.dropFirst(indices)
      let isKept = zip(isUsed, carried).map { $0 || liveness.isLive($1) }
      if isKept.allSatisfy({ $0 }) { return false }
      let first = content.needed.upperBound
      function.keepOperands(of: operation, from: first, where: isKept)
      function.keepResults(of: operation, where: isKept)
      function.keepParameters(
        of: content.regions[0], where: Array(repeating: true, count: indices) + isKept)
      keepYield(of: content.regions[0], isKept, in: &function)
      return true
    case .while: return shrinkWhile(operation, isUsed, in: &function)
    default: return false
    }
  }

  private func shrinkWhile(
    _ operation: ID<Operation>, _ isUsed: [Bool], in function: inout Function
  ) -> Bool {
    let regions = function.operations[operation].regions
    let isCarried = function.regions[regions[0]].parameters.map { liveness.isLive($0) }
    let passed = function.regions[regions[1]].parameters
    let isPassed = zip(isUsed, passed).map { $0 || liveness.isLive($1) }
    if isCarried.allSatisfy({ $0 }), isPassed.allSatisfy({ $0 }) { return false }
    function.keepOperands(of: operation, from: 0, where: isCarried)
    function.keepParameters(of: regions[0], where: isCarried)
    keepYield(of: regions[1], isCarried, in: &function)
    function.keepResults(of: operation, where: isPassed)
    function.keepParameters(of: regions[1], where: isPassed)
    if let condition = function.terminator(of: regions[0]) {
      function.keepOperands(of: condition, from: 1, where: isPassed)
    }
    return true
  }

  private func keepYield(of region: ID<Region>, _ isKept: [Bool], in function: inout Function) {
    guard let terminator = function.terminator(of: region),
      function.operations[terminator].opcode == .yield
    else { return }
    function.keepOperands(of: terminator, from: 0, where: isKept)
  }
}
