import TesseraIR

/// A read of a tensor's elements in a factor of a contraction, which evaluates it while it packs panels:
/// register by register, since neighbours are made alike.
///
/// Windows are none. Whether they are packed, copied or transformed, what is saved by not storing the
/// tensor is lost where they overlap.
struct PackedRead {
  /// The elements of the tensor, and how often one is evaluated in all.
  let elements: Double
  let evaluations: Double
  /// How many neighbours are evaluated at once, and the share of them that is left beside such runs.
  let lanes: Int
  let rest: Double
  /// `true` iff panels of columns are packed, not of rows.
  let isColumn: Bool
  /// `true` iff perhaps nothing would be packed if the tensor were stored: contractions whose lengths
  /// are not known choose while they run.
  let mayBeInPlaceOtherwise: Bool

  /// The read at `site` of what `producer` makes; `nil` if no contraction packs it.
  init?(
    _ site: ReadSite, of producer: Operation, in function: Function, on target: TargetDescription
  ) {
    guard site.around.count == 2 else { return nil }
    let consumer = function.operations[site.around[1]]
    guard consumer.opcode == .compute, function.operations[site.around[0]].opcode == .reduce,
      let contraction = Contraction(consumer, in: function), contraction.others.isEmpty,
      Self.hasRuns(producer, in: function)
    else { return nil }
    let users = DependentValues(
      function, contraction.reduction.regions[0], on: function.operations[site.read].results[0])
    let isRow = users.contains(contraction.rowFactor)
    guard isRow != users.contains(contraction.columnFactor) else { return nil }
    let otherIsFixed = FixedValues(function).determine(
      isRow ? contraction.columnFactor : contraction.rowFactor, of: contraction, consumer,
      in: function)
    // The rows of an attention are better made block by block.
    guard otherIsFixed || Self.readsNothingMade(producer, in: function) else { return nil }
    isColumn = !isRow

    // Each place is one index's, and the last one's neighbours are those of a panel.
    var lengths = LengthEstimate(function)
    let box = ReductionBox(contraction.reduction, function)
    let parameters = function.regions[consumer.regions[0]].parameters
    let places = function.operations[site.read].operands.dropFirst().map { lengths.expression($0) }
    guard let run = isRow ? box.indices.last : parameters.last,
      places.last?.coefficient(of: run)?.constantValue == 1,
      !places.dropLast().contains(where: { $0.depends(on: run) }),
      places.allSatisfy({ place in
        (parameters + box.indices).count { place.depends(on: $0) } <= 1
      })
    else { return nil }

    func count(_ values: some Sequence<Value>) -> Double {
      values.map { lengths.length($0) }.reduce(1, *)
    }
    func count(_ axes: [Int]) -> Double { count(axes.map { consumer.operands[$0] }) }
    let (depth, rows, columns) = (
      count(box.upper), count(contraction.rowAxes), count(contraction.columnAxes)
    )
    elements = count(producer.operands)
    evaluations = (isRow ? rows : columns) * count(contraction.batchAxes) * depth
    let lanes = target.lanes(of: contraction.element)
    self.lanes = lanes
    let length = function.integerConstant(isRow ? box.upper.last! : consumer.operands.last!)
    rest = length.map { Double($0 % Int64(lanes)) / Double(max($0, 1)) } ?? 0
    let isKnown = (consumer.operands + box.upper).allSatisfy {
      function.integerConstant($0) != nil
    }
    // With lengths that are not known, a run chooses unless the other factor is packed ahead.
    mayBeInPlaceOtherwise =
      isKnown
      ? InPlaceLimits.mayAdmit(
        rowFactor: isRow, rows: rows, columns: columns, terms: depth, lanes: lanes)
      : !otherIsFixed
  }

  /// `true` iff `producer` does not go on from elements that another statement makes.
  private static func readsNothingMade(_ producer: Operation, in function: Function) -> Bool {
    let region = producer.regions[0]
    let rank = function.regions[region].parameters.count
    return function.regions[region].operations.allSatisfy { id in
      let content = function.operations[id]
      guard content.opcode == .read, content.operands.count > rank,
        let maker = function.definition(of: content.operands[0])
      else { return true }
      return function.operations[maker].opcode != .compute
    }
  }

  /// `true` iff neighbours of what `producer` makes are made alike, from neighbours or from the same.
  private static func hasRuns(_ producer: Operation, in function: Function) -> Bool {
    var neighbours = NeighbourReads(function)
    return neighbours.makesRuns(producer)
      && function.regions[producer.regions[0]].operations.allSatisfy {
        function.operations[$0].regions.isEmpty
      }
  }
}
