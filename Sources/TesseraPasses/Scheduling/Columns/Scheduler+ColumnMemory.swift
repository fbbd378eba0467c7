import TesseraIR

/// The memory of blocks of rows that are computed a lane each: what a block holds of a tensor lies
/// in a buffer of its own, [point][row], and is packed from the whole and unpacked to it by runs of
/// neighbours.
extension Scheduler {
  // MARK: Memory

  /// Allocates what a block of rows holds of tensors from outside.
  mutating func allocatePacked(_ columns: ColumnStream) {
    for tensor in columns.packed {
      let rank = columns.rowRank(of: tensor)
      if let slice = columns.slices[tensor] {
        var type = Extent.dynamic
        if let length = source.integerConstant(slice.length) { type = .constant(Int(length)) }
        columnPlaces[tensor] = allocateColumn(
          tensor, rank, [type], extents(ofRow: tensor, columns), step: slice.step)
        continue
      }
      let extents = extents(ofRow: tensor, columns)
      let types = Array(source.type(of: tensor).extents.dropFirst(rank))
      columnPlaces[tensor] = allocateColumn(tensor, rank, types, extents)
    }
  }

  /// Allocates what a block of rows holds of what members make.
  mutating func allocateMembers(_ columns: ColumnStream) {
    for index in columns.stream.members.indices { allocateMember(index, of: columns) }
  }

  /// Allocates what a block of rows holds of what the member at `index` makes, unless that is one
  /// number a row.
  mutating func allocateMember(_ index: Int, of columns: ColumnStream) {
    let rank = columns.stream.rank
    let content = source.operations[columns.stream.members[index].operation]
    guard content.operands.count > rank else { return }
    for result in content.results {
      if let old = columns.takeover[index], let place = columnPlaces[old] {
        columnPlaces[result] = place
        continue
      }
      let types = Array(source.type(of: result).extents.dropFirst(rank))
      let extents = content.operands.dropFirst(rank).map { demanded($0) }
      columnPlaces[result] = allocateColumn(result, rank, types, extents)
    }
  }

  /// The extents of what a row has of `tensor`.
  private mutating func extents(ofRow tensor: Value, _ columns: ColumnStream) -> [Value] {
    if let slice = columns.slices[tensor] {
      return [source.integerConstant(slice.length).map { integer($0) } ?? demanded(slice.length)]
    }
    let rank = columns.rowRank(of: tensor)
    return (rank..<source.type(of: tensor).rank).map { extent(of: tensor, $0) }
  }

  /// Allocates what a block holds of `tensor`: the rows lie side by side in the last axis, for each
  /// of its elements.
  mutating func allocateColumn(
    _ tensor: Value, _ rank: Int, _ types: [Extent], _ extents: [Value], step: Value? = nil
  ) -> RowPlace {
    let lanes = integer(columnLanes)
    var last = Extent.constant(columnLanes)
    if let type = types.last {
      last = .dynamic
      if case .constant(let length) = type { last = .constant(length * columnLanes) }
    }
    let buffer = allocate(
      .tensor(source.type(of: tensor).element, types.dropLast() + [last]),
      extents.dropLast() + [extents.last.map { product([$0, lanes]) } ?? lanes],
      name: source.values[tensor].name)
    return RowPlace(rank: rank, step: step, content: .buffer(buffer))
  }

  /// The place in such a buffer of what all rows have so many after `indices`, or the rows from
  /// `lane` on.
  mutating func columnIndices(
    _ indices: some Collection<Value>, plus more: Int = 0, lane: Value? = nil
  ) -> [Value] {
    let indices = Array(indices)
    guard let last = indices.last else { return [lane ?? integer(0)] }
    let index = more == 0 ? last : builder.arithmetic(.add, last, integer(more))
    let first = product([index, integer(columnLanes)])
    return indices.dropLast() + [lane.map { builder.arithmetic(.add, first, $0) } ?? first]
  }

  // MARK: Moving

  /// How many neighbours of a row are moved at once.
  private static var runLength: Int { 8 }
  /// How many rows are moved at once: a register of them, so that there is not more code than for that.
  private var groupLength: Int { min(columnLanes, target.lanes(of: .f32)) }

