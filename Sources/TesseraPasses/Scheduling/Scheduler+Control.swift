import TesseraIR

/// Branches, loops, calls and returns: scalars are carried as before, tensors in buffers that
/// stand outside.
extension Scheduler {
  /// Writes the results to their buffers and returns the scalars.
  mutating func emitReturn(_ results: [Value]) {
    var copies: [(from: Value, to: Value)] = []
    var scalars: [Value] = []
    for (result, output) in zip(results, outputs) {
      if let output { copies.append((result, output)) } else { scalars.append(result) }
    }
    copyAll(copies)
    builder.emit(.return, scalars)
  }

  // MARK: If

  /// Emits an `if` that gives numbers, and tensors in memory that both branches fill.
  mutating func emitIf(_ operation: ID<Operation>, _ content: Operation) {
    // Buffers that hold something as the branches begin.
    var isReused: Set<Value> = []
    let buffers = content.results.enumerated().map { index, result -> Value? in
      guard source.type(of: result).isTensor else { return nil }
      if let (origin, buffer) = commonOrigin(operation, content, index, besides: isReused) {
        values.watch(buffer, origin)
        isReused.insert(buffer)
        return buffer
      }
      if let home = keptHome(of: result), !isReused.contains(home) {
        isReused.insert(home)
        return home
      }
      let lengths = (0..<source.type(of: result).rank).map { extent(of: result, $0) }
      return memory(for: result, lengths)
    }
    let condition = value(of: content.operands[0])
    let regions = content.regions.map { branch in
      region { scheduler, _ in
        for (value, buffer) in zip(scheduler.yielded(branch), buffers) {
          guard let buffer else { continue }
          if isReused.contains(buffer) {
            scheduler.lead(value, home: buffer, within: branch)
          } else {
            scheduler.request(value, in: buffer, within: branch)
          }
        }
        scheduler.emitBranch(branch, buffers)
      }
    }
    let scalars = content.results.filter { !source.type(of: $0).isTensor }
    let results = builder.emit(
      .if, [condition], results: scalars.map { source.type(of: $0) }, regions: regions,
      names: scalars.map { source.values[$0].name })
    for (old, new) in zip(scalars, results) { values.insert(new, for: old) }
    for (old, buffer) in zip(content.results, buffers) {
      if let buffer { values.insert(buffer, for: old) }
    }
  }

  private mutating func emitBranch(_ branch: ID<Region>, _ buffers: [Value?]) {
    emitOperations(source.regions[branch].operations.dropLast())
    guard let last = source.terminator(of: branch) else { return }
    let end = source.operations[last]
    guard end.opcode == .yield else { return emit(last) }
    emitYield(end.operands.map { value(of: $0) }, buffers)
  }

  /// Ends a region that yields tensors in `buffers`.
  private mutating func emitYield(_ yielded: [Value], _ buffers: [Value?]) {
    var copies: [(from: Value, to: Value)] = []
    var scalars: [Value] = []
    for (value, buffer) in zip(yielded, buffers) {
      if let buffer { copies.append((value, buffer)) } else { scalars.append(value) }
    }
    copyAll(copies)
    builder.emit(.yield, scalars)
  }

  /// The one outer tensor that all branches update in place, and its buffer, if it may be reused and is
  /// none of `others`, that hold other results.
  private func commonOrigin(
    _ operation: ID<Operation>, _ content: Operation, _ index: Int, besides others: Set<Value>
  ) -> (tensor: Value, buffer: Value)? {
    let found = content.regions.compactMap { branch -> [Value]? in
      let end = source.operations[source.terminator(of: branch)!]
      return end.opcode == .yield ? origins(of: end.operands[index], in: branch) : nil
    }
    guard let first = found.first else { return nil }
    for origin in first where found.allSatisfy({ $0.contains(origin) }) {
      if let buffer = values[origin], writable.contains(buffer), !others.contains(buffer),
        lastUses.isDead(origin, after: operation, in: source),
        destinations[content.results[index]] ?? buffer == buffer
      {
        return (origin, buffer)
      }
    }
    return nil
  }

  /// The tensors, defined outside `region`, from which `value` is made by updates in place or element by
  /// element.
  private func origins(of value: Value, in region: ID<Region>) -> [Value] {
    var found: [Value] = []
    var waiting = [value]
    // Ends since each step goes to an operation that stands earlier.
    while let value = waiting.popLast() {
      guard lastUses.isDefined(value, within: region, in: source) else {
        if !found.contains(value) { found.append(value) }
        continue
      }
      if case .result(let definition, let index) = source.values[value].definition {
        waiting += replacedOperands(source.operations[definition], index)
      }
    }
    return found
  }

  // MARK: Loops

