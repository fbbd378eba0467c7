import TesseraIR

/// Results made where the tensors lie that they take the place of.
///
///     fn f<N>(inout x: f32[N]) {                for i in 0..<n {
///       x[i] = exp(x[i])                 →        x[i] = exp(x[i])
///     }                                         }
///
/// A tensor has a home if it becomes an `inout` parameter in the end, or what a loop carries round. It is
/// made there as soon as nothing else is needed of what lies there: nobody reads that any more, or the
/// statement itself alone, each element only for the one that takes its place. Such a result is made once
/// and never again out of what it left, so forms that make some elements twice are not for it.
extension Scheduler {
  /// Notes `buffer` as the home of `value`, which `region` makes, and of what it is made from.
  ///
  /// What lies in `buffer` may still be needed: whether it is will be asked when the tensor is made.
  ///
  /// - Requires: what lies in `buffer` now is that of `tenant` alone, or the buffer is a home already.
  mutating func lead(
    _ value: Value, home buffer: Value, of tenant: Value? = nil, within region: ID<Region>
  ) {
    var value = value
    values.watch(buffer, tenant)
    // Ends since each step goes to an operation that stands earlier.
    while case .result(let definition, let index) = source.values[value].definition,
      source.type(of: value).isTensor, destinations[value] == nil, homes[value] == nil,
      lastUses.home(of: value, in: source) == region
    {
      homes[value] = buffer
      let content = source.operations[definition]
      guard
        let operand = reusedOperand(content, index)
          ?? ownOperands(content).first(where: { isMade(like: value, $0, within: region) })
      else { return }
      value = operand
    }
  }

  /// Notes the `buffers` in which a loop carries tensors, and in which those lie that it starts with, as
  /// the homes of what its `body` yields.
  mutating func lead(yieldsOf body: ID<Region>, homes buffers: [Value?], of initial: [Value]) {
    for (value, (buffer, tenant)) in zip(yielded(body), zip(buffers, initial)) {
      if let buffer { lead(value, home: buffer, of: tenant, within: body) }
    }
  }

  /// The home of `result`, if nothing that is there is needed from its operation on, nor by it.
  mutating func freeHome(of result: Value) -> Value? {
    guard let home = homes[result], let maker = source.definition(of: result), !isDemanding,
      values.tenants(of: home).allSatisfy({ isFinished($0, at: maker) })
    else { return nil }
    // As good as fresh.
    destinations[result] = home
    return home
  }

  /// The tensors of which `content` may replace the elements one by one to make the result `index`.
  func replacedOperands(_ content: Operation, _ index: Int) -> [Value] {
    if let operand = reusedOperand(content, index) { return [operand] }
    return ownOperands(content).filter { isShaped(like: content.results[index], $0) }
  }

  /// The home of `result`, that of an `if`, if what is there is needed by that alone.
  mutating func keptHome(of result: Value) -> Value? {
    guard let home = homes[result], let maker = source.definition(of: result), !isDemanding,
      destinations[result] == nil,
      values.tenants(of: home).allSatisfy({ isFinished($0, at: maker, besides: [maker]) })
    else { return nil }
    return home
  }

  /// Memory for the result of a statement that makes each element once, which reads the tensors `own` at
  /// the place of the element alone: that of one of them, if nobody else needs it, or its own. The
  /// statement is one of `statements` that are done together, if there are any.
  mutating func memory(
    for result: Value, _ extents: [Value], inPlaceOf own: [Value],
    by statements: [ID<Operation>] = []
  ) -> Value {
    if let place = ownPlace(of: result, own, statements) {
      madeInPlace.insert(result)
      return place
    }
    return memory(for: result, extents)
  }

  /// The home of `result`, if one of `own` lies there that it may replace; if it has none, and nobody
  /// asked for it elsewhere, the temporary of one of them that nobody else needs.
  private func ownPlace(
    of result: Value, _ own: [Value], _ statements: [ID<Operation>]
  ) -> Value? {
    guard !own.isEmpty, destinations[result] == nil, !isDemanding,
      let maker = source.definition(of: result)
    else { return nil }
    let readers = Set(statements + [maker])
    guard let home = homes[result] else {
      let tensor = own.first {
        isTemporary($0) && isShaped(like: result, $0)
          && lastUses.home(of: $0, in: source) == lastUses.home(of: result, in: source)
          && isFinished($0, at: maker, besides: readers)
      }
      return tensor.map { value(of: $0) }
    }
    let tenants = values.tenants(of: home)
    guard tenants.contains(where: own.contains),
      tenants.allSatisfy({ tenant in
        isFinished(tenant, at: maker)
          || own.contains(tenant) && isFinished(tenant, at: maker, besides: readers)
      })
    else { return nil }
    return home
  }

  /// `true` iff `tensor` lies in memory that was allocated for it, or for what it replaced, and is not
  /// computed ahead of all calls.
  private func isTemporary(_ tensor: Value) -> Bool {
    guard case .result = source.values[tensor].definition, let buffer = values[tensor] else {
      return false
    }
    return extents[buffer] != nil && writable.contains(buffer) && !sharedBuffers.contains(buffer)
      && !values.isWatched(buffer) && !fixed.determine(tensor, with: [], in: source)
  }

