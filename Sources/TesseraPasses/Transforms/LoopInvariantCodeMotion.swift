import TesseraIR

// Before:                                  After:
//   %s = for %a, %b, %c, %x : f32 {          %u = multiply %k, %k : f32
//   ^(%i: i64, %t: f32):                     %s = for %a, %b, %c, %x : f32 {
//     %u = multiply %k, %k : f32             ^(%i: i64, %t: f32):
//     %v = add %t, %u : f32                    %v = add %t, %u : f32
//     yield %v                                 yield %v
//   }                                        }
//
// Out of `for`, `while`, `compute`, `reduce`, `scan`, `update` and `launch`; not out of `parallel`,
// whose threads would have to be handed it. A branch that may not be taken keeps what it has, but for
// a number that takes an instruction or two and no turn of the loop around changes. What may stop
// the run moves only if it provably does not stop it, or the loop provably turns and nothing is seen
// before it. A load moves only out of what writes nothing. A tensor that takes a few operations an
// element stays where it is used, since keeping it in memory costs more.

extension Pass {
  /// Moves what does not change in a loop before it.
  static let loopInvariantCodeMotion = Pass(
    name: "licm", summary: "move what a loop does not change before the loop"
  ) { function in
    var motion = Motion(function)
    let outcome = motion.visit(
      function.body, depth: 0, owner: nil, loopDepth: 0, in: &function)
    precondition(outcome.isEmpty, "nothing is around the body of a function")
    return motion.changed
  }
}

private struct Motion {
  /// `true` iff something was moved.
  private(set) var changed = false
  /// How deep the region is in which each value is defined.
  private var depths: [Int]
  private var ranges = ValueRanges()
  private var affine = AffineValues()

  init(_ function: Function) {
    depths = Array(repeating: 0, count: function.values.count)
  }

  /// Visits what `region` holds, inner regions first, and returns what is to stand before `owner`;
  /// the innermost region of a loop around it is so deep.
  mutating func visit(
    _ region: ID<Region>, depth: Int, owner: ID<Operation>?, loopDepth outer: Int,
    in function: inout Function
  ) -> [ID<Operation>] {
    for parameter in function.regions[region].parameters { depths[Int(parameter.index)] = depth }
    let isLoop = owner.map { function.operations[$0].opcode.isLoop } ?? false
    let isBranch = owner.map { function.operations[$0].opcode == .if } ?? false
    let loopDepth = isLoop ? depth : outer
    let writes = isLoop && owner.map { function.writes($0) } ?? false
    let turns = owner.map { isLoop && function.provablyTurns($0, region) } ?? false
    var isQuiet = true
    var kept: [ID<Operation>] = []
    var moved: [ID<Operation>] = []
    for listed in function.regions[region].operations {
      ranges.note(listed, in: function)
      // What comes out of the inner regions stands here for now, and may go further.
      var operations: [ID<Operation>] = []
      for inner in function.operations[listed].regions {
        operations += visit(
          inner, depth: depth + 1, owner: listed, loopDepth: loopDepth, in: &function)
      }
      operations.append(listed)
      for operation in operations {
        for result in function.operations[operation].results {
          depths[Int(result.index)] = depth
        }
        let goes =
          isBranch
          ? isCheapNumber(operation, above: loopDepth, in: function)
          : isLoop && canMove(operation, pastWrites: writes, in: function)
            && !uses(operation, depth: depth, in: function)
            && (turns && isQuiet || isSafe(operation, in: function))
        if goes {
          moved.append(operation)
          for result in function.operations[operation].results {
            depths[Int(result.index)] = loopDepth - 1
          }
          changed = true
        } else {
          kept.append(operation)
          if isQuiet, function.writes(operation) || !isSafe(operation, in: function) {
            isQuiet = false
          }
        }
      }
    }
    function.regions[region].operations = kept
    return moved
  }

  /// `true` iff the operation, or one within, takes a value defined at `depth` around it.
  private func uses(_ operation: ID<Operation>, depth: Int, in function: Function) -> Bool {
    let content = function.operations[operation]
    return content.operands.contains { depths[Int($0.index)] == depth }
      || content.regions.contains { region in
        function.regions[region].operations.contains { uses($0, depth: depth, in: function) }
      }
  }

  /// `true` iff the operation makes a number in an instruction or two of what is defined above
  /// `depth`, and is a constant or never stops the run.
  private func isCheapNumber(
    _ operation: ID<Operation>, above depth: Int, in function: Function
  ) -> Bool {
    let content = function.operations[operation]
    let isCheap = content.opcode == .constant || content.opcode.isCheap
    guard depth > 0, isCheap || function.isMaskOrShift(content),
      content.results.allSatisfy({ function.type(of: $0).scalarType != nil })
    else { return false }
    return content.operands.allSatisfy { depths[Int($0.index)] < depth }
  }

  private func canMove(
    _ operation: ID<Operation>, pastWrites writes: Bool, in function: Function
  ) -> Bool {
    let content = function.operations[operation]
    let traits = content.opcode.info.traits
    if traits.contains(.terminator) || content.results.isEmpty { return false }
    if traits.contains(.reads) { return !writes && !traits.contains(.writes) }
    if content.regions.isEmpty { return traits.contains(.pure) }
    return function.isPure(operation) && function.isCostly(content)
  }

