import TesseraIR
import TesseraSource

/// A value that a loop uses and does not compute: one from outside, or a constant.
struct LoopLeaf {
  /// Where the value comes from.
  enum Origin: Hashable {
    case value(Value)
    case constant(Attribute)
  }

  /// A number with its type.
  struct Constant: Hashable {
    var type: Type
    var attribute: Attribute
  }

  /// Where it comes from, and its type.
  var origin: Origin
  var type: Type
  /// `true` iff the memory that it may be is only read by this use.
  var isRead: Bool
}

/// A word of the text that equal loops have in common.
enum LoopToken: Hashable {
  case operation(Opcode, operands: Int)
  case region(parameters: Int, operations: Int)
  case attribute(Attribute)
  /// The type of what an operation gives or a region is given.
  case type(Type)
  /// A value that the loop itself computes, by its number.
  case own(Int)
  /// A value from outside, or a whole number, that equal loops may differ in.
  case leaf(Type)
  /// A number that equal loops share.
  case number(Attribute)
  /// Where an operation stands that may stop the run.
  case place(SourceSpan)
}

/// Spells out what a loop does, apart from what it does it to.
///
/// Two loops that give the same tokens are equal up to their leaves, which come in the same order.
struct LoopEncoder {
  private(set) var tokens: [LoopToken] = []
  /// The values that the loop is applied to, one a use.
  private(set) var leaves: [LoopLeaf] = []
  /// The operations met so far, constants apart.
  private(set) var operationCount = 0
  private let function: Function
  private var own: [Value: Int] = [:]

  /// Prepares to spell out loops of `function`.
  init(_ function: Function) { self.function = function }

  /// Spells out `operation`; `false` if it cannot be a function of its own.
  mutating func encode(_ operation: ID<Operation>) -> Bool {
    let content = function.operations[operation]
    let isMovable = content.results.allSatisfy { result in
      switch function.type(of: result) {
      case .scalar, .vector, .pointer: true
      case .tensor, .buffer: false
      }
    }
    return isMovable && add(operation)
  }

  private mutating func add(_ operation: ID<Operation>) -> Bool {
    let content = function.operations[operation]
    if content.opcode.endsFunction { return false }
    operationCount += 1
    tokens.append(.operation(content.opcode, operands: content.operands.count))
    if content.attribute != .none { tokens.append(.attribute(content.attribute)) }
    for (position, operand) in content.operands.enumerated() { add(operand, position, of: content) }
    if mayStopRun(content) { tokens.append(.place(content.span)) }
    for region in content.regions {
      let inner = function.regions[region]
      let listed = inner.operations.filter { !function.isLeafConstant($0) }
      tokens.append(.region(parameters: inner.parameters.count, operations: listed.count))
      for parameter in inner.parameters { define(parameter) }
      for operation in listed where !add(operation) { return false }
    }
    for result in content.results { define(result) }
    return true
  }

  private mutating func define(_ value: Value) {
    own[value] = own.count
    tokens.append(.type(function.type(of: value)))
  }

  private mutating func add(_ operand: Value, _ position: Int, of user: Operation) {
    if let number = own[operand] { return tokens.append(.own(number)) }
    let type = function.type(of: operand)
    var origin = LoopLeaf.Origin.value(operand)
    var token = LoopToken.leaf(type.withoutExtents)
    if let definition = function.definition(of: operand), function.isLeafConstant(definition) {
      origin = .constant(function.operations[definition].attribute)
      if type != .index || isFixed(position, of: user) {
        tokens.append(.leaf(type))
        token = .number(function.operations[definition].attribute)
      }
    }
    tokens.append(token)
    leaves.append(
      LoopLeaf(origin: origin, type: type, isRead: isRead(position, of: user.opcode)))
  }

  /// `true` iff the operand, if it is a constant, must stay one: dividing by a variable is slow and
  /// may fail, and steps tell how code is unrolled.
  private func isFixed(_ position: Int, of user: Operation) -> Bool {
    switch user.opcode {
    case .divide, .remainder, .divideTruncating, .remainderTruncating: position == 1
    case .for: position == 2
    default: false
    }
  }

  private func isRead(_ position: Int, of user: Opcode) -> Bool {
    switch user {
    case .load, .vectorLoad, .stridedLoad, .dimension: true
    case .copy: position == 0
    default: false
    }
  }

  /// `true` iff a run may end at the operation, with an error that names its place.
  private func mayStopRun(_ content: Operation) -> Bool {
    switch content.opcode {
    case .assert, .allocate, .place, .view, .call, .sortBuffer: true
    case .divide, .remainder, .divideTruncating, .remainderTruncating:
      function.integerConstant(content.operands[1]) == nil
    default: false
    }
  }
}

extension Function {
  /// `true` iff the operation gives a number that stands for itself wherever it is used.
  func isLeafConstant(_ operation: ID<Operation>) -> Bool {
    let content = operations[operation]
    guard content.opcode == .constant, case .scalar = type(of: content.results[0]) else {
      return false
    }
    return true
  }
}

extension Type {
  /// The type with all extents unknown.
  fileprivate var withoutExtents: Type {
    guard case .buffer(let element, let extents) = self else { return self }
    return .buffer(element, extents.map { _ in .dynamic })
  }
}
