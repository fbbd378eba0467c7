import TesseraIR

/// Makes, statement by statement, tensors of all programs of one grid.
///
/// A tensor that a program makes gets the points of the grid on which it depends as axes before its
/// own; an axis as long as a tile becomes the whole axis that the tiles cover, and indices of it count
/// from the axis's beginning. Numbers that a program computes from its point are computed again where
/// they are used if they are indices, else made into tensors over the points.
struct ProgramJoiner {
  /// A tensor, or number, of all programs.
  struct Joined {
    /// What is read in its place.
    var tensor: Value
    /// The axes of the grid that come before its own.
    var points: [Int]
    /// The axis of the grid whose tiles each own axis covers, if any.
    var tiles: [Int?]
  }

  /// What stands for the values of a program in the region that is copied to.
  struct Frame {
    /// What stands for each value.
    var values: [Value: Value] = [:]
    /// The indices that run over tiles, with the axis of the grid.
    var tiles: [Value: Int] = [:]
  }

  /// The grid and its programs.
  let launch: Operation
  /// What a program does.
  let region: ID<Region>
  /// The axes of the grid.
  let grid: ProgramGrid
  /// What stands in place of the launch.
  var placed: [ID<Operation>] = []
  /// On which axes of the grid the values of a program depend.
  var dependence: [Value: Set<Int>] = [:]
  /// The tensors, and the numbers that reductions give or that were made into tensors.
  var joined: [Value: Joined] = [:]
  /// What programs compute from numbers alone, not yet placed anywhere.
  var recipes: [Value: ID<Operation>] = [:]
  /// What stands for values that all programs share.
  var shared: [Value: Value] = [:]
  /// What updates give.
  var updated: [Value: Value] = [:]

  /// Reads the grid of `launch`.
  ///
  /// - Throws: why its programs stay.
  init(_ launch: Operation, _ function: Function) throws(ProgramObstacle) {
    guard let grid = ProgramGrid(launch, function) else { throw .hasRaggedTiles }
    self.launch = launch
    self.grid = grid
    region = launch.regions[0]
    for (position, axis) in grid.axes.enumerated() { dependence[axis.point] = [position] }
    let tensors = function.regions[region].parameters.dropFirst(grid.axes.count)
    // Of what other programs write, a program sees nothing.
    for (tensor, initial) in zip(tensors, launch.operands.dropFirst(grid.axes.count)) {
      shared[tensor] = initial
      updated[tensor] = initial
    }
  }

  /// Joins all statements, and returns what stands for the results of the launch.
  mutating func join(in function: inout Function) throws(ProgramObstacle) -> [Value] {
    for operation in function.regions[region].operations.dropLast() {
      let content = function.operations[operation]
      let free = function.freeOperands(of: operation)
      let axes = free.reduce(into: Set<Int>()) { $0.formUnion(dependence[$1] ?? []) }
      // What has the tensor after an update has seen programs act in turn.
      if free.contains(where: { updated[$0] != nil && shared[$0] == nil }) { throw .actsInTurn }
      guard content.opcode == .update || function.isPure(operation) else { throw .actsInTurn }
      switch content.opcode {
      case .compute: try joinTensors(operation, axes, &function)
      case .reduce: try joinNumbers(operation, axes, &function)
      case .update: try joinUpdate(content, axes, &function)
      default: try note(operation, axes, &function)
      }
    }
    let end = function.terminator(of: region)!
    var results: [Value] = []
    for value in function.operations[end].operands {
      guard let result = updated[value] else { throw .actsInTurn }
      results.append(result)
    }
    return results
  }

  // MARK: Statements

