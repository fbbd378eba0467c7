import TesseraIR
import TesseraSource

/// Splits an index of a sum of products that is made of two, as heads lie side by side in the
/// columns of an attention, and groups in the channels of a convolution.
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
/// one after. The new axis stands where a read has it among others, or else before what is left of
/// the index. Nothing is computed otherwise than before; what moves elements back is done along with
/// the contraction where that goes by columns.
///
/// Groups may turn out to have one filter and one channel each, where only the run tells: it finds
/// the sum as it was, with numbers that say so.
extension Pass {
  static let axisSplitting = Pass(
    name: "split-axes", summary: "split indices of sums of products that are made of two"
  ) { function in
    RegionEditor.edit(&function) { $0.splitAxis(of: $1) }
  }
}

/// How an axis of a `compute` is split.
struct AxisSplit {
  /// An axis of the split tensor.
  enum Part: Hashable {
    /// One as it was, by its place among the old ones.
    case whole(Int)
    case quotient
    case remainder
  }

  /// A number that stands outside of the `compute`, or is to be made there.
  enum Length {
    case number(Int64)
    case value(Value)
  }

  /// The place of the axis.
  let axis: Int
  /// What the index is divided by.
  let divisor: Length
  /// How many quotients there are.
  let count: Length
  /// The axes of the new tensor.
  var order: [Part]
  /// Numbers that are all one where each quotient has a filter and a channel of its own; none where
  /// that is known not to be so, or makes no difference.
  let ones: Set<Value>

  /// `true` iff what is left of the index is known to be less than eight.
  var isSmall: Bool {
    if case .number(let number) = divisor { number < 8 } else { false }
  }

  /// Looks for quotients of the index of `axis` of `content`; `nil` if there are none, or if they do
  /// not go with its range.
  init?(_ content: Operation, axis: Int, in function: Function) {
    let region = content.regions[0]
    let parameters = function.regions[region].parameters
    var divisors: Set<Value> = []
    var quotients: Set<Value> = []
    var (factors, hasRemainders): (Set<Value>, Bool) = ([], false)
    function.forEachOperation(in: region) { id in
      let inner = function.operations[id]
      if inner.opcode == .multiply, let place = inner.operands.firstIndex(where: quotients.contains)
      {
        factors.insert(inner.operands[1 - place])
      }
      guard inner.opcode == .divide || inner.opcode == .remainder,
        inner.operands[0] == parameters[axis]
      else { return }
      divisors.insert(inner.operands[1])
      hasRemainders = hasRemainders || inner.opcode == .remainder
      if inner.opcode == .divide { quotients.insert(inner.results[0]) }
    }
    guard !quotients.isEmpty, let divisor = divisors.first else { return nil }
    let numbers = Set(divisors.map { function.integerConstant($0) })
    if let number = numbers.first, let number {
      guard numbers.count == 1, number > 1,
        let length = function.integerConstant(content.operands[axis]),
        length > number, length % number == 0
      else { return nil }
      (self.divisor, count, ones) = (.number(number), .number(length / number), [])
    } else {
      guard divisors.count == 1,
        let count = function.count(of: divisor, in: content.operands[axis]),
        function.isOutside(divisor, region), function.isOutside(count, region)
      else { return nil }
      (self.divisor, self.count) = (.value(divisor), .value(count))
      let free = factors.filter {
        function.integerConstant($0) == nil && function.isOutside($0, region)
      }
      ones = hasRemainders ? [] : free.union([divisor])
    }
    self.axis = axis
    let read = axis == parameters.count - 1 ? function.order(of: quotients, in: region) : nil
    order =
      read ?? parameters.indices.flatMap { $0 == axis ? [.quotient, .remainder] : [.whole($0)] }
  }
}

extension Function {
  /// `true` iff `length` is none of which a remainder is left over when it is cut into vectors: so few
  /// rows of products as an index of less than eight gives pay only where columns need no packing.
  fileprivate func fillsVectors(_ length: Value) -> Bool {
    integerConstant(length).map { $0 % 16 == 0 } ?? true
  }

  /// How often `divisor` goes into `length`, both known only when the program runs: the other factor
  /// of a product, or the number by which the length is divided, where the entry checks that it can
  /// be; `nil` for others.
  func count(of divisor: Value, in length: Value) -> Value? {
    if let product = made(length, by: .multiply) {
      if product.operands[1] == divisor { return product.operands[0] }
      if product.operands[0] == divisor { return product.operands[1] }
    }
    if let quotient = made(divisor, by: .divide), quotient.operands[0] == length,
      let parts = integerConstant(quotient.operands[1]), parts > 1,
      checks(parts, divides: length, before: { operations[$0].opcode == .compute })
    {
      return quotient.operands[1]
    }
    return nil
  }

