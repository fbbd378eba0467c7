import TesseraIR

/// Which uses of tensors and buffers are the last ones.
///
/// A tensor that is used for the last time is handed on instead of shared, so that an update of it
/// happens in place; and memory is given back as soon as nothing needs it. A value from outside a
/// loop counts as used until the loop ends.
struct LastUses {
  /// An operand of an operation.
  struct Use: Hashable {
    /// The operation.
    var operation: ID<Operation>
    /// The position among its operands.
    var operand: Int
  }

  /// Operands that the operation may take away.
  private(set) var taken: Set<Use> = []
  /// Values that nothing uses after the operation, and that it does not take.
  private(set) var released: [ID<Operation>: [Value]] = [:]
  private let function: Function

  /// Finds the last uses in `function`.
  init(_ function: Function) {
    self.function = function
    _ = visit(function.body, live: [])
  }

  private func isTensor(_ value: Value) -> Bool {
    switch function.type(of: value) {
    case .tensor, .buffer: true
    case .scalar, .pointer, .vector: false
    }
  }

  /// Goes through `region` from its end, where `live` values are needed; returns those needed at
  /// its start.
  private mutating func visit(_ region: ID<Region>, live: Set<Value>) -> Set<Value> {
    var live = live
    for id in function.regions[region].operations.reversed() {
      let operation = function.operations[id]
      let operands = operation.operands.filter(isTensor)
      live.subtract(operation.results)
      var inside: Set<Value> = []
      if operation.opcode == .if {
        for region in operation.regions { inside.formUnion(visit(region, live: live)) }
        inside.subtract(live)
      } else if !operation.regions.isEmpty {
        for region in operation.regions { inside.formUnion(outerUses(of: region)) }
        let needed = live.union(inside)
        for region in operation.regions { _ = visit(region, live: needed) }
      }
      settle(id, operation, inside: inside, live: live)
      live.formUnion(operands)
      live.formUnion(inside)
    }
    live.subtract(function.regions[region].parameters)
    return live
  }

  /// Decides about the tensors that are used at `operation` and not after it.
  private mutating func settle(
    _ id: ID<Operation>, _ operation: Operation, inside: Set<Value>, live: Set<Value>
  ) {
    var dying = inside.subtracting(live)
    for (index, operand) in operation.operands.enumerated().reversed()
    where isTensor(operand) && !live.contains(operand) && !inside.contains(operand) {
      // The last of equal operands takes, so that the others still find the value.
      if dying.insert(operand).inserted, operation.opcode.takesTensors {
        taken.insert(Use(operation: id, operand: index))
      }
    }
    let isTaken = Set(
      operation.operands.indices
        .filter { taken.contains(Use(operation: id, operand: $0)) }
        .map { operation.operands[$0] })
    let rest = dying.subtracting(isTaken)
    if !rest.isEmpty, !operation.opcode.info.traits.contains(.terminator) {
      released[id] = rest.sorted()
    }
  }

  /// The tensors that `region` uses and does not define.
  private func outerUses(of region: ID<Region>) -> Set<Value> {
    var uses: Set<Value> = []
    var defined = Set(function.regions[region].parameters)
    for id in function.regions[region].operations {
      let operation = function.operations[id]
      uses.formUnion(operation.operands.filter(isTensor))
      for inner in operation.regions { uses.formUnion(outerUses(of: inner)) }
      defined.formUnion(operation.results)
    }
    return uses.subtracting(defined)
  }
}

extension Opcode {
  /// `true` iff tensors among the operands are handed on or replaced rather than looked at.
  fileprivate var takesTensors: Bool {
    switch self {
    case .update, .launch, .for, .while, .reduce, .scan, .call, .tailCall, .yield, .condition,
      .return:
      true
    default: false
    }
  }
}