  /// Notes a number that programs compute, or computes it now if it is the same for all of them.
  mutating func note(
    _ operation: ID<Operation>, _ axes: Set<Int>, _ function: inout Function
  ) throws(ProgramObstacle) {
    let content = function.operations[operation]
    let givesNumbers =
      content.results.allSatisfy { function.type(of: $0).scalarType != nil }
      && content.results.allSatisfy { function.type(of: $0).rank == 0 }
    guard givesNumbers, content.regions.isEmpty, content.results.count == 1 else {
      throw .actsInTurn
    }
    let needsRecipe = content.operands.contains { recipes[$0] != nil || joined[$0] != nil }
    let mayStop =
      content.opcode.info.traits.contains(.mayTrap)
      && function.integerConstant(content.operands.last!) ?? 0 == 0
    let isShared = axes.isEmpty && !needsRecipe && !mayStop && content.opcode != .read
    if isShared {
      let copy = function.makeOperation(
        content.opcode, content.operands.map { shared[$0] ?? $0 },
        results: content.results.map { function.type(of: $0) }, attribute: content.attribute,
        span: content.span, names: content.results.map { function.values[$0].name })
      placed.append(copy)
      shared[content.results[0]] = function.operations[copy].results[0]
      return
    }
    recipes[content.results[0]] = operation
    dependence[content.results[0]] = axes
  }

  /// Makes the tensors of a `compute` for all programs.
  mutating func joinTensors(
    _ operation: ID<Operation>, _ axes: Set<Int>, _ function: inout Function
  ) throws(ProgramObstacle) {
    let content = function.operations[operation]
    let elements = content.regions[0]
    let own = function.regions[elements].parameters
    let tiles = try ownTiles(own, content.operands, elements, function)
    let points = try points(axes, tiles)
    var extents = points.map { grid.axes[$0].count }
    for (position, tile) in tiles.enumerated() {
      extents.append(try extent(content.operands[position], tile, &function))
    }
    try requireSafety(operation, axes, function)
    var frame = Frame()
    let new = makeParameters(points, own, tiles, &frame, &function)
    try copy(elements, to: new, &frame, &function)
    place(content, .compute, extents, new, &function) { function, result in
      let type = function.type(of: content.results[result])
      let lengths = extents.enumerated().map { axis, extent in
        axis < points.count || tiles[axis - points.count] != nil
          ? function.knownExtent(extent) : type.extents[axis - points.count]
      }
      return .tensor(type.element, lengths)
    }
    let results = function.operations[placed.last!].results
    for (old, tensor) in zip(content.results, results) {
      joined[old] = Joined(tensor: tensor, points: points, tiles: tiles)
      dependence[old] = axes
    }
  }

  /// Makes tensors, over the points, of what a reduction gives each program.
  mutating func joinNumbers(
    _ operation: ID<Operation>, _ axes: Set<Int>, _ function: inout Function
  ) throws(ProgramObstacle) {
    let content = function.operations[operation]
    try requireSafety(operation, axes, function)
    try makeNumbers(content.results, axes, &function) {
      joiner, operations, frame, function throws(ProgramObstacle) in
      try joiner.copy(operation, into: &operations, &frame, &function)
    }
  }

  /// Makes tensors over the points of `axes` of the numbers that `body` computes for one program.
  mutating func makeNumbers(
    _ numbers: [Value], _ axes: Set<Int>, _ function: inout Function,
    _ body: (
      inout ProgramJoiner, inout [ID<Operation>], inout Frame, inout Function
    ) throws(ProgramObstacle) -> Void
  ) throws(ProgramObstacle) {
    let points = try points(axes, [])
    var frame = Frame()
    var operations: [ID<Operation>] = []
    if points.isEmpty {
      try body(&self, &operations, &frame, &function)
      placed += operations
      for number in numbers { shared[number] = frame.values[number]! }
      return
    }
    let new = makeParameters(points, [], [], &frame, &function)
    try body(&self, &operations, &frame, &function)
    let content = function.operations[function.definition(of: numbers[0])!]
    operations.append(
      function.makeOperation(.yield, numbers.map { frame.values[$0]! }, span: content.span))
    function.regions[new].operations = operations
    let extents = points.map { grid.axes[$0].count }
    place(content, .compute, extents, new, &function) { function, result in
      .tensor(
        function.type(of: content.results[result]).element,
        extents.map { function.knownExtent($0) })
    }
    for (number, tensor) in zip(numbers, function.operations[placed.last!].results) {
      joined[number] = Joined(tensor: tensor, points: points, tiles: [])
      dependence[number] = axes
    }
  }

