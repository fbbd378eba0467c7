import TesseraNumbers
import TesseraSource
import TesseraSyntax

/// How updates combine what a place holds with what it is given.
extension FunctionChecker {
  /// How the statement combines old and new elements; `nil` after a diagnostic.
  func combining(_ assignment: Assignment, _ element: ValueType) -> Update.Combining? {
    let operation = assignment.operation
    let scalar = element.scalar
    let isPointer = if case .pointer = element { true } else { false }
    let combining: Update.Combining
    var fits = scalar.map { $0 != .bool } ?? false
    switch operation {
    case .assign: return .replace
    case .add: (combining, fits) = (.add, fits || isPointer)
    case .subtract: (combining, fits) = (.subtract, fits || isPointer)
    case .multiply: combining = .multiply
    case .divide: combining = .divide
    case .remainder: combining = .remainder
    case .maximum: combining = .maximum
    case .minimum: combining = .minimum
    case .any: (combining, fits) = (.any, scalar == .bool)
    case .all: (combining, fits) = (.all, scalar == .bool)
    case .bitAnd: (combining, fits) = (.bitAnd, scalar.map { !$0.isFloat } ?? false)
    case .bitOr: (combining, fits) = (.bitOr, scalar.map { !$0.isFloat } ?? false)
    case .bitXor: (combining, fits) = (.bitXor, scalar.map { !$0.isFloat } ?? false)
    }
    if fits { return combining }
    diagnose(.operandType(operation.rawValue, describe(element), at: assignment.operatorSpan))
    return nil
  }

  /// What `combining` makes of elements of one type.
  func combine(
    _ old: TypedExpression, _ new: TypedExpression, _ combining: Update.Combining,
    at span: SourceSpan
  ) -> TypedExpression {
    let operation: BinaryOperator
    switch combining {
    case .replace: return new
    case .add: operation = .add
    case .subtract: operation = .subtract
    case .multiply: operation = .multiply
    case .divide: operation = .divide
    case .remainder: operation = .remainder
    case .bitAnd, .all: operation = .bitAnd
    case .bitOr, .any: operation = .bitOr
    case .bitXor: operation = .bitXor
    case .minimum, .maximum:
      return elementwise(
        combining == .minimum ? .minimum : .maximum, [old, new], element: old.type.elementType,
        at: span)
    }
    if old.type.scalarElement == .bool {
      return elementwise(
        operation == .bitAnd ? .bitAnd : .bitOr, [old, new], element: .bool, at: span)
    }
    return apply(operation, old, new, at: span)
  }

  /// Gives every element of `place` the value from which `combining` starts.
  func fill(_ place: Place, identityOf combining: Update.Combining, at span: SourceSpan) {
    let element = place.type.elementType
    guard let scalar = element.scalar else { return }
    let value: ScalarValue =
      switch combining {
      case .multiply, .divide, .all: .one(scalar)
      case .minimum: .greatest(scalar)
      case .maximum: .least(scalar)
      case .bitAnd: ScalarValue(-1, scalar)
      default: .zero(scalar)
      }
    let one = TypedExpression(.constant(ConstantValue(value)), element, at: span)
    let whole =
      place.type.dimensions.isEmpty
      ? one : TypedExpression(.builtin(.full, [one]), place.type, at: span)
    emit(.assign(place, whole), at: span)
    markDefined(place)
  }
}