  /// Emits a loop: one of rows of which several run at once, or a plain one.
  mutating func emitFor(_ operation: ID<Operation>, _ content: Operation) {
    if let loop = ColumnLoop(content, in: source, lastUses.uses, lastUses.tree, for: target) {
      emitColumnLoop(operation, content, loop)
    } else {
      emitPlainFor(operation, content)
    }
  }

  /// Emits a loop whose statements are emitted each by itself.
  mutating func emitPlainFor(_ operation: ID<Operation>, _ content: Operation) {
    let bounds = content.operands[..<3].map { value(of: $0) }
    let initial = Array(content.operands[3...])
    let buffers = zip(content.results, initial).map { result, operand -> Value? in
      guard source.type(of: result).isTensor else { return nil }
      return memory(for: result, startingAs: operand, at: operation)
    }
    let scalars = initial.filter { !source.type(of: $0).isTensor }.map { value(of: $0) }
    let body = content.regions[0]
    let parameters = source.regions[body].parameters
    let carried = zip(parameters.dropFirst(), buffers)
      .filter { $0.1 == nil }.map { parameter(like: $0.0) }
    let region = region([parameter(like: parameters[0])] + carried) { scheduler, arguments in
      scheduler.lead(yieldsOf: body, homes: buffers, of: initial)
      scheduler.bind(parameters, [nil] + buffers, arguments)
      scheduler.emitOperations(scheduler.source.regions[body].operations.dropLast())
      scheduler.emitYield(scheduler.yielded(body).map { scheduler.value(of: $0) }, buffers)
    }
    let results = builder.emit(
      .for, bounds + scalars, results: scalars.map { builder.type(of: $0) }, regions: [region],
      names: names(content.results, buffers))
    bind(content.results, buffers, results)
  }

  /// Emits a `while` whose tensors go round in memory of their own.
  mutating func emitWhile(_ operation: ID<Operation>, _ content: Operation) {
    let parameters = source.regions[content.regions[0]].parameters
    let initial = content.operands
    // What goes round is written while the initial value may be needed again, so it has its own.
    let buffers = initial.map { operand -> Value? in
      guard source.type(of: operand).isTensor else { return nil }
      let old = value(of: operand)
      if writable.contains(old), canTakeOver(operand, at: operation) { return old }
      let fresh = allocate(source.type(of: operand), bufferExtents(old))
      builder.emit(.copy, [old, fresh])
      return fresh
    }
    let passed = passedOn(content)
    let passedBuffers = zip(passed, content.results).map { value, result -> Value? in
      guard source.type(of: value).isTensor else { return nil }
      if let index = parameters.firstIndex(of: value) { return buffers[index] }
      let lengths = (0..<source.type(of: value).rank).map { extentPassedOn(value, $0, content) }
      return memory(for: result, lengths)
    }
    let scalars = initial.filter { !source.type(of: $0).isTensor }.map { value(of: $0) }
    let condition = region(
      zip(parameters, buffers).filter { $0.1 == nil }.map { parameter(like: $0.0) }
    ) { scheduler, arguments in
      scheduler.bind(parameters, buffers, arguments)
      let head = content.regions[0]
      for operation in scheduler.source.regions[head].operations.dropLast() {
        scheduler.emit(operation)
      }
      scheduler.emitCondition(scheduler.yielded(head), passedBuffers)
    }
    let body = content.regions[1]
    let inner = source.regions[body].parameters
    let loop = region(
      zip(inner, passedBuffers).filter { $0.1 == nil }.map { parameter(like: $0.0) }
    ) { scheduler, arguments in
      scheduler.lead(yieldsOf: body, homes: buffers, of: initial)
      scheduler.bind(inner, passedBuffers, arguments)
      for operation in scheduler.source.regions[body].operations.dropLast() {
        scheduler.emit(operation)
      }
      scheduler.emitYield(scheduler.yielded(body).map { scheduler.value(of: $0) }, buffers)
    }
    let types = content.results.map { source.type(of: $0) }.filter { !$0.isTensor }
    let results = builder.emit(
      .while, scalars, results: types, regions: [condition, loop],
      names: names(content.results, passedBuffers))
    bind(content.results, passedBuffers, results)
  }

  private mutating func emitCondition(_ operands: [Value], _ buffers: [Value?]) {
    var copies: [(from: Value, to: Value)] = []
    var scalars = [value(of: operands[0])]
    for (operand, buffer) in zip(operands.dropFirst(), buffers) {
      let value = value(of: operand)
      if let buffer { copies.append((value, buffer)) } else { scalars.append(value) }
    }
    copyAll(copies)
    builder.emit(.condition, scalars)
  }

  /// What the condition of a `while` passes on.
  private func passedOn(_ content: Operation) -> [Value] {
    Array(yielded(content.regions[0]).dropFirst())
  }

