import TesseraIR

/// How the values of a region look when several iterations of one index, the lanes, run at once.
///
/// Exists only for regions in which every operation has a form for lanes: numbers, reads of
/// neighbouring elements, each once or for several lanes in a row, or of near ones, or of one element for
/// all lanes, reductions and loops whose ends all lanes share, branches that all lanes take together or
/// that may be computed on both sides.
struct LaneAnalysis {
  /// What a value is in the different lanes.
  enum Kind: Hashable {
    /// The same number.
    case uniform
    /// A number that is one more from lane to lane.
    case consecutive
    /// A number that is so much more, or less, from lane to lane.
    case strided(Int)
    /// A number that so many lanes have in a row, and the next ones one more; how many have the first
    /// one is not known. It is two, four or eight.
    case repeated(Int)
    /// Any numbers.
    case varying

    /// How much more the number is from lane to lane, if that is the same for all.
    var step: Int? {
      switch self {
      case .uniform: 0
      case .consecutive: 1
      case .strided(let step): step
      case .repeated, .varying: nil
      }
    }

    /// Creates the kind of a number that is `step` more from lane to lane.
    init(step: Int) {
      self = step == 0 ? .uniform : step == 1 ? .consecutive : .strided(step)
    }
  }

  /// Where the lanes of a read lie: along an axis, so many places apart.
  struct Stride {
    let axis: Int
    let step: Int
  }

  private let function: Function
  /// `true` iff elements that lie a row apart may be read, too.
  private let readsAcrossRows: Bool
  /// How far apart elements may lie that are read: no farther than a few registers are long.
  private let greatestDistance: Int
  private var kinds: [Value: Kind] = [:]
  /// The bytes of the widest number that lanes hold; indices apart.
  private(set) var widestByteCount = 1
  /// The reads whose lanes are no neighbours in memory.
  private(set) var strides: [Value: Stride] = [:]
  /// The reads of neighbours each of which several lanes have, and how many of them do.
  private(set) var repeats: [Value: Int] = [:]

  /// Analyses `region` with `index` as what the lanes count; `nil` if it has an operation without a
  /// form for lanes. Of what the region yields, `elements` are what is stored, if not all of it is.
  init?(
    _ function: Function, _ region: ID<Region>, lanesOf index: Value,
    readsAcrossRows: Bool = false, apart greatestDistance: Int = 1, giving elements: [Value]? = nil
  ) {
    self.function = function
    self.readsAcrossRows = readsAcrossRows
    self.greatestDistance = greatestDistance
    kinds[index] = .consecutive
    guard classify(region) else { return nil }
    for value in elements ?? yielded(region) {
      guard hasVectorForm(value), let type = function.type(of: value).scalarType else { return nil }
      widestByteCount = max(widestByteCount, type.byteCount)
    }
  }

  /// Analyses `operations`, each after what it needs, with `index` as what the lanes count and
  /// `varying` as numbers that differ from lane to lane; `nil` if a result has no form for lanes.
  init?(
    _ function: Function, _ operations: [ID<Operation>], lanesOf index: Value, varying: [Value],
    results: [Value]
  ) {
    self.function = function
    readsAcrossRows = false
    greatestDistance = 1
    kinds[index] = .consecutive
    for value in varying where !note(value, .varying) { return nil }
    for operation in operations where !classify(function.operations[operation]) { return nil }
    guard results.allSatisfy({ hasVectorForm($0) }) else { return nil }
  }

  /// How `value` looks; what is defined outside is uniform.
  func kind(_ value: Value) -> Kind { kinds[value] ?? .uniform }

  private func yielded(_ region: ID<Region>) -> [Value] {
    function.terminator(of: region).map { function.operations[$0].operands } ?? []
  }

  // MARK: Classification

