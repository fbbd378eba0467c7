import TesseraNumbers
import TesseraSource
import TesseraSyntax

extension FunctionChecker {
  /// The polynomial that `expression` computes, or `nil` if it is none: an index, a dimension, a
  /// constant, and what arithmetic makes of them.
  func dimension(of expression: TypedExpression) -> Dimension? {
    if case .indexTile(let length) = expression.type { return length }
    guard expression.type == .int else { return nil }
    switch expression.kind {
    case .constant(.integer(let value, _)): return Dimension(Int(value))
    case .dimension(let dimension): return dimension
    case .index(let index): return Dimension(index)
    case .local(let local): return localDimensions[local]
    case .operation(let operation, let operands): return dimension(of: operation, operands)
    case .call, .component, .conditional, .read, .block:
      guard case .integer(let value, _)? = constantIfKnown(expression)?.value else { return nil }
      return Dimension(Int(value))
    default: return nil
    }
  }

  private func dimension(of operation: Operator, _ operands: [TypedExpression]) -> Dimension? {
    guard let left = operands.first.flatMap({ dimension(of: $0) }) else { return nil }
    if operation == .negate { return -left }
    guard operands.count == 2, let right = dimension(of: operands[1]) else { return nil }
    switch operation {
    case .add: return left + right
    case .subtract: return left - right
    case .multiply: return left * right
    case .divide, .remainder:
      guard prover.provesNonNegative(right - 1), isExact(left), isExact(right) else { return nil }
      // The prover's normal form knows what divides what.
      let dividend = prover.normalForm(left)
      let divisor = prover.normalForm(right)
      let value =
        operation == .divide
        ? Dimension.quotient(left, right) : Dimension.remainder(left, right)
      if value.constant == nil,
        let simple =
          (operation == .divide
          ? Dimension.quotient(dividend, divisor) : Dimension.remainder(dividend, divisor)).constant
      {
        return Dimension(simple)
      }
      return value
    case .minimum, .maximum:
      guard isExact(left), isExact(right) else { return nil }
      return operation == .minimum ? .minimum(left, right) : .maximum(left, right)
    case .shiftLeft:
      guard let places = right.constant, (0...62).contains(places) else { return nil }
      return left * Dimension(1 << places)
    case .shiftRight:
      guard let places = right.constant, (0...62).contains(places), isExact(left) else {
        return nil
      }
      return .quotient(left, Dimension(1 << places))
    case .power:
      guard let exponent = right.constant, (0...62).contains(exponent) else { return nil }
      return left.power(exponent)
    default: return nil
    }
  }

  /// `true` iff the value of `dimension` is known when the function is entered.
  func isKnownAtEntry(_ dimension: Dimension) -> Bool {
    !dimension.isUnknown
      && !dimension.contains { atom in
        switch atom {
        case .symbol(let id):
          guard Int(id.index) < function.symbols.count else { return true }
          switch function.symbols[id].origin {
          case .axis, .constant: return false
          case .local(let local): return !function.parameters.contains { $0.local == local }
          case .tileLength: return true
          }
        case .index, .unknown: return true
        case .quotient, .remainder, .minimum, .maximum: return false
        }
      }
  }

  /// Demands a relation of dimensions: proved now, or checked at entry, or once before the
  /// statement. Diagnoses what is proved not to hold.
  ///
  /// - Returns: `false` iff it was diagnosed.
  @discardableResult
  func require(
    _ left: Dimension, _ relation: Obligation.Relation, _ right: Dimension,
    message makeMessage: @autoclosure () -> String,
    at span: SourceSpan, diagnose makeDiagnostic: (() -> Diagnostic)? = nil
  ) -> Bool {
    let asked = ShapeProver.Relation(relation)
    let isExact = makeExact(left, at: span) && makeExact(right, at: span)
    if isExact, prover.proves(left, asked, right) || isBelow(left, relation, right) {
      return true
    }
    let message = makeMessage()
    if left.isUnknown || right.isUnknown || prover.proves(left, asked.negated, right) {
      diagnose(
        makeDiagnostic?()
          ?? .doesNotHold(
            message, left: describe(left), relation, right: describe(right), at: span))
      return false
    }
    let obligation = Obligation(
      left: left, relation: relation, right: right, message: message, span: span)
    if isExact, isKnownAtEntry(left), isKnownAtEntry(right) {
      demandOnce(obligation)
    } else if !isExact || flow.repeats
      || left.contains(where: \.isIndex) || right.contains(where: \.isIndex)
    {
      diagnose(
        .notProvedInLoop(
          left: describe(left), relation, right: describe(right), message: message, at: span))
      return false
    } else {
      emit(.check(obligation), at: span)
    }
    prover.assume(left, asked, right)
    return true
  }

