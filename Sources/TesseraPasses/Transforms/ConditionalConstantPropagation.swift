import TesseraIR
import TesseraNumbers

// Before:                                      After:
//   %s = for %zero, %n, %one, %zero : i64 {      %0 = constant {0} : i64
//   ^(%i: i64, %t: i64):                         return %0
//     %c = greater %t, %zero : bool
//     %u = if %c : i64 {
//       yield %i
//     } {
//       yield %t
//     }
//     yield %u
//   }
//   return %s
//
// (with `simplify-control` and `dce`.) Assumes that no region runs and that every value is a
// constant until something shows otherwise, so it finds what a walk from above cannot: constants
// that come round a loop. Algorithm: Wegman and Zadeck 1991, with regions for blocks.

extension Pass {
  /// Finds constants through branches and loops.
  static let conditionalConstantPropagation = Pass(
    name: "sccp", summary: "propagate constants through branches and loops"
  ) { function in
    var propagation = Propagation(function)
    propagation.run(on: function)
    let cells = propagation.cells
    return RegionEditor.edit(&function) { $0.placeConstants($1, cells) }
  }
}

/// What is known of a value.
private enum Cell: Hashable {
  /// Nothing has given it a value yet.
  case unknown
  case constant(ScalarValue)
  case varying

  /// What is known of a value that is what this tells, or what `other` tells.
  func joined(with other: Cell) -> Cell {
    switch (self, other) {
    case (.unknown, _): other
    case (_, .unknown): self
    default: self == other ? self : .varying
    }
  }
}

private struct Propagation {
  /// What is known of each value.
  private(set) var cells: [Cell]
  private let tree: RegionTree
  private let uses: Uses
  private var runs: [Bool]
  private var pending: [ID<Operation>] = []
  private var isPending: [Bool]

  init(_ function: Function) {
    cells = Array(repeating: .unknown, count: function.values.count)
    tree = RegionTree(function)
    uses = Uses(function)
    runs = Array(repeating: false, count: function.regions.count)
    isPending = Array(repeating: false, count: function.operations.count)
  }

  // Ends since a cell changes twice at most, and a region starts to run once.
  mutating func run(on function: Function) {
    for parameter in function.parameters { cells[Int(parameter.index)] = .varying }
    start(function.body, function)
    while let operation = pending.popLast() {
      isPending[Int(operation.index)] = false
      if let home = tree.home(of: operation), runs[Int(home.index)] { visit(operation, function) }
    }
  }

  private func cell(_ value: Value) -> Cell { cells[Int(value.index)] }

  private mutating func start(_ region: ID<Region>, _ function: Function) {
    if runs[Int(region.index)] { return }
    runs[Int(region.index)] = true
    for operation in function.regions[region].operations.reversed() { push(operation) }
  }

  private mutating func push(_ operation: ID<Operation>) {
    if isPending[Int(operation.index)] { return }
    isPending[Int(operation.index)] = true
    pending.append(operation)
  }

  private mutating func join(_ value: Value, _ cell: Cell) {
    let old = cells[Int(value.index)]
    let new = old.joined(with: cell)
    if new == old { return }
    cells[Int(value.index)] = new
    for user in uses.users(of: value) { push(user) }
  }

  private mutating func visit(_ operation: ID<Operation>, _ function: Function) {
    let content = function.operations[operation]
    switch content.opcode {
    case .if: visitIf(content, function)
    case .for: visitFor(content, function)
    case .while: visitWhile(content, function)
    case .yield, .condition:
      if let owner = tree.home(of: operation).flatMap(tree.owner) { push(owner) }
    default:
      for region in content.regions {
        for parameter in function.regions[region].parameters { join(parameter, .varying) }
        start(region, function)
      }
      if content.results.count == 1, let cell = evaluate(content, function) {
        join(content.results[0], cell)
      } else {
        for result in content.results { join(result, .varying) }
      }
    }
  }

