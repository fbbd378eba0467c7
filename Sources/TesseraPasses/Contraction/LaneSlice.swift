import TesseraIR

/// The operations that some values of a region are made by, for neighbours along one index at once.
struct LaneSlice {
  /// The operations, each after what it needs.
  let operations: [ID<Operation>]
  /// How their values look in the lanes.
  let analysis: LaneAnalysis
  /// The index that the lanes count.
  let index: Value
  /// What is made.
  let results: [Value]

  /// Finds what makes `results`; `nil` if some of it has no form for lanes.
  ///
  /// - Parameters:
  ///   - varying: values that are given as vectors.
  ///   - isKnown: whether a value is visible where the slice will be emitted.
  init?(
    _ function: Function, making results: [Value], alongLanesOf index: Value,
    varying: [Value] = [], isKnown: (Value) -> Bool
  ) {
    var found: [ID<Operation>] = []
    var visited = Set(varying)
    // Ends since the operands of an operation stand before it.
    func visit(_ value: Value) -> Bool {
      guard visited.insert(value).inserted, !isKnown(value),
        let definition = function.definition(of: value)
      else { return true }
      let content = function.operations[definition]
      guard content.regions.isEmpty, content.results.count == 1 else { return false }
      guard content.operands.allSatisfy(visit) else { return false }
      found.append(definition)
      return true
    }
    guard results.allSatisfy(visit),
      let analysis = LaneAnalysis(
        function, found, lanesOf: index, varying: varying, results: results)
    else { return nil }
    operations = found
    self.analysis = analysis
    self.index = index
    self.results = results
  }
}

extension Scheduler {
  /// Emits a slice for the lanes from `first` on and returns its results as vectors.
  mutating func emitSlice(
    _ slice: LaneSlice, lanes: Int, from first: Value, given vectors: [(value: Value, Value)] = []
  ) -> [Value] {
    var tile = Tile(slice.analysis, lanes: lanes, points: 1, rows: nil)
    tile.insert(first, for: slice.index, at: [0])
    for (value, vector) in vectors { tile.insert(vector, for: value, at: [0]) }
    for operation in slice.operations {
      emitTileScalar(source.operations[operation], &tile, at: 0, for: [0])
    }
    return slice.results.map { vector($0, tile, at: 0) }
  }
}
