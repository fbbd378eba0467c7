/// An operator before its operand.
public enum UnaryOperator: String, Hashable, Sendable, CaseIterable {
  case negate = "-"
  case complement = "~"
  case not
}

/// An operator between two operands.
public enum BinaryOperator: String, Hashable, Sendable, CaseIterable {
  case or, and
  case equal = "=="
  case notEqual = "!="
  case less = "<"
  case lessOrEqual = "<="
  case greater = ">"
  case greaterOrEqual = ">="
  case coalesce = "??"
  case bitOr = "|"
  case bitXor = "^"
  case bitAnd = "&"
  case shiftLeft = "<<"
  case shiftRight = ">>"
  case add = "+"
  case subtract = "-"
  case multiply = "*"
  case divide = "/"
  case remainder = "%"

  /// `true` iff the operator compares, and so does not chain.
  public var isComparison: Bool {
    switch self {
    case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual: true
    default: false
    }
  }

  /// How tightly the operator binds; larger is tighter.
  public var precedence: Precedence {
    switch self {
    case .or: .or
    case .and: .and
    case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual: .comparison
    case .coalesce: .coalesce
    case .bitOr, .bitXor: .bitOr
    case .bitAnd: .bitAnd
    case .shiftLeft, .shiftRight: .shift
    case .add, .subtract: .additive
    case .multiply, .divide, .remainder: .multiplicative
    }
  }
}

/// The levels of binding between operands, loose to tight.
public enum Precedence: Int, Hashable, Sendable, Comparable, CaseIterable {
  case or, and, not, comparison, coalesce, bitOr, bitAnd, shift, additive, multiplicative

  public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }

  /// The next tighter level; the tightest is its own successor.
  var tighter: Precedence { Precedence(rawValue: rawValue + 1) ?? self }
}

/// An operator between a target and a value.
public enum AssignmentOperator: String, Hashable, Sendable, CaseIterable {
  case assign = "="
  case add = "+="
  case subtract = "-="
  case multiply = "*="
  case divide = "/="
  case remainder = "%="
  case bitAnd = "&="
  case bitOr = "|="
  case bitXor = "^="
  case maximum = "max="
  case minimum = "min="
  case any = "any="
  case all = "all="
}

/// The reductions that the language has.
public enum ReductionOperator: String, Hashable, Sendable, CaseIterable {
  case sum, prod, mean, count, max, min, any, all, argmax, argmin
  /// `reduce[i by f]`: a combiner of one's own.
  case reduce
  /// `fold[i](start, f)`: strictly left to right.
  case fold
}
