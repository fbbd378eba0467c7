import TesseraNumbers
import TesseraSource

extension Parser {
  /// operations = { operation } ; up to the `}` that ends their region.
  mutating func parseOperations(into region: ID<Region>) throws(SyntaxError) {
    while !isAt("}") {
      if token.kind == .end { throw fail(expected: "'}'") }
      let operation = try parseOperation()
      function.regions[region].operations.append(operation)
    }
  }

  /// operation = [ names "=" ] spelling [ values ] [ attribute ] [ ":" types ] { region } ;
  private mutating func parseOperation() throws(SyntaxError) -> ID<Operation> {
    let start = token.span
    let resultNames = try parseResultNames()
    let opcode = try parseOpcode()
    let operands = try parseOperands()
    let attribute = try parseAttribute(opcode)
    let types = try parseResultTypes(count: resultNames.count)
    let span = SourceSpan(file: start.file, start: start.start, end: lastEnd)
    let regions = try parseRegions()
    let operation = function.makeOperation(
      opcode, operands, results: types, attribute: resolve(attribute, type: types.first),
      regions: regions, span: span, names: resultNames.map { sourceName($0.name) })
    for (result, name) in zip(function.operations[operation].results, resultNames) {
      define(name.name, result, at: name.span)
    }
    return operation
  }

  private mutating func parseResultNames() throws(SyntaxError) -> [(
    name: String, span: SourceSpan
  )] {
    guard case .value = token.kind else { return [] }
    var names: [(name: String, span: SourceSpan)] = []
    repeat { names.append(try expectValueName()) } while accept(",")
    try expect("=")
    return names
  }

  private mutating func parseOpcode() throws(SyntaxError) -> Opcode {
    let span = token.span
    let spelling = try expectWord("an operation")
    guard let opcode = Opcode(spelling: spelling) else {
      diagnostics.append(.irUnknownOperation(spelling, at: span))
      throw SyntaxError()
    }
    return opcode
  }

  // A value that starts a line names the result of the next operation.
  private mutating func parseOperands() throws(SyntaxError) -> [Value] {
    guard case .value = token.kind, !token.startsLine else { return [] }
    var operands: [Value] = []
    repeat {
      let (name, span) = try expectValueName()
      operands.append(use(name, at: span))
    } while accept(",")
    return operands
  }

  private mutating func parseResultTypes(count: Int) throws(SyntaxError) -> [Type] {
    guard count > 0 else { return [] }
    try expect(":")
    var types = [try parseType()]
    while accept(",") { types.append(try parseType()) }
    guard types.count == count else {
      throw fail(expected: "one type for each of \(count) results")
    }
    return types
  }

  private mutating func parseRegions() throws(SyntaxError) -> [ID<Region>] {
    var regions: [ID<Region>] = []
    while isAt("{") { regions.append(try parseRegion()) }
    return regions
  }

  /// region = "{" [ "^" "(" parameters ")" ":" ] operations "}" ;
  private mutating func parseRegion() throws(SyntaxError) -> ID<Region> {
    depth += 1
    defer { depth -= 1 }
    guard depth <= Parser.nestingLimit else {
      diagnostics.append(.irNestedTooDeeply(limit: Parser.nestingLimit, at: token.span))
      throw SyntaxError()
    }
    try expect("{")
    let region = function.makeRegion()
    if accept("^") { try parseRegionParameters(region) }
    try parseOperations(into: region)
    try expect("}")
    return region
  }

  private mutating func parseRegionParameters(_ region: ID<Region>) throws(SyntaxError) {
    try expect("(")
    if !isAt(")") {
      repeat {
        let (name, span) = try expectValueName()
        try expect(":")
        let type = try parseType()
        define(name, function.addParameter(sourceName(name), type, to: region), at: span)
      } while accept(",")
    }
    try expect(")")
    try expect(":")
  }
}

// MARK: Types

extension Parser {
  /// type = [ "buffer" ] [ "*" ] scalar [ "[" extents "]" ] | "vector" scalar "x" number ;
  mutating func parseType() throws(SyntaxError) -> Type {
    if acceptWord("vector") { return try parseVectorType() }
    let isBuffer = acceptWord("buffer")
    let isPointer = accept("*")
    let scalar = try parseScalarType()
    let element = isPointer ? ElementType.pointer(scalar) : .scalar(scalar)
    guard isAt("[") else {
      if isBuffer { throw fail(expected: "'['") }
      return element.type
    }
    let extents = try parseExtents()
    return isBuffer ? .buffer(element, extents) : .tensor(element, extents)
  }

  private mutating func parseScalarType() throws(SyntaxError) -> ScalarType {
    guard case .word(let word) = token.kind, let type = ScalarType(rawValue: word) else {
      throw fail(expected: "a type")
    }
    advance()
    return type
  }

  private mutating func parseVectorType() throws(SyntaxError) -> Type {
    let type = try parseScalarType()
    guard acceptWord("x") else { throw fail(expected: "'x'") }
    return .vector(type, lanes: try parseCount())
  }

  private mutating func parseExtents() throws(SyntaxError) -> [Extent] {
    try expect("[")
    if accept("]") { return [] }
    var extents: [Extent] = []
    repeat {
      extents.append(accept("?") ? .dynamic : .constant(try parseCount()))
    } while accept(",")
    try expect("]")
    return extents
  }

  /// A whole number that is not negative.
  mutating func parseCount() throws(SyntaxError) -> Int {
    guard case .number(let text) = token.kind, let count = Int(text), count >= 0 else {
      throw fail(expected: "a whole number that is not negative")
    }
    advance()
    return count
  }
}