  /// Copies what the rows of a block hold of `tensor`, which lies row by row, to its buffer.
  mutating func packColumn(_ tensor: Value, _ columns: ColumnStream, _ row: [Value]) {
    guard case .buffer(let buffer)? = columnPlaces[tensor]?.content,
      case .scalar(let scalar) = source.type(of: tensor).element
    else { return }
    let whole = value(of: tensor)
    // What is narrow is converted where it is read.
    let run = Type.vector(scalar, lanes: Self.runLength)
    moveColumn(tensor, columns) { scheduler, firstLane, indices in
      let (first, axis) = scheduler.place(of: tensor, columns, row, indices)
      scheduler.prefetchNextBlock(of: tensor, whole, first, axis, firstLane)
      let rows = (0..<scheduler.groupLength).map { lane in
        let place = [whole] + scheduler.neighbour(first, axis, firstLane, plus: lane)
        return scheduler.builder.emit(.vectorLoad, place, results: [run])[0]
      }
      let parts = scheduler.parts(of: scheduler.woven(rows[...]), lanes: scheduler.groupLength)
      for (step, part) in parts.enumerated() {
        let place = scheduler.columnIndices(indices, plus: step, lane: firstLane)
        scheduler.builder.emit(.vectorStore, [part, buffer] + place)
      }
    } single: { scheduler, lane, indices in
      var (place, axis) = scheduler.place(of: tensor, columns, row, indices)
      place[axis] = scheduler.builder.arithmetic(.add, place[axis], lane)
      let element = scheduler.builder.emit(.load, [whole] + place, results: [.scalar(scalar)])
      let own = scheduler.columnIndices(indices, lane: lane)
      scheduler.builder.emit(.store, element + [buffer] + own)
    }
  }

  /// The indices in `tensor` of what the row has at `indices`, and which of them is the last one of
  /// the row.
  private mutating func place(
    of tensor: Value, _ columns: ColumnStream, _ row: [Value], _ indices: [Value]
  ) -> (indices: [Value], rowAxis: Int) {
    if let site = columns.sites[tensor] {
      let first = site.offset.map { builder.arithmetic(.add, demanded($0), row.last!) }
      let start = site.prefix.map { demanded($0) } + [first ?? row.last!]
      return (start + indices, site.prefix.count)
    }
    if let slice = columns.slices[tensor] {
      let place = inScope { scheduler in
        for (parameter, index) in zip(scheduler.source.regions[slice.region].parameters, row) {
          scheduler.values.insert(index, for: parameter)
        }
        scheduler.values.insert(indices[0], for: slice.step)
        return slice.indices.map { scheduler.demanded($0) }
      }
      return (place, slice.rowAxis)
    }
    guard let relocation = columns.stream.relocations[tensor] else {
      return (row + indices, row.count - 1)
    }
    let old = row + indices
    var rowAxis = 0
    let place = relocation.sources.enumerated().map { axis, source in
      switch source {
      case .axis(let index):
        if index == row.count - 1 { rowAxis = axis }
        return old[index]
      case .joined(let quotient, let remainder, let divisor):
        let start = product([old[quotient], integer(divisor)])
        return builder.arithmetic(.add, start, old[remainder])
      }
    }
    return (place, rowAxis)
  }

  /// The place of the row so many after that of `place`.
  private mutating func neighbour(
    _ place: [Value], _ rowAxis: Int, _ firstLane: Value, plus lane: Int
  ) -> [Value] {
    var place = place
    let more = builder.arithmetic(.add, firstLane, integer(lane))
    place[rowAxis] = builder.arithmetic(.add, place[rowAxis], more)
    return place
  }

  /// Lets the cache take in as much of the rows after the block as is moved at once.
  private mutating func prefetchNextBlock(
    of tensor: Value, _ whole: Value, _ place: [Value], _ rowAxis: Int, _ firstLane: Value
  ) {
    guard place.count == rowAxis + 2 else { return }
    let lanes = integer(columnLanes)
    let last = builder.arithmetic(.subtract, extent(of: tensor, rowAxis), lanes)
    let next = builder.arithmetic(
      .minimum, builder.arithmetic(.add, place[rowAxis], lanes), last)
    var ahead = place
    ahead[rowAxis] = next
    if columnPlaces[tensor]?.step != nil {
      for lane in 0..<groupLength {
        builder.emit(.prefetch, [whole] + neighbour(ahead, rowAxis, firstLane, plus: lane))
      }
      return
    }
    // The rows lie one after the other, so the place may be counted from the first one on.
    let group = product([firstLane, integer(Self.runLength)])
    let first = builder.arithmetic(.add, product([place.last!, lanes]), group)
    for line in stride(from: 0, to: Self.runLength * groupLength, by: 16) {
      ahead[rowAxis + 1] = builder.arithmetic(.add, first, integer(line))
      builder.emit(.prefetch, [whole] + ahead)
    }
  }

