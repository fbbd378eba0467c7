import TesseraIR

/// Copies operations out of a loop, each where it is first needed.
struct LoopCopier {
  /// What stands for values of the loop.
  var values: [Value: Value] = [:]
  /// The index of the loop, if it is where a block begins: its sum with `block` is the new index.
  var start: Value?
  /// The index of a sum whose blocks the loop cuts.
  var block: Value?
  /// The loop's regions, whose operations are copied on demand.
  private let movable: Set<ID<Operation>>

  /// Creates a copier of what `region` and the regions within hold.
  init(region: ID<Region>, function: Function) {
    var found: Set<ID<Operation>> = []
    function.forEachOperation(in: region) { found.insert($0) }
    movable = found
  }

  /// Copies what gives `wanted`, as far as it stands in the loop.
  mutating func copies(
    of wanted: [Value], into operations: inout [ID<Operation>], _ function: inout Function
  ) -> [Value] {
    wanted.map { copy(of: $0, into: &operations, &function) ?? $0 }
  }

  /// Copies what `region` holds, its terminator included; `false` if that needs the loop's index
  /// by itself.
  mutating func copy(
    _ region: ID<Region>, into operations: inout [ID<Operation>], _ function: inout Function
  ) -> Bool {
    function.regions[region].operations.allSatisfy {
      copy($0, into: &operations, &function)
    }
  }

  private mutating func copy(
    of value: Value, into operations: inout [ID<Operation>], _ function: inout Function
  ) -> Value? {
    if let known = values[value] { return known }
    if value == start { return nil }
    guard let definition = function.definition(of: value), movable.contains(definition) else {
      return value
    }
    guard copy(definition, into: &operations, &function) else { return nil }
    return values[value]
  }

  /// Copies `operation`; `false` if it needs the loop's index by itself.
  mutating func copy(
    _ operation: ID<Operation>, into operations: inout [ID<Operation>], _ function: inout Function
  ) -> Bool {
    let content = function.operations[operation]
    if let first = content.results.first, values[first] != nil { return true }
    if let start, let block, content.opcode == .add, Set(content.operands) == [start, block] {
      values[content.results[0]] = values[block]
      return true
    }
    var operands: [Value] = []
    for operand in content.operands {
      guard let copy = copy(of: operand, into: &operations, &function) else { return false }
      operands.append(copy)
    }
    var regions: [ID<Region>] = []
    for region in content.regions {
      let new = function.makeRegion()
      for parameter in function.regions[region].parameters {
        let info = function.values[parameter]
        values[parameter] = function.addParameter(info.name, info.type, to: new)
      }
      var inside: [ID<Operation>] = []
      let outer = values
      guard copy(region, into: &inside, &function) else { return false }
      // What was copied into the region is not visible after it.
      values = outer
      function.regions[new].operations = inside
      regions.append(new)
    }
    let copy = function.makeOperation(
      content.opcode, operands, results: content.results.map { function.type(of: $0) },
      attribute: content.attribute, regions: regions, span: content.span,
      names: content.results.map { function.values[$0].name })
    operations.append(copy)
    for (old, new) in zip(content.results, function.operations[copy].results) { values[old] = new }
    return true
  }
}
