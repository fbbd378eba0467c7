import TesseraIR
import TesseraTables

/// A factor that is an `if` whose condition, once it holds at both ends of a run of an index, holds
/// in between.
struct GuardedFactor {
  /// What must hold for its value to be that of `inside`.
  let condition: Value
  /// The parts of it that have nothing to do with the index, each as large as can be.
  private(set) var others: [Value] = []
  /// The region that gives the factor where the condition holds.
  let inside: ID<Region>

  /// Reads `factor` as one that is guarded by ends of a range of `index`; `nil` if it is not.
  init?(_ factor: Value, along index: Value, in function: Function) {
    guard let definition = function.definition(of: factor) else { return nil }
    let content = function.operations[definition]
    guard content.opcode == .if, content.results.count == 1 else { return nil }
    condition = content.operands[0]
    inside = content.regions[0]
    var affine = AffineValues()
    guard let isVarying = visit(condition, index, function, &affine) else { return nil }
    if !isVarying { others.append(condition) }
  }

  /// Finds the others in `condition`, and whether it has to do with the index; `nil` if it need not hold
  /// between two places where it holds.
  private mutating func visit(
    _ condition: Value, _ index: Value, _ function: Function, _ affine: inout AffineValues
  ) -> Bool? {
    guard let definition = function.definition(of: condition) else { return false }
    let content = function.operations[definition]
    switch content.opcode {
    case .bitAnd:
      var varying: [Bool] = []
      for operand in content.operands {
        guard let isVarying = visit(operand, index, function, &affine) else { return nil }
        varying.append(isVarying)
      }
      guard varying.contains(true) else { return false }
      others += zip(content.operands, varying).filter { !$0.1 }.map(\.0)
      return true
    case .less, .lessOrEqual, .greater, .greaterOrEqual:
      var isVarying = false
      for operand in content.operands {
        guard function.type(of: operand) == .index else { return nil }
        let expression = affine.expression(of: operand, in: function)
        guard expression.isAffine(in: [index]) else { return nil }
        if expression.depends(on: index) { isVarying = true }
      }
      return isVarying
    case .constant: return false
    default: return nil
    }
  }
}
