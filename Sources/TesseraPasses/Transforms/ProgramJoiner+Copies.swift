import TesseraIR

/// Copies of what a program does into regions that stand for all programs.
extension ProgramJoiner {
  /// Copies what `region` holds to `new`, its terminator included.
  mutating func copy(
    _ region: ID<Region>, to new: ID<Region>, _ frame: inout Frame, _ function: inout Function
  ) throws(ProgramObstacle) {
    var operations: [ID<Operation>] = []
    for operation in function.regions[region].operations {
      try copy(operation, into: &operations, &frame, &function)
    }
    function.regions[new].operations = operations
  }

  /// Copies `operation`, and what it needs that has not been placed.
  mutating func copy(
    _ operation: ID<Operation>, into operations: inout [ID<Operation>], _ frame: inout Frame,
    _ function: inout Function
  ) throws(ProgramObstacle) {
    let content = function.operations[operation]
    for index in content.operands {
      // From where a tile begins on, indices are those of the whole axis.
      if let tile = frame.tiles[index], axisStarting(content, with: index) == tile {
        frame.values[content.results[0]] = frame.values[index]
        return
      }
    }
    let operands: [Value]
    var attribute = content.attribute
    if let tensor = content.operands.first.flatMap({ joined[$0] }), content.opcode == .read {
      operands = try place(ofRead: content, tensor, &operations, &frame, &function)
    } else if let tensor = content.operands.first.flatMap({ joined[$0] }),
      content.opcode == .dimension, case .integer(let axis) = attribute
    {
      if tensor.tiles[Int(axis)] != nil { throw .dependsOnTile }
      operands = [tensor.tensor]
      attribute = .integer(axis + Int64(tensor.points.count))
    } else {
      var copies: [Value] = []
      for operand in content.operands {
        copies.append(try value(of: operand, &operations, &frame, &function))
      }
      operands = copies
    }
    var regions: [ID<Region>] = []
    for region in content.regions {
      let new = function.makeRegion()
      let outer = frame
      for parameter in function.regions[region].parameters {
        let info = function.values[parameter]
        frame.values[parameter] = function.addParameter(info.name, info.type, to: new)
      }
      try copy(region, to: new, &frame, &function)
      // What was copied into the region is not visible after it.
      frame = outer
      regions.append(new)
    }
    let copy = function.makeOperation(
      content.opcode, operands, results: content.results.map { function.type(of: $0) },
      attribute: attribute, regions: regions, span: content.span,
      names: content.results.map { function.values[$0].name })
    operations.append(copy)
    for (old, new) in zip(content.results, function.operations[copy].results) {
      frame.values[old] = new
    }
  }

  /// The operands of a read of `tensor` in place of what `content` reads of a program's.
  mutating func place(
    ofRead content: Operation, _ tensor: Joined, _ operations: inout [ID<Operation>],
    _ frame: inout Frame, _ function: inout Function
  ) throws(ProgramObstacle) -> [Value] {
    var operands = [tensor.tensor] + (try pointValues(tensor, frame))
    for (axis, index) in content.operands.dropFirst().enumerated() {
      if let tile = tensor.tiles[axis] {
        guard frame.tiles[index] == tile, let whole = frame.values[index] else {
          throw .dependsOnTile
        }
        operands.append(whole)
      } else {
        operands.append(try value(of: index, &operations, &frame, &function))
      }
    }
    return operands
  }

  /// The indices of the points that come before the axes of `tensor`.
  func pointValues(
    _ tensor: Joined, _ frame: Frame
  ) throws(ProgramObstacle) -> [Value] {
    var values: [Value] = []
    for axis in tensor.points {
      guard let value = frame.values[grid.axes[axis].point] else { throw .dependsOnTile }
      values.append(value)
    }
    return values
  }

  /// What stands for `value` in the region that `operations` are listed in.
  mutating func value(
    of value: Value, _ operations: inout [ID<Operation>], _ frame: inout Frame,
    _ function: inout Function
  ) throws(ProgramObstacle) -> Value {
    if frame.tiles[value] != nil { throw .dependsOnTile }
    if let known = frame.values[value] ?? shared[value] { return known }
    if let recipe = recipes[value] {
      let axes = dependence[value] ?? []
      let isRead = function.operations[recipe].opcode == .read
      let isFloat = function.type(of: value).scalarType?.isFloat == true
      if axes.isEmpty || isRead || !isFloat {
        try copy(recipe, into: &operations, &frame, &function)
        return frame.values[value]!
      }
      if joined[value] == nil {
        try makeNumbers([value], axes, &function) {
          joiner, operations, frame, function throws(ProgramObstacle) in
          try joiner.copy(recipe, into: &operations, &frame, &function)
        }
      }
    }
    if let tensor = joined[value] {
      // Tensors are read, never handed on.
      guard function.type(of: value).rank == 0 else { throw .actsInTurn }
      let read = function.makeOperation(
        .read, [tensor.tensor] + (try pointValues(tensor, frame)),
        results: [function.type(of: value)])
      operations.append(read)
      let number = function.operations[read].results[0]
      frame.values[value] = number
      return number
    }
    // A point where there are tiles.
    if dependence[value] != nil { throw .dependsOnTile }
    return value
  }
}
