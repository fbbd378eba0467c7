import TesseraIR
import TesseraSource

/// Splits the last index of a sum of products that is made of two, as heads lie side by side in the
/// columns of an attention.
///
///     %o = compute %rows, %320 : f32[?, 320] {       %p = compute %8, %rows, %40 : f32[8, ?, 40] {
///     ^(%i: i64, %c: i64):                           ^(%h: i64, %i: i64, %d: i64):
///       %h = divide %c, %40 : i64                      %0 = multiply %h, %40 : i64
///       %s = reduce … {sum} : f32 {                    %c = add %0, %d : i64
///       ^(%j: i64):                                    %s = reduce … {sum} : f32 {
///         %a = read %e, %h, %i, %j : f32               ^(%j: i64):
///         %b = read %v, %j, %c : f32           →         …
///         …                                            }
///       }                                              yield %s
///       yield %s                                     }
///     }                                              %o = compute %rows, %320 : f32[?, 320] {
///                                                    ^(%i: i64, %c: i64):
///                                                      …, read %p, %c / %40, %i, %c % %40
///                                                    }
///
/// It happens where the sum is no contraction before, since both factors depend on the index, and is
/// one after. The new axis stands where the reads have it. Nothing is computed otherwise than before;
/// what moves elements back is done along with the contraction where that goes by columns.
extension Pass {
  static let axisSplitting = Pass(
    name: "split-axes", summary: "split indices of sums of products that are made of two"
  ) { function in
    RegionEditor.edit(&function) { $0.splitAxis(of: $1) }
  }
}

/// How the last axis of a `compute` is split.
private struct AxisSplit {
  /// What the index is divided by.
  let divisor: Int64
  /// How many quotients there are.
  let count: Int64
  /// The operations that give the quotient, and those that give the remainder.
  var quotients: Set<ID<Operation>> = []
  var remainders: Set<ID<Operation>> = []
  /// The axes as they were, the quotient being `nil`, in the order of the new tensor; the remainder
  /// comes after them.
  let order: [Int?]

  /// Looks for quotients of the last index of `content`; `nil` if there are none, or if they do not
  /// go with its range.
  init?(_ content: Operation, in function: Function) {
    guard content.opcode == .compute, content.results.count == 1,
      let length = content.operands.last.flatMap({ function.integerConstant($0) })
    else { return nil }
    let region = content.regions[0]
    let parameters = function.regions[region].parameters
    var divisor: Int64?
    for id in function.regions[region].operations {
      let inner = function.operations[id]
      guard inner.opcode == .divide || inner.opcode == .remainder,
        inner.operands[0] == parameters.last,
        let number = function.integerConstant(inner.operands[1])
      else { continue }
      guard divisor ?? number == number else { return nil }
      divisor = number
      if inner.opcode == .divide { quotients.insert(id) } else { remainders.insert(id) }
    }
    guard let divisor, divisor > 1, length > divisor, length % divisor == 0, !quotients.isEmpty
    else { return nil }
    self.divisor = divisor
    count = length / divisor
    let results = quotients.map { function.operations[$0].results[0] }
    guard let read = AxisSplit.read(of: results, in: region, function) else { return nil }
    var order: [Int?] = []
    for index in read.operands.dropFirst() {
      if results.contains(index) {
        if order.contains(nil) { return nil }
        order.append(nil)
      } else if let axis = parameters.dropLast().firstIndex(of: index), !order.contains(axis) {
        order.append(axis)
      }
    }
    self.order = order + parameters.indices.dropLast().filter { !order.contains($0) }
  }

  /// The first read at one of `quotients`.
  private static func read(
    of quotients: [Value], in region: ID<Region>, _ function: Function
  ) -> Operation? {
    var found: Operation?
    function.forEachOperation(in: region) { id in
      let inner = function.operations[id]
      if found == nil, inner.opcode == .read,
        inner.operands.dropFirst().contains(where: { quotients.contains($0) })
      {
        found = inner
      }
    }
    return found
  }
}