  private mutating func classify(_ region: ID<Region>) -> Bool {
    for id in function.regions[region].operations.dropLast() {
      if !classify(function.operations[id]) { return false }
    }
    guard let last = function.terminator(of: region) else { return false }
    return function.operations[last].opcode == .yield
  }

  private mutating func classify(_ content: Operation) -> Bool {
    switch content.opcode {
    case .dimension: return true
    case .constant: return !function.type(of: content.results[0]).isTensor
    case .read: return classifyRead(content)
    case .if: return classifyIf(content)
    case .reduce: return classifyReduce(content)
    case .for: return classifyFor(content)
    default:
      guard content.opcode.info.traits.contains(.elementwise) else { return false }
      return classifyElementwise(content)
    }
  }

  private mutating func classifyElementwise(_ content: Operation) -> Bool {
    let operands = content.operands.map { kind($0) }
    let result = content.results[0]
    if operands.allSatisfy({ $0 == .uniform }) { return note(result, .uniform) }
    if let step = strideStep(content) { return note(result, Kind(step: step)) }
    if let kind = repetition(content) { return note(result, kind) }
    switch (content.opcode, function.type(of: result)) {
    case (.add, .index) where operands.contains(.uniform) && operands.contains(.consecutive):
      return note(result, .consecutive)
    case (.subtract, .index) where operands == [.consecutive, .uniform]:
      return note(result, .consecutive)
    default:
      // What may fail fails for single numbers only.
      if content.opcode.info.traits.contains(.mayTrap),
        function.type(of: result).scalarType?.isFloat != true
      {
        return false
      }
      return content.operands.allSatisfy { hasVectorForm($0) } && note(result, .varying)
    }
  }

  /// How much more an index gets from lane to lane, where elements may lie apart.
  private func strideStep(_ content: Operation) -> Int? {
    guard greatestDistance > 1, function.type(of: content.results[0]) == .index,
      content.operands.count == 2, let a = kind(content.operands[0]).step,
      let b = kind(content.operands[1]).step
    else { return nil }
    func factor(_ operand: Int) -> Int? {
      function.integerConstant(content.operands[operand]).flatMap { Int(exactly: $0) }
    }
    var step: Int?
    switch content.opcode {
    case .add: step = a + b
    case .subtract: step = a - b
    case .multiply where b == 0: step = factor(1).map { a.multipliedReportingOverflow(by: $0).0 }
    case .multiply where a == 0: step = factor(0).map { b.multipliedReportingOverflow(by: $0).0 }
    default: break
    }
    return step.flatMap { $0.magnitude <= greatestDistance ? $0 : nil }
  }

  /// The kind of an index that comes of a division by a number, or of adding to one that does.
  private func repetition(_ content: Operation) -> Kind? {
    guard !readsAcrossRows, function.type(of: content.results[0]) == .index,
      content.operands.count == 2
    else { return nil }
    let operands = content.operands.map { kind($0) }
    switch (content.opcode, operands[0], operands[1]) {
    case (.add, .repeated, .uniform), (.subtract, .repeated, .uniform): return operands[0]
    case (.add, .uniform, .repeated): return operands[1]
    case (.divide, _, .uniform):
      guard LaneAnalysis.isRepetition(content, in: function),
        let number = function.integerConstant(content.operands[1])
      else { return nil }
      let divisor = Int(number)
      if let step = operands[0].step {
        if step % divisor == 0 { return Kind(step: step / divisor) }
        return step > 0 && divisor % step == 0 ? .repeated(divisor / step) : nil
      }
      guard case .repeated(let count) = operands[0] else { return nil }
      return LaneAnalysis.repetitions.contains(number * Int64(count))
        ? .repeated(divisor * count) : nil
    default: return nil
    }
  }

  /// How many lanes may have one number in a row: vectors are woven of so many shorter ones.
  private static let repetitions: Set<Int64> = [2, 4, 8]

