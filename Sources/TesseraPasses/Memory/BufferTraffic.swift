import TesseraIR

/// What the operations of a scheduled function do with buffers, in the order in which they stand: an
/// operation before those of its regions.
struct BufferTraffic {
  /// That an operation has a buffer, or a view of one, among its operands.
  struct Use {
    /// The buffer itself.
    var buffer: Value
    /// The position of the operation among all.
    var place: Int
    /// `true` iff the operation writes the buffer.
    var isWritten: Bool
    /// `true` iff it writes the buffer or hands it on, so that others may.
    var isLost: Bool
  }

  private var uses: [Use] = []
  /// The positions of operations, and the uses by each and all in its regions.
  private var places: [Int]
  private var ranges: [Range<Int>]
  private var plain: [Bool]
  /// The buffer that each value shows.
  private var roots: [Value]
  private var count = 0
  private let function: Function

  init(_ function: Function) {
    self.function = function
    places = Array(repeating: -1, count: function.operations.count)
    ranges = Array(repeating: 0..<0, count: function.operations.count)
    plain = Array(repeating: false, count: function.operations.count)
    roots = Array(function.values.ids)
    _ = enter(function.body)
  }

  /// Notes what the operations of `region` do; `true` iff all do nothing but read and write buffers.
  private mutating func enter(_ region: ID<Region>) -> Bool {
    var isPlain = true
    for id in function.regions[region].operations {
      let (position, first) = (Int(id.index), uses.count)
      places[position] = count
      count += 1
      note(id)
      var isPlainHere = function.operations[id].opcode.isPlain
      for inner in function.operations[id].regions where !enter(inner) { isPlainHere = false }
      ranges[position] = first..<uses.count
      plain[position] = isPlainHere
      isPlain = isPlain && isPlainHere
    }
    return isPlain
  }

  private mutating func note(_ id: ID<Operation>) {
    let (opcode, operands) = (function.operations[id].opcode, function.operations[id].operands)
    if opcode == .view || opcode == .reshape {
      let result = function.operations[id].results[0]
      roots[Int(result.index)] = roots[Int(operands[0].index)]
      return
    }
    let (written, handedOn) = (opcode.writtenOperands, opcode.handedOnOperands)
    for (position, operand) in operands.enumerated()
    where function.values[operand].type.isBuffer {
      let isWritten = written.contains(position)
      uses.append(
        Use(
          buffer: roots[Int(operand.index)], place: count - 1, isWritten: isWritten,
          isLost: isWritten || handedOn.contains(position)))
    }
  }

  // MARK: Questions

  /// The position of an operation among all.
  func place(of id: ID<Operation>) -> Int { places[Int(id.index)] }

  /// `true` iff all that the operation and its regions do is to read and write buffers.
  func isPlain(_ id: ID<Operation>) -> Bool { plain[Int(id.index)] }

  /// The buffers from outside that the operation and its regions write.
  func writtenBuffers(_ id: ID<Operation>) -> Set<Value> {
    var written: Set<Value> = []
    for use in uses[ranges[Int(id.index)]] where use.isWritten { written.insert(use.buffer) }
    // What is made within lies behind the operation.
    return written.filter { buffer in
      guard let definition = function.definition(of: buffer) else { return true }
      return place(of: definition) < place(of: id)
    }
  }

  /// The uses by all operations but `moved`, which stand in order, and what is in their regions.
  func uses(besides moved: [ID<Operation>]) -> [Use] {
    var rest: [Use] = []
    var next = 0
    for id in moved {
      let range = ranges[Int(id.index)]
      rest += uses[next..<range.lowerBound]
      next = range.upperBound
    }
    return rest + uses[next...]
  }
}

extension Opcode {
  /// `true` iff all that an operation does, besides its regions, is to read and write buffers.
  fileprivate var isPlain: Bool {
    switch self {
    case .load, .store, .vectorLoad, .stridedLoad, .vectorStore, .streamStore, .copy, .sortBuffer,
      .allocate, .view, .for, .if, .parallel, .yield:
      true
    default: isPure && self != .while
    }
  }

  /// Which operands are buffers that the operation itself writes.
  fileprivate var writtenOperands: Range<Int> {
    switch self {
    case .store, .vectorStore, .streamStore, .copy: 1..<2
    case .sortBuffer: 1..<3
    default: 0..<0
    }
  }

  /// Which operands the operation hands on to others.
  fileprivate var handedOnOperands: Range<Int> {
    switch self {
    case .yield, .condition, .return, .tailCall, .call, .while: 0..<Int.max
    case .for: 3..<Int.max
    default: 0..<0
    }
  }
}
