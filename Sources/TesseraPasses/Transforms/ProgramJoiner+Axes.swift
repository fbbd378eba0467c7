import TesseraIR

/// Which axes of the grid the axes of tensors are.
extension ProgramJoiner {
  /// The axis of the grid whose tiles each of `own` runs over, of which `lengths` are the ends.
  func ownTiles(
    _ own: [Value], _ lengths: [Value], _ region: ID<Region>, _ function: Function
  ) throws(ProgramObstacle) -> [Int?] {
    var found = own.map { _ in Set<Int>() }
    function.forEachOperation(in: region) { id in
      let content = function.operations[id]
      for (position, index) in own.enumerated() where content.operands.contains(index) {
        if let axis = axisStarting(content, with: index) { found[position].insert(axis) }
        guard content.opcode == .read, let tensor = joined[content.operands[0]] else { continue }
        for (axis, operand) in content.operands.dropFirst().enumerated() where operand == index {
          if let tile = tensor.tiles[axis] { found[position].insert(tile) }
        }
      }
    }
    var tiles: [Int?] = []
    for (position, axes) in found.enumerated() {
      var tile = axes.first
      if tile == nil { tile = grid.axis(ofLength: lengths[position], function) }
      guard axes.count < 2 else { throw .dependsOnTile }
      if let tile, !grid.isLength(lengths[position], of: tile, function) { throw .dependsOnTile }
      tiles.append(tile)
    }
    return tiles
  }

  /// The axis of the grid whose tile `content` adds `index` to.
  func axisStarting(_ content: Operation, with index: Value) -> Int? {
    guard content.opcode == .add, let start = content.operands.first(where: { $0 != index }) else {
      return nil
    }
    return grid.axis(startingAt: start)
  }

  /// The position in `own` of the index that runs over the places of `place`.
  func ownIndex(
    _ place: Value, _ own: [Value], _ tiles: [Int?], _ function: Function
  ) -> Int? {
    if let position = own.firstIndex(of: place) { return tiles[position] == nil ? position : nil }
    guard let sum = function.definition(of: place).map({ function.operations[$0] }) else {
      return nil
    }
    return own.indices.first { position in
      sum.operands.contains(own[position]) && tiles[position] != nil
        && axisStarting(sum, with: own[position]) == tiles[position]
    }
  }

  /// The points that come before the axes of a tensor that depends on `axes` and runs over `tiles`.
  func points(_ axes: Set<Int>, _ tiles: [Int?]) throws(ProgramObstacle) -> [Int] {
    let covered = tiles.compactMap(\.self)
    guard Set(covered).count == covered.count else { throw .dependsOnTile }
    let points = axes.subtracting(covered).sorted()
    if points.contains(where: { grid.axes[$0].tile != nil }) { throw .dependsOnTile }
    return points
  }

  /// The whole length of an axis as long as `length`, that of a tile if `tile` names one.
  mutating func extent(
    _ length: Value, _ tile: Int?, _ function: inout Function
  ) throws(ProgramObstacle) -> Value {
    guard let tile else {
      guard recipes[length] == nil, joined[length] == nil, dependence[length] == nil else {
        throw .hasRaggedTiles
      }
      return shared[length] ?? length
    }
    switch grid.axes[tile].tile!.extent {
    case .value(let extent): return shared[extent] ?? extent
    case .number(let extent): return number(extent, launch, &function)
    }
  }

  /// A constant that stands before the statements.
  mutating func number(
    _ number: Int64, _ like: Operation, _ function: inout Function
  ) -> Value {
    let constant = function.makeOperation(
      .constant, results: [.index], attribute: .integer(number), span: like.span)
    placed.append(constant)
    return function.operations[constant].results[0]
  }

  /// What does not depend on the whole grid is computed even where that is empty, so it must not
  /// stop the run.
  func requireSafety(
    _ operation: ID<Operation>, _ axes: Set<Int>, _ function: Function
  ) throws(ProgramObstacle) {
    let others = grid.axes.indices.filter { axis in
      !axes.contains(axis) && (function.integerConstant(grid.axes[axis].count) ?? 0) < 1
    }
    if !others.isEmpty, !function.cannotStop(operation) { throw .mayStop }
  }

  /// A region whose indices are `points`, then `own`, and notes in `frame` what they stand for.
  mutating func makeParameters(
    _ points: [Int], _ own: [Value], _ tiles: [Int?], _ frame: inout Frame,
    _ function: inout Function
  ) -> ID<Region> {
    let new = function.makeRegion()
    for old in points.map({ grid.axes[$0].point }) + own {
      frame.values[old] = function.addParameter(function.values[old].name, .index, to: new)
    }
    for (index, tile) in zip(own, tiles) { frame.tiles[index] = tile }
    return new
  }

  /// Places a statement that gives what `content` gave, of all programs.
  mutating func place(
    _ content: Operation, _ opcode: Opcode, _ operands: [Value], _ region: ID<Region>,
    _ function: inout Function, type: (Function, Int) -> Type
  ) {
    let types = content.results.indices.map { type(function, $0) }
    placed.append(
      function.makeOperation(
        opcode, operands, results: types,
        attribute: opcode == .update ? content.attribute : .none, regions: [region],
        span: content.span, names: content.results.map { function.values[$0].name }))
  }

}

extension Function {
  /// The extent that `length` is, as far as it is known.
  func knownExtent(_ length: Value) -> Extent {
    integerConstant(length).map { .constant(Int($0)) } ?? .dynamic
  }

  /// `true` iff the operation, with all that its regions hold, runs to its end wherever it stands:
  /// it divides by numbers that are not 0, and reads at indices that count up to the very length of
  /// the axis.
  fileprivate func cannotStop(_ operation: ID<Operation>) -> Bool {
    var ranges = ValueRanges()
    var affine = AffineValues()
    return cannotStop(operation, &ranges, &affine)
  }

  private func cannotStop(
    _ operation: ID<Operation>, _ ranges: inout ValueRanges, _ affine: inout AffineValues
  ) -> Bool {
    let content = operations[operation]
    ranges.note(operation, in: self)
    switch content.opcode {
    case .read:
      for (axis, index) in content.operands.dropFirst().enumerated() {
        guard case .parameter(let region, let position) = values[index].definition,
          let upper = ranges.upperEnd(region, position, in: self),
          affine.expression(of: upper, in: self)
            == affine.extent(of: content.operands[0], axis: axis, in: self)
        else { return false }
      }
    case .reduce:
      let steps = ReductionBox(content, self).steps
      if steps.contains(where: { integerConstant($0) ?? 0 < 1 }) { return false }
    case .compute: break
    default:
      let isFloat = content.results.allSatisfy { type(of: $0).scalarType?.isFloat == true }
      if content.opcode.info.traits.contains(.mayTrap), !isFloat,
        integerConstant(content.operands.last!) ?? 0 == 0
      {
        return false
      }
    }
    return content.regions.allSatisfy { region in
      regions[region].operations.allSatisfy { cannotStop($0, &ranges, &affine) }
    }
  }
}
