import TesseraIR
import TesseraNumbers

/// Turns calls of `function` by itself into turns of a loop; `true` iff there were any.
///
/// Not where it also ends in calls of others of its `ring`: those have to end the function, which
/// a loop cannot.
func loopSelfCalls(
  in function: inout Function, of ring: Set<String>, allowsRelaxedFloats: Bool
) -> Bool {
  var attempt = function
  guard attempt.makeSingleExit() else { return false }
  var loop = SelfLoop(ring: ring, allowsRelaxedFloats: allowsRelaxedFloats)
  loop.findLeaves(of: attempt)
  guard loop.isWorthwhile, loop.endsOnlyInLeaves(attempt), loop.keepsExtents(attempt),
    loop.findStandIns(attempt)
  else { return false }
  loop.build(in: &attempt)
  function = attempt
  return true
}

/// How a region in tail position ends.
private enum Leaf {
  /// By a call of the function itself with these arguments.
  case turn([Value])
  /// By the combination of a number with the result of such a call.
  case accumulate(number: Value, [Value])
  /// By results.
  case exit([Value])
}

/// The loop that a function that calls itself turns into.
///
/// It carries the parameters that some call changes, then the accumulator. Its first region is the
/// body of the function, in which each leaf gives: whether to go on, what to carry, the results. As
/// every leaf has to give all of them, one that goes on gives some value for the results, and one
/// that ends gives the carried values as they are; neither is looked at.
private struct SelfLoop {
  let ring: Set<String>
  let allowsRelaxedFloats: Bool
  private var leaves: [ID<Region>: Leaf] = [:]
  /// The operation by which calls' results are combined; the same for all.
  private var combination: Opcode?
  private var isMixed = false

  init(ring: Set<String>, allowsRelaxedFloats: Bool) {
    self.ring = ring
    self.allowsRelaxedFloats = allowsRelaxedFloats
  }

  /// `true` iff some leaf calls, and all combine alike.
  var isWorthwhile: Bool {
    !isMixed
      && leaves.values.contains {
        if case .exit = $0 { return false }
        return true
      }
  }

  // MARK: Leaves

  /// Finds the regions with which the function ends, and how each does.
  mutating func findLeaves(of function: Function) {
    let uses = Uses(function)
    var regions: [ID<Region>] = []
    forEachTailRegion(of: function) { region in
      if function.tailBranch(of: region) == nil { regions.append(region) }
    }
    for region in regions { leaves[region] = leaf(region, function, uses) }
  }

  private mutating func leaf(_ region: ID<Region>, _ function: Function, _ uses: Uses) -> Leaf {
    guard let end = function.terminator(of: region) else { return .exit([]) }
    let content = function.operations[end]
    if content.opcode == .tailCall {
      // A call of another function that must use no stack cannot leave a loop.
      if function.callee(of: end) != function.name { isMixed = true }
      return .turn(content.operands)
    }
    if let call = function.lastBeforeEnd(of: region, giving: nil),
      function.operations[call].opcode == .call, let callee = function.callee(of: call)
    {
      if callee == function.name { return .turn(function.operations[call].operands) }
      if ring.contains(callee) { isMixed = true }
    }
    return accumulation(region, content.operands, function, uses) ?? .exit(content.operands)
  }

  private func isSelfCall(_ operation: ID<Operation>, _ function: Function) -> Bool {
    function.operations[operation].opcode == .call
      && function.callee(of: operation) == function.name
  }

  /// The leaf that ends in `number op call`, where nothing after the call is seen outside.
  private mutating func accumulation(
    _ region: ID<Region>, _ given: [Value], _ function: Function, _ uses: Uses
  ) -> Leaf? {
    guard given.count == 1, let last = function.lastBeforeEnd(of: region, giving: given[0]),
      case .scalar(let type) = function.type(of: given[0])
    else { return nil }
    let content = function.operations[last]
    guard content.opcode.hasIdentity, !type.isFloat || allowsRelaxedFloats else { return nil }
    let listed = function.regions[region].operations
    guard let position = listed.lastIndex(where: { isSelfCall($0, function) }) else { return nil }
    let call = function.operations[listed[position]]
    guard call.results.count == 1, uses.count(of: call.results[0]) == 1,
      let side = content.operands.firstIndex(of: call.results[0])
    else { return nil }
    for operation in listed[(position + 1)...].dropLast(2) {
      if !function.isPure(operation) || function.mayStopTheRun(operation) { return nil }
    }
    if let combination, combination != content.opcode { isMixed = true }
    combination = content.opcode
    return .accumulate(number: content.operands[1 - side], call.operands)
  }

  /// `true` iff the function ends nowhere but in the leaves, so that its body may become a region.
  func endsOnlyInLeaves(_ function: Function) -> Bool {
    var count = 0
    function.forEachOperation(in: function.body) {
      if function.operations[$0].opcode.endsFunction { count += 1 }
    }
    let known = Set(leaves.keys).union([function.body]).filter { region in
      function.terminator(of: region).map { function.operations[$0].opcode.endsFunction } ?? false
    }
    return count == known.count
  }

