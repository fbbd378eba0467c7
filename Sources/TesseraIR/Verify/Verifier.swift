import TesseraSource

/// How far a module has come on its way to machine code; each stage allows certain families.
public enum Stage: String, Hashable, Sendable, CaseIterable {
  /// Values are scalars, addresses and whole tensors: what lowering makes.
  case tensor
  /// Tensors have become loops over buffers and vectors: what scheduling makes.
  case scheduled
}

/// Checks that `module` is IR that every pass and every way to run may rely on.
///
/// What is checked, in this order:
///
/// Structure
/// - handles name entities of their tables; a region belongs to one operation, which is the one that
///   its record says, an operation to one region; a value is defined where its record says;
/// - every region ends in a terminator and holds no other, and it is the terminator that its
///   operation asks for; `return` and `tail_call` stand in the body or in `if`s alone;
/// - every operand is defined earlier in its region or in an enclosing one;
/// - regions are not nested beyond the limit that all walks rely on.
///
/// Operations
/// - the numbers of operands, results and regions, and the kind of the attribute;
/// - the types of operands and results, of region parameters and of what regions yield;
/// - constants fit their type; axes exist; a combiner is one that the operation knows;
/// - `{}` stands in a text as often as there are operands for it.
///
/// Functions and module
/// - names of functions are unique, and none is that of what will be made beside another one that
///   gives tensors; each parameter has a role; only buffers are written in place,
///   what else is `inout` comes back as a result; results have a name each, perhaps an empty one;
/// - what is called exists, and takes and gives the types at the call.
///
/// Stage, if one is given
/// - only families and types of that stage occur.
///
/// Nothing is said about what depends on running: bounds, extents, division by zero.
public func verify(_ module: Module, stage: Stage? = nil) -> [Diagnostic] {
  /// What was found, in order.
  var diagnostics: [Diagnostic] = []
  var signatures: [String: Signature] = [:]
  for function in module.functions {
    if signatures[function.name] != nil {
      diagnostics.append(.irDuplicateFunction(function.name, at: function.span))
    }
    signatures[function.name] = Signature(function)
  }
  for function in module.functions where function.resultTypes.contains(where: \.isTensor) {
    let name = shapeFunctionName(function.name)
    guard let other = module.functions.first(where: { $0.name == name }) else { continue }
    diagnostics.append(.irReservedName(name, of: function.name, at: other.span))
  }
  for function in module.functions {
    var verifier = Verifier(function, signatures: signatures, stage: stage)
    verifier.checkFunction()
    diagnostics += verifier.diagnostics
  }
  return diagnostics
}

/// The types by which a function is called.
struct Signature {
  /// What the function takes and gives.
  let parameters: [Type]
  let results: [Type]

  /// Reads the signature of `function`.
  init(_ function: Function) {
    // A broken table is reported where the function itself is checked.
    let parameters = function.regions.isEmpty ? [] : function.parameters
    self.parameters = parameters.compactMap {
      Int($0.index) < function.values.count ? function.type(of: $0) : nil
    }
    results = function.resultTypes
  }
}

/// Checks one function; the list is at `verify(_:stage:)`.
struct Verifier {
  /// What is checked, what may be called, and the stage whose operations alone may occur.
  let function: Function
  let signatures: [String: Signature]
  let stage: Stage?
  var diagnostics: [Diagnostic] = []

  private var isVisible: [Bool]
  private var isListed: [Bool]
  private var isOwned: [Bool]
  private var depth = 0
  /// `true` iff only `if`s are around the operation at hand.
  private var mayReturn = true

  /// Prepares the check of `function`, which may call those of `signatures`.
  init(_ function: Function, signatures: [String: Signature], stage: Stage?) {
    self.function = function
    self.signatures = signatures
    self.stage = stage
    isVisible = Array(repeating: false, count: function.values.count)
    isListed = Array(repeating: false, count: function.operations.count)
    isOwned = Array(repeating: false, count: function.regions.count)
  }

  // MARK: Function

  /// Checks the function; if it names entities that it does not hold, that alone is reported.
  mutating func checkFunction() {
    guard handlesAreInRange() else {
      let message = "'@\(function.name)' names an entity that it does not hold"
      diagnostics.append(.irStructure(message, at: function.span))
      return
    }
    checkSignature()
    checkRegion(function.body, of: nil)
  }

