import TesseraIR

/// A convolution of 3×3 and stride 1 that may be computed by transforms of tiles.
///
///     y[n, o, h, v] = epilogue(sum[c, r, s] x(n, c, h + r, v + s) * w(o, c, r, s))
///
/// A tile of m×m results is a sum over channels of products, frequency by frequency, of transformed
/// (m+2)×(m+2) elements of x and transformed filters: (m+2)² products in place of 9·m².
///
/// It is found by what its factors depend on, not by name: x must depend on `h` and `r` by their sum
/// alone, and on `v` and `s` by theirs, whatever else makes its elements (zero outside, an
/// activation, a tensor of half the size). A not-a-number or an infinity in x reaches all results of
/// the tiles that it is part of.
///
/// Algorithm: Winograd 1980; Lavin and Gray 2016, «Fast algorithms for convolutional neural
/// networks».
struct Winograd {
  /// The convolution as a contraction: rows are filters, the last two columns its positions.
  let contraction: Contraction
  /// The results of a tile in each direction, m.
  let tileSize: Int
  /// The axes of the result along which the tiles lie: up and down, left and right.
  let vertical: Int
  let horizontal: Int
  /// The axes of the result that are neither: each of their elements is a convolution of its own.
  let imageAxes: [Int]
  /// The reduced indices that the filter's rows and columns are numbered by.
  let filterRow: Value
  let filterColumn: Value
  /// Which of the reduced indices are channels.
  let channels: [Int]
  /// `true` iff all images have the same filters.
  let hasOneSetOfFilters: Bool
  /// `true` iff the filters are made ready once for many calls.
  let isPrepared: Bool
  /// `true` iff only the run tells whether there are channels and filters enough.
  let mayBeThin: Bool
  /// Whether filters are kept as they are, and transformed where they are used.
  var keepsTaps = false

  /// The elements of x that a tile needs in each direction.
  var windowSize: Int { tileSize + 2 }
  /// How many products of matrices there are.
  var frequencies: Int { windowSize * windowSize }
}

extension Winograd {
  /// Why a sum is not computed by transforms.
  enum Obstacle: String, Error {
    /// They would pay.
    case isNotPermitted = "the program does not permit them"
    /// They are not permitted and would not pay, or the sum is no such convolution: nobody asks why.
    case isNoMatter = "nothing speaks for them"
    case isOther = "it is no convolution of 3×3 and stride 1"
    case isThin = "for fewer than 16 channels or filters they cost more than they save"
    case isSmall = "they would save too little on so small an image"
    case isLocked = "the lock says so"
  }

  /// The transform by which `contraction`, which `content` is, should be computed.
  ///
  /// - Parameter isPrepared: whether the filters are made ready once for many calls.
  /// - Throws: why there is none.
  init(
    _ contraction: Contraction, _ content: Operation, isPrepared: Bool, in function: Function
  ) throws(Obstacle) {
    guard case .reduction(_, _, let permitted) = contraction.reduction.attribute else {
      throw .isNoMatter
    }
    let isPermitted = contraction.permitsTransforms
    let other: Obstacle = isPermitted ? .isOther : .isNoMatter
    guard contraction.element == .f32, contraction.columnAxes.count >= 2,
      contraction.others.isEmpty
    else { throw other }
    self.contraction = contraction
    self.isPrepared = isPrepared
    let columns = contraction.columnAxes
    (vertical, horizontal) = (columns[columns.count - 2], columns[columns.count - 1])
    imageAxes = (contraction.batchAxes + columns.dropLast(2)).sorted()

    let region = content.regions[0]
    let parameters = function.regions[region].parameters
    let box = ReductionBox(contraction.reduction, function)
    let taps = box.indices.indices.filter {
      box.countsFromZero($0, in: function) && function.integerConstant(box.upper[$0]) == 3
    }
    guard taps.count >= 2 else { throw other }
    let (up, across) = (parameters[vertical], parameters[horizontal])
    var sums = SumDependence(contraction.columnFactor, in: function)
    guard let row = taps.first(where: { sums.holds(up, box.indices[$0]) }),
      let column = taps.first(where: { $0 != row && sums.holds(across, box.indices[$0]) })
    else { throw other }
    (filterRow, filterColumn) = (box.indices[row], box.indices[column])
    channels = box.indices.indices.filter { $0 != row && $0 != column }
    let size = ConvolutionSize(
      isPrepared: isPrepared,
      channels: function.product(channels.map { box.upper[$0] }),
      filters: function.product(contraction.rowAxes.map { content.operands[$0] }),
      height: function.integerConstant(content.operands[vertical]),
      width: function.integerConstant(content.operands[horizontal]))
    if !isPermitted {
      throw !size.isThin && size.gain(tileSize: 2) >= 1.5 ? .isNotPermitted : .isNoMatter
    }
    let candidates = [(Algorithms.winograd2, 2), (.winograd4, 4)].filter {
      permitted.contains($0.0)
    }
    .map { (tileSize: $0.1, gain: size.gain(tileSize: $0.1)) }
    if size.isThin { throw .isThin }
    mayBeThin = size.channels == nil || size.filters == nil
    guard let best = candidates.max(by: { $0.gain < $1.gain }), best.gain >= 1.5 else {
      throw .isSmall
    }
    tileSize = best.tileSize
    hasOneSetOfFilters = imageAxes.allSatisfy {
      !DependentValues(function, region, on: parameters[$0]).contains(contraction.rowFactor)
    }
  }
}