  /// `true` iff `value`, which operations of `region` use, is not one of theirs.
  func isOutside(_ value: Value, _ region: ID<Region>) -> Bool {
    !regions[region].parameters.contains(value)
      && definition(of: value).map { !regions[region].operations.contains($0) } ?? true
  }

  /// Takes the divisions of `whole` out of `region` and what is in it, all being by one number, and
  /// lets `quotient` and `remainder` stand for what they give, which it adds to `known`.
  fileprivate mutating func dropDivisions(
    of whole: Value, giving quotient: Value, _ remainder: Value, from region: ID<Region>,
    _ known: inout [Value: Value]
  ) {
    for id in regions[region].operations where operations[id].operands.first == whole {
      switch operations[id].opcode {
      case .divide: known[operations[id].results[0]] = quotient
      case .remainder: known[operations[id].results[0]] = remainder
      default: continue
      }
    }
    regions[region].operations.removeAll { id in
      operations[id].results.first.map { known[$0] != nil } ?? false
    }
    for id in regions[region].operations {
      operations[id].operands = operations[id].operands.map { known[$0] ?? $0 }
      for inner in operations[id].regions {
        dropDivisions(of: whole, giving: quotient, remainder, from: inner, &known)
      }
    }
  }

  /// The axes in the order in which a read has them, one of `quotients` among others of `region`, and
  /// the remainder behind them; `nil` if there is no such read.
  fileprivate func order(of quotients: Set<Value>, in region: ID<Region>) -> [AxisSplit.Part]? {
    let axes = regions[region].parameters.dropLast()
    var found: [AxisSplit.Part]?
    forEachOperation(in: region) { id in
      guard found == nil, operations[id].opcode == .read else { return }
      var order: [AxisSplit.Part] = []
      for index in operations[id].operands.dropFirst() {
        let part =
          axes.firstIndex(of: index).map(AxisSplit.Part.whole)
          ?? (quotients.contains(index) ? .quotient : nil)
        if let part, !order.contains(part) { order.append(part) }
      }
      guard order.count > 1, order.contains(.quotient) else { return }
      let rest = axes.indices.map(AxisSplit.Part.whole).filter { !order.contains($0) }
      found = order + rest + [.remainder]
    }
    return found
  }
}

extension RegionEditor {
  fileprivate mutating func splitAxis(of operation: ID<Operation>) {
    let content = function.operations[operation]
    guard content.opcode == .compute, content.results.count == 1,
      Contraction(content, in: function) == nil
    else { return keep(operation) }
    for axis in content.operands.indices.reversed() {
      guard let split = AxisSplit(content, axis: axis, in: function) else { continue }
      var constants: [ID<Operation>] = []
      let count = value(of: split.count, content.span, &constants)
      let divisor = value(of: split.divisor, content.span, &constants)
      if let made = channelsFirst(content, split, count, divisor) {
        return place(constants + made, of: content, split, insteadOf: operation)
      }
      let parts = makeParts(of: content, split, count, divisor)
      guard let contraction = Contraction(function.operations[parts], in: function),
        !split.isSmall || function.fillsVectors(content.operands.last!)
          || contraction.hasPlanes(function.operations[parts], in: function)
      else { continue }
      let whole = makeWhole(of: content, split, function.operations[parts].results[0], divisor)
      return place(constants + [parts, whole], of: content, split, insteadOf: operation)
    }
    keep(operation)
  }

  /// Lists the operations `split`, of which the last one gives what `operation`, with `content`, did, or
  /// what asks whether they are to run.
  private mutating func place(
    _ split: [ID<Operation>], of content: Operation, _ axisSplit: AxisSplit,
    insteadOf operation: ID<Operation>
  ) {
    let made = axisSplit.ones.isEmpty ? split : choice(of: content, axisSplit, split)
    for made in made { placeUnvisited(made) }
    replaceResults(of: operation, by: function.operations[made.last!].results)
  }

