import TesseraIR

// Before:                              After:
//   %two = constant {2} : i64            %two = constant {2} : i64
//   %three = constant {3} : i64          %three = constant {3} : i64
//   %x = add %two, %three : i64          %0 = constant {5} : i64
//   %y = multiply %n, %x : i64           %y = multiply %n, %0 : i64
//
// Evaluates by the same code as the interpreter. What would stop the run stays as it is.

extension Pass {
  /// Evaluates operations on numbers.
  static let constantFolding = Pass(
    name: "fold", summary: "evaluate operations whose operands are constants"
  ) { function in
    Rewriter.rewrite(&function, by: noRules, relaxed: false)
  }

  /// Applies the laws of `Rule.all`, and evaluates operations on numbers on the way.
  static let algebraicRules = Pass(
    name: "rules", summary: "simplify operations by algebraic laws, folding constants"
  ) { function, context in
    Rewriter.rewrite(&function, by: Rule.byOpcode, relaxed: context.allowsRelaxedFloats)
  }
}

private let noRules = [[Rule]](repeating: [], count: Opcode.allCases.count)
