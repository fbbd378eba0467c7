import TesseraIR
import TesseraTables

/// A factor that is an `if` whose condition, once it holds at both ends of a run of an index, holds
/// in between: zero at a border, or one of two tensors that lie one after the other.
struct GuardedFactor {
  /// What must hold for its value to be that of `inside`.
  let condition: Value
  /// The parts of it that have nothing to do with the index, each as large as can be.
  private(set) var others: [Value] = []
  /// The regions that give the factor where the condition holds, and where it does not.
  let inside: ID<Region>
  let outside: ID<Region>
  /// `true` iff the condition has nothing to do with the index.
  private(set) var isSettled = false
  /// `true` iff the condition, once it fails at both ends of a run, fails in between.
  private(set) var isTwoSided = false

  /// Reads `factor` as one that is guarded by ends of a range of `index`; `nil` if it is not.
  init?(_ factor: Value, along index: Value, in function: Function) {
    guard let definition = function.definition(of: factor) else { return nil }
    let content = function.operations[definition]
    guard content.opcode == .if, content.results.count == 1 else { return nil }
    condition = content.operands[0]
    (inside, outside) = (content.regions[0], content.regions[1])
    guard case .parameter(let region, _) = function.values[index].definition else { return nil }
    let dependents = DependentValues(function, region, on: index)
    var affine = AffineValues()
    if !dependents.contains(condition) {
      others.append(condition)
      isSettled = true
    } else {
      guard visit(condition, index, dependents, function, &affine) else { return nil }
      let compared = function.definition(of: condition).map { function.operations[$0].opcode }
      isTwoSided = compared != .bitAnd
    }
  }

  /// Finds the others in `condition`, which has to do with the index; `false` if it need not hold
  /// between two places where it holds.
  private mutating func visit(
    _ condition: Value, _ index: Value, _ dependents: DependentValues, _ function: Function,
    _ affine: inout AffineValues
  ) -> Bool {
    guard let definition = function.definition(of: condition) else { return false }
    let content = function.operations[definition]
    switch content.opcode {
    case .bitAnd:
      for operand in content.operands {
        if !dependents.contains(operand) {
          others.append(operand)
        } else if !visit(operand, index, dependents, function, &affine) {
          return false
        }
      }
      return true
    case .less, .lessOrEqual, .greater, .greaterOrEqual:
      return content.operands.allSatisfy { operand in
        guard dependents.contains(operand) else { return true }
        return function.type(of: operand) == .index
          && dependents.coefficient(
            of: index, in: affine.expression(of: operand, in: function)) != nil
      }
    default: return false
    }
  }
}