  /// An `if` that gives what `content` does, with what it asks for: by the operations `split` where
  /// quotients have several filters or channels, else as it is.
  private mutating func choice(
    of content: Operation, _ axisSplit: AxisSplit, _ split: [ID<Operation>]
  ) -> [ID<Operation>] {
    var asked: [ID<Operation>] = []
    func ask(
      _ opcode: Opcode, _ operands: [Value], _ type: Type, _ attribute: Attribute = .none
    ) -> Value {
      asked.append(
        function.makeOperation(
          opcode, operands, results: [type], attribute: attribute, span: content.span))
      return function.operations[asked.last!].results[0]
    }
    let one = ask(.constant, [], .index, .integer(1))
    let zero = ask(.constant, [], .index, .integer(0))
    let ones = axisSplit.ones.sorted { $0.index < $1.index }
    let conditions = ones.map { ask(.equal, [$0, one], .bool) }
    let condition = conditions.dropFirst().reduce(conditions[0]) {
      ask(.bitAnd, [$0, $1], .bool)
    }
    var cloner = Cloner(Dictionary(uniqueKeysWithValues: ones.map { ($0, one) }))
    let region = function.makeRegion()
    for parameter in function.regions[content.regions[0]].parameters {
      cloner.values[parameter] = function.addParameter(
        function.values[parameter].name, .index, to: region)
    }
    for id in function.regions[content.regions[0]].operations {
      let copy = cloner.copy(id, into: &function)
      function.regions[region].operations.append(copy)
    }
    let index = function.regions[region].parameters[axisSplit.axis]
    var known: [Value: Value] = [:]
    function.dropDivisions(of: index, giving: index, zero, from: region, &known)
    let types = content.results.map { function.type(of: $0) }
    let names = content.results.map { function.values[$0].name }
    let single = function.makeOperation(
      .compute, content.operands, results: types, regions: [region], span: content.span,
      names: names)
    let branches = [[single], split].map { operations in
      let branch = function.makeRegion()
      let results = function.operations[operations.last!].results
      let end = function.makeOperation(.yield, results, span: content.span)
      function.regions[branch].operations = operations + [end]
      return branch
    }
    asked.append(
      function.makeOperation(
        .if, [condition], results: types, regions: branches, span: content.span, names: names))
    return asked
  }

  /// `length` as a value, of which the operation that makes it is appended to `constants`.
  mutating func value(
    of length: AxisSplit.Length, _ span: SourceSpan, _ constants: inout [ID<Operation>]
  ) -> Value {
    switch length {
    case .value(let value): return value
    case .number(let number):
      let made = function.makeOperation(
        .constant, results: [.index], attribute: .integer(number), span: span)
      constants.append(made)
      return function.operations[made].results[0]
    }
  }

  /// The `compute` with an index split.
  mutating func makeParts(
    of content: Operation, _ split: AxisSplit, _ count: Value, _ divisor: Value
  ) -> ID<Operation> {
    let old = content.regions[0]
    let parameters = function.regions[old].parameters
    let region = function.makeRegion()
    var cloner = Cloner()
    var (quotient, remainder) = (count, divisor)
    var lengths: [Value] = []
    for part in split.order {
      switch part {
      case .whole(let axis):
        let index = function.addParameter(
          function.values[parameters[axis]].name, .index, to: region)
        cloner.values[parameters[axis]] = index
        lengths.append(content.operands[axis])
      case .quotient:
        quotient = function.addParameter(nil, .index, to: region)
        lengths.append(count)
      case .remainder:
        remainder = function.addParameter(nil, .index, to: region)
        lengths.append(divisor)
      }
    }
    let start = append(.multiply, [quotient, divisor], .index, to: region, content.span)
    let whole = append(.add, [start, remainder], .index, to: region, content.span)
    cloner.values[parameters[split.axis]] = whole
    for id in function.regions[old].operations {
      let copy = cloner.copy(id, into: &function)
      function.regions[region].operations.append(copy)
    }
    var known: [Value: Value] = [:]
    function.dropDivisions(of: whole, giving: quotient, remainder, from: region, &known)
    let extents = lengths.map { length in
      function.integerConstant(length).map { Extent.constant(Int($0)) } ?? .dynamic
    }
    return function.makeOperation(
      .compute, lengths,
      results: [.tensor(function.type(of: content.results[0]).element, extents)],
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
    let index = indices[split.axis]
    let quotient = append(.divide, [index, divisor], .index, to: region, content.span)
    let remainder = append(.remainder, [index, divisor], .index, to: region, content.span)
    let place = split.order.map { part in
      switch part {
      case .whole(let axis): indices[axis]
      case .quotient: quotient
      case .remainder: remainder
      }
    }
    let type = function.type(of: content.results[0])
    let element = append(.read, [parts] + place, type.element.type, to: region, content.span)
    let end = function.makeOperation(.yield, [element], span: content.span)
    function.regions[region].operations.append(end)
    return function.makeOperation(
      .compute, content.operands, results: [type], regions: [region], span: content.span,
      names: [function.values[content.results[0]].name])
  }

  /// Appends an operation to `region` and gives its result.
  mutating func append(
    _ opcode: Opcode, _ operands: [Value], _ type: Type, to region: ID<Region>, _ span: SourceSpan
  ) -> Value {
    function.append(opcode, operands, type, to: region, span)
  }
}
