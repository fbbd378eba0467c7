import TesseraIR

/// What the code of a function must be ready for; it shapes how it is called.
struct FunctionFacts {
  /// `true` iff a call may end in an error, so that it gives a status.
  var mayFail = false
  /// `true` iff the function, not counting callees, takes memory from the arena.
  var allocates = false
  /// `true` iff it may be entered again before it is left, and not by tail calls alone.
  var isRecursive = false
  /// `true` iff another function of the module calls it.
  var isCalled = false
  /// `true` iff some call of it stands in tail position.
  var isTailCalled = false
  /// Whether each parameter is a buffer that has no gaps in whatever call.
  var denseParameters: [Bool] = []
  /// The allocations for which stack memory of fixed size is taken.
  var stackBuffers: Set<ID<Operation>> = []
  /// The functions that it calls, in tail position or not.
  var calls: Set<String> = []
  var tailCalls: Set<String> = []
}

/// Collects the facts of all functions of a module.
func collectFacts(_ module: Module) -> [String: FunctionFacts] {
  var facts: [String: FunctionFacts] = [:]
  for function in module.functions {
    var own = FunctionFacts()
    function.forEachOperation(in: function.body) { id in
      let operation = function.operations[id]
      switch operation.opcode {
      case .assert, .while, .parallel, .sortBuffer, .place: own.mayFail = true
      case .for: if function.pollsInterrupt(id) { own.mayFail = true }
      case .divide, .remainder, .divideTruncating, .remainderTruncating:
        if function.type(of: operation.operands[0]).laneType?.isInteger == true {
          own.mayFail = true
        }
      case .call, .tailCall:
        guard case .symbol(let name) = operation.attribute else { break }
        if operation.opcode == .call {
          own.calls.insert(name)
        } else {
          own.tailCalls.insert(name)
          own.mayFail = true  // An endless chain of tail calls can be interrupted.
        }
      default: break
      }
    }
    own.stackBuffers = function.stackBuffers
    own.allocates = function.allocates(in: function.body, beside: own.stackBuffers)
    if own.allocates { own.mayFail = true }
    own.denseParameters = function.parameters.map { function.type(of: $0).isBuffer }
    facts[function.name] = own
  }
  for (_, own) in facts {
    for callee in own.calls.union(own.tailCalls) { facts[callee]?.isCalled = true }
    for callee in own.tailCalls { facts[callee]?.isTailCalled = true }
  }
  findDenseParameters(module, &facts)
  findRecursion(&facts)
  spreadFailure(&facts)
  return facts
}

/// Leaves those parameters marked as dense that only ever are buffers as they were allocated or as
/// entry checks let them pass.
private func findDenseParameters(_ module: Module, _ facts: inout [String: FunctionFacts]) {
  for function in module.functions where !function.isExported && !facts[function.name]!.isCalled {
    // Who calls it is not known.
    facts[function.name]!.denseParameters = function.parameters.map { _ in false }
  }
  let calls = module.functions.map { function in
    var found: [(callee: String, operands: [Value])] = []
    function.forEachOperation(in: function.body) { id in
      let operation = function.operations[id]
      guard [.call, .tailCall].contains(operation.opcode),
        case .symbol(let name) = operation.attribute
      else { return }
      found.append((name, operation.operands))
    }
    return found
  }
  // Ends since marks are only ever taken away.
  var changed = true
  while changed {
    changed = false
    for (function, calls) in zip(module.functions, calls) {
      for call in calls {
        for (position, operand) in call.operands.enumerated()
        where facts[call.callee]?.denseParameters[position] == true
          && !function.isDense(operand, facts[function.name]!.denseParameters)
        {
          facts[call.callee]!.denseParameters[position] = false
          changed = true
        }
      }
    }
  }
}