  /// The length of an axis of a tensor that the condition of a `while` makes.
  private mutating func extentPassedOn(_ tensor: Value, _ axis: Int, _ content: Operation) -> Value
  {
    inScope { scheduler in
      let parameters = scheduler.source.regions[content.regions[0]].parameters
      for (parameter, operand) in zip(parameters, content.operands) {
        scheduler.values.insert(scheduler.value(of: operand), for: parameter)
      }
      return scheduler.extent(of: tensor, axis)
    }
  }

  /// Makes buffers and `scalars`, in turn, stand for `old`.
  private mutating func bind(_ old: [Value], _ buffers: [Value?], _ scalars: [Value]) {
    var rest = scalars[...]
    for (value, buffer) in zip(old, buffers) {
      values.insert(buffer ?? rest.removeFirst(), for: value)
    }
  }

  private func names(_ results: [Value], _ buffers: [Value?]) -> [String?] {
    zip(results, buffers).filter { $0.1 == nil }.map { source.values[$0.0].name }
  }

  /// A parameter of the name and type of `value`.
  func parameter(like value: Value) -> (name: String?, type: Type) {
    (source.values[value].name, source.type(of: value).scheduled)
  }

  // MARK: Calls

  /// Emits a call of a scheduled function, which writes tensors where it is told.
  mutating func emitCall(_ operation: ID<Operation>, _ content: Operation) {
    guard case .symbol(let name) = content.attribute, let signature = signatures[name] else {
      return emitSame(content)
    }
    let (arguments, buffers) = callOperands(operation, content, name, signature)
    let scalars = content.results.filter { !source.type(of: $0).isTensor }
    let results = builder.emit(
      .call, arguments, results: scalars.map { source.type(of: $0) },
      attribute: content.attribute, names: scalars.map { source.values[$0].name })
    bind(content.results, buffers, results)
  }

  /// The operands of the scheduled call, and the buffers of the results that are tensors.
  private mutating func callOperands(
    _ operation: ID<Operation>, _ content: Operation, _ name: String, _ signature: TensorSignature
  ) -> (arguments: [Value], buffers: [Value?]) {
    var arguments = content.operands.map { value(of: $0) }
    let reused = signature.reusedParameters
    let isFresh = signature.resultTypes.indices.map {
      signature.resultTypes[$0].isTensor && reused[$0] == nil
    }
    var lengths: [Value] = []
    let needsLengths = signature.resultTypes.indices.contains {
      isFresh[$0] && signature.resultTypes[$0].extents.contains(.dynamic)
    }
    if needsLengths { lengths = callShapes(name, arguments) }
    var outputs: [Value] = []
    let buffers = content.results.enumerated().map { index, result -> Value? in
      let type = signature.resultTypes[index]
      guard type.isTensor else { return nil }
      if let parameter = reused[index] {
        arguments[parameter] = memory(
          for: result, startingAs: content.operands[parameter], at: operation)
        return arguments[parameter]
      }
      let own: [Value] = type.extents.enumerated().map { axis, extent in
        if case .constant(let length) = extent { return integer(length) }
        return lengths[axis]
      }
      lengths = Array(lengths.dropFirst(type.rank))
      outputs.append(memory(for: result, own))
      return outputs.last
    }
    return (arguments + outputs, buffers)
  }

  /// Emits a tail call; one that gives or takes tensors becomes a call, for their memory must
  /// outlive it.
  mutating func emitTailCall(_ content: Operation) {
    guard case .symbol(let name) = content.attribute, let signature = signatures[name],
      signature.parameterTypes.contains(where: \.isTensor)
        || signature.resultTypes.contains(where: \.isTensor)
    else { return emitSame(content) }
    var arguments = content.operands.map { value(of: $0) }
    // Results go straight to where this function's own results go.
    let reused = signature.reusedParameters
    var copies: [(from: Value, to: Value)] = []
    var fresh: [Value] = []
    for (index, output) in outputs.enumerated() {
      guard let output else { continue }
      if let parameter = reused[index] {
        let argument = arguments[parameter]
        if argument != output {
          let own = allocate(builder.type(of: argument), bufferExtents(argument))
          builder.emit(.copy, [argument, own])
          arguments[parameter] = own
        }
        copies.append((arguments[parameter], output))
      } else {
        // An argument may be in the buffer already.
        let own = allocate(builder.type(of: output), bufferExtents(output))
        fresh.append(own)
        copies.append((own, output))
      }
    }
    let types = signature.resultTypes.filter { !$0.isTensor }
    let results = builder.emit(
      .call, arguments + fresh, results: types, attribute: content.attribute)
    copyAll(copies)
    builder.emit(.return, results)
  }
}
