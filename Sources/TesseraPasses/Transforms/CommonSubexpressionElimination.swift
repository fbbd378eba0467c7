import TesseraIR

// Before:                          After:
//   %a = add %x, %y : i64            %a = add %x, %y : i64
//   %b = add %y, %x : i64            %c = multiply %a, %a : i64
//   %c = multiply %a, %b : i64
//
// An expression is known where it was computed and in all regions below. Whole regions compare
// equal if they hold the same expressions, so a second `compute` or `reduce` of the same elements
// goes as well. A load is known until anything is written.

extension Pass {
  /// Computes each expression once.
  static let commonSubexpressionElimination = Pass(
    name: "cse", summary: "compute equal expressions, whole regions included, once"
  ) { function in
    var elimination = Elimination()
    elimination.visit(function.body, in: &function)
    return elimination.changed
  }
}

/// What an operation computes, told apart from others by value.
private struct Expression: Hashable {
  /// A value from outside, or one that the expression defines itself, by number.
  enum Term: Hashable {
    case outer(Value)
    case own(Int)
  }

  var opcode: Opcode
  var operands: [Term]
  var attribute: Attribute
  var types: [Type]
  var regions: [Body]
  /// What was written before, for expressions that read.
  var epoch: Int

  struct Body: Hashable {
    var parameters: [Type]
    var expressions: [Expression]
  }
}

private struct Elimination {
  private(set) var changed = false
  private var known = ScopedTable<Expression, ID<Operation>>()
  private var replacements = Replacements()
  private var epoch = 0
  /// Numbers of the values that the expression in the making defines.
  private var own: [Value: Int] = [:]

  mutating func visit(_ region: ID<Region>, in function: inout Function) {
    known.push()
    defer { known.pop() }
    var kept: [ID<Operation>] = []
    for operation in function.regions[region].operations {
      replacements.apply(to: &function.operations[operation].operands)
      let writes = !isReadOnly(operation, in: function)
      if writes { epoch += 1 }
      for inner in function.operations[operation].regions { visit(inner, in: &function) }
      if writes {
        epoch += 1
        kept.append(operation)
        continue
      }
      if replaceByKnown(operation, in: &function) { changed = true } else { kept.append(operation) }
    }
    if kept.count != function.regions[region].operations.count {
      function.regions[region].operations = kept
    }
  }

  /// `true` iff the operation, and all that its regions hold, changes nothing and ends nothing.
  private func isReadOnly(_ operation: ID<Operation>, in function: Function) -> Bool {
    let content = function.operations[operation]
    if content.opcode.info.traits.contains(.writes) || content.opcode == .return { return false }
    return content.regions.allSatisfy { region in
      function.regions[region].operations.allSatisfy { isReadOnly($0, in: function) }
    }
  }

  private mutating func replaceByKnown(
    _ operation: ID<Operation>, in function: inout Function
  ) -> Bool {
    let content = function.operations[operation]
    if content.results.isEmpty || content.opcode.info.traits.contains(.terminator) { return false }
    own.removeAll(keepingCapacity: true)
    let expression = expression(operation, in: function)
    guard let earlier = known[expression] else {
      known.insert(operation, for: expression)
      return false
    }
    for (old, new) in zip(content.results, function.operations[earlier].results) {
      replacements.replace(old, with: new)
      if function.values[new].name == nil { function.values[new].name = function.values[old].name }
    }
    return true
  }

  private mutating func expression(
    _ operation: ID<Operation>, in function: Function
  ) -> Expression {
    let content = function.operations[operation]
    var operands = content.operands
    if content.opcode.info.traits.contains(.commutative), operands[1] < operands[0] {
      operands.swapAt(0, 1)
    }
    let terms = operands.map { own[$0].map { .own($0) } ?? Expression.Term.outer($0) }
    var bodies: [Expression.Body] = []
    for region in content.regions {
      let parameters = function.regions[region].parameters
      for parameter in parameters { own[parameter] = own.count }
      var expressions: [Expression] = []
      for inner in function.regions[region].operations {
        expressions.append(expression(inner, in: function))
      }
      bodies.append(
        .init(parameters: parameters.map { function.type(of: $0) }, expressions: expressions))
    }
    for result in content.results { own[result] = own.count }
    return Expression(
      opcode: content.opcode, operands: terms, attribute: content.attribute,
      types: content.results.map { function.type(of: $0) }, regions: bodies,
      epoch: content.opcode.info.traits.contains(.reads) ? epoch : 0)
  }
}
