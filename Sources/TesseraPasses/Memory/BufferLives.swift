import TesseraIR

/// When buffers are needed, in positions of program order.
///
/// A loop counts once: a buffer from outside of it is needed until the loop ends, one from inside
/// is fresh in each turn.
struct BufferLives {
  private let function: Function
  private let uses: Uses
  private let tree: RegionTree
  /// The position of each operation.
  private var starts: [Int]
  /// The position of the last operation inside each operation; its own where it has no regions.
  private var ends: [Int]

  /// Numbers the operations of `function`.
  init(_ function: Function) {
    self.function = function
    uses = Uses(function)
    tree = RegionTree(function)
    starts = Array(repeating: 0, count: function.operations.count)
    ends = starts
    var next = 0
    number(function.body, &next)
  }

  private mutating func number(_ region: ID<Region>, _ next: inout Int) {
    for operation in function.regions[region].operations {
      starts[Int(operation.index)] = next
      next += 1
      for inner in function.operations[operation].regions { number(inner, &next) }
      ends[Int(operation.index)] = next - 1
    }
  }

  /// The positions from the one of `allocation` to that of the last operation that needs what it
  /// makes; `nil` if uses do not tell, since the buffer is handed on.
  func life(of allocation: ID<Operation>) -> ClosedRange<Int>? {
    guard let home = tree.home(of: allocation) else { return nil }
    let start = starts[Int(allocation.index)]
    return lastUse(of: function.operations[allocation].results[0], home).map {
      start...max(start, $0)
    }
  }

  private func lastUse(of buffer: Value, _ home: ID<Region>) -> Int? {
    var last = -1
    for user in uses.users(of: buffer) {
      let content = function.operations[user]
      switch content.opcode {
      case .yield, .condition, .return, .tailCall, .for, .while: return nil
      case .call where content.results.contains(where: { function.type(of: $0).isBuffer }):
        return nil
      case .view, .reshape, .place, .overlay:
        // A view shows the same memory.
        guard let position = lastUse(of: content.results[0], home) else { return nil }
        last = max(last, position)
      default: break
      }
      guard let position = end(of: user, in: home) else { return nil }
      last = max(last, position)
    }
    return last
  }

  /// Where the operation in `region` ends that is `operation` or holds it.
  private func end(of operation: ID<Operation>, in region: ID<Region>) -> Int? {
    var operation = operation
    // Ends since each step goes one region out.
    while let home = tree.home(of: operation) {
      if home == region { return ends[Int(operation.index)] }
      guard let owner = tree.owner(of: home) else { return nil }
      operation = owner
    }
    return nil
  }
}
