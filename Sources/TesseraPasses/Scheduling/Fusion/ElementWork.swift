import TesseraIR

/// What it takes to make one element.
struct ElementWork {
  /// The operations, counted once each.
  var operations = 0
  /// The arithmetic on elements; mathematical functions count for many.
  var cost = 0
  /// `true` iff there are mathematical functions.
  var hasMathematics = false
  /// The reads of elements.
  var reads = 0
  /// `true` iff there is a reduction or a loop.
  var reduces = false
  /// The divisions of indices by which neighbours are the same. They have no part in `cost`: vectors are
  /// woven as soon as they are loaded.
  private var repetitions = 0
  /// `true` iff it divides by a number that may be 0.
  var mayFail = false
  /// `true` iff elements are only picked, converted and put elsewhere.
  var isMovement: Bool { cost == 0 && !reduces }

  /// `true` iff an element is one step from one other element, and from what fewer indices tell:
  /// reading that again costs no more than reading what would be stored.
  var isOneStep: Bool { cost <= 1 && !reduces && !mayFail && wholeReads <= 1 }
  /// The reads that all indices have a part in.
  private var wholeReads = 0

  /// `true` iff there are divisions of indices by which neighbours are the same.
  var hasRepetitions: Bool { repetitions > 0 }

  /// What it costs to do it again.
  var repeatedCost: Int { cost + reads }

  /// The `compute` that makes the elements.
  private let producer: ID<Operation>

  /// Weighs what the `compute` called `producer` does; `nil` if it must stay where it is.
  init?(_ producer: ID<Operation>, in function: Function) {
    self.producer = producer
    let region = function.operations[producer].regions[0]
    guard add(region, function) else { return nil }
    let rank = function.regions[region].parameters.count
    wholeReads = function.regions[region].operations.count { id in
      let content = function.operations[id]
      return content.opcode == .read && content.operands.count > rank
    }
  }

  /// Counts the divisions by which neighbours are the same, for readers that have no such vectors.
  mutating func countRepetitions() { cost += Self.division * repetitions }

  private mutating func add(_ region: ID<Region>, _ function: Function) -> Bool {
    function.regions[region].operations.allSatisfy { id in
      let content = function.operations[id]
      operations += 1
      switch content.opcode {
      case .yield, .constant, .dimension, .convert, .bitcast, .select, .if: break
      case .read: reads += 1
      case .reduce, .for: reduces = true
      case .divide where LaneAnalysis.isRepetition(content, in: function): repetitions += 1
      case .divide, .remainder, .divideTruncating, .remainderTruncating:
        guard let type = function.type(of: content.results[0]).scalarType else { return false }
        if type.isFloat {
          cost += 8
        } else {
          if mayDivideByZero(content, function) { mayFail = true }
          cost += Self.division
        }
      default:
        guard content.opcode.isPure, content.opcode.info.traits.contains(.elementwise) else {
          return false
        }
        let own = Self.cost(content, function)
        cost += own
        if own >= Self.mathematics { hasMathematics = true }
      }
      return content.regions.allSatisfy { add($0, function) }
    }
  }

  /// `true` iff `content`, which divides integers, may do so by zero. Never where an index is divided by
  /// the size of the equal parts of its axis: what has an index has parts.
  private func mayDivideByZero(_ content: Operation, _ function: Function) -> Bool {
    let (index, divisor) = (content.operands[0], content.operands[1])
    if let number = function.integerConstant(divisor) { return number == 0 }
    let compute = function.operations[producer]
    let parameters = function.regions[compute.regions[0]].parameters
    guard let axis = parameters.firstIndex(of: index) else { return true }
    return !function.isPart(divisor, of: compute.operands[axis], before: producer)
  }

  /// The weight of a division of whole numbers.
  private static var division: Int { 3 }
  /// The weight of a mathematical function.
  private static var mathematics: Int { 30 }

  /// The weight of a scalar operation; arithmetic on indices and conditions has none.
  private static func cost(_ content: Operation, _ function: Function) -> Int {
    let type = function.type(of: content.results[0])
    if type == .index || type == .bool { return 0 }
    return switch content.opcode {
    case .squareRoot, .reciprocalSquareRoot: 8
    case .exponential, .exponential2, .logarithm, .logarithm2, .sine, .cosine, .tangent,
      .hyperbolicTangent, .errorFunction, .power, .sigmoid:
      mathematics
    default: 1
    }
  }
}
