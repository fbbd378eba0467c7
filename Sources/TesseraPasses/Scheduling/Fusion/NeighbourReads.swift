import TesseraIR

/// Tells which reads are of neighbours, as an index goes on.
struct NeighbourReads {
  private let function: Function
  private var affine = AffineValues()

  /// Prepares to tell of reads of `function`.
  init(_ function: Function) { self.function = function }

  /// `true` iff the element of `read` hangs on `index`.
  mutating func depends(_ read: Operation, on index: Value) -> Bool {
    read.operands.dropFirst().contains {
      affine.expression(of: $0, in: function).depends(on: index)
    }
  }

  /// `true` iff `index` moves `read` along the last axis alone, by one of `steps` or a few indices a
  /// place.
  mutating func goesAlong(_ read: Operation, _ index: Value, steps: Set<Int64> = [1]) -> Bool {
    let places = read.operands.dropFirst()
    guard var last = places.last else { return false }
    // Ends since each step goes to an earlier operation.
    while let definition = function.definition(of: last),
      LaneAnalysis.isRepetition(function.operations[definition], in: function)
    {
      last = function.operations[definition].operands[0]
    }
    let step = affine.expression(of: last, in: function).coefficient(of: index)?.constantValue
    return step.map(steps.contains) ?? false
      && !places.dropLast().contains { affine.expression(of: $0, in: function).depends(on: index) }
  }

  /// `true` iff neighbours along the last index of `producer`, a `compute`, are made of neighbours or of
  /// the same.
  mutating func makesRuns(_ producer: Operation) -> Bool {
    let region = producer.regions[0]
    guard let last = function.regions[region].parameters.last else { return false }
    var reads: [Operation] = []
    function.forEachOperation(in: region) { id in
      if function.operations[id].opcode == .read { reads.append(function.operations[id]) }
    }
    return reads.allSatisfy { !depends($0, on: last) || goesAlong($0, last) }
  }
}
