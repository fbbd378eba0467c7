import TesseraIR

/// The part of a scheduled function that depends on its constant parameters alone: operations that
/// fill buffers, which nothing else writes, from constant parameters and from such buffers.
///
/// They stand in the function's own region, or in regions of `if` and `for` there: what is computed
/// in each turn, or under a condition, is the same, and may as well be computed once.
struct FixedWork {
  private let function: Function
  private let constants: Set<Int>
  private(set) var numbers: EntryNumbers
  /// The operations that fill buffers, in order.
  private(set) var moved: [ID<Operation>] = []
  /// The allocations of what they fill.
  private(set) var allocations: [ID<Operation>] = []
  /// The values that they may use: numbers, and the buffers.
  private var fixed: Set<Value> = []
  /// The buffers that something else writes.
  private var spoiled: Set<Value> = []
  private var homes: [Value: ID<Region>] = [:]
  private let tree: RegionTree

  /// Finds the fixed work of `function`.
  init(_ function: Function) {
    self.function = function
    tree = RegionTree(function)
    numbers = EntryNumbers(function)
    constants = Set(function.roles.indices.filter { function.roles[$0] == .constant })
    if constants.isEmpty { return }
    // Ends since buffers are spoiled and never mended.
    repeat {
      moved = []
      allocations = []
      homes = [:]
      fixed = Set(constants.map { function.parameters[$0] })
      visit(function.body)
    } while spoilMixed()
  }

  // MARK: Walk

  private mutating func visit(_ region: ID<Region>) {
    for id in function.regions[region].operations {
      let content = function.operations[id]
      switch content.opcode {
      case .allocate:
        let buffer = content.results[0]
        if !spoiled.contains(buffer), content.operands.allSatisfy({ isFixedNumber($0) }) {
          fixed.insert(buffer)
          homes[buffer] = region
          allocations.append(id)
        }
      case .view:
        if content.operands.allSatisfy({ isFixed($0) }) { fixed.insert(content.results[0]) }
      case .constant: fixed.formUnion(content.results)
      case .store, .vectorStore, .copy, .sortBuffer, .for, .if, .parallel:
        if isMovable(id, content, in: region) {
          moved.append(id)
        } else if content.opcode == .for || content.opcode == .if {
          for inner in content.regions { visit(inner) }
        }
      default:
        // Whole numbers are computed from the parameters once more; others where that cannot fail.
        let isSafe =
          content.opcode.info.family == .scalar && content.opcode.isPure
          && !content.opcode.info.traits.contains(.mayTrap)
        if isSafe, content.operands.allSatisfy({ isFixed($0) }) { fixed.formUnion(content.results) }
      }
    }
  }

  private mutating func isFixed(_ value: Value) -> Bool {
    fixed.contains(value) || isFixedNumber(value)
  }

  /// `true` iff `value` is a whole number that constant parameters determine.
  private mutating func isFixedNumber(_ value: Value) -> Bool {
    guard let number = numbers.number(value) else { return false }
    return numbers.isDetermined(number, by: constants)
  }

  /// `true` iff the operation may run ahead: it writes fixed buffers of its region, and uses nothing
  /// that is not fixed.
  private mutating func isMovable(
    _ id: ID<Operation>, _ content: Operation, in region: ID<Region>
  ) -> Bool {
    guard content.results.isEmpty, hasPlainEffects(id) else { return false }
    let written = writtenBuffers(id)
    return !written.isEmpty && written.allSatisfy { homes[$0] == region }
      && function.freeValues(of: id).allSatisfy { isFixed($0) }
  }

  /// `true` iff all that the operation does is to read and write buffers.
  private func hasPlainEffects(_ id: ID<Operation>) -> Bool {
    let content = function.operations[id]
    switch content.opcode {
    case .load, .store, .vectorLoad, .vectorStore, .copy, .sortBuffer, .allocate, .view, .for, .if,
      .parallel, .yield:
      break
    default: if !content.opcode.isPure || content.opcode == .while { return false }
    }
    return content.regions.allSatisfy { region in
      function.regions[region].operations.allSatisfy(hasPlainEffects)
    }
  }

  // MARK: Buffers

