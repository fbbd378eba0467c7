import TesseraIR

/// Makes one sum of the sums that a loop adds up.
///
///     %acc = for %zero, %K, %T, %start : f32[?, ?] {      %acc = compute %M, %N : f32[?, ?] {
///     ^(%k: i64, %t: f32[?, ?]):                          ^(%i: i64, %j: i64):
///       %rest = subtract %K, %k : i64                       %old = read %start, %i, %j : f32
///       %length = minimum %rest, %T : i64                   %s = reduce %zero, %K, %one {sum} : f32 {
///       %u = compute %M, %N : f32[?, ?] {                   ^(%r: i64):
///       ^(%i: i64, %j: i64):                          →       %v = read %a, %i, %r : f32
///         %old = read %t, %i, %j : f32                        …
///         %s = reduce %zero, %length, %one {sum} : f32 {    }
///         ^(%q: i64):                                       %new = add %old, %s : f32
///           %r = add %k, %q : i64                           yield %new
///           %v = read %a, %i, %r : f32                    }
///           …
///         }
///         %new = add %old, %s : f32
///         yield %new
///       }
///       yield %u
///     }
///
/// A product over tiles of the reduced axis, `acc += dot(a[m, k], b[k, n])`, then is one product,
/// whose sums stay in registers. The language leaves the order inside a sum to the compiler; what a
/// loop carries and only adds to is taken for the first term of such a sum, as the accumulator of a
/// `dot` is. An index of the loop that blocks an index of the sum goes; any other becomes one more
/// index of the sum. What is added without a sum, or in an order that is settled, stays as it is.
extension Pass {
  static let sumJoining = Pass(
    name: "join-sums", summary: "make one sum of the sums that a loop adds up"
  ) { function in
    RegionEditor.edit(&function) { editor, operation in
      let content = editor.function.operations[operation]
      guard content.opcode == .for, !content.results.isEmpty else { return editor.keep(operation) }
      for region in content.regions { editor.enter(region) }
      var joiner = SumJoiner(content, editor.function)
      guard let (operations, results) = joiner.join(in: &editor.function) else {
        return editor.place(operation)
      }
      for operation in operations { editor.place(operation) }
      editor.replaceResults(of: operation, by: results)
    }
  }
}

/// Joins what one loop adds up.
private struct SumJoiner {
  private let loop: Operation
  private let region: ID<Region>
  /// The loop's index.
  private let index: Value
  /// What differs from turn to turn.
  private let dependents: DependentValues
  /// How often each value is used in the loop.
  private var useCounts: [Value: Int] = [:]
  /// The operations that stand in place of the loop.
  private var placed: [ID<Operation>] = []

  init(_ loop: Operation, _ function: Function) {
    self.loop = loop
    region = loop.regions[0]
    index = function.regions[region].parameters[0]
    dependents = DependentValues(function, region, on: index)
    function.forEachOperation(in: region) { id in
      for operand in function.operations[id].operands { useCounts[operand, default: 0] += 1 }
    }
  }

  /// Makes what stands in place of the loop, and tells what stands for its results; `nil` if
  /// something that it carries is no sum.
  mutating func join(in function: inout Function) -> ([ID<Operation>], [Value])? {
    guard let end = function.terminator(of: region) else { return nil }
    let accumulators = function.regions[region].parameters.dropFirst()
    var results: [Value] = []
    for (position, accumulator) in accumulators.enumerated() {
      guard useCounts[accumulator] == 1,
        let definition = function.definition(of: function.operations[end].operands[position]),
        function.regions[region].operations.contains(definition)
      else { return nil }
      let initial = loop.operands[3 + position]
      let content = function.operations[definition]
      let joined =
        switch content.opcode {
        case .compute:
          joinTensor(
            content, accumulator, from: initial, as: loop.results[position], &function)
        case .add: joinNumber(content, accumulator, from: initial, &function)
        default: Value?.none
        }
      guard let joined else { return nil }
      results.append(joined)
    }
    return (placed, results)
  }

  // MARK: What is added up

  private mutating func joinNumber(
    _ content: Operation, _ accumulator: Value, from initial: Value, _ function: inout Function
  ) -> Value? {
    guard let sum = addend(content, beside: accumulator, function),
      let terms = terms(of: sum, function)
    else { return nil }
    var values: [Value: Value] = [:]
    var operations: [ID<Operation>] = []
    guard var joined = makeSum(sum, terms, &values, into: &operations, &function) else {
      return nil
    }
    if !isZero(initial, function) {
      joined = add(initial, joined, content, into: &operations, &function)
    }
    placed += operations
    return joined
  }

