import TesseraSource

/// What a name stands for inside a function.
indirect enum Entity: Sendable {
  case local(ID<Local>)
  /// A constant, or a part of something that never changes.
  case value(TypedExpression)
  case index(ID<IndexInfo>)
  case indexPack([ID<IndexInfo>])
  case dimension(Dimension)
  case dimensionPack([Dimension])
  case type(ValueType)
  case function(FunctionValue)
  /// The tile of all indices below a dimension: `tile(N)`.
  case wholeTile(Dimension)
  /// Something of which an error was diagnosed.
  case error
}

/// A name in scope.
struct ScopeEntry: Sendable {
  /// What the name stands for.
  var entity: Entity
  /// Where it is declared.
  var span: SourceSpan
}

/// What the flow of control has made of a local.
struct LocalState: Sendable {
  /// The type now; the dimensions of a `var` tensor follow its assignments.
  var type: ValueType
  /// `true` iff every element has a value.
  var isDefined: Bool
  /// The parts that have a value while the whole has not.
  var definedPaths: Set<[Int]> = []
}
