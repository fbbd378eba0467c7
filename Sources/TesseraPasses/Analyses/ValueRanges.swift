import TesseraIR
import TesseraNumbers

/// The least and the greatest number that each integer may be.
///
/// What is an extent is below 2^47, since a tensor has fewer bytes than that. Remembers what it
/// found; operations may be added in between, but not changed.
public struct ValueRanges: Sendable {
  private var known: [Value: ClosedRange<Int64>] = [:]
  /// What was known, before it was learnt anew, of values since the outermost branch was entered.
  private var before: [(value: Value, range: ClosedRange<Int64>?)] = []
  private var branchDepth = 0

  private static let depthLimit = 32
  /// The lengths that an axis can have.
  public static let extents: ClosedRange<Int64> = 0...(1 << 47)

  /// Creates an analysis that knows nothing yet.
  public init() {}

  /// The numbers that `value` may be; `nil` for what is no integer of at most 63 bits and a sign.
  public mutating func range(of value: Value, in function: Function) -> ClosedRange<Int64>? {
    range(of: value, in: function, depth: 0)
  }

  private mutating func range(
    of value: Value, in function: Function, depth: Int
  ) -> ClosedRange<Int64>? {
    if let known = known[value] { return known }
    guard let type = function.type(of: value).scalarType, let all = type.allIntegers else {
      return nil
    }
    guard case .scalar = function.type(of: value), depth < ValueRanges.depthLimit else {
      return all
    }
    var result = all
    switch function.values[value].definition {
    case .result(let definition, _):
      let operation = function.operations[definition]
      if let found = evaluate(operation, value, in: function, depth: depth + 1),
        all.lowerBound <= found.lowerBound, found.upperBound <= all.upperBound
      {
        result = found
      }
    case .parameter(let region, let index):
      if let found = indexRange(region, index, in: function, depth: depth + 1) { result = found }
    }
    learn(value, result)
    return result
  }

  private mutating func learn(_ value: Value, _ range: ClosedRange<Int64>) {
    if branchDepth > 0 { before.append((value, known[value])) }
    known[value] = range
  }

  /// The range of an operation's result, unless it might wrap.
  private mutating func evaluate(
    _ operation: Operation, _ value: Value, in function: Function, depth: Int
  ) -> ClosedRange<Int64>? {
    func operand(_ index: Int, _ ranges: inout ValueRanges) -> ClosedRange<Int64>? {
      ranges.range(of: operation.operands[index], in: function, depth: depth)
    }
    switch operation.opcode {
    case .constant:
      return function.integerConstant(value).map { $0...$0 }
    case .dimension:
      return ValueRanges.extents
    case .add, .subtract, .multiply, .divide, .remainder, .minimum, .maximum:
      guard let a = operand(0, &self), let b = operand(1, &self) else { return nil }
      return combined(operation.opcode, a, b)
    case .negate:
      guard let a = operand(0, &self), a.lowerBound > .min else { return nil }
      return -a.upperBound...(-a.lowerBound)
    case .bitAnd:
      // A mask that is not negative leaves no more than itself.
      guard let a = operand(0, &self), let b = operand(1, &self), b.lowerBound >= 0 else {
        return nil
      }
      return 0...(a.lowerBound >= 0 ? Swift.min(a.upperBound, b.upperBound) : b.upperBound)
    case .select:
      guard let a = operand(1, &self), let b = operand(2, &self) else { return nil }
      return Swift.min(a.lowerBound, b.lowerBound)...Swift.max(a.upperBound, b.upperBound)
    case .convert: return operand(0, &self)
    default: return nil
    }
  }

  /// `true` iff the result of `operation`, a sum, difference or product, never wraps.
  public mutating func isExact(_ operation: Operation, in function: Function) -> Bool {
    guard let type = function.type(of: operation.operands[0]).scalarType?.allIntegers,
      let a = range(of: operation.operands[0], in: function),
      let b = range(of: operation.operands[1], in: function),
      let result = combined(operation.opcode, a, b)
    else { return false }
    return type.lowerBound <= result.lowerBound && result.upperBound <= type.upperBound
  }