  /// What a scalar operation gives; `nil` for all else.
  private func evaluate(_ content: Operation, _ function: Function) -> Cell? {
    guard case .scalar(let type) = function.type(of: content.results[0]) else { return nil }
    if content.opcode == .constant {
      return ScalarValue(content.attribute, type).map { .constant($0) }
    }
    guard content.opcode.info.traits.contains(.elementwise) else { return nil }
    if content.opcode == .select, case .constant(let condition) = cell(content.operands[0]) {
      return cell(content.operands[condition.bool ? 1 : 2])
    }
    var numbers: [ScalarValue] = []
    for operand in content.operands {
      switch cell(operand) {
      case .unknown: return .unknown
      case .varying: return .varying
      case .constant(let number): numbers.append(number)
      }
    }
    return content.opcode.evaluate(numbers, result: type).map { .constant($0) } ?? .varying
  }

  /// What the region's terminator gives at `index`; unknown while it does not run, or if it leaves
  /// the function.
  private func given(_ region: ID<Region>, _ index: Int, _ function: Function) -> Cell {
    guard runs[Int(region.index)], let last = function.terminator(of: region),
      !function.operations[last].opcode.endsFunction
    else { return .unknown }
    return cell(function.operations[last].operands[index])
  }

  private mutating func visitIf(_ content: Operation, _ function: Function) {
    switch cell(content.operands[0]) {
    case .unknown: return
    case .constant(let condition): start(content.regions[condition.bool ? 0 : 1], function)
    case .varying: for region in content.regions { start(region, function) }
    }
    for (index, result) in content.results.enumerated() {
      for region in content.regions { join(result, given(region, index, function)) }
    }
  }

  private mutating func visitFor(_ content: Operation, _ function: Function) {
    let region = content.regions[0]
    let bounds = content.operands.prefix(3).map { cell($0) }
    if bounds.contains(.unknown) { return }
    let turns = tripCount(bounds)
    let parameters = function.regions[region].parameters
    if turns != 0 {
      join(parameters[0], turns == 1 ? bounds[0] : .varying)
      start(region, function)
    }
    for (slot, result) in content.results.enumerated() {
      let initial = cell(content.operands[3 + slot])
      let yielded = given(region, slot, function)
      if turns != 0 {
        join(parameters[1 + slot], initial)
        if turns != 1 { join(parameters[1 + slot], yielded) }
        join(result, yielded)
      }
      if turns == nil || turns == 0 { join(result, initial) }
    }
  }

  private func tripCount(_ bounds: [Cell]) -> Int64? {
    guard case .constant(let lower) = bounds[0], case .constant(let upper) = bounds[1],
      case .constant(let step) = bounds[2], step.integer > 0
    else { return nil }
    if upper.integer <= lower.integer { return 0 }
    let (distance, overflow) = upper.integer.subtractingReportingOverflow(lower.integer)
    return overflow ? nil : (distance - 1) / step.integer + 1
  }

  private mutating func visitWhile(_ content: Operation, _ function: Function) {
    let (before, after) = (content.regions[0], content.regions[1])
    for (slot, parameter) in function.regions[before].parameters.enumerated() {
      join(parameter, cell(content.operands[slot]))
      join(parameter, given(after, slot, function))
    }
    start(before, function)
    let goesOn = given(before, 0, function)
    if goesOn == .unknown { return }
    let never = goesOn == .constant(ScalarValue(false))
    if !never { start(after, function) }
    for (index, result) in content.results.enumerated() {
      let passed = given(before, index + 1, function)
      if !never { join(function.regions[after].parameters[index], passed) }
      join(result, passed)
    }
  }
}

extension RegionEditor {
  /// Lets constants stand for the values whose cells say so.
  fileprivate mutating func placeConstants(_ operation: ID<Operation>, _ cells: [Cell]) {
    let content = function.operations[operation]
    for region in content.regions {
      for parameter in function.regions[region].parameters { placeConstant(parameter, cells) }
    }
    keep(operation)
    if content.opcode == .constant { return }
    for result in content.results { placeConstant(result, cells) }
  }

  private mutating func placeConstant(_ value: Value, _ cells: [Cell]) {
    guard case .constant(let number) = cells[Int(value.index)], let attribute = number.attribute
    else { return }
    let constant = function.makeOperation(
      .constant, results: [.scalar(number.type)], attribute: attribute)
    place(constant)
    replacements.replace(value, with: function.operations[constant].results[0])
    changed = true
  }
}