  /// Has an obligation in dimensions that are known at entry checked once: when the function is
  /// entered, or, where that depends on an `if` or a `return` before, in front of the statement.
  /// Programs of a kernel run any number of times, so theirs are checked at entry.
  func demandOnce(_ obligation: Obligation) {
    if flow.mayBeSkipped {
      pendingChecks.append(obligation)
    } else {
      function.obligations.append(obligation)
    }
  }

  /// Takes it that `condition` holds, or that it does not.
  func assume(_ condition: TypedExpression, isTrue: Bool = true) {
    switch condition.kind {
    case .conditional(let first, let then, let otherwise):
      // `a and b` is `if a { b } else { false }`, `a or b` is `if a { true } else { b }`.
      if isTrue, otherwise.isConstant(false), let second = then.onlyValue {
        assume(first)
        assume(second)
      } else if !isTrue, then.isConstant(true), let second = otherwise.onlyValue {
        assume(first, isTrue: false)
        assume(second, isTrue: false)
      }
    case .operation(.equal, let operands)
    where operands.count == 2 && operands[1].isConstant(false):
      assume(operands[0], isTrue: !isTrue)
    case .operation(let operation, let operands) where operands.count == 2:
      guard let left = exactDimension(of: operands[0]),
        let right = exactDimension(of: operands[1]), let relation = operation.relation
      else { return }
      prover.assume(left, isTrue ? relation : relation.negated, right)
    default: break
    }
  }

  /// Makes obligations of the parts of a fact, spelt `text`; `false` after a diagnostic.
  func demand(_ fact: TypedExpression, _ text: String, at span: SourceSpan) -> Bool {
    switch fact.kind {
    case .conditional(let first, let then, let otherwise)
    where otherwise.isConstant(false) && then.onlyValue != nil:
      return demand(first, text, at: span) && demand(then.onlyValue!, text, at: span)
    case .operation(let operation, let operands) where operands.count == 2:
      guard let left = dimension(of: operands[0]), let right = dimension(of: operands[1]),
        let relation = operation.relation
      else { break }
      guard makeExact(left, at: span), makeExact(right, at: span) else {
        diagnose(.factMayWrap(text, at: span))
        return false
      }
      function.obligations.append(
        Obligation(left, relation, right, message: "'\(text)' does not hold", at: span))
      prover.assume(left, relation, right)
      return true
    default: break
    }
    diagnose(.factComparesNoDimensions(text, at: span))
    return false
  }
}

extension Dimension.Atom {
  /// `true` iff this is an index.
  var isIndex: Bool { if case .index = self { true } else { false } }
}

extension Operator {
  /// The comparison of dimensions that the operator makes.
  var relation: ShapeProver.Relation? {
    switch self {
    case .equal: .equal
    case .notEqual: .notEqual
    case .less: .less
    case .lessOrEqual: .lessOrEqual
    case .greater: .greater
    case .greaterOrEqual: .greaterOrEqual
    default: nil
    }
  }
}

extension TypedBlock {
  /// The value of a block that does nothing else.
  var onlyValue: TypedExpression? { statements.isEmpty ? value : nil }

  /// `true` iff the block is just this constant.
  func isConstant(_ value: Bool) -> Bool { onlyValue?.isConstant(value) ?? false }
}

extension TypedExpression {
  /// `true` iff this is the constant `value`.
  func isConstant(_ value: Bool) -> Bool {
    if case .constant(.integer(let bits, .bool)) = kind { return (bits != 0) == value }
    return false
  }

  /// An `int` constant.
  static func int(_ value: Int, at span: SourceSpan) -> TypedExpression {
    TypedExpression(.constant(.integer(Int64(value), .i64)), .int, at: span)
  }

  /// A `bool` constant.
  static func bool(_ value: Bool, at span: SourceSpan) -> TypedExpression {
    TypedExpression(.constant(.integer(value ? 1 : 0, .bool)), .bool, at: span)
  }
}
