import TesseraIR

/// Which values of a function depend on its constant parameters, and on constants, alone.
///
/// Only values of the function's own region are told; those inside of loops and statements are asked
/// about one by one.
struct FixedValues {
  private var values: Set<Value> = []
  /// Whether the function's own region lists each operation.
  private var isOuter: [Bool] = []

  /// Finds the fixed values of `function`; none if it has no constant parameters.
  init(_ function: Function) {
    isOuter = Array(repeating: false, count: function.operations.count)
    let constants = zip(function.parameters, function.roles).filter { $0.1 == .constant }.map(\.0)
    if constants.isEmpty { return }
    values = Set(constants)
    for id in function.regions[function.body].operations {
      isOuter[Int(id.index)] = true
      guard function.isPure(id) else { continue }
      let content = function.operations[id]
      if isMade(content, of: { values.contains($0) }, function) {
        values.formUnion(content.results)
      }
    }
  }

  /// `true` iff nothing is fixed.
  var isEmpty: Bool { values.isEmpty }

  /// `true` iff `value`, of any region, depends on what is fixed and on `indices` alone.
  func determine(_ value: Value, with indices: Set<Value>, in function: Function) -> Bool {
    var known = indices
    // Ends since the operands of an operation stand before it.
    func visit(_ value: Value) -> Bool {
      if known.contains(value) || values.contains(value) { return true }
      // No index reaches those of the function's own region.
      guard let definition = function.definition(of: value), !isOuter[Int(definition.index)],
        function.isPure(definition),
        isMade(function.operations[definition], of: visit, function)
      else { return false }
      known.insert(value)
      return true
    }
    return visit(value)
  }

  /// `true` iff `factor` of `contraction`, which `content` is, depends on what is fixed and on indices
  /// alone.
  func determine(
    _ factor: Value, of contraction: Contraction, _ content: Operation, in function: Function
  ) -> Bool {
    let regions = [content.regions[0], contraction.reduction.regions[0]]
    let indices = Set(regions.flatMap { function.regions[$0].parameters })
    return determine(factor, with: indices, in: function)
  }

  /// `true` iff one of the factors does.
  func determineFactor(
    of contraction: Contraction, _ content: Operation, in function: Function
  ) -> Bool {
    [contraction.rowFactor, contraction.columnFactor].contains {
      determine($0, of: contraction, content, in: function)
    }
  }

  /// `true` iff `isFixed` holds for all that the operation and its regions use from outside.
  private func isMade(
    _ content: Operation, of isFixed: (Value) -> Bool, _ function: Function
  ) -> Bool {
    if !content.operands.allSatisfy(isFixed) { return false }
    if content.regions.isEmpty { return true }
    var own: Set<Value> = []
    var isFine = true
    func enter(_ region: ID<Region>) {
      own.formUnion(function.regions[region].parameters)
      for inner in function.regions[region].operations where isFine {
        let content = function.operations[inner]
        isFine = content.operands.allSatisfy { own.contains($0) || isFixed($0) }
        own.formUnion(content.results)
        for region in content.regions { enter(region) }
      }
    }
    for region in content.regions { enter(region) }
    return isFine
  }
}
