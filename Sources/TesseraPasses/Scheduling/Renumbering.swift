import TesseraIR

/// A `compute` that gives the elements of a tensor in their order, numbered by other indices: as one
/// where the tensor has two.
///
///     b[n, o, h] = p[n, o / D, o % D, h]      with p : [N, G, D, H] and o below G * D
///
/// Nothing is moved: both tensors have the same memory.
struct Renumbering {
  /// The tensor that has the elements.
  let tensor: Value
  /// Its lengths.
  let lengths: [Value]

  /// The renumbering that `content` is; `nil` if it is none, or of a tensor that no `compute` makes.
  init?(_ content: Operation, in function: Function) {
    guard content.opcode == .compute, content.results.count == 1 else { return nil }
    let region = content.regions[0]
    let operations = function.regions[region].operations.map { function.operations[$0] }
    let reads = operations.filter { $0.opcode == .read }
    guard reads.count == 1, operations.last?.operands == reads[0].results,
      operations.allSatisfy({ [.read, .divide, .remainder, .yield].contains($0.opcode) }),
      let definition = function.definition(of: reads[0].operands[0])
    else { return nil }
    let made = function.operations[definition]
    guard made.opcode == .compute, made.results.count == 1 else { return nil }
    func part(_ value: Value, _ opcode: Opcode, of index: Value) -> Value? {
      operations.first { $0.opcode == opcode && $0.results == [value] && $0.operands[0] == index }?
        .operands[1]
    }
    func isSame(_ a: Value, _ b: Value) -> Bool {
      a == b || function.integerConstant(a).map { $0 == function.integerConstant(b) } ?? false
    }
    var places = reads[0].operands.dropFirst()
    var lengths = made.operands[...]
    for (index, length) in zip(function.regions[region].parameters, content.operands) {
      guard let place = places.popFirst(), let own = lengths.popFirst() else { return nil }
      if place == index, isSame(own, length) { continue }
      guard let rest = places.popFirst(), let count = lengths.popFirst(),
        let divisor = part(place, .divide, of: index), part(rest, .remainder, of: index) == divisor,
        isSame(divisor, count), function.isProduct(length, own, count)
      else { return nil }
    }
    guard places.isEmpty else { return nil }
    tensor = reads[0].operands[0]
    self.lengths = made.operands
  }
}

extension Function {
  /// `true` iff `length` is known to be `a` times `b`.
  fileprivate func isProduct(_ length: Value, _ a: Value, _ b: Value) -> Bool {
    let numbers = [length, a, b].map { integerConstant($0) }
    if let length = numbers[0], let a = numbers[1], let b = numbers[2] {
      let product = a.multipliedReportingOverflow(by: b)
      return !product.overflow && product.partialValue == length
    }
    guard let found = count(of: b, in: length) else { return false }
    return found == a || numbers[1] != nil && integerConstant(found) == numbers[1]
  }
}

extension Scheduler {
  /// The tensor that `operation`, if it is a renumbering that nobody else has a use for, has elements of,
  /// and `buffer` in its shape; `nil` where only the run tells its lengths.
  mutating func requestRenumbered(
    _ operation: ID<Operation>, in buffer: Value
  ) -> (tensor: Value, buffer: Value)? {
    guard let renumbering = Renumbering(source.operations[operation], in: source),
      lastUses.isDead(renumbering.tensor, after: operation, in: source)
    else { return nil }
    let numbers = renumbering.lengths.compactMap { source.integerConstant($0) }
    guard numbers.count == renumbering.lengths.count else { return nil }
    let shown = reshaped(buffer, numbers.map { integer($0) })
    renumbered[shown] = buffer
    return (renumbering.tensor, shown)
  }

  /// Emits `content` as another name for the memory of a tensor, if it is a renumbering that nobody else
  /// has a use for; returns whether it did.
  mutating func emitRenumbering(_ id: ID<Operation>, _ content: Operation) -> Bool {
    guard let renumbering = Renumbering(content, in: source),
      lastUses.isDead(renumbering.tensor, after: id, in: source)
    else { return false }
    let buffer = value(of: renumbering.tensor)
    let result = content.results[0]
    if let destination = destinations[result] {
      guard destinations[renumbering.tensor] == buffer, renumbered[buffer] == destination else {
        return false
      }
      values.insert(destination, for: result)
      return true
    }
    guard writable.contains(buffer), destinations[renumbering.tensor] == nil else { return false }
    let view = reshaped(buffer, content.operands.map { value(of: $0) })
    writable.insert(view)
    values.insert(view, for: result)
    return true
  }

  /// The buffer in another shape.
  private mutating func reshaped(_ buffer: Value, _ shape: [Value]) -> Value {
    let type = Type.buffer(
      builder.type(of: buffer).element,
      shape.map { knownNumber($0).map { .constant(Int($0)) } ?? .dynamic })
    let view = builder.emit(.reshape, [buffer] + shape, results: [type])[0]
    extents[view] = shape
    return view
  }
}