  /// `true` iff each turn provably hands on tensors as long as it was given, since what a loop
  /// carries keeps its extents.
  func keepsExtents(_ function: Function) -> Bool {
    var affine = AffineValues()
    return leaves.values.allSatisfy { leaf in
      switch leaf {
      case .turn(let arguments), .accumulate(_, let arguments):
        zip(arguments, function.parameters).allSatisfy {
          areAlike($0, $1, function, &affine)
        }
      case .exit: true
      }
    }
  }

  /// Finds, for each result, what a leaf that goes on may give for it; `false` if there is nothing.
  ///
  /// A tensor must be as long as the results of all leaves that end, since branches that meet agree.
  mutating func findStandIns(_ function: Function) -> Bool {
    var affine = AffineValues()
    let exits = leaves.values.compactMap { leaf -> [Value]? in
      if case .exit(let results) = leaf { return results }
      return nil
    }
    standIns = function.resultTypes.enumerated().map { index, type in
      if case .scalar = type { return nil }
      return function.parameters.firstIndex { parameter in
        function.type(of: parameter) == type
          && exits.allSatisfy { areAlike($0[index], parameter, function, &affine) }
      }
    }
    return zip(function.resultTypes, standIns).allSatisfy { type, standIn in
      if case .scalar = type { return true }
      return standIn != nil
    }
  }

  /// `true` iff two values of one type have, if they have any, provably the same extents.
  private func areAlike(
    _ a: Value, _ b: Value, _ function: Function, _ affine: inout AffineValues
  ) -> Bool {
    (0..<function.type(of: b).rank).allSatisfy { axis in
      affine.extent(of: a, axis: axis, in: function)
        == affine.extent(of: b, axis: axis, in: function)
    }
  }

  // MARK: Building

  /// The positions of the parameters that the loop carries.
  private var carried: [Int] = []
  /// The values of all parameters within the loop.
  private var inner: [Value] = []
  private var accumulator: Value?
  /// For each result that is no number, the position of a parameter like it.
  private var standIns: [Int?] = []

  /// Makes the loop the body of `function`.
  mutating func build(in function: inout Function) {
    let parameters = function.parameters
    carried = parameters.indices.filter { position in
      leaves.values.contains { leaf in
        switch leaf {
        case .turn(let arguments), .accumulate(_, let arguments):
          arguments[position] != parameters[position]
        case .exit: false
        }
      }
    }
    let first = function.makeRegion()
    let span = function.operations[function.terminator(of: function.body)!].span
    inner = parameters
    for position in carried {
      let info = function.values[parameters[position]]
      inner[position] = function.addParameter(info.name, info.type, to: first)
    }
    var initial = carried.map { parameters[$0] }
    if let combination, case .scalar(let type) = function.resultTypes[0] {
      accumulator = function.addParameter("total", .scalar(type), to: first)
      initial.append(
        function.constant(combination.identity(type), in: function.body, at: 0))
    }
    let constants = function.regions[function.body].operations.prefix(accumulator == nil ? 0 : 1)
    function.regions[first].operations = Array(
      function.regions[function.body].operations.dropFirst(constants.count))
    function.regions[function.body].operations = Array(constants)
    renameLeaves(from: function.body, to: first)
    function.replaceUses(
      Dictionary(uniqueKeysWithValues: carried.map { (parameters[$0], inner[$0]) }))
    initial = initial.enumerated().map { $0 < carried.count ? parameters[carried[$0]] : $1 }

    let given = end(first, function.body, &function)
    let condition = function.makeOperation(.condition, given, span: span)
    function.regions[first].operations.append(condition)
    finish(first, initial, given.dropFirst().map { function.type(of: $0) }, &function)
  }

  /// The leaves know the body's operations by the region that holds them now.
  private mutating func renameLeaves(from old: ID<Region>, to new: ID<Region>) {
    if let leaf = leaves.removeValue(forKey: old) { leaves[new] = leaf }
  }

  /// Appends the loop and the end of the function to its body.
  private func finish(
    _ first: ID<Region>, _ initial: [Value], _ passed: [Type], _ function: inout Function
  ) {
    let second = function.makeRegion()
    for type in passed { function.addParameter(nil, type, to: second) }
    let again = function.makeOperation(
      .yield, Array(function.regions[second].parameters.prefix(initial.count)))
    function.regions[second].operations = [again]
    let loop = function.makeOperation(
      .while, initial, results: passed, regions: [first, second], span: function.span)
    let results = Array(function.operations[loop].results.dropFirst(initial.count))
    let end = function.makeOperation(.return, results, span: function.span)
    function.regions[function.body].operations += [loop, end]
  }

