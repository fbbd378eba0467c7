import TesseraIR

extension Function {
  /// Takes each length that a constant parameter has too, as its signature says, from that one.
  ///
  ///     %n = dimension %x {1} : i64     →     %n = dimension %weight {0} : i64
  ///
  /// So what depends on constant parameters and their lengths can be seen to depend on nothing else.
  mutating func takeLengthsFromConstants(_ signature: ExportSignature) {
    let leaves = signature.parameters.flatMap { parameter in
      parameter.leaves.map { (leaf: $0, isConstant: parameter.isConstant) }
    }
    guard leaves.contains(where: \.isConstant) else { return }
    let inputs = zip(parameters, roles).filter { $0.1 != .output }.map(\.0)
    guard inputs.count == leaves.count else { return }
    var places: [Int: (value: Value, axis: Int)] = [:]
    for (input, leaf) in zip(inputs, leaves) where leaf.isConstant {
      for (axis, length) in (leaf.leaf.shape ?? []).enumerated() {
        guard case .symbol(let symbol) = length, places[symbol] == nil else { continue }
        places[symbol] = (input, axis)
      }
    }
    let positions = Dictionary(uniqueKeysWithValues: inputs.enumerated().map { ($1, $0) })
    var found: [(ID<Operation>, Value, Int)] = []
    forEachOperation(in: body) { id in
      let content = operations[id]
      guard content.opcode == .dimension, case .integer(let axis) = content.attribute,
        let position = positions[content.operands[0]], !leaves[position].isConstant,
        let shape = leaves[position].leaf.shape, Int(axis) < shape.count,
        case .symbol(let symbol) = shape[Int(axis)], let place = places[symbol]
      else { return }
      found.append((id, place.value, place.axis))
    }
    for (id, value, axis) in found {
      operations[id].operands = [value]
      operations[id].attribute = .integer(Int64(axis))
    }
  }
}