  /// Joins what `content`, a `compute` in the loop, adds to the elements of `accumulator`.
  private mutating func joinTensor(
    _ content: Operation, _ accumulator: Value, from initial: Value, as result: Value,
    _ function: inout Function
  ) -> Value? {
    guard content.results.count == 1,
      !content.operands.contains(where: { isMade($0, in: region, function) }),
      // It is the result where the loop has no turn.
      function.isKnown(initial, toHave: content.operands),
      let (addition, old) = addition(content, to: accumulator, function),
      let sum = addend(function.operations[addition], beside: old, function),
      let terms = terms(of: sum, function)
    else { return nil }
    let elements = content.regions[0]
    let indices = function.regions[elements].parameters
    let added = function.operations[addition]

    let new = function.makeRegion()
    var values: [Value: Value] = [:]
    for parameter in indices {
      values[parameter] = function.addParameter(function.values[parameter].name, .index, to: new)
    }
    // What all terms share stands before the sum.
    var operations: [ID<Operation>] = []
    let shared = function.regions[elements].operations.dropLast().filter { id in
      let inner = function.operations[id]
      return id != addition && inner.results != [old] && inner.results != sum.results
        && !inner.results.contains(where: dependents.contains)
    }
    var copier = LoopCopier(region: region, function: function)
    copier.values = values
    for id in shared where !copier.copy(id, into: &operations, &function) { return nil }
    values = copier.values
    guard let joined = makeSum(sum, terms, &values, into: &operations, &function) else {
      return nil
    }
    var element = joined
    if !isZero(initial, function) {
      let read = function.makeOperation(
        .read, [initial] + indices.map { values[$0]! }, results: [function.type(of: old)],
        span: content.span)
      operations.append(read)
      element = add(
        function.operations[read].results[0], joined, added, into: &operations, &function)
    }
    operations.append(function.makeOperation(.yield, [element], span: content.span))
    function.regions[new].operations = operations
    let compute = function.makeOperation(
      .compute, content.operands, results: [function.type(of: content.results[0])],
      regions: [new], span: content.span, names: [function.values[result].name])
    placed.append(compute)
    return function.operations[compute].results[0]
  }

  /// The operation by which the elements of `content` are those of `accumulator` and something, and
  /// the old element, which is used for nothing else.
  private func addition(
    _ content: Operation, to accumulator: Value, _ function: Function
  ) -> (ID<Operation>, old: Value)? {
    let elements = content.regions[0]
    guard let end = function.terminator(of: elements),
      let addition = function.definition(of: function.operations[end].operands[0]),
      function.operations[addition].opcode == .add
    else { return nil }
    let old = function.operations[addition].operands.first { operand in
      guard let read = function.definition(of: operand).map({ function.operations[$0] }) else {
        return false
      }
      return read.opcode == .read
        && read.operands == [accumulator] + function.regions[elements].parameters
    }
    guard let old, useCounts[old] == 1 else { return nil }
    return (addition, old)
  }

  /// The sum that `content` adds to `value`.
  private func addend(
    _ content: Operation, beside value: Value, _ function: Function
  ) -> Operation? {
    guard let other = content.operands.first(where: { $0 != value }),
      content.operands.contains(value), useCounts[other] == 1,
      let definition = function.definition(of: other)
    else { return nil }
    let sum = function.operations[definition]
    guard sum.opcode == .reduce, case .reduction(.sum, .sequential, _) = sum.attribute,
      function.isPure(definition)
    else { return nil }
    return sum
  }

  private func isMade(
    _ value: Value, in region: ID<Region>, _ function: Function
  ) -> Bool {
    switch function.values[value].definition {
    case .parameter(let home, _): home == region
    case .result(let operation, _): function.regions[region].operations.contains(operation)
    }
  }

  /// `true` iff `value` is 0, or a tensor of nothing else.
  private func isZero(_ value: Value, _ function: Function) -> Bool {
    if let number = function.scalarConstant(value) { return number.bits == 0 }
    guard let definition = function.definition(of: value),
      function.operations[definition].opcode == .compute,
      let end = function.terminator(of: function.operations[definition].regions[0])
    else { return false }
    return function.scalarConstant(function.operations[end].operands[0])?.bits == 0
  }

  private func add(
    _ a: Value, _ b: Value, _ like: Operation, into operations: inout [ID<Operation>],
    _ function: inout Function
  ) -> Value {
    let sum = function.makeOperation(
      .add, [a, b], results: [function.type(of: like.results[0])], span: like.span)
    operations.append(sum)
    return function.operations[sum].results[0]
  }

  // MARK: The sum

  /// How the loop's index goes into a sum.
  private enum Terms {
    /// It is where the block of the index `position` begins.
    case blocks(Int)
    /// It is one more index, before the others.
    case oneMore
  }

