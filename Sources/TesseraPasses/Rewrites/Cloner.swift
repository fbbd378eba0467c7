import TesseraIR

/// Copies operations, with all that their regions hold, and remembers what stands for what.
struct Cloner {
  /// The value that stands for each one of the original; others stand for themselves.
  var values: [Value: Value]

  /// Creates a cloner that puts the values of `values` in place of its keys.
  init(_ values: [Value: Value] = [:]) { self.values = values }

  /// The value that stands for `value` in the copy.
  subscript(value: Value) -> Value { values[value] ?? value }

  /// Appends to `function` a copy of `operation`, which is one of `source` or, where that is `nil`,
  /// of `function` itself; no region lists it yet.
  mutating func copy(
    _ operation: ID<Operation>, of source: Function? = nil, into function: inout Function
  ) -> ID<Operation> {
    let content = source?.operations[operation] ?? function.operations[operation]
    let infos = content.results.map { source?.values[$0] ?? function.values[$0] }
    var regions: [ID<Region>] = []
    for region in content.regions {
      regions.append(copy(region, of: source, into: &function))
    }
    let copy = function.makeOperation(
      content.opcode, content.operands.map { self[$0] }, results: infos.map(\.type),
      attribute: content.attribute, regions: regions, span: content.span,
      names: infos.map(\.name))
    for (old, new) in zip(content.results, function.operations[copy].results) {
      values[old] = new
    }
    return copy
  }

  private mutating func copy(
    _ region: ID<Region>, of source: Function?, into function: inout Function
  ) -> ID<Region> {
    let content = source?.regions[region] ?? function.regions[region]
    let copy = function.makeRegion()
    for parameter in content.parameters {
      let info = source?.values[parameter] ?? function.values[parameter]
      values[parameter] = function.addParameter(info.name, info.type, to: copy)
    }
    for operation in content.operations {
      let inner = self.copy(operation, of: source, into: &function)
      function.regions[copy].operations.append(inner)
    }
    return copy
  }
}