  /// `true` iff `tensor` is made in `region` and has the type and the extents of `value`.
  private func isMade(like value: Value, _ tensor: Value, within region: ID<Region>) -> Bool {
    guard case .result = source.values[tensor].definition else { return false }
    return lastUses.home(of: tensor, in: source) == region && isShaped(like: value, tensor)
      && !fixed.determine(tensor, with: [], in: source)
  }

  /// `true` iff `tensor` has the type and the extents of `value`, which a statement makes.
  private func isShaped(like value: Value, _ tensor: Value) -> Bool {
    guard source.type(of: tensor) == source.type(of: value) else { return false }
    return (0..<source.type(of: value).rank).allSatisfy { axis in
      guard let length = source.extentOperand(of: value, axis: axis) else { return false }
      return source.isLength(length, of: tensor, axis: axis, promisedLengths)
    }
  }

  // MARK: Reads

  /// The tensors of which `content`, a `compute` or a scan, reads for each element the one at the same
  /// place and no other; in the order of these reads.
  func ownOperands(_ content: Operation) -> [Value] {
    guard content.opcode == .compute || content.opcode == .scan else { return [] }
    let indices = source.regions[content.regions[0]].parameters.map { AffineExpression($0) }
    var affine = AffineValues()
    var own: [Value] = []
    var others: Set<Value> = []
    for region in content.regions {
      source.forEachOperation(in: region) { id in
        let inner = source.operations[id]
        if inner.opcode == .dimension { return }
        for (position, operand) in inner.operands.enumerated()
        where source.type(of: operand).isTensor {
          let isOwn =
            inner.opcode == .read && position == 0
            && inner.operands.dropFirst().map { affine.expression(of: $0, in: source) } == indices
          if !isOwn { others.insert(operand) }
          if isOwn, !own.contains(operand) { own.append(operand) }
        }
      }
    }
    return own.filter { !others.contains($0) && !content.operands.contains($0) }
  }

  /// The tensors that the last statement of `stream` may replace: each row of it needs of them the row at
  /// hand, and from when that statement begins no more than the same element.
  func ownOperands(_ stream: Stream) -> [Value] {
    guard let last = stream.members.last, stream.members.allSatisfy({ $0.divisor == nil }) else {
      return []
    }
    let content = source.operations[last.operation]
    let others = stream.members.dropLast().map { source.operations[$0.operation] }
    let own = ownOperands(content)
    // Rows of the stream may be computed where they are read.
    let readsOwnRows = others.flatMap(\.results).allSatisfy { tensor in
      source.type(of: tensor).rank == stream.rank || own.contains(tensor)
        || !lastUses.isUsed(tensor, inside: last.operation)
    }
    guard readsOwnRows else { return [] }
    var found: [Value] = []
    for tensor in own + others.flatMap({ tensorsRead($0) }) where !found.contains(tensor) {
      let isOwn =
        own.contains(tensor) || !lastUses.isUsed(tensor, inside: last.operation)
      let isReadByRow = others.allSatisfy { other in
        let isNumber = other.operands.count == stream.rank
        return !tensorsRead(other).contains(tensor) || ownOperands(other).contains(tensor)
          || isNumber && readsRow(of: tensor, other)
      }
      if isOwn, isReadByRow, !stream.makes(tensor) { found.append(tensor) }
    }
    return found
  }

  /// The tensors of which `content` reads elements.
  private func tensorsRead(_ content: Operation) -> Set<Value> {
    var found: Set<Value> = []
    source.forEachOperation(in: content.regions[0]) { id in
      if source.operations[id].opcode == .read { found.insert(source.operations[id].operands[0]) }
    }
    return found
  }

  /// `true` iff each element of `tensor` that `content` uses is one of the row of its own indices.
  private func readsRow(of tensor: Value, _ content: Operation) -> Bool {
    let indices = source.regions[content.regions[0]].parameters
    var fits = true
    source.forEachOperation(in: content.regions[0]) { id in
      let inner = source.operations[id]
      guard inner.operands.contains(tensor), inner.opcode != .dimension else { return }
      let row = inner.operands.dropFirst().prefix(indices.count)
      if inner.opcode != .read || Array(row) != indices { fits = false }
    }
    return fits
  }

  // MARK: Needs

  /// `true` iff nobody needs the elements of `tensor` any more where `operation` is emitted, nor itself,
  /// unless they are `readers`.
  ///
  /// Statements may be emitted in another order than the program's, so what counts is which were.
  private func isFinished(
    _ tensor: Value, at operation: ID<Operation>, besides readers: Set<ID<Operation>> = []
  ) -> Bool {
    guard let home = lastUses.home(of: tensor, in: source) else { return false }
    return lastUses.uses.users(of: tensor).allSatisfy { user in
      if source.operations[user].opcode == .dimension { return true }
      let meeting = lastUses.meeting(operation, user)
      guard let meeting, lastUses.isReachedOnce(meeting.region, from: home, in: source) else {
        return false
      }
      switch meeting.kind {
      // What a loop started with is what it carries.
      case .around: return true
      case .within: return readers.contains(operation)
      case .branches(let owner): return source.operations[owner].opcode == .if
      case .apart(let other): return emitted[other] != nil || readers.contains(other)
      }
    }
  }
}
