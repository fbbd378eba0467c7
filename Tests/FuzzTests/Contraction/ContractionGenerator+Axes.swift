import TesseraTesting

/// The axes of random sums of products.
extension ContractionGenerator {
  /// An index: its name, the numbers that it takes, and who uses it.
  struct Axis {
    var name: String
    var lower = 0
    var step = 1
    var count: Int
    var isOfRows = true
    var isOfColumns = true

    var last: Int { lower + max(0, count - 1) * step }
  }

  /// The axes of the results and the indices of the reductions.
  mutating func chosenAxes() -> (axes: [Axis], reduced: [Axis]) {
    var axes: [Axis] = []
    for _ in 0..<(2 + random.below(4)) { axes.append(freeAxis()) }
    // One axis a factor has to itself, so that most are contractions.
    axes.shuffle(using: &random)
    if !random.once(in: 10) {
      axes[axes.count - 1].isOfRows = false
      axes[axes.count - 1].isOfColumns = true
      let other = random.below(axes.count - 1)
      axes[other].isOfRows = true
      axes[other].isOfColumns = false
    }
    var reduced: [Axis] = []
    for number in 0..<(1 + random.below(4)) { reduced.append(reducedAxis(number)) }
    isSkinny = random.once(in: 6)
    if isSkinny { (axes, reduced) = skinnyAxes() }
    shrink(&axes, &reduced)
    return (axes, reduced)
  }

  /// Axes of which one is long, or was meant to be, and another is short; now and then one of a batch.
  private mutating func skinnyAxes() -> (axes: [Axis], reduced: [Axis]) {
    var long = Axis(name: fresh("i"), count: random.pick([7, 16, 17, 23, 33, 40]))
    var short = Axis(name: fresh("i"), count: random.pick([0, 1, 2, 3, 4, 5, 8, 9, 16, 17]))
    (long.isOfRows, short.isOfColumns) = (false, false)
    if random.once(in: 2) {
      swap(&long.isOfRows, &long.isOfColumns)
      swap(&short.isOfRows, &short.isOfColumns)
    }
    var axes = random.once(in: 2) ? [long, short] : [short, long]
    if random.once(in: 4) { axes.insert(Axis(name: fresh("i"), count: 2), at: 0) }
    var term = Axis(name: fresh("k"), count: random.pick([0, 3, 31, 64, 65, 90]))
    if random.once(in: 4) { term.lower = 1 }
    return (axes, [term])
  }

  private mutating func freeAxis() -> Axis {
    let lengths = [0, 1, 1, 2, 3, 4, 5, 7, 8, 9, 16, 17, 24, 31, 40]
    var axis = Axis(
      name: fresh("i"), count: random.pick(random.once(in: 2) ? lengths : [2, 3, 5, 7]))
    switch random.below(8) {
    case 0: break
    case 1, 2, 3: axis.isOfRows = false
    case 4, 5, 6: axis.isOfColumns = false
    default:
      axis.isOfRows = false
      axis.isOfColumns = false
    }
    return axis
  }

  private mutating func reducedAxis(_ number: Int) -> Axis {
    let isSimple = random.once(in: 2)
    var axis = Axis(name: fresh("k"), count: random.pick([0, 1, 2, 3, 3, 4, 5, 7, 11]))
    if number > 0, axis.count == 0, !random.once(in: 3) { axis.count = 3 }
    if !isSimple {
      axis.lower = random.below(5) - 2
      axis.step = 1 + random.below(3)
    }
    if random.once(in: 12) { axis.isOfRows = false }
    if random.once(in: 12) { axis.isOfColumns = false }
    if number == 0, random.once(in: 40) { axis.count = 1000 + random.below(1600) }
    return axis
  }

  /// Makes the work small, for the interpreter runs it.
  private mutating func shrink(_ axes: inout [Axis], _ reduced: inout [Axis]) {
    func work() -> Int { (axes + reduced).reduce(1) { $0 * max(1, $1.count) } }
    // Ends since each turn makes one axis shorter.
    while work() > (isSkinny ? 40_000 : 6_000) {
      if random.once(in: 2), let place = axes.indices.max(by: { axes[$0].count < axes[$1].count }),
        axes[place].count > 1
      {
        axes[random.once(in: 4) ? place : random.below(axes.count)].count /= 2
      } else {
        reduced[random.below(reduced.count)].count /= 2
      }
    }
  }
}