  private func handlesAreInRange() -> Bool {
    func holds(_ values: [Value]) -> Bool {
      values.allSatisfy { Int($0.index) < function.values.count }
    }
    return Int(function.body.index) < function.regions.count
      && function.regions.allSatisfy { region in
        holds(region.parameters)
          && region.operations.allSatisfy { Int($0.index) < function.operations.count }
      }
      && function.operations.allSatisfy { operation in
        holds(operation.operands) && holds(operation.results)
          && operation.regions.allSatisfy { Int($0.index) < function.regions.count }
      }
  }

  private mutating func checkSignature() {
    let span = function.span
    if function.roles.count != function.parameters.count {
      diagnostics.append(.irStructure("the parameters and their roles differ in number", at: span))
    }
    if function.resultNames.count != function.resultTypes.count {
      diagnostics.append(.irStructure("the results and their names differ in number", at: span))
    }
    for (parameter, role) in zip(function.parameters, function.roles) where role.isWritten {
      switch function.type(of: parameter) {
      case .buffer: break
      case .tensor where role == .inout, .scalar where role == .inout: break
      case let type:
        diagnostics.append(.irRole(role.rawValue, type.description, at: span))
      }
    }
    for type in function.resultTypes { checkStage(type, at: span) }
  }

  // MARK: Regions

  /// Checks what `region` holds; its values are visible until it ends.
  private mutating func checkRegion(_ region: ID<Region>, of owner: Operation?) {
    let span = owner?.span ?? function.span
    guard depth <= Parser.nestingLimit else {
      diagnostics.append(.irNestedTooDeeply(limit: Parser.nestingLimit, at: span))
      return
    }
    guard !isOwned[Int(region.index)] else {
      diagnostics.append(.irStructure("a region belongs to two operations", at: span))
      return
    }
    isOwned[Int(region.index)] = true
    depth += 1
    defer { depth -= 1 }

    var defined: [Value] = []
    for (index, parameter) in function.regions[region].parameters.enumerated() {
      define(parameter, .parameter(of: region, index: index), at: span)
      defined.append(parameter)
      checkStage(function.type(of: parameter), at: span)
      checkForm(function.type(of: parameter), at: span)
    }
    checkTerminators(of: region, owner: owner)
    for id in function.regions[region].operations {
      checkOperation(id)
      for (index, result) in function.operations[id].results.enumerated() {
        define(result, .result(of: id, index: index), at: function.operations[id].span)
        defined.append(result)
      }
    }
    for value in defined { isVisible[Int(value.index)] = false }
  }

  private mutating func define(
    _ value: Value, _ definition: ValueInfo.Definition, at span: SourceSpan
  ) {
    if function.values[value].definition != definition {
      diagnostics.append(.irStructure("a value is not defined where its record says", at: span))
    }
    isVisible[Int(value.index)] = true
  }

  private mutating func checkTerminators(of region: ID<Region>, owner: Operation?) {
    let operations = function.regions[region].operations
    for (index, id) in operations.enumerated() {
      let operation = function.operations[id]
      let isTerminator = operation.opcode.info.traits.contains(.terminator)
      let isLast = index == operations.count - 1
      if isTerminator, !isLast {
        diagnostics.append(.irTerminator("'\(operation.spelling)' is not last", at: operation.span))
      }
      if isLast, !isTerminator || !mayEnd(with: operation.opcode, region, of: owner) {
        let wanted = terminators(of: region, owner: owner)
        diagnostics.append(.irTerminator("the region must end in \(wanted)", at: operation.span))
      }
    }
    if operations.isEmpty {
      let wanted = terminators(of: region, owner: owner)
      diagnostics.append(
        .irTerminator("the region must end in \(wanted)", at: owner?.span ?? function.span))
    }
  }

  private func mayEnd(
    with terminator: Opcode, _ region: ID<Region>, of owner: Operation?
  ) -> Bool {
    switch terminator {
    case .return, .tailCall: mayReturn && (owner == nil || owner?.opcode == .if)
    case .condition: owner?.opcode == .while && owner?.regions.first == region
    case .yield: owner != nil && !(owner?.opcode == .while && owner?.regions.first == region)
    default: false
    }
  }

  private func terminators(of region: ID<Region>, owner: Operation?) -> String {
    guard let owner else { return "'return' or 'tail_call'" }
    return owner.opcode == .while && owner.regions.first == region ? "'condition'" : "'yield'"
  }

  // MARK: Operations