extension Winograd {
  /// The fewest channels and filters for which transforming x, once for all filters, and the results,
  /// once for all channels, does not cost more than it gives.
  static var leastChannels: Int { 16 }
}

extension Contraction {
  /// `true` iff the program permits to compute the sum by transforms, if it is a convolution.
  var permitsTransforms: Bool {
    guard case .reduction(_, _, let permitted) = reduction.attribute else { return false }
    return permitted.contains(.winograd2) || permitted.contains(.winograd4)
  }
}

/// The lengths that decide whether transforms pay; those that are not known count as large.
private struct ConvolutionSize {
  /// Whether the filters are transformed once for many calls.
  var isPrepared: Bool
  var channels: Int64?
  var filters: Int64?
  var height: Int64?
  var width: Int64?

  /// `true` iff there are known to be too few channels or filters.
  var isThin: Bool {
    [channels, filters].contains { $0.map { $0 < Int64(Winograd.leastChannels) } ?? false }
  }

  /// How many times less work there is with tiles of this size.
  ///
  /// The work is counted in products for one filter and channel. Making the frequencies of the
  /// filter itself takes the time of some products each; reading them, if that was done before, of
  /// fewer, as they come while others are used.
  func gain(tileSize: Int64) -> Double {
    let frequencies = Double((tileSize + 2) * (tileSize + 2))
    guard let height, let width else {
      return 9 * Double(tileSize * tileSize) / frequencies
    }
    // Products are made for whole panels of sixteen tiles.
    func tiles(_ length: Int64) -> Int64 { (length + tileSize - 1) / tileSize }
    let products = frequencies * Double((tiles(height) * tiles(width) + 15) / 16 * 16)
    return 9 * Double(height * width) / (products + (isPrepared ? 4 : 32) * frequencies)
  }

  func gain(tileSize: Int) -> Double { gain(tileSize: Int64(tileSize)) }
}

extension Function {
  /// The product of numbers, if all are known and it is below 2³⁰ on the way.
  fileprivate func product(_ factors: [Value]) -> Int64? {
    factors.reduce(Int64?(1)) { product, factor in
      guard let product, let number = integerConstant(factor), number < 1 << 30 else { return nil }
      return product * number < 1 << 30 ? product * number : nil
    }
  }
}

/// Whether a value depends on two indices by a sum of multiples of them alone.
struct SumDependence {
  private let function: Function
  private var affine = AffineValues()
  /// The whole numbers of which everything else that the value needs is made.
  private var numbers: Set<Value> = []
  /// The operations outside all regions, on whose results no index has a bearing: the whole network
  /// before a convolution.
  private let outside: Set<ID<Operation>>
  /// What was looked at to find the numbers.
  private(set) var visited: Set<Value> = []

  /// Looks through all that `value` is made of.
  init(_ value: Value, in function: Function) {
    self.function = function
    outside = Set(function.regions[function.body].operations)
    collect(value)
  }

  /// `true` iff exchanging one of `a` for `count` of `b` changes nothing.
  mutating func holds(_ a: Value, _ b: Value, times count: Int64 = 1) -> Bool {
    let difference = AffineExpression(b) - AffineExpression(count) * AffineExpression(a)
    return numbers.allSatisfy { number in
      let expression = affine.expression(of: number, in: function)
      return !expression.substituting(b, with: difference).depends(on: a)
    }
  }

  /// Notes the whole numbers that `value` is made of; what is a polynomial of others is one number.
  private mutating func collect(_ value: Value) {
    guard visited.insert(value).inserted else { return }
    guard function.type(of: value) == .index else { return collectParts(of: value) }
    numbers.insert(value)
    for atom in affine.expression(of: value, in: function).values {
      collectParts(of: atom)
    }
  }

  /// Notes the numbers that the operation needs which gives `value`, and its regions.
  private mutating func collectParts(of value: Value) {
    guard let definition = function.definition(of: value), !outside.contains(definition) else {
      return
    }
    let content = function.operations[definition]
    let ends = content.regions.compactMap { function.terminator(of: $0) }
    for operand in content.operands + ends.flatMap({ function.operations[$0].operands }) {
      collect(operand)
    }
  }
}
