import TesseraIR

/// The ranges of the indices of an operation, a `reduce` or an `update`, by name.
protocol IndexBox {
  /// The ends and steps of the indices, and the indices.
  var lower: [Value] { get }
  var upper: [Value] { get }
  var steps: [Value] { get }
  var indices: [Value] { get }
}

extension IndexBox {
  /// All that the ranges are made of.
  var bounds: [Value] { lower + upper + steps }

  /// `true` iff the index takes the numbers from zero on, up to its end.
  func countsFromZero(_ axis: Int, in function: Function) -> Bool {
    function.integerConstant(lower[axis]) == 0 && function.integerConstant(steps[axis]) == 1
  }

  /// How many numbers the last `count` indices take, or else all, if that is known.
  func termCount(ofLast count: Int = .max, in function: Function) -> Int64? {
    indices.indices.suffix(count).reduce(Int64?.some(1)) { product, axis in
      guard let product, let lower = function.integerConstant(lower[axis]),
        let upper = function.integerConstant(upper[axis]),
        let step = function.integerConstant(steps[axis]), step > 0
      else { return nil }
      return product &* (max(0, upper &- lower &+ step &- 1) / step)
    }
  }
}

/// The operands and regions of a `reduce` by name.
struct ReductionBox: IndexBox {
  let lower: [Value]
  let upper: [Value]
  let steps: [Value]
  let indices: [Value]
  /// What the accumulators start from; nothing where that is the identity.
  let initial: [Value]
  /// The region that makes terms, and the one that combines them, if there is one.
  let terms: ID<Region>
  let combine: ID<Region>

  /// Reads `content`, a reduction of `function`.
  init(_ content: Operation, _ function: Function) {
    terms = content.regions[0]
    combine = content.regions.last!
    indices = function.regions[terms].parameters
    let rank = indices.count
    lower = Array(content.operands[..<rank])
    upper = Array(content.operands[rank..<2 * rank])
    steps = Array(content.operands[2 * rank..<3 * rank])
    initial = Array(content.operands[(3 * rank)...])
  }
}

/// The operands and the region of an `update` by name.
struct UpdateBox: IndexBox {
  let tensor: Value
  let lower: [Value]
  let upper: [Value]
  let steps: [Value]
  let indices: [Value]
  /// The region that makes places and elements.
  let region: ID<Region>

  /// Reads `content`, an update of `function`.
  init(_ content: Operation, _ function: Function) {
    tensor = content.operands[0]
    region = content.regions[0]
    indices = function.regions[region].parameters
    let rank = indices.count
    lower = Array(content.operands[1..<1 + rank])
    upper = Array(content.operands[1 + rank..<1 + 2 * rank])
    steps = Array(content.operands[1 + 2 * rank..<1 + 3 * rank])
  }
}