  /// The buffer that `value` shows.
  private func root(_ value: Value) -> Value {
    var value = value
    // Ends since each step goes to an operation that stands earlier.
    while let definition = function.definition(of: value),
      function.operations[definition].opcode == .view
    {
      value = function.operations[definition].operands[0]
    }
    return value
  }

  /// The buffers from outside that the operation writes.
  private func writtenBuffers(_ id: ID<Operation>) -> Set<Value> {
    var written: Set<Value> = []
    var own: Set<Value> = []
    func visit(_ id: ID<Operation>) {
      let content = function.operations[id]
      own.formUnion(content.results)
      for operand in content.writtenOperands { written.insert(root(operand)) }
      for region in content.regions {
        for inner in function.regions[region].operations { visit(inner) }
      }
    }
    visit(id)
    return written.subtracting(own)
  }

  /// Notes the buffers that other operations write or hand on, and those that others read before
  /// they are whole; `true` iff there are new ones.
  private mutating func spoilMixed() -> Bool {
    let before = spoiled.count
    let movedSet = Set(moved)
    var isFilled: [Value: Int] = [:]
    var positions: [ID<Operation>: Int] = [:]
    for id in moved {
      positions[id] = positions.count
      for buffer in writtenBuffers(id) { isFilled[buffer] = positions.count }
    }
    var done = 0
    func visit(_ region: ID<Region>, _ spoiled: inout Set<Value>) {
      for id in function.regions[region].operations {
        if movedSet.contains(id) {
          done = positions[id]! + 1
          continue
        }
        let content = function.operations[id]
        var lost = content.writtenOperands
        switch content.opcode {
        case .yield, .condition, .return, .tailCall, .call, .while: lost = content.operands
        case .for: lost = Array(content.operands.dropFirst(3))
        default: break
        }
        for operand in lost { spoiled.insert(root(operand)) }
        if content.opcode != .view {
          for operand in content.operands where function.type(of: operand).isBuffer {
            let buffer = root(operand)
            if let place = isFilled[buffer], place > done { spoiled.insert(buffer) }
          }
        }
        for inner in content.regions { visit(inner, &spoiled) }
      }
    }
    var found = spoiled
    visit(function.body, &found)
    spoiled = found
    return spoiled.count > before
  }

  /// The allocations of buffers that operations use which are not moved, in order.
  func neededAllocations() -> [ID<Operation>] {
    let movedSet = Set(moved)
    let roots = Set(allocations.map { function.operations[$0].results[0] })
    let filled = moved.reduce(into: Set<Value>()) { $0.formUnion(writtenBuffers($1)) }
    var needed: Set<Value> = []
    func visit(_ region: ID<Region>) {
      for id in function.regions[region].operations where !movedSet.contains(id) {
        let content = function.operations[id]
        if content.opcode != .view {
          for operand in content.operands where function.type(of: operand).isBuffer {
            needed.insert(root(operand))
          }
        }
        for inner in content.regions { visit(inner) }
      }
    }
    visit(function.body)
    needed.formIntersection(roots)
    needed.formIntersection(filled)
    return allocations.filter { needed.contains(function.operations[$0].results[0]) }
  }

  /// The allocations that nothing but moved operations use.
  func ownAllocations() -> Set<ID<Operation>> {
    let needed = Set(neededAllocations())
    let filled = moved.reduce(into: Set<Value>()) { $0.formUnion(writtenBuffers($1)) }
    return Set(
      allocations.filter {
        filled.contains(function.operations[$0].results[0]) && !needed.contains($0)
      })
  }
}

extension Operation {
  /// The buffers among the operands that the operation itself writes.
  fileprivate var writtenOperands: [Value] {
    switch opcode {
    case .store, .vectorStore, .copy: [operands[1]]
    case .sortBuffer: [operands[1], operands[2]]
    default: []
    }
  }
}

extension Function {
  /// The values that `operation` and its regions use and do not define, each once, in order.
  func freeValues(of operation: ID<Operation>) -> [Value] {
    var own: Set<Value> = []
    var free: [Value] = []
    func visit(_ id: ID<Operation>) {
      for operand in operations[id].operands where own.insert(operand).inserted {
        free.append(operand)
      }
      own.formUnion(operations[id].results)
      for region in operations[id].regions {
        own.formUnion(regions[region].parameters)
        for inner in regions[region].operations { visit(inner) }
      }
    }
    visit(operation)
    return free
  }
}