  private func terms(of sum: Operation, _ function: Function) -> Terms? {
    let box = ReductionBox(sum, function)
    let bounds = box.bounds
    if !bounds.contains(where: dependents.contains), !isBlocked(box, function) { return .oneMore }
    for position in box.indices.indices {
      let others = bounds.indices.filter { $0 != box.indices.count + position }
      if box.countsFromZero(position, in: function),
        isLengthOfBlock(box.upper[position], function),
        !others.contains(where: { dependents.contains(bounds[$0]) }),
        startsBlock(at: box.indices[position], of: box.terms, function)
      {
        return .blocks(position)
      }
    }
    return nil
  }

  /// `true` iff the index of the loop is only used as where a block of an index begins.
  private func isBlocked(_ box: ReductionBox, _ function: Function) -> Bool {
    box.indices.indices.contains { position in
      isLengthOfBlock(box.upper[position], function)
        && startsBlock(at: box.indices[position], of: box.terms, function)
    }
  }

  /// `true` iff `length` is what the loop's step leaves of its range from the index on.
  private func isLengthOfBlock(_ length: Value, _ function: Function) -> Bool {
    let (upper, step) = (loop.operands[1], loop.operands[2])
    func isSame(_ a: Value, _ b: Value) -> Bool {
      a == b
        || function.integerConstant(a) != nil
          && function.integerConstant(a) == function.integerConstant(b)
    }
    if isSame(length, step) {
      // Blocks that fit.
      guard let lower = function.integerConstant(loop.operands[0]),
        let upper = function.integerConstant(upper), let step = function.integerConstant(step)
      else { return false }
      return step > 0 && (upper - lower) % step == 0
    }
    guard let definition = function.definition(of: length) else { return false }
    let content = function.operations[definition]
    guard content.opcode == .minimum,
      let rest = content.operands.first(where: { !isSame($0, step) }),
      content.operands.contains(where: { isSame($0, step) }),
      let difference = function.definition(of: rest).map({ function.operations[$0] })
    else { return false }
    return difference.opcode == .subtract && isSame(difference.operands[0], upper)
      && difference.operands[1] == index
  }

  /// `true` iff `inner` is used in `terms` only where the loop's index is added to it, and that is
  /// used nowhere else there.
  private func startsBlock(
    at inner: Value, of terms: ID<Region>, _ function: Function
  ) -> Bool {
    var (isOnlyAdded, isAdded) = (true, false)
    function.forEachOperation(in: terms) { id in
      let content = function.operations[id]
      let usesInner = content.operands.contains(inner)
      let isSum = content.opcode == .add && Set(content.operands) == [index, inner]
      if usesInner && isSum { isAdded = true }
      if (usesInner || content.operands.contains(index)) && !isSum { isOnlyAdded = false }
    }
    return isOnlyAdded && isAdded
  }

  /// Makes the joined sum; `values` tells what stands for values around it. `nil` if its terms need
  /// more of the loop than a block's beginning.
  private func makeSum(
    _ sum: Operation, _ terms: Terms, _ values: inout [Value: Value],
    into operations: inout [ID<Operation>], _ function: inout Function
  ) -> Value? {
    let box = ReductionBox(sum, function)
    var (lower, upper, steps) = (box.lower, box.upper, box.steps)
    let new = function.makeRegion()
    var copier = LoopCopier(region: region, function: function)
    var bounds: [Value] = []
    switch terms {
    case .oneMore:
      copier.values = values
      lower = copier.copies(of: lower, into: &operations, &function)
      upper = copier.copies(of: upper, into: &operations, &function)
      steps = copier.copies(of: steps, into: &operations, &function)
      values = copier.values
      bounds = [loop.operands[0]] + lower + [loop.operands[1]] + upper + [loop.operands[2]] + steps
      copier.values[index] = function.addParameter(function.values[index].name, .index, to: new)
    case .blocks(let position):
      // A block is cut from the loop's range; its own bounds differ from turn to turn.
      lower[position] = loop.operands[0]
      upper[position] = loop.operands[1]
      copier.values = values
      lower = copier.copies(of: lower, into: &operations, &function)
      upper = copier.copies(of: upper, into: &operations, &function)
      steps = copier.copies(of: steps, into: &operations, &function)
      values = copier.values
      bounds = lower + upper + steps
      copier.start = index
    }
    for inner in box.indices {
      copier.values[inner] = function.addParameter(function.values[inner].name, .index, to: new)
    }
    if case .blocks(let position) = terms { copier.block = box.indices[position] }
    var inside: [ID<Operation>] = []
    guard copier.copy(box.terms, into: &inside, &function) else { return nil }
    function.regions[new].operations = inside
    let joined = function.makeOperation(
      .reduce, bounds, results: [function.type(of: sum.results[0])], attribute: sum.attribute,
      regions: [new], span: sum.span, names: [function.values[sum.results[0]].name])
    operations.append(joined)
    return function.operations[joined].results[0]
  }
}
