import TesseraIR

// Before:                                          After:
//   %m = dimension %x {0} : i64                      return %x
//   %y = compute %m : f32[?] {
//   ^(%i: i64):
//     %v = read %x, %i : f32
//     yield %v
//   }
//   return %y
//
// Likewise a branch that gives the same either way, and a value that a loop carries round without
// changing it.

extension Pass {
  /// Uses what was copied in place of the copy.
  static let copyPropagation = Pass(
    name: "copy-propagation", summary: "use values in place of unchanged copies of them"
  ) { function in
    RegionEditor.edit(&function) { $0.propagateCopies($1) }
  }
}

extension RegionEditor {
  fileprivate mutating func propagateCopies(_ operation: ID<Operation>) {
    let content = function.operations[operation]
    switch content.opcode {
    case .convert, .bitcast:
      let source = content.operands[0]
      if function.type(of: source) == function.type(of: content.results[0]) {
        replaceResults(of: operation, by: [source])
      } else {
        place(operation)
      }
    case .if:
      keep(operation)
      propagateEqualYields(content)
    case .for: propagateInvariants(operation, content)
    case .while: propagateInvariantsOfWhile(operation, content)
    case .compute:
      keep(operation)
      propagateCopiedTensors(content)
    default: keep(operation)
    }
  }

  /// Replaces results that both branches give as the same value.
  private mutating func propagateEqualYields(_ content: Operation) {
    let ends = content.regions.compactMap { function.terminator(of: $0) }
      .map { function.operations[$0] }
    // A branch that leaves the function gives nothing, so the other one decides; but its value may
    // be visible there alone.
    guard ends.allSatisfy({ $0.opcode == .yield }), ends.count == 2 else { return }
    for (index, result) in content.results.enumerated()
    where ends[0].operands[index] == ends[1].operands[index] {
      replace(result, with: ends[0].operands[index])
    }
  }

  /// Replaces what a `for` carries and yields unchanged.
  private mutating func propagateInvariants(_ operation: ID<Operation>, _ content: Operation) {
    let carried = function.regions[content.regions[0]].parameters.dropFirst()
    let initial = content.operands.dropFirst(3)
    let yielded =
      function.terminator(of: content.regions[0])
      .map { function.operations[$0].operands } ?? []
    var unchanged: [(result: Value, initial: Value)] = []
    for (slot, parameter) in carried.enumerated() where yielded[slot] == parameter {
      let value = initial[initial.startIndex + slot]
      replace(parameter, with: value)
      unchanged.append((content.results[slot], value))
    }
    keep(operation)
    for (result, value) in unchanged { replace(result, with: value) }
  }

  /// Replaces what a `while` hands round unchanged through both of its regions.
  private mutating func propagateInvariantsOfWhile(
    _ operation: ID<Operation>, _ content: Operation
  ) {
    let carried = function.regions[content.regions[0]].parameters
    let passed = function.regions[content.regions[1]].parameters
    let handed =
      function.terminator(of: content.regions[0])
      .map { Array(function.operations[$0].operands.dropFirst()) } ?? []
    let yielded =
      function.terminator(of: content.regions[1])
      .map { function.operations[$0].operands } ?? []
    var unchanged: [(result: Value, initial: Value)] = []
    for (slot, parameter) in carried.enumerated() {
      // All that comes round to this place must be the place's own value, passed on.
      guard let index = passed.firstIndex(of: yielded[slot]), handed[index] == parameter else {
        continue
      }
      let value = content.operands[slot]
      replace(parameter, with: value)
      for (place, given) in handed.enumerated() where given == parameter {
        replace(passed[place], with: value)
        unchanged.append((content.results[place], value))
      }
    }
    keep(operation)
    for (result, value) in unchanged { replace(result, with: value) }
  }

  /// Replaces tensors all of whose elements are those of another of the same shape.
  private mutating func propagateCopiedTensors(_ content: Operation) {
    let region = function.regions[content.regions[0]]
    guard let last = region.operations.last else { return }
    for (index, result) in content.results.enumerated() {
      let element = function.operations[last].operands[index]
      guard let definition = function.definition(of: element),
        function.operations[definition].opcode == .read
      else { continue }
      let operands = function.operations[definition].operands
      let source = operands[0]
      if Array(operands.dropFirst()) == region.parameters,
        function.type(of: source) == function.type(of: result),
        content.operands.indices.allSatisfy({ hasExtent(source, $0, content.operands[$0]) })
      {
        replace(result, with: source)
      }
    }
  }

  /// `true` iff `axis` of `tensor` is known to be `extent` long.
  private func hasExtent(_ tensor: Value, _ axis: Int, _ extent: Value) -> Bool {
    if function.extentOperand(of: tensor, axis: axis) == extent { return true }
    if let length = function.constantExtent(of: tensor, axis: axis) {
      return function.integerConstant(extent) == length
    }
    guard let definition = function.definition(of: extent) else { return false }
    let content = function.operations[definition]
    return content.opcode == .dimension && content.operands[0] == tensor
      && content.attribute == .integer(Int64(axis))
  }

  private mutating func replace(_ old: Value, with new: Value) {
    replacements.replace(old, with: new)
    changed = true
  }
}