  /// `true` iff `content` divides an index so that lanes have one number in a row.
  static func isRepetition(_ content: Operation, in function: Function) -> Bool {
    content.opcode == .divide && function.type(of: content.results[0]) == .index
      && repetitions.contains(function.integerConstant(content.operands[1]) ?? 0)
  }

  /// Where the lanes of the read lie if they are near each other, and not neighbours.
  private func stride(of content: Operation) -> Stride? {
    let steps = content.operands.dropFirst().map { kind($0).step }
    guard let axis = steps.firstIndex(where: { $0 != 0 }), let step = steps[axis],
      steps[(axis + 1)...].allSatisfy({ $0 == 0 })
    else { return nil }
    var distance = step
    for inner in steps.indices where inner > axis {
      guard let length = function.constantExtent(of: content.operands[0], axis: inner),
        (1...Int64(greatestDistance)).contains(length)
      else { return nil }
      distance *= Int(length)
      if distance.magnitude > greatestDistance { return nil }
    }
    return Stride(axis: axis, step: step)
  }

  private mutating func classifyRead(_ content: Operation) -> Bool {
    let indices = content.operands.dropFirst().map { kind($0) }
    if indices.allSatisfy({ $0 == .uniform }) { return note(content.results[0], .uniform) }
    let isRun = indices.last == .consecutive && indices.dropLast().allSatisfy { $0 == .uniform }
    let isColumn =
      readsAcrossRows && indices.allSatisfy { $0 != .varying }
      && indices.count { $0 == .consecutive } == 1
    if case .repeated(let count)? = indices.last,
      indices.dropLast().allSatisfy({ $0 == .uniform })
    {
      repeats[content.results[0]] = count
    } else if !isRun, !isColumn, let stride = stride(of: content) {
      strides[content.results[0]] = stride
    } else if !isRun, !isColumn {
      return false
    }
    guard function.type(of: content.results[0]) != .bool else { return false }
    return note(content.results[0], .varying)
  }

  private mutating func classifyIf(_ content: Operation) -> Bool {
    guard content.regions.allSatisfy({ classify($0) }) else { return false }
    if kind(content.operands[0]) != .uniform {
      guard content.regions.allSatisfy({ isSpeculatable($0) }) else { return false }
      return content.results.allSatisfy { note($0, .varying) }
    }
    for (index, result) in content.results.enumerated() {
      let isUniform = content.regions.allSatisfy { kind(yielded($0)[index]) == .uniform }
      if !note(result, isUniform ? .uniform : .varying) { return false }
    }
    return true
  }

  /// `true` iff the region may be computed where the program does not: it reads nothing, cannot
  /// fail, and always ends.
  private func isSpeculatable(_ region: ID<Region>) -> Bool {
    function.regions[region].operations.dropLast().allSatisfy { id in
      let content = function.operations[id]
      let traits = content.opcode.info.traits
      if content.opcode == .if { return content.regions.allSatisfy { isSpeculatable($0) } }
      let isFloat = content.results.allSatisfy { function.type(of: $0).scalarType?.isFloat == true }
      return content.opcode == .dimension || content.opcode == .constant
        || traits.contains(.elementwise) && (!traits.contains(.mayTrap) || isFloat)
    }
  }

  private mutating func classifyReduce(_ content: Operation) -> Bool {
    guard case .reduction(let combiner, .sequential, _) = content.attribute else { return false }
    let box = ReductionBox(content, function)
    guard box.bounds.allSatisfy({ kind($0) == .uniform }), classify(box.terms) else { return false }
    let terms = yielded(box.terms)
    let inputs = terms + box.initial
    var result: Kind = inputs.allSatisfy { kind($0) == .uniform } ? .uniform : .varying
    // Ends since the result varies at the second turn.
    while combiner.hasRegion {
      let parameters = function.regions[box.combine].parameters
      for parameter in parameters.prefix(content.results.count) {
        if !note(parameter, result) { return false }
      }
      for (parameter, term) in zip(parameters.dropFirst(content.results.count), terms) {
        if !note(parameter, kind(term)) { return false }
      }
      if !classify(box.combine) { return false }
      // It may combine with something from around that varies.
      if result == .varying || yielded(box.combine).allSatisfy({ kind($0) == .uniform }) { break }
      result = .varying
    }
    return content.results.allSatisfy { note($0, result) }
  }

