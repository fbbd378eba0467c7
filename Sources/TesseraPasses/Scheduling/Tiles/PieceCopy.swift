import TesseraIR

/// Copies the region of a `compute` as it is in a piece, where some conditions are decided.
///
///     %in = less %i, %n : bool
///     %v = if %in : f32 {
///       %r = read %x, %i : f32          →         %r = read %x, %i : f32
///       yield %r
///     } {
///       …
///     }
struct PieceCopy {
  private let meanings: [Value: Piece.Meaning]
  /// The value that stands for each one of the original.
  private var values: [Value: Value] = [:]
  private var truths: [Value: Bool] = [:]
  /// The booleans of the copy.
  private var booleans: [Bool: Value] = [:]

  private init(_ meanings: [Value: Piece.Meaning]) { self.meanings = meanings }

  /// Adds to `function` a copy of `region`, that of a `compute`, in which `meanings` are known.
  static func copy(
    _ region: ID<Region>, where meanings: [Value: Piece.Meaning], in function: inout Function
  ) -> ID<Region> {
    var copier = PieceCopy(meanings)
    let copy = function.makeRegion()
    for truth in [false, true] {
      let constant = function.makeOperation(
        .constant, results: [.bool], attribute: .integer(truth ? 1 : 0))
      function.regions[copy].operations.append(constant)
      copier.booleans[truth] = function.operations[constant].results[0]
    }
    copier.addParameters(of: region, to: copy, &function)
    copier.copy(function.regions[region].operations[...], to: copy, &function)
    return copy
  }

  private mutating func addParameters(
    of region: ID<Region>, to copy: ID<Region>, _ function: inout Function
  ) {
    for parameter in function.regions[region].parameters {
      let info = function.values[parameter]
      values[parameter] = function.addParameter(info.name, info.type, to: copy)
    }
  }

  private mutating func copy(
    _ operations: ArraySlice<ID<Operation>>, to region: ID<Region>, _ function: inout Function
  ) {
    for id in operations { copy(function.operations[id], to: region, &function) }
  }

  private mutating func copy(
    _ content: Operation, to region: ID<Region>, _ function: inout Function
  ) {
    if let result = content.results.first {
      switch meanings[result] {
      case .truth(let truth): return note(result, is: truth)
      case .same(let value):
        values[result] = self[value]
        return
      case .sum(let a, let b): return add(.add, [a, b], for: content, to: region, &function)
      case .difference(let a, let b):
        return add(.subtract, [a, b], for: content, to: region, &function)
      case nil: break
      }
    }
    if isFolded(content, to: region, &function) { return }
    add(content.opcode, content.operands, for: content, to: region, &function)
  }

  /// `true` iff the operation needs no copy, since what it gives is known or one of its operands.
  private mutating func isFolded(
    _ content: Operation, to region: ID<Region>, _ function: inout Function
  ) -> Bool {
    let truths = content.operands.map { truth($0, function) }
    switch content.opcode {
    case .bitAnd, .bitOr, .bitNot:
      guard function.type(of: content.results[0]) == .bool else { return false }
      if let truth = content.opcode.truth(of: truths) {
        note(content.results[0], is: truth)
        return true
      }
      // What is left of two is the one that is not known.
      guard truths.count == 2, let known = truths.firstIndex(where: { $0 != nil }) else {
        return false
      }
      values[content.results[0]] = self[content.operands[1 - known]]
      return true
    case .select:
      guard let truth = truths[0] else { return false }
      pass(content.operands[truth ? 1 : 2], as: content.results[0], function)
      return true
    case .if:
      guard let truth = truths[0] else { return false }
      let branch = content.regions[truth ? 0 : 1]
      guard let end = function.terminator(of: branch) else { return false }
      copy(function.regions[branch].operations.dropLast(), to: region, &function)
      for (value, result) in zip(function.operations[end].operands, content.results) {
        pass(value, as: result, function)
      }
      return true
    default: return false
    }
  }

  /// Adds the operation with its regions, in the place of `content`.
  private mutating func add(
    _ opcode: Opcode, _ operands: [Value], for content: Operation, to region: ID<Region>,
    _ function: inout Function
  ) {
    let infos = content.results.map { function.values[$0] }
    let regions = content.regions.map { inner in
      let copied = function.makeRegion()
      addParameters(of: inner, to: copied, &function)
      copy(function.regions[inner].operations[...], to: copied, &function)
      return copied
    }
    let copied = function.makeOperation(
      opcode, operands.map { self[$0] }, results: infos.map(\.type),
      attribute: content.attribute, regions: regions, span: content.span,
      names: infos.map(\.name))
    function.regions[region].operations.append(copied)
    for (old, new) in zip(content.results, function.operations[copied].results) {
      values[old] = new
    }
  }

  // MARK: Values

  private subscript(value: Value) -> Value { values[value] ?? value }

  private func truth(_ value: Value, _ function: Function) -> Bool? {
    guard function.type(of: value) == .bool else { return nil }
    return truths[value] ?? function.integerConstant(value).map { $0 != 0 }
  }

  private mutating func note(_ value: Value, is truth: Bool) {
    truths[value] = truth
    values[value] = booleans[truth]
  }

  private mutating func pass(_ value: Value, as result: Value, _ function: Function) {
    values[result] = self[value]
    truths[result] = truth(value, function)
  }
}
