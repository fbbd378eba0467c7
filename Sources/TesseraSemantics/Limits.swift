/// Bounds that keep checking finite.
enum Limits {
  /// Instances of structs in a program.
  static let structures = 20_000
  /// Instances of functions in a program.
  static let instances = 10_000
  /// Instances that are checked while others are.
  static let instanceDepth = 256
  /// Axes of a tensor; the IR has the same limit.
  static let axes = 64
  /// Parts of one value.
  static let parts = 250_000
  /// Copies of one loop or sequence type.
  static let unrolledCopies = 100_000
  /// Expressions and types inside each other.
  static let expressionDepth = 600
  /// Branches of one `if`.
  static let branches = 1_000
  /// Steps of computing one constant.
  static let evaluationSteps = 1_000_000
}