extension RegionEditor {
  fileprivate mutating func splitAxis(of operation: ID<Operation>) {
    let content = function.operations[operation]
    guard let split = AxisSplit(content, in: function), Contraction(content, in: function) == nil
    else { return keep(operation) }
    let constants = [split.count, split.divisor].map { number in
      function.makeOperation(
        .constant, results: [.index], attribute: .integer(number), span: content.span)
    }
    let (count, divisor) = (
      function.operations[constants[0]].results[0], function.operations[constants[1]].results[0]
    )
    let parts = makeParts(of: content, split, count, divisor)
    guard Contraction(function.operations[parts], in: function) != nil else {
      return keep(operation)
    }
    let whole = makeWhole(of: content, split, function.operations[parts].results[0], divisor)
    for made in constants + [parts, whole] { place(made) }
    replaceResults(of: operation, by: function.operations[whole].results)
  }

  /// The `compute` with its last index split.
  private mutating func makeParts(
    of content: Operation, _ split: AxisSplit, _ count: Value, _ divisor: Value
  ) -> ID<Operation> {
    let old = content.regions[0]
    let parameters = function.regions[old].parameters
    let region = function.makeRegion()
    var cloner = Cloner()
    var quotient = count
    for axis in split.order {
      let name = axis.flatMap { function.values[parameters[$0]].name }
      let index = function.addParameter(name, .index, to: region)
      if let axis { cloner.values[parameters[axis]] = index } else { quotient = index }
    }
    let remainder = function.addParameter(nil, .index, to: region)
    let start = append(.multiply, [quotient, divisor], .index, to: region, content.span)
    cloner.values[parameters.last!] = append(
      .add, [start, remainder], .index, to: region, content.span)
    for id in function.regions[old].operations {
      let result = function.operations[id].results.first
      if split.quotients.contains(id) {
        cloner.values[result!] = quotient
      } else if split.remainders.contains(id) {
        cloner.values[result!] = remainder
      } else {
        let copy = cloner.copy(id, into: &function)
        function.regions[region].operations.append(copy)
      }
    }
    let type = function.type(of: content.results[0])
    let extents = split.order.map { $0.map { type.extents[$0] } ?? .constant(Int(split.count)) }
    return function.makeOperation(
      .compute, split.order.map { $0.map { content.operands[$0] } ?? count } + [divisor],
      results: [.tensor(type.element, extents + [.constant(Int(split.divisor))])],
      regions: [region], span: content.span, names: [function.values[content.results[0]].name])
  }

  /// The `compute` that puts the elements of `parts` where they were before.
  private mutating func makeWhole(
    of content: Operation, _ split: AxisSplit, _ parts: Value, _ divisor: Value
  ) -> ID<Operation> {
    let region = function.makeRegion()
    for parameter in function.regions[content.regions[0]].parameters {
      _ = function.addParameter(function.values[parameter].name, .index, to: region)
    }
    let indices = function.regions[region].parameters
    let quotient = append(.divide, [indices.last!, divisor], .index, to: region, content.span)
    let remainder = append(.remainder, [indices.last!, divisor], .index, to: region, content.span)
    let place = split.order.map { $0.map { indices[$0] } ?? quotient } + [remainder]
    let type = function.type(of: content.results[0])
    let element = append(.read, [parts] + place, type.element.type, to: region, content.span)
    let end = function.makeOperation(.yield, [element], span: content.span)
    function.regions[region].operations.append(end)
    return function.makeOperation(
      .compute, content.operands, results: [type], regions: [region], span: content.span,
      names: [function.values[content.results[0]].name])
  }

  private mutating func append(
    _ opcode: Opcode, _ operands: [Value], _ type: Type, to region: ID<Region>, _ span: SourceSpan
  ) -> Value {
    let operation = function.makeOperation(opcode, operands, results: [type], span: span)
    function.regions[region].operations.append(operation)
    return function.operations[operation].results[0]
  }
}
