import TesseraIR
import TesseraNumbers

// Before:                              After:
//   %y = if %true : i64 {                %0 = add %x, %one : i64
//     %0 = add %x, %one : i64            return %0
//     yield %0
//   } {
//     yield %x
//   }
//   return %y
//
// A condition is known in the branches that it decides. Loops that turn once or never go the same
// way, and so do indices of a reduction that take one value only. A reduction whose terms change
// nothing, such as a sum of zeros, is what it starts from.
// A small `if` that chooses between numbers becomes
// `select`, if nothing in it may stop the run; one that reads or divides stays, since only the
// branch that is chosen may do so.

extension Pass {
  /// Removes branches and loops whose course is known.
  static let controlSimplification = Pass(
    name: "simplify-control", summary: "dissolve branches and loops whose course is known"
  ) { function in
    RegionEditor.edit(&function) { $0.simplifyControl($1) }
  }
}

extension RegionEditor {
  fileprivate mutating func simplifyControl(_ operation: ID<Operation>) {
    switch function.operations[operation].opcode {
    case .if: simplifyIf(operation)
    case .for: simplifyFor(operation)
    case .parallel:
      indices.formUnion(function.regions[function.operations[operation].regions[0]].parameters)
      keep(operation)
    case .while: simplifyWhile(operation)
    case .reduce: simplifyReduce(operation)
    case .assert:
      if function.scalarConstant(function.operations[operation].operands[0])?.bool == true {
        changed = true
      } else {
        place(operation)
      }
    default: keep(operation)
    }
  }

  private mutating func simplifyIf(_ operation: ID<Operation>) {
    let content = function.operations[operation]
    let condition = content.operands[0]
    if let known = function.scalarConstant(condition) {
      let values = dissolve(content.regions[known.bool ? 0 : 1])
      return replaceResults(of: operation, by: values)
    }
    if let inverted = function.definition(of: condition),
      function.operations[inverted].opcode == .bitNot
    {
      function.operations[operation].operands[0] = function.operations[inverted].operands[0]
      function.operations[operation].regions.swapAt(0, 1)
      changed = true
    }
    let decisive = function.operations[operation].operands[0]
    let regions = function.operations[operation].regions
    if let known = assumed[decisive] {
      return replaceResults(of: operation, by: dissolve(regions[known ? 0 : 1]))
    }
    if isCheapChoice(function.operations[operation]) { return turnIntoSelect(operation) }
    for (region, truth) in zip(regions, [true, false]) {
      assumed[decisive] = truth
      enter(region)
    }
    assumed[decisive] = nil
    place(operation)
  }

  /// `true` iff evaluating both branches costs little and cannot stop the run.
  private func isCheapChoice(_ content: Operation) -> Bool {
    let types = content.results.map { function.type(of: $0) }
    let areNumbers = types.allSatisfy {
      switch $0 {
      case .scalar, .pointer: true
      case .tensor, .buffer, .vector: false
      }
    }
    if types.isEmpty || !areNumbers { return false }
    var count = 0
    for region in content.regions {
      for inner in function.regions[region].operations {
        let opcode = function.operations[inner].opcode
        if opcode == .yield { continue }
        if opcode != .constant && !opcode.isCheap { return false }
        count += opcode == .constant ? 0 : 1
      }
    }
    return count <= 4
  }

  private mutating func turnIntoSelect(_ operation: ID<Operation>) {
    let content = function.operations[operation]
    let chosen = dissolve(content.regions[0])
    let others = dissolve(content.regions[1])
    var values: [Value] = []
    for (result, (a, b)) in zip(content.results, zip(chosen, others)) {
      let select = function.makeOperation(
        .select, [content.operands[0], a, b], results: [function.type(of: result)],
        span: content.span, names: [function.values[result].name])
      place(select)
      values.append(function.operations[select].results[0])
    }
    replaceResults(of: operation, by: values)
  }

  private mutating func simplifyFor(_ operation: ID<Operation>) {
    let content = function.operations[operation]
    let initial = Array(content.operands.dropFirst(3))
    switch turnsOnce(content) ? 1 : function.tripCount(content.operands) {
    case 0: replaceResults(of: operation, by: initial)
    case 1:
      let values = dissolve(content.regions[0], [content.operands[0]] + initial)
      replaceResults(of: operation, by: values)
    default:
      indices.insert(function.regions[content.regions[0]].parameters[0])
      keep(operation)
    }
  }

