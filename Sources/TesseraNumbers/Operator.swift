/// A scalar operator or mathematical function.
///
/// Names follow the IR's opcodes, whose comments say what each does; logical `and` and `or` of scalars
/// are conditionals already.
public enum Operator: String, Hashable, Sendable, CaseIterable {
  case add, subtract, multiply, divide, remainder, divideTruncating, remainderTruncating, negate
  case multiplyAdd, minimum, maximum, minimumNumber, maximumNumber
  case bitAnd, bitOr, bitXor, bitNot, shiftLeft, shiftRight
  case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual, select
  case absolute, floor, ceil, round, truncate, squareRoot, reciprocalSquareRoot
  case exponential, exponential2, logarithm, logarithm2, sine, cosine, tangent, hyperbolicTangent
  case errorFunction, power, sigmoid, isNaN
  /// `p + n` on addresses, counted in elements.
  case pointerOffset
}
