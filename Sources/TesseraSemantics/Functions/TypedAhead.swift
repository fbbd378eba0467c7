import TesseraSource

/// What is known of expressions before they are checked in their place, so that typing takes time
/// linear in their nesting.
struct TypedAhead {
  /// The values of arguments that are typed already and about to be asked for.
  var values: [SourceSpan: TypedExpression] = [:]
  /// The types of what is read, `error` for none, as found while the ranges of indices were inferred
  /// in the present statement.
  var reads: [SourceSpan: ValueType] = [:]
}