  private func combined(
    _ opcode: Opcode, _ a: ClosedRange<Int64>, _ b: ClosedRange<Int64>
  ) -> ClosedRange<Int64>? {
    switch opcode {
    case .minimum:
      return Swift.min(a.lowerBound, b.lowerBound)...Swift.min(a.upperBound, b.upperBound)
    case .maximum:
      return Swift.max(a.lowerBound, b.lowerBound)...Swift.max(a.upperBound, b.upperBound)
    case .divide:
      guard b.lowerBound > 0 else { return nil }
      return corners(a, b) { a, b in (a.floorDivided(by: b), false) }
    case .remainder:
      guard b.lowerBound > 0 else { return nil }
      if a.lowerBound >= 0, a.upperBound < b.lowerBound { return a }
      return 0...(b.upperBound - 1)
    case .add: return corners(a, b) { $0.addingReportingOverflow($1) }
    case .subtract: return corners(a, b) { $0.subtractingReportingOverflow($1) }
    case .multiply: return corners(a, b) { $0.multipliedReportingOverflow(by: $1) }
    default: return nil
    }
  }

  /// The range of an operation that is monotone in each operand: between its four corners.
  private func corners(
    _ a: ClosedRange<Int64>, _ b: ClosedRange<Int64>,
    _ apply: (Int64, Int64) -> (partialValue: Int64, overflow: Bool)
  ) -> ClosedRange<Int64>? {
    var (least, greatest) = (Int64.max, Int64.min)
    for x in [a.lowerBound, a.upperBound] {
      for y in [b.lowerBound, b.upperBound] {
        let (value, overflow) = apply(x, y)
        if overflow { return nil }
        least = Swift.min(least, value)
        greatest = Swift.max(greatest, value)
      }
    }
    return least...greatest
  }

  /// The range of a parameter that counts through a box.
  private mutating func indexRange(
    _ region: ID<Region>, _ index: Int, in function: Function, depth: Int
  ) -> ClosedRange<Int64>? {
    guard let owner = owners[region], let bounds = function.indexBounds(owner, region, index)
    else { return nil }
    let upper =
      range(of: bounds.upper, in: function, depth: depth) ?? Int64.min...Int64.max
    let lower =
      bounds.lower.map { range(of: $0, in: function, depth: depth) ?? Int64.min...Int64.max }
      ?? 0...0
    // A region that never runs has no index to speak of, so any range will do for it.
    var last = Swift.max(lower.lowerBound, upper.upperBound == .min ? .min : upper.upperBound - 1)
    if let step = bounds.step.flatMap(function.integerConstant), step > 1,
      lower.lowerBound == lower.upperBound,
      case (let distance, false) = last.subtractingReportingOverflow(lower.lowerBound)
    {
      last -= distance % step
    }
    return lower.lowerBound...last
  }

  /// The exclusive upper end of a parameter that counts through a box.
  func upperEnd(_ region: ID<Region>, _ index: Int, in function: Function) -> Value? {
    guard let owner = owners[region] else { return nil }
    return function.indexBounds(owner, region, index)?.upper
  }

  /// Says that `operation` holds `regions`, so that their indices have ranges.
  mutating func note(_ operation: ID<Operation>, in function: Function) {
    for region in function.operations[operation].regions { owners[region] = operation }
  }

  private var owners: [ID<Region>: ID<Operation>] = [:]

  // MARK: Branches

  /// Begins a branch that runs only where `condition` is `truth`; what is found from here on holds
  /// in it alone.
  ///
  /// - Returns: what `leaveBranch(_:)` is to be given.
  mutating func enterBranch(
    where condition: Value, is truth: Bool, in function: Function
  ) -> Int {
    branchDepth += 1
    let mark = before.count
    assume(condition, is: truth, in: function)
    return mark
  }

