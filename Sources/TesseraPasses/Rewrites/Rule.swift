import TesseraIR
import TesseraNumbers

/// A law by which one operation is replaced by a value that is no worse.
///
/// A rule says its law as one reads it in algebra, the operations that it is tried on, and the
/// numbers for which it holds. It has a direction: the right side takes no more operations than the
/// left. Constants stand on the right of commutative operations and comparisons before any rule is
/// tried, so no rule is written twice.
struct Rule: Sendable {
  /// The numbers for which a law holds, told by the type of the operands.
  enum Domain: Sendable {
    /// All types, addresses included.
    case all
    /// Integers, whose arithmetic wraps.
    case integers
    /// `true` and `false`.
    case bools
    /// Integers and bools.
    case bits
    /// Floats, exactly: rounding, infinities and -0 included. A NaN stays some NaN.
    case floats
    /// Integers and floats, exactly.
    case numbers
    /// Integers with a sign and floats, exactly.
    case signedNumbers
    /// Floats taken for real numbers; only where the program allows it.
    case relaxedFloats
  }

  /// The law, left side first.
  let law: String
  /// The operations on the left side.
  let opcodes: [Opcode]
  /// Where it holds.
  let domain: Domain
  /// The value that takes the place of the result; `nil` where the law does not apply.
  let rewrite: @Sendable (inout Rewriter) -> Value?

  /// Creates the rule that `rewrite` applies to operations of `opcodes`.
  init(
    _ law: String, _ opcodes: Opcode..., on domain: Domain,
    _ rewrite: @escaping @Sendable (inout Rewriter) -> Value?
  ) {
    self.law = law
    self.opcodes = opcodes
    self.domain = domain
    self.rewrite = rewrite
  }

  /// All rules, family by family; of two that apply the earlier one is used.
  static let all: [Rule] =
    additionRules + multiplicationRules + divisionRules + extremumRules + bitRules + shiftRules
    + comparisonRules + selectionRules + conversionRules + floatRules + tensorRules

  /// The rules to try on each opcode, by its number.
  static let byOpcode: [[Rule]] = {
    var table = [[Rule]](repeating: [], count: Opcode.allCases.count)
    for rule in all {
      for opcode in rule.opcodes { table[Int(opcode.rawValue)].append(rule) }
    }
    return table
  }()

  /// `true` iff the law holds for numbers of `type`; `nil` stands for what is no number.
  func holds(for type: ScalarType?, relaxed: Bool) -> Bool {
    guard let type else { return domain == .all }
    return switch domain {
    case .all: true
    case .integers: type.isInteger
    case .bools: type == .bool
    case .bits: !type.isFloat
    case .floats: type.isFloat
    case .numbers: type != .bool
    case .signedNumbers: type.isSigned || type.isFloat
    case .relaxedFloats: type.isFloat && relaxed
    }
  }
}
