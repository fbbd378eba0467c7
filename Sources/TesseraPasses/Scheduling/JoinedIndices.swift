import TesseraIR

/// The last indices of a box that are gone through as one, since they count neighbours in memory.
///
///     for h in 0..<H, w in 0..<W {              for i in 0..<H * W {
///       y[c, h, w] = x[c, h, w] * p[c]    →       y[c, i] = x[c, i] * p[c]
///     }                                         }
///
/// So a row is as long as it can be, which spares the last vector of each short one. Every element
/// that is read with these indices must be read with all of them, along the whole of the axes after the
/// first; along the first one a box may be a part, and may begin anywhere.
struct JoinedIndices {
  /// How many there are: more than one.
  let count: Int
  /// The tensors that are read with them.
  private(set) var tensors: [Value] = []

  private let function: Function
  private let indices: [Value]
  private let extents: [Value]
  private let updated: Value?
  private let promised: PromisedLengths
  /// What depends on them.
  private var dependents: Set<Value>
  /// The first of them, and sums of it and what does not depend on any.
  private var starts: Set<Value>

  /// Joins as many of the last indices of `region` as go together, at most `limit`, of a box from zero
  /// to `extents` in steps of one; `nil` if none do. The region may tell places of the tensor `updated`.
  init?(
    _ function: Function, _ region: ID<Region>, _ extents: [Value], limit: Int,
    updating updated: Value? = nil, promised: PromisedLengths = PromisedLengths()
  ) {
    let indices = function.regions[region].parameters
    for count in stride(from: min(limit, indices.count), to: 1, by: -1) {
      guard
        let joined = JoinedIndices(
          function, region, joining: Array(indices.suffix(count)), Array(extents.suffix(count)),
          updating: updated, promised)
      else { continue }
      self = joined
      return
    }
    return nil
  }

  /// Joins as many of the last indices of a reduction; `nil` if none go together.
  init?(_ function: Function, _ box: ReductionBox, limit: Int = .max) {
    let count = JoinedIndices.plainCount(box, function)
    self.init(function, box.terms, box.upper, limit: min(limit, count))
  }

  /// Joins as many of the last indices of an update; `nil` if none go together.
  init?(_ function: Function, _ box: UpdateBox, limit: Int) {
    let count = JoinedIndices.plainCount(box, function)
    self.init(
      function, box.region, box.upper, limit: min(limit, count), updating: box.tensor)
  }

  /// How many of the last indices run from zero in steps of one.
  private static func plainCount(_ box: some IndexBox, _ function: Function) -> Int {
    box.indices.indices.reversed().prefix { box.countsFromZero($0, in: function) }.count
  }

  private init?(
    _ function: Function, _ region: ID<Region>, joining indices: [Value], _ extents: [Value],
    updating updated: Value?, _ promised: PromisedLengths
  ) {
    self.function = function
    self.promised = promised
    self.indices = indices
    self.extents = extents
    self.updated = updated
    count = indices.count
    dependents = Set(indices)
    starts = [indices[0]]
    var goesTogether = true
    function.forEachOperation(in: region) { id in
      if goesTogether { goesTogether = admits(function.operations[id]) }
    }
    if !goesTogether { return nil }
  }

  /// `true` iff the operation may stand in the region; notes what of it depends on the indices.
  private mutating func admits(_ content: Operation) -> Bool {
    switch content.opcode {
    case .reduce, .for, .while, .call: return false
    default: break
    }
    guard content.operands.contains(where: dependents.contains) else { return true }
    dependents.formUnion(content.results)
    if content.opcode == .read {
      let tensor = content.operands[0]
      guard goesAlong(tensor, content.operands.dropFirst()) else { return false }
      if !tensors.contains(tensor) { tensors.append(tensor) }
      return true
    }
    if content.opcode == .yield, let updated, content.operands.contains(where: indices.contains) {
      let place = content.operands.dropLast(2)
      return goesAlong(updated, place) && place.suffix(count).first == indices[0]
        && !content.operands.suffix(2).contains { isPlace($0) }
    }
    if content.opcode == .add, content.operands.contains(where: starts.contains),
      content.operands.count(where: dependents.contains) == 1
    {
      starts.formUnion(content.results)
      return true
    }
    // An index counts for nothing but a place.
    return !content.operands.contains(where: isPlace)
  }

  /// `true` iff the value is one of the indices, or where the first of them begins.
  private func isPlace(_ value: Value) -> Bool {
    indices.contains(value) || starts.contains(value)
  }

  /// `true` iff the indices stand last in the `place` of an element of `tensor`, and those after the
  /// first one go along the whole of their axes.
  private func goesAlong(_ tensor: Value, _ place: ArraySlice<Value>) -> Bool {
    let own = place.suffix(count)
    guard own.count == count, let first = own.first, starts.contains(first),
      Array(own.dropFirst()) == Array(indices.dropFirst()),
      !place.dropLast(count).contains(where: dependents.contains)
    else { return false }
    let rank = function.type(of: tensor).rank
    return zip(rank - count + 1..<rank, extents.dropFirst()).allSatisfy { axis, extent in
      function.isLength(extent, of: tensor, axis: axis, promised)
    }
  }
}