  private mutating func checkOperation(_ id: ID<Operation>) {
    let operation = function.operations[id]
    if isListed[Int(id.index)] {
      diagnostics.append(.irStructure("an operation is listed twice", at: operation.span))
      return
    }
    isListed[Int(id.index)] = true
    for operand in operation.operands where !isVisible[Int(operand.index)] {
      let name = function.values[operand].name.map { "'%\($0)'" } ?? "an operand"
      diagnostics.append(.irNotVisible(name, at: operation.span))
    }
    if checkForm(operation) { checkTypes(operation) }
    checkStage(operation)

    let outer = mayReturn
    mayReturn = outer && operation.opcode == .if
    for region in operation.regions {
      if function.regions[region].owner != id {
        diagnostics.append(
          .irStructure("a region does not have the owner that its record says", at: operation.span))
      }
      checkRegion(region, of: operation)
    }
    mayReturn = outer
  }

  /// Checks what the op table alone tells; `false` iff the rules of types would make no sense.
  private mutating func checkForm(_ operation: Operation) -> Bool {
    let info = operation.opcode.info
    let count = diagnostics.count
    if let wanted = info.operandCount, operation.operands.count != wanted {
      fail(operation, .irOperandCount(operation.spelling, "\(wanted)", operation.operands.count))
    }
    if !info.regionCounts.contains(operation.regions.count) {
      fail(operation, .irRegionCount(operation.spelling, operation.regions.count))
    }
    if !isAttribute(operation.attribute, of: info.attribute) {
      fail(operation, .irAttribute("the attribute of '\(operation.spelling)' is of another kind"))
    }
    for result in operation.results { checkForm(function.type(of: result), at: operation.span) }
    return diagnostics.count == count
  }

  private func isAttribute(_ attribute: Attribute, of kind: AttributeKind) -> Bool {
    switch (kind, attribute) {
    case (.none, .none), (.number, .integer), (.number, .float), (.number, .dense),
      (.axis, .integer), (.text, .string), (.function, .symbol), (.reduction, .reduction),
      (.scan, .scan), (.update, .update):
      true
    default: false
    }
  }

  /// Checks that a type can be: vectors have lanes that can be halved, extents are not
  /// negative and not more than anyone counts on.
  private mutating func checkForm(_ type: Type, at span: SourceSpan) {
    if case .vector(_, let lanes) = type,
      !Type.laneCounts.contains(lanes) || lanes & (lanes - 1) != 0
    {
      diagnostics.append(.irType("a vector has a power of two lanes, at most 256", at: span))
    }
    if type.rank > Type.rankLimit {
      diagnostics.append(.irType("a tensor has at most \(Type.rankLimit) axes", at: span))
    }
    for case .constant(let length) in type.extents where length < 0 {
      diagnostics.append(.irType("an extent is not negative", at: span))
    }
  }

  // MARK: Stages

  private mutating func checkStage(_ operation: Operation) {
    guard let stage else { return }
    if !stage.allows(operation.opcode) {
      fail(operation, .irStage("'\(operation.spelling)'", stage.rawValue))
    }
    for result in operation.results { checkStage(function.type(of: result), at: operation.span) }
  }

  private mutating func checkStage(_ type: Type, at span: SourceSpan) {
    if let stage, !stage.allows(type) {
      diagnostics.append(Diagnostic.irStage(type.description, stage.rawValue).at(span))
    }
  }

  /// Reports `diagnostic` at `operation`.
  mutating func fail(_ operation: Operation, _ diagnostic: Diagnostic) {
    diagnostics.append(diagnostic.at(operation.span))
  }
}

extension Stage {
  /// `true` iff operations of `opcode` may occur.
  public func allows(_ opcode: Opcode) -> Bool {
    if opcode == .dimension { return true }
    return switch opcode.info.family {
    case .scalar, .pointer, .control: true
    case .tensor: self == .tensor
    case .memory, .vector: self == .scheduled
    }
  }

  /// `true` iff values of `type` may occur.
  public func allows(_ type: Type) -> Bool {
    switch type {
    case .scalar, .pointer: true
    case .tensor: self == .tensor
    case .buffer, .vector: self == .scheduled
    }
  }
}

extension Operation {
  /// The name of the operation in the text.
  var spelling: String { opcode.info.spelling }
}

extension Diagnostic {
  /// The diagnostic with `span` as the place that is wrong.
  func at(_ span: SourceSpan) -> Diagnostic {
    var copy = self
    copy.span = span
    return copy
  }
}
