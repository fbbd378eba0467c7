import TesseraIR

/// Writes the function that equal loops share, as a copy of the first of them.
struct SharedLoopBuilder {
  private let plan: ParameterPlan
  private let leaves: [LoopLeaf]
  private let source: Function
  private var function: Function
  /// What stands for each value that the loop defines.
  private var values: [Value: Value] = [:]
  private var constants: [LoopLeaf.Constant: Value] = [:]
  /// The leaves met so far; operands are walked in the order in which `LoopEncoder` found them.
  private var nextLeaf = 0

  /// The function called `name` that does what `loop` of `source` does, to its parameters.
  static func build(
    _ name: String, from loop: ID<Operation>, of source: Function, _ plan: ParameterPlan,
    _ leaves: [LoopLeaf]
  ) -> Function {
    var builder = SharedLoopBuilder(
      plan: plan, leaves: leaves, source: source, function: Function(name: name))
    builder.fill(loop)
    return builder.function
  }

  private init(plan: ParameterPlan, leaves: [LoopLeaf], source: Function, function: Function) {
    self.plan = plan
    self.leaves = leaves
    self.source = source
    self.function = function
  }

  private mutating func fill(_ loop: ID<Operation>) {
    let content = source.operations[loop]
    function.span = content.span
    for (index, type) in plan.types.enumerated() {
      var role = Function.ParameterRole.input
      if case .buffer = type, !plan.isRead[index] { role = .inout }
      var name: String?
      if case .value(let value) = leaves[plan.parameters[index]].origin {
        name = source.values[value].name
      }
      function.addParameter(name, type, role: role)
    }
    for (leaf, stand) in zip(leaves, plan.stands) {
      guard case .constant(let attribute) = stand else { continue }
      let key = LoopLeaf.Constant(type: leaf.type, attribute: attribute)
      if constants[key] != nil { continue }
      let constant = function.makeOperation(
        .constant, results: [leaf.type], attribute: attribute, span: content.span)
      function.regions[function.body].operations.append(constant)
      constants[key] = function.operations[constant].results[0]
    }
    let copy = self.copy(loop)
    function.regions[function.body].operations.append(copy)
    let results = function.operations[copy].results
    function.resultTypes = results.map { function.type(of: $0) }
    function.resultNames = results.map { _ in "" }
    let end = function.makeOperation(.return, results, span: content.span)
    function.regions[function.body].operations.append(end)
  }

  private mutating func copy(_ operation: ID<Operation>) -> ID<Operation> {
    let content = source.operations[operation]
    let operands = content.operands.map { values[$0] ?? standIn() }
    let regions = content.regions.map { self.copy($0) }
    let infos = content.results.map { source.values[$0] }
    let copy = function.makeOperation(
      content.opcode, operands, results: infos.map(\.type), attribute: content.attribute,
      regions: regions, span: content.span, names: infos.map(\.name))
    for (old, new) in zip(content.results, function.operations[copy].results) { values[old] = new }
    return copy
  }

  private mutating func copy(_ region: ID<Region>) -> ID<Region> {
    let copy = function.makeRegion()
    for parameter in source.regions[region].parameters {
      let info = source.values[parameter]
      values[parameter] = function.addParameter(info.name, info.type, to: copy)
    }
    for operation in source.regions[region].operations where !source.isLeafConstant(operation) {
      let inner = self.copy(operation)
      function.regions[copy].operations.append(inner)
    }
    return copy
  }

  /// What stands for the next leaf.
  private mutating func standIn() -> Value {
    defer { nextLeaf += 1 }
    switch plan.stands[nextLeaf] {
    case .parameter(let index): return function.parameters[index]
    case .constant(let attribute):
      return constants[LoopLeaf.Constant(type: leaves[nextLeaf].type, attribute: attribute)]!
    }
  }
}