  /// Removes the end of `region` and returns what it is to give instead: whether to go on, the
  /// carried values, the results.
  private func end(
    _ region: ID<Region>, _ body: ID<Region>, _ function: inout Function
  ) -> [Value] {
    guard let leaf = leaves[region] else { return endBranch(region, body, &function) }
    let renaming = Dictionary(
      zip(function.parameters, inner), uniquingKeysWith: { a, _ in a })
    func renamed(_ value: Value) -> Value { renaming[value] ?? value }
    let last = function.regions[region].operations.removeLast()
    switch leaf {
    case .turn(let arguments):
      if function.operations[last].opcode != .tailCall {
        function.regions[region].operations.removeLast()
      }
      return goOn(arguments.map(renamed), accumulator, region, &function)
    case .accumulate(let number, let arguments):
      function.regions[region].operations.removeLast()
      let listed = function.regions[region].operations
      if let call = listed.lastIndex(where: { isSelfCall($0, function) }) {
        function.regions[region].operations.remove(at: call)
      }
      let more = combined(renamed(number), region, &function)
      return goOn(arguments.map(renamed), more, region, &function)
    case .exit(let results):
      let stop = function.constant(ScalarValue(false), in: region)
      let values = results.map(renamed)
      let final = accumulator == nil ? values : [combined(values[0], region, &function)]
      return [stop] + carried.map { inner[$0] } + (accumulator.map { [$0] } ?? []) + final
    }
  }

  private func goOn(
    _ arguments: [Value], _ total: Value?, _ region: ID<Region>, _ function: inout Function
  ) -> [Value] {
    let go = function.constant(ScalarValue(true), in: region)
    var results: [Value] = []
    for (type, standIn) in zip(function.resultTypes, standIns) {
      if case .scalar(let scalar) = type {
        results.append(function.constant(.zero(scalar), in: region))
      } else if let standIn {
        results.append(inner[standIn])
      }
    }
    return [go] + carried.map { arguments[$0] } + (total.map { [$0] } ?? []) + results
  }

  /// The accumulator with `number` taken in.
  private func combined(
    _ number: Value, _ region: ID<Region>, _ function: inout Function
  ) -> Value {
    guard let accumulator, let combination else { return number }
    let operation = function.makeOperation(
      combination, [accumulator, number], results: [function.type(of: accumulator)],
      span: function.span)
    function.regions[region].operations.append(operation)
    return function.operations[operation].results[0]
  }

  /// Rebuilds the `if` that ends `region`, with what its branches give instead.
  private func endBranch(
    _ region: ID<Region>, _ body: ID<Region>, _ function: inout Function
  ) -> [Value] {
    function.regions[region].operations.removeLast()
    let branch = function.regions[region].operations.removeLast()
    let content = function.operations[branch]
    var types: [Type] = []
    for inner in content.regions {
      let given = end(inner, body, &function)
      types = given.map { function.type(of: $0) }
      let end = function.makeOperation(.yield, given, span: content.span)
      function.regions[inner].operations.append(end)
    }
    let names = [nil] + carried.map { function.values[inner[$0]].name }
    let rebuilt = function.makeOperation(
      .if, content.operands, results: types, regions: content.regions, span: content.span,
      names: names)
    function.regions[region].operations.append(rebuilt)
    return function.operations[rebuilt].results
  }
}

extension Opcode {
  /// `true` iff the operation is associative on integers and has an identity.
  fileprivate var hasIdentity: Bool {
    switch self {
    case .add, .multiply, .bitAnd, .bitOr, .bitXor, .minimum, .maximum: true
    default: false
    }
  }

  /// What combines with any number of `type` to that number.
  fileprivate func identity(_ type: ScalarType) -> ScalarValue {
    switch self {
    case .multiply: .one(type)
    case .bitAnd: ScalarValue(-1, type)
    case .minimum: .greatest(type)
    case .maximum: .least(type)
    // The sum of -0 and any float is that float.
    case .add where type.isFloat: ScalarValue(rounding: -0.0, type)
    default: .zero(type)
    }
  }
}

extension Function {
  /// Puts a constant into `region`, at its end or at `position`, and returns its value.
  fileprivate mutating func constant(
    _ value: ScalarValue, in region: ID<Region>, at position: Int? = nil
  ) -> Value {
    let operation = makeOperation(
      .constant, results: [.scalar(value.type)], attribute: value.attribute ?? .none, span: span)
    regions[region].operations.insert(
      operation, at: position ?? regions[region].operations.count)
    return operations[operation].results[0]
  }

  /// `true` iff the operation, or one within, may stop the run for some operands.
  fileprivate func mayStopTheRun(_ operation: ID<Operation>) -> Bool {
    let content = operations[operation]
    return content.opcode.info.traits.contains(.mayTrap)
      || content.regions.contains { regions[$0].operations.contains { mayStopTheRun($0) } }
  }
}
