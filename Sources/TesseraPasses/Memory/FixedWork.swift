import TesseraIR

/// The part of a scheduled function that depends on its constant parameters alone: operations that
/// fill buffers, which nothing else writes, from constant parameters and from such buffers.
///
/// They stand in the function's own region, or in regions of `if` and `for` there: what is computed
/// in each turn, or under a condition, is the same, and may as well be computed once. A condition that
/// constant parameters determine stays one.
struct FixedWork {
  /// What must hold for a branch to be taken, as far as constant parameters determine it.
  typealias Guards = [EntryNumbers.Number]

  private let function: Function
  private let constants: Set<Int>
  /// The numbers in which sizes are told.
  private(set) var numbers: EntryNumbers
  /// The operations that fill buffers, in order.
  private(set) var moved: [ID<Operation>] = []
  /// The allocations of what they fill.
  private(set) var allocations: [ID<Operation>] = []
  /// Under which conditions those operations run, and the regions that are entered.
  private(set) var guards: [ID<Operation>: Guards] = [:]
  private var regionGuards: [ID<Region>: Guards] = [:]
  /// The values that they may use: numbers, and the buffers.
  private var fixed: Set<Value> = []
  /// The buffers that something else writes.
  private var spoiled: Set<Value> = []
  private var homes: [Value: ID<Region>] = [:]

  private let traffic: BufferTraffic
  /// The values from outside that operations use which may be moved.
  private var free: [ID<Operation>: [Value]] = [:]

  /// Finds the fixed work of `function`.
  init(_ function: Function) {
    self.function = function
    numbers = EntryNumbers(function)
    constants = Set(function.roles.indices.filter { function.roles[$0] == .constant })
    traffic = BufferTraffic(constants.isEmpty ? Function(name: function.name) : function)
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
          guards[id] = regionGuards[region]
        }
      case .view, .reshape:
        if content.operands.allSatisfy({ isFixed($0) }) { fixed.insert(content.results[0]) }
      case .constant: fixed.formUnion(content.results)
      case .store, .vectorStore, .streamStore, .copy, .sortBuffer, .for, .if, .parallel:
        if isMovable(id, content, in: region) {
          moved.append(id)
          guards[id] = regionGuards[region]
        } else if content.opcode == .for || content.opcode == .if {
          noteGuards(content, in: region)
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

  /// Notes under which conditions the regions of an operation run that stands in `region`.
  private mutating func noteGuards(_ content: Operation, in region: ID<Region>) {
    for inner in content.regions { regionGuards[inner] = regionGuards[region] }
    guard content.opcode == .if, let condition = numbers.number(content.operands[0]),
      numbers.isDetermined(condition, by: constants)
    else { return }
    regionGuards[content.regions[0], default: []].append(condition)
    regionGuards[content.regions[1], default: []].append(
      numbers.operation(.bitNot, [condition], .bool))
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
    guard content.results.isEmpty, traffic.isPlain(id) else { return false }
    let written = traffic.writtenBuffers(id)
    guard !written.isEmpty, written.allSatisfy({ homes[$0] == region }) else { return false }
    let used = free[id] ?? function.freeValues(of: id)
    free[id] = used
    return used.allSatisfy { isFixed($0) }
  }

  // MARK: Buffers

  /// Notes the buffers that other operations write or hand on, and those that others read before
  /// they are whole; `true` iff there are new ones.
  private mutating func spoilMixed() -> Bool {
    let before = spoiled.count
    var filled: [Value: Int] = [:]
    for id in moved {
      for buffer in traffic.writtenBuffers(id) { filled[buffer] = traffic.place(of: id) }
    }
    for use in traffic.uses(besides: moved)
    where use.isLost || filled[use.buffer].map({ $0 > use.place }) == true {
      spoiled.insert(use.buffer)
    }
    return spoiled.count > before
  }

  /// The allocations of buffers that operations use which are not moved, in order.
  func neededAllocations() -> [ID<Operation>] {
    let needed = Set(traffic.uses(besides: moved).map(\.buffer))
    return filledAllocations().filter { needed.contains(function.operations[$0].results[0]) }
  }

  /// The allocations that nothing but moved operations use.
  func ownAllocations() -> Set<ID<Operation>> {
    Set(filledAllocations()).subtracting(neededAllocations())
  }

  /// The allocations of what moved operations write, in order.
  private func filledAllocations() -> [ID<Operation>] {
    let filled = Set(moved.flatMap(traffic.writtenBuffers))
    return allocations.filter { filled.contains(function.operations[$0].results[0]) }
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