  /// Defines the elements that an update replaces for all programs.
  mutating func joinUpdate(
    _ content: Operation, _ axes: Set<Int>, _ function: inout Function
  ) throws(ProgramObstacle) {
    let update = UpdateBox(content, function)
    guard case .update(.replace) = content.attribute, axes.count == grid.axes.count,
      let initial = shared[update.tensor],
      let end = function.terminator(of: update.region)
    else { throw .writesElsewhere }
    let yielded = function.operations[end].operands
    guard function.integerConstant(yielded.last!) == 1 else { throw .writesElsewhere }
    let tiles = try ownTiles(update.indices, update.upper, update.region, function)
    let (places, extents) = try updatedPlaces(update, yielded.dropLast(2), tiles, &function)

    var frame = Frame()
    let new = function.makeRegion()
    for place in places {
      let old = place.point.map { grid.axes[$0].point } ?? update.indices[place.own!]
      let parameter = function.addParameter(function.values[old].name, .index, to: new)
      frame.values[old] = parameter
      if let own = place.own { frame.tiles[old] = tiles[own] }
    }
    let indices = function.regions[new].parameters
    var operations: [ID<Operation>] = []
    for operation in function.regions[update.region].operations.dropLast() {
      try copy(operation, into: &operations, &frame, &function)
    }
    let element = try value(of: yielded[yielded.count - 2], &operations, &frame, &function)
    if definesAll(initial, extents, function) {
      operations.append(function.makeOperation(.yield, [element], span: content.span))
      function.regions[new].operations = operations
      place(content, .compute, extents, new, &function) { function, _ in
        function.type(of: initial)
      }
    } else {
      let yes = function.makeOperation(
        .constant, results: [.bool], attribute: .integer(1), span: content.span)
      operations.append(yes)
      operations.append(
        function.makeOperation(
          .yield, indices + [element, function.operations[yes].results[0]], span: content.span))
      function.regions[new].operations = operations
      let zero = number(0, content, &function)
      let one = number(1, content, &function)
      let bounds =
        extents.map { _ in zero } + extents + extents.map { _ in one }
      place(content, .update, [initial] + bounds, new, &function) { function, _ in
        function.type(of: initial)
      }
    }
    updated[content.results[0]] = function.operations[placed.last!].results[0]
    // The tensor before it must not be given as well.
    updated[update.tensor] = nil
  }

  /// What tells each axis of the tensor that `update` writes, at `indices`: an axis of the grid or an
  /// index of its own, and how far it goes.
  ///
  /// - Throws: unless all programs together write each element once.
  private mutating func updatedPlaces(
    _ update: UpdateBox, _ indices: ArraySlice<Value>, _ tiles: [Int?],
    _ function: inout Function
  ) throws(ProgramObstacle) -> (places: [(point: Int?, own: Int?)], extents: [Value]) {
    var extents: [Value] = []
    var places: [(point: Int?, own: Int?)] = []
    for index in indices {
      if let axis = grid.axis(ofPoint: index), grid.axes[axis].tile == nil {
        places.append((axis, nil))
        extents.append(grid.axes[axis].count)
        continue
      }
      guard let own = ownIndex(index, update.indices, tiles, function),
        update.countsFromZero(own, in: function)
      else { throw .writesElsewhere }
      places.append((nil, own))
      extents.append(try extent(update.upper[own], tiles[own], &function))
    }
    let points = places.compactMap(\.point)
    let own = places.compactMap(\.own)
    let covered = Set(points + tiles.compactMap(\.self))
    guard Set(points).count == points.count, Set(own).count == update.indices.count,
      own.count == update.indices.count, covered.count == grid.axes.count,
      tiles.compactMap(\.self).count + points.count == grid.axes.count
    else { throw .writesElsewhere }
    return (places, extents)
  }

  /// `true` iff `extents` are those of `tensor`, which no caller holds.
  func definesAll(_ tensor: Value, _ extents: [Value], _ function: Function) -> Bool {
    function.definition(of: tensor) != nil && function.isKnown(tensor, toHave: extents)
  }
}

extension Function {
  /// The operands of `operation` and of what its regions hold.
  fileprivate func freeOperands(of operation: ID<Operation>) -> Set<Value> {
    var found = Set(operations[operation].operands)
    for region in operations[operation].regions {
      forEachOperation(in: region) { found.formUnion(operations[$0].operands) }
    }
    return found
  }
}
