import TesseraIR
import TesseraNumbers
import TesseraSource
import Testing

@testable import TesseraLowering
@testable import TesseraSemantics

/// Builds the typed program of one function by hand, so that lowering is tested without a checker.
struct ProgramBuilder {
  var function: TypedFunction

  init(_ name: String = "f") {
    function = TypedFunction(
      name: name, declaredName: name, kind: .function, span: .none)
  }

  mutating func local(_ name: String, _ type: ValueType, isVariable: Bool = false) -> ID<Local> {
    function.locals.append(Local(name: name, type: type, isVariable: isVariable, span: .none))
  }

  mutating func parameter(
    _ name: String, _ type: ValueType, _ passing: TypedFunction.Parameter.Passing = .value
  ) -> ID<Local> {
    let local = local(name, type)
    function.parameters.append(.init(local: local, passing: passing))
    return local
  }

  /// A tensor parameter whose axes are new dimensions of these names.
  mutating func tensor(_ name: String, _ dimensions: [String]) -> (ID<Local>, [Dimension]) {
    let id = ID<Local>(index: UInt32(function.locals.count))
    let symbols = dimensions.enumerated().map { axis, name in
      Dimension(
        function.symbols.append(
          DimensionSymbol(name: name, origin: .axis(parameter: id, path: [], axis: axis))))
    }
    let local = parameter(name, .f32(symbols))
    return (local, symbols)
  }

  mutating func result(_ name: String, _ type: ValueType) -> ID<Local> {
    let local = local(name, type)
    function.results.append(.init(name: name, local: local, type: type))
    return local
  }

  mutating func index(_ name: String) -> ID<IndexInfo> {
    function.indices.append(IndexInfo(name: name, span: .none))
  }

  mutating func statement(_ kind: TypedStatement.Kind) {
    function.body.statements.append(TypedStatement(kind, at: .none))
  }

  /// The IR of the function, which the verifier accepts, as text.
  func lowered() -> String {
    var program = Program()
    program.functions.append(function)
    let module = lower(program)
    let diagnostics = verify(module, stage: .tensor)
    #expect(diagnostics.isEmpty, "\(diagnostics.map(\.message))\n\(module.description)")
    return module.description
  }
}

extension ValueType {
  static let f32 = ValueType.scalar(.f32)

  static func f32(_ dimensions: [Dimension]) -> ValueType {
    .tensor(element: .f32, dimensions: dimensions)
  }
}

extension TypedExpression {
  static func int(_ value: Int64) -> Self {
    Self(.constant(.integer(value, .i64)), .int, at: .none)
  }

  static func float(_ value: Double) -> Self {
    Self(.constant(.float(value, .f32)), .f32, at: .none)
  }

  static func local(_ local: ID<Local>, _ type: ValueType) -> Self {
    Self(.local(local), type, at: .none)
  }

  static func index(_ index: ID<IndexInfo>) -> Self { Self(.index(index), .int, at: .none) }

  static func dimension(_ dimension: Dimension) -> Self {
    Self(.dimension(dimension), .int, at: .none)
  }

  static func apply(_ operation: Operator, _ operands: [Self], _ type: ValueType) -> Self {
    Self(.operation(operation, operands), type, at: .none)
  }

  /// A read that is proved inside, or that gives `outside` where it is not.
  static func read(_ tensor: Self, _ indices: [Self], outside: Self? = nil) -> Self {
    let places = indices.map { ReadIndex($0, isProved: outside == nil) }
    return Self(.read(tensor, places, outside: outside), .f32, at: .none)
  }

  static func reduce(
    _ kind: ReductionKind, _ index: ID<IndexInfo>, from lower: Self = .int(0), to upper: Self,
    _ body: Self, scanning: ID<IndexInfo>? = nil, where condition: Self? = nil,
    type: ValueType = .f32
  ) -> Self {
    let range = IndexRange(index: index, lower: lower, upper: upper, step: nil)
    return Self(
      .reduce(
        TypedReduction(
          kind: kind, ranges: [range], condition: condition, body: body, scanIndex: scanning)),
      type, at: .none)
  }
}