extension Function {
  /// `true` iff `length` is known to be that of `axis` of `tensor`.
  func isLength(
    _ length: Value, of tensor: Value, axis: Int, _ promised: PromisedLengths
  ) -> Bool {
    if let number = integerConstant(length) {
      return constantExtent(of: tensor, axis: axis) == number
    }
    let (length, tensor) = (resolved(length), origin(of: tensor))
    if let given = extentOperand(of: tensor, axis: axis) { return resolved(given) == length }
    guard let definition = definition(of: length) else { return false }
    let content = operations[definition]
    guard content.opcode == .dimension, case .integer(let own) = content.attribute else {
      return false
    }
    let other = (tensor: content.operands[0], axis: Int(own))
    return other == (tensor, axis) || promised.areEqual(other, (tensor, axis))
  }

  /// A tensor of the same shape that `tensor` was before it was updated, where it comes from farthest
  /// out.
  private func origin(of tensor: Value) -> Value {
    var tensor = tensor
    // Ends since each step goes to an earlier operation, or one region out.
    while true {
      switch values[tensor].definition {
      case .result(let operation, _) where operations[operation].opcode == .update:
        tensor = operations[operation].operands[0]
      case .parameter(let region, let index) where region != body:
        guard let owner = regions[region].owner, operations[owner].opcode == .launch else {
          return tensor
        }
        tensor = operations[owner].operands[index]
      default: return tensor
      }
    }
  }

  /// The number that a length stands for: what the operation that made its tensor was given.
  private func resolved(_ length: Value) -> Value {
    var length = length
    // Ends since each step goes to an earlier operation.
    while let definition = definition(of: length), operations[definition].opcode == .dimension,
      case .integer(let axis) = operations[definition].attribute,
      let given = extentOperand(of: operations[definition].operands[0], axis: Int(axis))
    {
      length = given
    }
    return length
  }
}

/// A tensor of the source whose last axes are taken as one.
struct JoinedPlace {
  /// The buffer in the shape that has the elements of these axes along the last one, and nothing along
  /// the others.
  let buffer: Value
  /// The lengths of these axes.
  let extents: [Value]
}

extension Scheduler {
  /// Runs `body`, in which `tensors` are read with their last axes as one.
  mutating func joining<Result>(
    _ count: Int, of tensors: [Value], _ body: (inout Scheduler) -> Result
  ) -> Result {
    let outer = joinedPlaces
    for tensor in tensors {
      // A buffer of a row has the indices that come after those of the row.
      let buffer: Value
      if case .buffer(let own)? = rowPlaces[tensor]?.content {
        buffer = own
      } else {
        buffer = value(of: tensor)
      }
      joinedPlaces[tensor] = joined(count, of: buffer)
    }
    defer { joinedPlaces = outer }
    return body(&self)
  }

  /// Runs `body` with the extents of a box and with where its results go as they are where `joined`
  /// indices are one, if any are.
  mutating func joining(
    _ joined: JoinedIndices?, _ extents: [Value], _ destinations: [Destination],
    _ body: (inout Scheduler, [Value], [Destination]) -> Void
  ) {
    guard let joined else { return body(&self, extents, destinations) }
    let shape = self.joined(joined.count, of: extents)
    let places = destinations.map { destination in
      var place = destination
      place.buffer = self.joined(joined.count, of: destination.buffer).buffer
      return place
    }
    joining(joined.count, of: joined.tensors) { body(&$0, shape, places) }
  }

  /// The buffer in the shape that has the elements of its last `count` axes along the last one.
  mutating func joined(_ count: Int, of buffer: Value) -> JoinedPlace {
    let extents = bufferExtents(buffer)
    let shape = joined(count, of: extents)
    let type = Type.buffer(
      builder.type(of: buffer).element,
      shape.map { knownNumber($0).map { .constant(Int($0)) } ?? .dynamic })
    let view = builder.emit(.reshape, [buffer] + shape, results: [type])[0]
    self.extents[view] = shape
    return JoinedPlace(buffer: view, extents: extents.suffix(count))
  }

  /// The extents with the product of the last `count` as the last one, and one in the place of the
  /// others.
  mutating func joined(_ count: Int, of extents: [Value]) -> [Value] {
    var shape = extents
    for axis in extents.indices.suffix(count) { shape[axis] = integer(1) }
    shape[shape.count - 1] = product(Array(extents.suffix(count)))
    return shape
  }

  /// The ranges with the last `count` as one, which run from zero in steps of one.
  mutating func joined(_ count: Int, of ranges: [IndexRange]) -> [IndexRange] {
    var joined = ranges
    let shape = self.joined(count, of: ranges.suffix(count).map(\.upper))
    for (axis, length) in zip(ranges.indices.suffix(count), shape) { joined[axis].upper = length }
    return joined
  }

  /// The buffer and the indices of an element that lies at `place`, buffer first, with all axes.
  mutating func place(_ place: [Value], in joined: JoinedPlace) -> [Value] {
    let own = place.suffix(joined.extents.count)
    let outer = place[1..<place.count - own.count]
    var sum: Value?
    for (index, extent) in zip(own, joined.extents) {
      let before = sum.map { product([$0, extent]) }
      if knownNumber(index) == 0 {
        sum = before
      } else {
        sum = before.map { builder.arithmetic(.add, $0, index) } ?? index
      }
    }
    let zeros = Array(repeating: integer(0), count: own.count - 1)
    return [joined.buffer] + outer + zeros + [sum ?? integer(0)]
  }
}
