import TesseraIR

extension Function {
  /// Leaves out the constants, extents and arithmetic that nothing uses: lowering computes what a
  /// construct may need before it knows whether it does.
  mutating func removeUnusedNumbers() {
    var order: [ID<Operation>] = []
    forEachOperation(in: body) { order.append($0) }
    var useCounts = Array(repeating: 0, count: values.count)
    for id in order {
      for operand in operations[id].operands { useCounts[Int(operand.index)] += 1 }
    }
    // Uses come after what they use, so one pass backwards finds chains.
    var isRemoved = Array(repeating: false, count: operations.count)
    for id in order.reversed() {
      let operation = operations[id]
      let traits = operation.opcode.info.traits
      guard operation.regions.isEmpty, traits.contains(.pure), !traits.contains(.mayTrap),
        !operation.results.isEmpty,
        operation.results.allSatisfy({ useCounts[Int($0.index)] == 0 })
      else { continue }
      isRemoved[Int(id.index)] = true
      for operand in operation.operands { useCounts[Int(operand.index)] -= 1 }
    }
    for region in regions.ids {
      regions[region].operations.removeAll { isRemoved[Int($0.index)] }
    }
  }
}