  /// `true` iff the operation cannot stop the run, whether or not the loop turns.
  private mutating func isSafe(_ operation: ID<Operation>, in function: Function) -> Bool {
    let content = function.operations[operation]
    switch content.opcode {
    case .divide, .remainder, .divideTruncating, .remainderTruncating:
      let divisor = content.operands[1]
      if function.type(of: divisor).laneType?.isFloat ?? false { return true }
      if let number = function.scalarConstant(divisor) { return number.bits != 0 }
      guard let range = ranges.range(of: divisor, in: function) else { return false }
      return !range.contains(0)
    case .read, .load: return isInside(content, in: function)
    case .pointerLoad, .vectorLoad, .stridedLoad, .overlay, .view, .reshape, .while: return false
    default:
      // Ends, extents and steps out of their bounds stop the run as well.
      if !content.regions.isEmpty { return isSafeBox(content, in: function) }
      return !content.opcode.info.traits.contains(.mayTrap)
    }
  }

  /// `true` iff extents are not negative, steps are positive, and nothing within stops the run.
  private mutating func isSafeBox(_ content: Operation, in function: Function) -> Bool {
    for operand in content.operands.prefix(content.boxOperandCount(in: function))
    where ranges.range(of: operand, in: function).map({ $0.lowerBound < 0 }) ?? true {
      return false
    }
    if let steps = content.stepOperands(in: function) {
      for step in content.operands[steps]
      where ranges.range(of: step, in: function).map({ $0.lowerBound < 1 }) ?? true {
        return false
      }
    }
    for region in content.regions {
      for inner in function.regions[region].operations where !isSafe(inner, in: function) {
        return false
      }
    }
    return true
  }

  /// `true` iff each index is proved to lie inside the tensor or buffer.
  private mutating func isInside(_ content: Operation, in function: Function) -> Bool {
    let tensor = content.operands[0]
    for (axis, index) in content.operands.dropFirst().enumerated() {
      guard let range = ranges.range(of: index, in: function), range.lowerBound >= 0 else {
        return false
      }
      if let length = function.constantExtent(of: tensor, axis: axis), range.upperBound < length {
        continue
      }
      // An index that counts up to the very length of the axis stays below it.
      guard case .parameter(let region, let position) = function.values[index].definition,
        let upper = ranges.upperEnd(region, position, in: function),
        affine.expression(of: upper, in: function)
          == affine.extent(of: tensor, axis: axis, in: function)
      else { return false }
    }
    return true
  }
}

extension Opcode {
  /// `true` iff the first region runs any number of times, with other indices or carried values.
  fileprivate var isLoop: Bool {
    switch self {
    case .for, .while, .compute, .reduce, .scan, .update, .launch: true
    default: false
    }
  }
}

extension Operation {
  /// How many operands, from the first one on, are extents, for which less than 0 is an error.
  fileprivate func boxOperandCount(in function: Function) -> Int {
    switch opcode {
    case .compute, .scan: function.regions[regions[0]].parameters.count
    case .blank: operands.count
    case .launch: operands.count - results.count
    default: 0
    }
  }

  /// The operands that are steps.
  fileprivate func stepOperands(in function: Function) -> Range<Int>? {
    let rank =
      function.regions.isEmpty || regions.isEmpty
      ? 0 : function.regions[regions[0]].parameters.count
    switch opcode {
    case .for: return 2..<3
    case .reduce: return 2 * rank..<3 * rank
    case .update: return 1 + 2 * rank..<1 + 3 * rank
    default: return nil
    }
  }
}

extension Function {
  /// `true` iff the operation, or one that its regions hold, changes memory or is seen outside.
  fileprivate func writes(_ operation: ID<Operation>) -> Bool {
    let content = operations[operation]
    if content.opcode.info.traits.contains(.writes) || content.opcode.endsFunction { return true }
    return content.regions.contains { regions[$0].operations.contains { writes($0) } }
  }

  /// `true` iff the operation divides whole numbers by a power of two, or tells what is left.
  fileprivate func isMaskOrShift(_ content: Operation) -> Bool {
    guard content.opcode == .divide || content.opcode == .remainder,
      let divisor = integerConstant(content.operands[1])
    else { return false }
    return divisor > 0 && divisor & (divisor - 1) == 0
  }

  /// `true` iff what the operation computes takes more than a few operations an element, so that
  /// keeping the result is worth its memory.
  fileprivate func isCostly(_ content: Operation) -> Bool {
    let isTensor = content.results.contains {
      if case .tensor = type(of: $0) { return true }
      return false
    }
    if content.opcode == .blank { return false }
    if !isTensor || content.opcode != .compute { return true }
    return content.regions.contains { region in
      regions[region].operations.contains { !operations[$0].regions.isEmpty }
    }
  }

  /// `true` iff `region` of the loop `operation` runs at least once whenever the loop is reached.
  fileprivate func provablyTurns(_ operation: ID<Operation>, _ region: ID<Region>) -> Bool {
    let content = operations[operation]
    guard content.regions[0] == region else { return false }
    if content.opcode == .while { return true }
    return regions[region].parameters.indices.allSatisfy { index in
      guard let bounds = indexBounds(operation, region, index) else { return true }
      guard let upper = integerConstant(bounds.upper),
        let lower = bounds.lower.map({ integerConstant($0) }) ?? 0
      else { return false }
      return lower < upper
    }
  }
}