/// Marks functions from which a path of calls leads back, with one call on it that is no tail call.
private func findRecursion(_ facts: inout [String: FunctionFacts]) {
  for (name, own) in facts {
    // A path that begins with a call proper and comes back is recursion of `name`.
    var visited: Set<String> = []
    var pending = Array(own.calls)
    while let next = pending.popLast() {
      guard visited.insert(next).inserted, let callee = facts[next] else { continue }
      pending += callee.calls
      pending += callee.tailCalls
    }
    if visited.contains(name) {
      facts[name]!.isRecursive = true
      facts[name]!.mayFail = true
    }
  }
}

/// Makes callers of functions that may fail ready to fail, and both ends of a tail call alike,
/// since a tail call hands on the callee's return value as it is.
private func spreadFailure(_ facts: inout [String: FunctionFacts]) {
  var changed = true
  while changed {
    changed = false
    for (name, own) in facts {
      if !own.mayFail,
        own.calls.union(own.tailCalls).contains(where: { facts[$0]?.mayFail == true })
      {
        facts[name]!.mayFail = true
        changed = true
      }
      guard facts[name]!.mayFail else { continue }
      for callee in own.tailCalls where facts[callee]?.mayFail == false {
        facts[callee]!.mayFail = true
        changed = true
      }
    }
  }
}

extension Function {
  /// `true` iff the buffer `value` has no gaps, given which parameters have none.
  fileprivate func isDense(_ value: Value, _ denseParameters: [Bool]) -> Bool {
    switch values[value].definition {
    case .parameter(let region, let index): region == body && denseParameters[index]
    case .result(let operation, _):
      [.allocate, .place, .overlay, .reshape, .constant].contains(operations[operation].opcode)
    }
  }

  /// `true` iff something in `region` takes memory from the arena of the run that goes through it;
  /// ranges of a `parallel` have runs, or at least turns, of their own.
  func allocates(in region: ID<Region>, beside stackBuffers: Set<ID<Operation>>) -> Bool {
    regions[region].operations.contains { id in
      switch operations[id].opcode {
      case .allocate: !stackBuffers.contains(id)
      case .parallel: false
      default: operations[id].regions.contains { allocates(in: $0, beside: stackBuffers) }
      }
    }
  }

  /// `true` iff turns of the `for` at `id` look whether the run was interrupted: loops that hold
  /// other loops or calls do, innermost ones are short enough without.
  func pollsInterrupt(_ id: ID<Operation>) -> Bool {
    var holdsWork = false
    for region in operations[id].regions {
      forEachOperation(in: region) {
        switch operations[$0].opcode {
        case .for, .while, .call, .parallel: holdsWork = true
        default: break
        }
      }
    }
    return holdsWork
  }
}

extension Function {
  /// `true` iff its own instructions take no time worth speaking of beside what LLVM would spend on
  /// them: no loop turns without handing its work to other functions, and either there are such
  /// functions, or it is long, for the sizes and offsets of many buffers. The time for a block
  /// without branches grows with the square of its length.
  var isWorthNoEffort: Bool {
    var (count, handsOn) = (0, false)
    /// `true` iff no loop of `region` does work itself.
    func leavesWork(_ region: ID<Region>) -> Bool {
      regions[region].operations.allSatisfy { id in
        let operation = operations[id]
        count += operation.opcode == .call ? operation.operands.count : 1
        switch operation.opcode {
        case .parallel:
          handsOn = true
          return true
        case .for, .while:
          return operation.regions.contains(where: handsWorkOn)
            && operation.regions.allSatisfy(leavesWork)
        default: return operation.regions.allSatisfy(leavesWork)
        }
      }
    }
    return leavesWork(body) && (handsOn || count > 512)
  }

  /// `true` iff something in `region` runs as a function of its own on other threads.
  private func handsWorkOn(_ region: ID<Region>) -> Bool {
    regions[region].operations.contains { id in
      operations[id].opcode == .parallel || operations[id].regions.contains(where: handsWorkOn)
    }
  }
}