  private mutating func classifyFor(_ content: Operation) -> Bool {
    guard content.operands[..<3].allSatisfy({ kind($0) == .uniform }) else { return false }
    let carried = Array(content.operands[3...])
    if carried.contains(where: { function.type(of: $0).isTensor }) { return false }
    let parameters = function.regions[content.regions[0]].parameters.dropFirst()
    var carriedKinds = carried.map { kind($0) == .uniform ? Kind.uniform : .varying }
    // Ends since a kind only goes up.
    while true {
      for (parameter, kind) in zip(parameters, carriedKinds) where !note(parameter, kind) {
        return false
      }
      guard classify(content.regions[0]) else { return false }
      let next = zip(carriedKinds, yielded(content.regions[0])).map {
        $0 == .varying || kind($1) != .uniform ? Kind.varying : .uniform
      }
      if next == carriedKinds { break }
      carriedKinds = next
    }
    return zip(content.results, carriedKinds).allSatisfy { note($0, $1) }
  }

  /// Says that `value` is of `kind`; `false` iff its type has no vectors.
  private mutating func note(_ value: Value, _ kind: Kind) -> Bool {
    if kind == .uniform {
      kinds[value] = .uniform
      return true
    }
    guard hasVectorForm(value) else { return false }
    if kinds[value]?.step == nil || kind != .varying || self.kind(value) == .uniform {
      kinds[value] = kind
    }
    if let type = function.type(of: value).scalarType, kind == .varying {
      if type.isFloat || definesByRead(value) {
        widestByteCount = max(widestByteCount, type.byteCount)
      }
    }
    return true
  }

  private func definesByRead(_ value: Value) -> Bool {
    function.definition(of: value).map { function.operations[$0].opcode == .read } ?? false
  }

  /// `true` iff vectors of the value's type can be computed with.
  private func hasVectorForm(_ value: Value) -> Bool {
    switch function.type(of: value) {
    case .scalar: true
    case .pointer, .tensor, .buffer, .vector: false
    }
  }
}

/// The values of a region that depend on one of its indices.
struct DependentValues {
  private var dependent: Set<Value>

  /// Finds what depends on `index` in `region` and the regions within.
  init(_ function: Function, _ region: ID<Region>, on index: Value) {
    dependent = [index]
    var count = 0
    // Loops carry dependence round, so this is repeated until nothing is added.
    while count != dependent.count {
      count = dependent.count
      function.forEachOperation(in: region) { id in
        let content = function.operations[id]
        let ends = content.regions.compactMap { function.terminator(of: $0) }
        let inputs = content.operands + ends.flatMap { function.operations[$0].operands }
        guard inputs.contains(where: { dependent.contains($0) }) else { return }
        dependent.formUnion(content.results)
        switch content.opcode {
        case .for: dependent.formUnion(function.regions[content.regions[0]].parameters.dropFirst())
        case .reduce where content.regions.count == 2:
          dependent.formUnion(function.regions[content.regions[1]].parameters)
        default: break
        }
      }
    }
  }

  /// `true` iff `value` differs, or may differ, with the index.
  func contains(_ value: Value) -> Bool { dependent.contains(value) }

  /// What `index`, on which these depend, is multiplied by in `expression`; `nil` where that is not
  /// linear in it, or something else in it depends on the index, such as an element read there.
  func coefficient(of index: Value, in expression: AffineExpression) -> AffineExpression? {
    guard expression.values.allSatisfy({ $0 == index || !contains($0) }) else { return nil }
    return expression.coefficient(of: index)
  }
}
