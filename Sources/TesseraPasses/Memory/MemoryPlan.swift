import TesseraIR

/// Lets a buffer take over the memory of an earlier one that nobody needs any more.
///
///     %a = allocate %n : buffer f32[?]            %a = allocate %n : buffer f32[?]
///     …                                           …
///     copy %a, %x                            →    copy %a, %x
///     %b = allocate %n : buffer f32[?]            …
///     …                                           copy %a, %y
///     copy %b, %y
///
/// Both are allocated in the same region, and have one type and the same extents. Buffers that a
/// loop or branch hands on are left alone, since their lives are not told by their uses.
extension Pass {
  public static let memoryPlan = Pass(
    name: "memory-plan", summary: "let buffers take over memory that nobody needs any more"
  ) { (function: inout Function) in
    var plan = MemoryPlan(function)
    plan.visit(function.body)
    if plan.replacements.isEmpty { return false }
    function.replaceUses(plan.replacements)
    function.removeOperations(plan.removed)
    return true
  }
}

/// Which buffers stand in for which others.
private struct MemoryPlan {
  private let function: Function
  private let uses: Uses
  private let tree: RegionTree
  private(set) var replacements: [Value: Value] = [:]
  private(set) var removed: Set<ID<Operation>> = []

  init(_ function: Function) {
    self.function = function
    uses = Uses(function)
    tree = RegionTree(function)
  }

  /// Memory of a shape that stands in a region.
  private struct Memory {
    var buffer: Value
    /// The position of the operation that needs it last.
    var lastUse: Int
  }

  /// What buffers must have in common to share memory.
  private struct Shape: Hashable {
    var type: Type
    var extents: [Extent]

    enum Extent: Hashable {
      case number(Int64)
      case value(Value)
    }
  }

  /// Plans the allocations that `region` lists, and those of the regions within.
  mutating func visit(_ region: ID<Region>) {
    let operations = function.regions[region].operations
    var positions: [ID<Operation>: Int] = [:]
    for (position, id) in operations.enumerated() { positions[id] = position }
    var memories: [Shape: [Memory]] = [:]
    for (position, id) in operations.enumerated() {
      let content = function.operations[id]
      for inner in content.regions { visit(inner) }
      guard content.opcode == .allocate,
        let lastUse = lastUse(of: content.results[0], in: region, positions)
      else { continue }
      let shape = Shape(
        type: function.type(of: content.results[0]),
        extents: content.operands.map { extent in
          function.integerConstant(extent).map { .number($0) } ?? .value(extent)
        })
      let candidates = memories[shape, default: []]
      if let free = candidates.firstIndex(where: { $0.lastUse < position }) {
        replacements[content.results[0]] = candidates[free].buffer
        removed.insert(id)
        memories[shape]![free].lastUse = max(lastUse, position)
      } else {
        memories[shape, default: []].append(
          Memory(buffer: content.results[0], lastUse: max(lastUse, position)))
      }
    }
  }

  /// The position in `region` of the last operation that needs what is in `buffer`; `nil` if its
  /// uses do not tell.
  private func lastUse(
    of buffer: Value, in region: ID<Region>, _ positions: [ID<Operation>: Int]
  ) -> Int? {
    var last = -1
    for user in uses.users(of: buffer) {
      let content = function.operations[user]
      switch content.opcode {
      case .yield, .condition, .return, .tailCall, .for, .while: return nil
      case .view:
        // A view shows the same memory.
        guard let position = lastUse(of: content.results[0], in: region, positions) else {
          return nil
        }
        last = max(last, position)
      default: break
      }
      guard let position = self.position(of: user, in: region, positions) else { return nil }
      last = max(last, position)
    }
    return last
  }

  /// The position in `region` of `operation`, or of the one there whose regions hold it.
  private func position(
    of operation: ID<Operation>, in region: ID<Region>, _ positions: [ID<Operation>: Int]
  ) -> Int? {
    var operation = operation
    // Ends since each step goes one region out.
    while true {
      if let position = positions[operation] { return position }
      guard let home = tree.home(of: operation), let owner = tree.owner(of: home) else {
        return nil
      }
      operation = owner
    }
  }
}

extension Function {
  /// Takes `removed` out of the regions that list them.
  fileprivate mutating func removeOperations(_ removed: Set<ID<Operation>>) {
    for region in regions.ids {
      regions[region].operations.removeAll { removed.contains($0) }
    }
  }
}
