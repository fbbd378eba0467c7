import TesseraIR

/// Loops of which several rows run at once, a lane each.
///
///     for each block of rows
///       pack what is read across the rows, and what the loop starts with
///       for each turn
///         for each member
///           compute a vector of one element for each row, and keep it
///       copy out what the loop carried last
extension Scheduler {
  /// Emits `loop`; where there are fewer rows than lanes, statement by statement.
  mutating func emitColumnLoop(
    _ operation: ID<Operation>, _ content: Operation, _ loop: ColumnLoop
  ) {
    // What the loop starts with may be read for a second block of rows.
    let results = content.results.map { result in
      let lengths = (0..<source.type(of: result).rank).map { extent(of: result, $0) }
      return allocate(source.type(of: result), lengths, name: source.values[result].name)
    }
    let rows = demanded(loop.columns.stream.extents[0])
    let mayBeColumns = !isKnown(rows, toBeLess: columnLanes)
    if mayBeColumns { remarkColumns(loop.columns.stream, rows: rows) }
    choose(rows, isAtLeast: columnLanes) { scheduler in
      scheduler.emitBlocks(content, loop, rows, results)
    } otherwise: { scheduler in
      scheduler.withoutRemarks(if: mayBeColumns) { $0.emitPlainFor(operation, content) }
      for (result, buffer) in zip(content.results, results) {
        scheduler.builder.emit(.copy, [scheduler.value(of: result), buffer])
      }
    }
    for (result, buffer) in zip(content.results, results) { values.insert(buffer, for: result) }
  }

  private mutating func emitBlocks(
    _ content: Operation, _ loop: ColumnLoop, _ rows: Value, _ results: [Value]
  ) {
    let (columns, initial) = (loop.columns, Array(content.operands[3...]))
    let lanes = integer(columnLanes)
    let lastBlock = builder.arithmetic(.subtract, rows, lanes)
    let cost = min(cost(of: content.regions[0]) * 64, 1 << 30)
    // Carried tensors have the extents, and at first the elements, of what the loop starts with.
    for (parameter, tensor) in zip(loop.parameters, initial) {
      values.insert(value(of: tensor), for: parameter)
    }
    // swift-format-ignore: OnlyOneTrailingClosureArgument
    spreadRows(
      [blocks(of: rows, columnLanes)], names: [nil], of: integer(1), cost: cost,
      prepare: { scheduler in
        scheduler.allocatePacked(columns)
        scheduler.allocateCarried(loop)
      }
    ) { scheduler, block in
      let wasParallel = scheduler.isParallel
      scheduler.isParallel = true
      let lanes = scheduler.integer(scheduler.columnLanes)
      let first = scheduler.builder.arithmetic(
        .minimum, scheduler.product([block[0], lanes]), lastBlock)
      let carried = loop.parameters.filter { scheduler.source.type(of: $0).rank > 1 }
      let read = columns.packed.filter { !loop.parameters.contains($0) }
      for tensor in read + carried { scheduler.packColumn(tensor, columns, [first]) }
      scheduler.emitTurns(content, loop, from: first)
      for (index, (result, buffer)) in zip(content.results, results).enumerated() {
        guard let place = scheduler.columnPlaces[loop.parameters[index]] else { continue }
        if case .number(let vector) = place.content {
          scheduler.builder.emit(.vectorStore, [vector, buffer, first])
        } else {
          scheduler.values.insert(buffer, for: result)
          scheduler.columnPlaces[result] = place
          scheduler.unpackColumn(result, columns, [first])
        }
      }
      scheduler.isParallel = wasParallel
    }
    columnPlaces = [:]
    finishedReductions = [:]
  }

  /// Allocates what a block of rows holds of carried tensors that no member reads across the rows.
  private mutating func allocateCarried(_ loop: ColumnLoop) {
    for parameter in loop.parameters
    where source.type(of: parameter).rank > 1 && columnPlaces[parameter] == nil {
      let type = source.type(of: parameter)
      let extents = (1..<type.rank).map { extent(of: parameter, $0) }
      columnPlaces[parameter] = allocateColumn(
        parameter, 1, Array(type.extents.dropFirst()), extents)
    }
  }

  /// Emits all turns for the rows from `first` on; afterwards `columnPlaces` tells what was carried
  /// last.
  private mutating func emitTurns(_ content: Operation, _ loop: ColumnLoop, from first: Value) {
    let bounds = content.operands[..<3].map { value(of: $0) }
    let column = Type.vector(.f32, lanes: columnLanes)
    // One number a row stays in a register.
    let numbers = loop.parameters.indices.filter {
      source.type(of: loop.parameters[$0]).rank == 1
    }
    let start = numbers.map { position in
      let tensor = value(of: content.operands[3 + position])
      return builder.emit(.vectorLoad, [tensor, first], results: [column])[0]
    }
    let index = source.regions[content.regions[0]].parameters[0]
    let last = self.loop(
      from: bounds[0], to: bounds[1], by: bounds[2], name: source.values[index].name,
      carrying: start
    ) { scheduler, turn, carried in
      scheduler.values.insert(turn, for: index)
      for (position, vector) in zip(numbers, carried) {
        scheduler.columnPlaces[loop.parameters[position]] = RowPlace(
          rank: 1, content: .number(vector))
      }
      for id in loop.numbers { scheduler.emit(id) }
      scheduler.allocateMembers(loop.columns)
      for member in loop.columns.stream.members.indices {
        scheduler.emitColumns(member, of: loop.columns, [first])
      }
      // All members have read what was carried; a member's last points may be computed twice, so
      // none writes where it reads.
      for (parameter, value) in zip(loop.parameters, loop.yielded) {
        if case .buffer(let old)? = scheduler.columnPlaces[parameter]?.content,
          case .buffer(let new)? = scheduler.columnPlaces[value]?.content
        {
          scheduler.builder.emit(.copy, [new, old])
        }
      }
      return numbers.map { position in
        guard case .number(let vector)? = scheduler.columnPlaces[loop.yielded[position]]?.content
        else { preconditionFailure("a member gives one number a row") }
        return vector
      }
    }
    for (position, vector) in zip(numbers, last) {
      columnPlaces[loop.parameters[position]] = RowPlace(rank: 1, content: .number(vector))
    }
  }
}
