import TesseraIR

/// What it costs that a contraction packs elements of which neighbours are the same, see
/// `LaneAnalysis.repetitions`, beside storing them: each time that one is packed, vectors are woven,
/// and at the ends of rows short ones.
///
/// That matters for windows that are packed one by one, since an element is in several; transforms, and
/// copies of what windows share, take each element once or twice. It matters, too, for rows that would
/// be read where they lie if they were stored.
struct WovenPacking {
  /// About how many cycles packing takes longer, and how many storing takes.
  private let packed: Double
  private let stored: Double

  /// Weighs the read at `site` of what `producer` makes; `nil` if no panels are packed of it.
  init?(
    _ site: ReadSite, of producer: Operation, in function: Function, on target: TargetDescription
  ) {
    guard site.around.count >= 2, let outermost = site.around.last else { return nil }
    let consumer = function.operations[outermost]
    let reduction = function.operations[site.around[site.around.count - 2]]
    guard consumer.opcode == .compute, reduction.opcode == .reduce,
      let contraction = Contraction(consumer, in: function)
    else { return nil }
    let isPrepared = FixedValues(function).determine(
      contraction.rowFactor, of: contraction, consumer, in: function)
    let lanes = target.lanes(of: contraction.element)
    guard (try? Winograd(contraction, consumer, isPrepared: isPrepared, in: function)) == nil,
      Windows(contraction, consumer, lanes: lanes, in: function) == nil
    else { return nil }
    let box = ReductionBox(reduction, function)
    let users = DependentValues(
      function, reduction.regions[0], on: function.operations[site.read].results[0])
    let isRow = users.contains(contraction.rowFactor)
    var lengths = LengthEstimate(function)
    func count(_ values: some Sequence<Value>) -> Double {
      values.map { lengths.length($0) }.reduce(1, *)
    }
    func count(_ axes: [Int]) -> Double { count(axes.map { consumer.operands[$0] }) }
    let (depth, rows, columns) = (
      count(box.upper), count(contraction.rowAxes), count(contraction.columnAxes)
    )
    let mayBeInPlaceOtherwise =
      isRow && box.indices.count == 1
      && InPlaceLimits.mayAdmit(
        rowFactor: true, rows: rows, columns: columns, terms: depth, lanes: lanes)
    let cycles = Self.cyclesWoven + (mayBeInPlaceOtherwise ? Self.cyclesPacked : 0)
    packed = depth * (isRow ? rows : columns) * count(contraction.batchAxes) * cycles
    stored = count(producer.operands) * Self.cyclesStored
  }

  /// Why elements should be stored; `nil` if they should not.
  var reasonAgainst: String? {
    if packed <= stored { return nil }
    let (a, b) = (Amount(thousandsOf: packed), Amount(thousandsOf: stored))
    return "packing it as it is read would take about \(a) thousand cycles more, storing it \(b)"
  }

  /// The cycles that an element of a woven vector takes more than one of a loaded vector, those of
  /// packing one that would be read where it lies, and those of one that is stored and read again.
  private static var cyclesWoven: Double { 0.2 }
  private static var cyclesPacked: Double { 1 }
  private static var cyclesStored: Double { 1 }
}
