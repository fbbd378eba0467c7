import TesseraSource

/// What a function gives, as its declaration says or as its body shows.
struct ResultTypes {
  /// The declared types, or `nil` while they are inferred.
  var declared: [ValueType]?
  /// Where they are declared, for diagnostics.
  var span = SourceSpan.none
  /// The type of the values returned so far, where it is inferred.
  var inferred: ValueType?

  /// Notes that a path ends without a value.
  mutating func noteNoValue() {
    if declared == nil { inferred = inferred ?? .unit }
  }
}