  /// Copies what the rows of a block hold of `tensor` from its buffer to the whole.
  mutating func unpackColumn(_ tensor: Value, _ columns: ColumnStream, _ row: [Value]) {
    guard case .buffer(let buffer)? = columnPlaces[tensor]?.content else { return }
    let relocation = columns.stream.relocations[tensor]
    let whole = value(of: relocation?.tensor ?? tensor)
    moveColumn(tensor, columns) { scheduler, firstLane, indices in
      let column = Type.vector(.f32, lanes: scheduler.groupLength)
      let (first, axis) = scheduler.place(of: tensor, columns, row, indices)
      // Lines that are written have to be there, too.
      if relocation == nil {
        scheduler.prefetchNextBlock(of: tensor, whole, first, axis, firstLane)
      }
      let elements = (0..<Self.runLength).map { step in
        let place = scheduler.columnIndices(indices, plus: step, lane: firstLane)
        return scheduler.builder.emit(.vectorLoad, [buffer] + place, results: [column])[0]
      }
      let parts = scheduler.parts(of: scheduler.woven(elements[...]), lanes: Self.runLength)
      for (lane, part) in parts.enumerated() {
        let place = scheduler.neighbour(first, axis, firstLane, plus: lane)
        scheduler.builder.emit(.vectorStore, [part, whole] + place)
      }
    } single: { scheduler, lane, indices in
      let own = scheduler.columnIndices(indices, lane: lane)
      let element = scheduler.builder.emit(.load, [buffer] + own, results: [.scalar(.f32)])
      var (place, axis) = scheduler.place(of: tensor, columns, row, indices)
      place[axis] = scheduler.builder.arithmetic(.add, place[axis], lane)
      scheduler.builder.emit(.store, element + [whole] + place)
    }
  }

  /// The parts of `vector` of so many lanes, by way of the nearest cache: a part of a vector is had
  /// from memory alone.
  private mutating func parts(of vector: Value, lanes: Int) -> [Value] {
    guard case .vector(let scalar, let count) = builder.type(of: vector) else { return [vector] }
    let buffer = allocate(.tensor(.scalar(scalar), [.constant(count)]), [integer(count)])
    builder.emit(.vectorStore, [vector, buffer, integer(0)])
    return stride(from: 0, to: count, by: lanes).map { start in
      builder.emit(
        .vectorLoad, [buffer, integer(start)], results: [.vector(scalar, lanes: lanes)])[0]
    }
  }

  /// The lanes of a power of two of vectors in turn: a matrix of them transposed.
  private mutating func woven(_ vectors: ArraySlice<Value>) -> Value {
    guard vectors.count > 1, case .vector(let scalar, let lanes) = builder.type(of: vectors.first!)
    else { return vectors.first! }
    // Every other vector, so that neighbours meet last.
    let halves = (0..<2).map { first in
      stride(from: first, to: vectors.count, by: 2).map { vectors[vectors.startIndex + $0] }
    }
    let parts = halves.map { woven($0[...]) }
    return builder.emit(
      .weaveLanes, parts, results: [.vector(scalar, lanes: lanes * vectors.count)])[0]
  }

  /// Goes through what a row has of `tensor`: `runs` is given the first lane of a group and the
  /// indices of the first of some neighbours, where there are that many, else `single` each lane and
  /// each place.
  private mutating func moveColumn(
    _ tensor: Value, _ columns: ColumnStream,
    runs: (inout Scheduler, _ firstLane: Value, _ indices: [Value]) -> Void,
    single: (inout Scheduler, _ lane: Value, _ indices: [Value]) -> Void
  ) {
    let extents = extents(ofRow: tensor, columns)
    let ranges = extents.map {
      IndexRange(lower: integer(0), upper: $0, step: integer(1), name: nil)
    }
    func lanes(by step: Int, _ scheduler: inout Scheduler) -> IndexRange {
      IndexRange(
        lower: scheduler.integer(0), upper: scheduler.integer(scheduler.columnLanes),
        step: scheduler.integer(step), name: nil)
    }
    guard let last = extents.last else {
      nest([lanes(by: 1, &self)]) { scheduler, indices in
        single(&scheduler, indices[0], [])
      }
      return
    }
    choose(last, isAtLeast: Self.runLength) { scheduler in
      let width = scheduler.integer(Self.runLength)
      var steps = ranges
      steps[steps.count - 1].upper = scheduler.blocks(of: last, Self.runLength)
      let end = scheduler.builder.arithmetic(.subtract, last, width)
      let groups = lanes(by: scheduler.groupLength, &scheduler)
      scheduler.nest(steps + [groups]) { scheduler, indices in
        let place = indices.dropLast()
        let start = scheduler.product([place.last!, width])
        let first = scheduler.builder.arithmetic(.minimum, start, end)
        runs(&scheduler, indices.last!, place.dropLast() + [first])
      }
    } otherwise: { scheduler in
      let all = lanes(by: 1, &scheduler)
      scheduler.nest([all] + ranges) { scheduler, indices in
        single(&scheduler, indices[0], Array(indices.dropFirst()))
      }
    }
  }
}