  /// `true` iff the loop goes from an index of a loop around it to the next.
  private func turnsOnce(_ loop: Operation) -> Bool {
    guard indices.contains(loop.operands[0]), let end = function.definition(of: loop.operands[1]),
      case let sum = function.operations[end], sum.opcode == .add,
      let step = function.integerConstant(loop.operands[2]), step > 0
    else { return false }
    return sum.operands[0] == loop.operands[0] && function.integerConstant(sum.operands[1]) == 1
  }

  /// Drops the indices of a reduction that take one value only, but for the last one; and the whole
  /// reduction, if its terms change nothing.
  private mutating func simplifyReduce(_ operation: ID<Operation>) {
    let content = function.operations[operation]
    if let number = onlyNumber(of: content) {
      let constant = function.makeOperation(
        .constant, results: [.scalar(number.type)], attribute: number.attribute ?? .none,
        span: content.span, names: [function.values[content.results[0]].name])
      place(constant)
      return replaceResults(of: operation, by: function.operations[constant].results)
    }
    guard case .reduction(_, .sequential, _) = content.attribute else { return keep(operation) }
    let region = content.regions[0]
    let parameters = function.regions[region].parameters
    let rank = parameters.count
    var isKept = (0..<rank).map { axis in
      let box = [content.operands[axis], content.operands[rank + axis]]
      return function.tripCount(box + [content.operands[2 * rank + axis]]) != 1
    }
    if isKept.allSatisfy({ $0 }) { return keep(operation) }
    if !isKept.contains(true) { isKept[rank - 1] = true }
    if isKept.allSatisfy({ $0 }) { return keep(operation) }
    for axis in 0..<rank where !isKept[axis] {
      replacements.replace(parameters[axis], with: content.operands[axis])
    }
    let initial = content.operands.count - 3 * rank
    function.keepOperands(
      of: operation, from: 0,
      where: isKept + isKept + isKept + Array(repeating: true, count: initial))
    function.keepParameters(of: region, where: isKept)
    changed = true
    keep(operation)
  }

  /// What the reduction starts from, if its terms are a number that leaves it so.
  private func onlyNumber(of reduction: Operation) -> ScalarValue? {
    let terms = function.regions[reduction.regions[0]]
    guard case .reduction(let combiner, _, _) = reduction.attribute, let opcode = combiner.opcode,
      let end = terms.operations.last,
      let term = function.scalarConstant(replacements[function.operations[end].operands[0]]),
      // What else it does might be noticed.
      terms.operations.dropLast().allSatisfy({ function.operations[$0].opcode == .constant }),
      // A step below 1 stops the run.
      reduction.operands.suffix(terms.parameters.count).allSatisfy({
        function.integerConstant($0).map { $0 > 0 } ?? false
      })
    else { return nil }
    let start = combiner.identity(term.type)
    return opcode.evaluate(start, term, result: term.type) == start ? start : nil
  }

  private mutating func simplifyWhile(_ operation: ID<Operation>) {
    let content = function.operations[operation]
    guard let condition = function.terminator(of: content.regions[0]),
      let goesOn = function.scalarConstant(
        replacements[function.operations[condition].operands[0]]),
      !goesOn.bool
    else { return keep(operation) }
    let values = dissolve(content.regions[0], content.operands)
    replaceResults(of: operation, by: Array(values.dropFirst()))
  }
}

extension Opcode {
  /// `true` iff a machine does it in an instruction or two, and no operands stop the run.
  var isCheap: Bool {
    switch self {
    case .add, .subtract, .multiply, .negate, .multiplyAdd, .minimum, .maximum, .minimumNumber,
      .maximumNumber, .bitAnd, .bitOr, .bitXor, .bitNot, .shiftLeft, .shiftRight, .equal, .notEqual,
      .less, .lessOrEqual, .greater, .greaterOrEqual, .select, .convert, .bitcast, .absolute,
      .isNaN, .pointerOffset:
      true
    default: false
    }
  }
}

extension Function {
  /// How often a loop turns whose `operands` begin with its ends and step, where that is known.
  func tripCount(_ operands: [Value]) -> Int64? {
    if operands[0] == operands[1] { return 0 }
    guard let lower = integerConstant(operands[0]), let upper = integerConstant(operands[1]),
      let step = integerConstant(operands[2]), step > 0
    else { return nil }
    if upper <= lower { return 0 }
    let (distance, overflow) = upper.subtractingReportingOverflow(lower)
    return overflow ? nil : (distance - 1) / step + 1
  }
}
