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
    var elimination = Elimination(function)
    elimination.visit(function.body, in: &function)
    return elimination.changed
  }
}

private struct Elimination {
  /// `true` iff something was removed.
  private(set) var changed = false
  /// The operations whose results are known here, by the hash of what they compute.
  private var known = ScopedTable<Int, ID<Operation>>()
  private var replacements = Replacements()
  /// How often memory may have changed so far.
  private var epoch = 0
  /// What was written before each operation that reads, by operation.
  private var epochs: [ID<Operation>: Int] = [:]

  /// Whether each operation, and all that its regions hold, changes nothing and ends nothing.
  private var isReadOnly: [Bool]

  init(_ function: Function) {
    isReadOnly = Array(repeating: false, count: function.operations.count)
    _ = noteReadOnly(function.body, function)
  }

  /// Notes which operations of `region` are read-only; `true` iff all are.
  private mutating func noteReadOnly(_ region: ID<Region>, _ function: Function) -> Bool {
    var all = true
    for id in function.regions[region].operations {
      let opcode = function.operations[id].opcode
      var isFine = !opcode.info.traits.contains(.writes) && opcode != .return
      for inner in function.operations[id].regions where !noteReadOnly(inner, function) {
        isFine = false
      }
      isReadOnly[Int(id.index)] = isFine
      all = all && isFine
    }
    return all
  }

  /// Removes from `region`, and all that it holds, what is computed before.
  mutating func visit(_ region: ID<Region>, in function: inout Function) {
    known.push()
    defer { known.pop() }
    var kept: [ID<Operation>] = []
    kept.reserveCapacity(function.regions[region].operations.count)
    for operation in function.regions[region].operations {
      replacements.apply(to: &function.operations[operation].operands)
      let opcode = function.operations[operation].opcode
      let writes = !isReadOnly[Int(operation.index)]
      if writes { epoch += 1 }
      if opcode.info.traits.contains(.reads) { epochs[operation] = epoch }
      for inner in function.operations[operation].regions { visit(inner, in: &function) }
      if writes {
        epoch += 1
        kept.append(operation)
      } else if replaceByKnown(operation, in: &function) {
        changed = true
      } else {
        kept.append(operation)
      }
    }
    if kept.count != function.regions[region].operations.count {
      function.regions[region].operations = kept
    }
  }

  private mutating func replaceByKnown(
    _ operation: ID<Operation>, in function: inout Function
  ) -> Bool {
    let content = function.operations[operation]
    if content.results.isEmpty || content.opcode.info.traits.contains(.terminator) { return false }
    var numbering = Numbering()
    var hasher = Hasher()
    hash(operation, into: &hasher, &numbering, in: function)
    let key = hasher.finalize()
    var pairing = Pairing()
    guard let earlier = known[key], areEqual(earlier, operation, &pairing, in: function) else {
      known.insert(operation, for: key)
      return false
    }
    for (old, new) in zip(content.results, function.operations[earlier].results) {
      replacements.replace(old, with: new)
      if function.values[new].name == nil { function.values[new].name = function.values[old].name }
    }
    return true
  }

  // MARK: Equal expressions

  /// The values that an expression defines within itself, by number.
  private typealias Numbering = [Value: Int]
  /// The values within one expression that stand where those of another do.
  private typealias Pairing = [Value: Value]

  private func hash(
    _ operation: ID<Operation>, into hasher: inout Hasher, _ numbering: inout Numbering,
    in function: Function
  ) {
    let content = function.operations[operation]
    hasher.combine(content.opcode)
    if content.attribute != .none { hasher.combine(content.attribute) }
    // Values from outside are told from own ones by the sign.
    func term(_ position: Int) -> Int {
      let operand = content.operands[position]
      return numbering[operand].map { -1 - $0 } ?? Int(operand.index)
    }
    var next = 0
    if content.opcode.info.traits.contains(.commutative) {
      let (first, second) = (term(0), term(1))
      hasher.combine(min(first, second))
      hasher.combine(max(first, second))
      next = 2
    }
    while next < content.operands.count {
      hasher.combine(term(next))
      next += 1
    }
    if content.regions.isEmpty, numbering.isEmpty { return }
    for region in content.regions {
      for parameter in function.regions[region].parameters {
        numbering[parameter] = numbering.count
      }
      for inner in function.regions[region].operations {
        hash(inner, into: &hasher, &numbering, in: function)
        for result in function.operations[inner].results { numbering[result] = numbering.count }
      }
    }
  }

  private func areEqual(
    _ a: ID<Operation>, _ b: ID<Operation>, _ pairing: inout Pairing, in function: Function
  ) -> Bool {
    let (x, y) = (function.operations[a], function.operations[b])
    guard x.opcode == y.opcode, x.attribute == y.attribute, x.regions.count == y.regions.count,
      epochs[a] == epochs[b], areAlike(x.results, y.results, &pairing, in: function)
    else { return false }
    let operands = y.operands.map { pairing[$0] ?? $0 }
    if x.operands != operands {
      guard x.opcode.info.traits.contains(.commutative), x.operands[0] == operands[1],
        x.operands[1] == operands[0], x.operands.dropFirst(2) == operands.dropFirst(2)
      else { return false }
    }
    for (first, second) in zip(x.regions, y.regions) {
      let (p, q) = (function.regions[first], function.regions[second])
      guard areAlike(p.parameters, q.parameters, &pairing, in: function),
        p.operations.count == q.operations.count
      else { return false }
      for (inner, other) in zip(p.operations, q.operations)
      where !areEqual(inner, other, &pairing, in: function) {
        return false
      }
    }
    return true
  }

  /// `true` iff the values have the same types; then the second ones stand for the first.
  private func areAlike(
    _ a: [Value], _ b: [Value], _ pairing: inout Pairing, in function: Function
  ) -> Bool {
    guard a.count == b.count else { return false }
    for (x, y) in zip(a, b) {
      if function.type(of: x) != function.type(of: y) { return false }
      pairing[y] = x
    }
    return true
  }
}