  /// Ends the branch that `mark` stands for, the innermost one.
  mutating func leaveBranch(_ mark: Int) {
    branchDepth -= 1
    while before.count > mark {
      let (value, range) = before.removeLast()
      known[value] = range
    }
  }

  private mutating func assume(_ condition: Value, is truth: Bool, in function: Function) {
    guard let definition = function.definition(of: condition) else { return }
    let operation = function.operations[definition]
    switch operation.opcode {
    case .bitNot: assume(operation.operands[0], is: !truth, in: function)
    case .bitAnd where truth, .bitOr where !truth:
      for operand in operation.operands { assume(operand, is: truth, in: function) }
    case let opcode where opcode.isComparison:
      guard let holds = truth ? opcode : opcode.negated,
        let a = range(of: operation.operands[0], in: function),
        let b = range(of: operation.operands[1], in: function)
      else { return }
      narrow(operation.operands[0], a, holds, than: b)
      if let exchanged = holds.exchanged { narrow(operation.operands[1], b, exchanged, than: a) }
    default: return
    }
  }

  /// Learns what `value` of `range` may be where it compares so with something of `other`; nothing
  /// if that never is.
  private mutating func narrow(
    _ value: Value, _ range: ClosedRange<Int64>, _ comparison: Opcode,
    than other: ClosedRange<Int64>
  ) {
    var (least, greatest) = (range.lowerBound, range.upperBound)
    switch comparison {
    case .equal:
      least = Swift.max(least, other.lowerBound)
      greatest = Swift.min(greatest, other.upperBound)
    case .less where other.upperBound > .min:
      greatest = Swift.min(greatest, other.upperBound - 1)
    case .lessOrEqual: greatest = Swift.min(greatest, other.upperBound)
    case .greater where other.lowerBound < .max:
      least = Swift.max(least, other.lowerBound + 1)
    case .greaterOrEqual: least = Swift.max(least, other.lowerBound)
    default: return
    }
    if least <= greatest { learn(value, least...greatest) }
  }
}

extension Int64 {
  /// The quotient rounded down.
  ///
  /// - Requires: `divisor > 0`.
  fileprivate func floorDivided(by divisor: Int64) -> Int64 {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? quotient - 1 : quotient
  }
}

extension ScalarType {
  /// All numbers of an integer type, as far as `Int64` reaches; `nil` for floats and `u64`.
  var allIntegers: ClosedRange<Int64>? {
    switch self {
    case .bool: 0...1
    case .i8: Int64(Int8.min)...Int64(Int8.max)
    case .i16: Int64(Int16.min)...Int64(Int16.max)
    case .i32: Int64(Int32.min)...Int64(Int32.max)
    case .i64: Int64.min...Int64.max
    case .u8: 0...Int64(UInt8.max)
    case .u16: 0...Int64(UInt16.max)
    case .u32: 0...Int64(UInt32.max)
    case .u64, .f16, .bf16, .f32, .f64: nil
    }
  }
}

extension Function {
  /// Between which values the parameter `index` of a region of `operation` counts, the upper end
  /// exclusive, a missing lower end being 0 and a missing step 1; `nil` for a parameter that does
  /// not count.
  func indexBounds(
    _ operation: ID<Operation>, _ region: ID<Region>, _ index: Int
  ) -> (lower: Value?, upper: Value, step: Value?)? {
    let content = operations[operation]
    guard content.regions[0] == region else { return nil }
    let operands = content.operands
    switch content.opcode {
    case .compute, .scan: return (nil, operands[index], nil)
    case .launch:
      let gridRank = operands.count - content.results.count
      return index < gridRank ? (nil, operands[index], nil) : nil
    case .reduce, .update:
      let count = regions[region].parameters.count
      let first = content.opcode == .update ? 1 : 0
      guard index < count else { return nil }
      return (operands[first + index], operands[first + count + index], nil)
    case .for: return index == 0 ? (operands[0], operands[1], operands[2]) : nil
    case .parallel: return index == 0 ? (operands[0], operands[1], nil) : nil
    default: return nil
    }
  }
}
