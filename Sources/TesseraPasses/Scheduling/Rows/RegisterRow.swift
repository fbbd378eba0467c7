import TesseraIR
import TesseraNumbers

/// How a row of a stream that is so short that it fits the registers is cut into vectors.
///
///     e[i, j] = exp(x[i, j] - top[i])        %e.0 = … x[i, 0…15]     with rows of 77
///     sum[i]  = sum[j] e[i, j]          →    …
///     y[i, j] = e[i, j] / sum[i]             %e.61 = … x[i, 61…76]
///
/// Exists where each member makes a row or a number of it, and reads of rows the element at hand.
struct RegisterRow {
  /// How many elements a vector has.
  let lanes: Int
  /// How many elements a row has.
  let length: Int
  /// Where the vectors start; the last one overlaps the one before it where they do not fit.
  let starts: [Int]
  /// How many vectors a row has at most.
  private static var limit: Int { 10 }

  /// Cuts the rows of `stream`; `nil` if they are too long, or anything is not as above.
  init?(_ stream: Stream) {
    let (function, target) = (stream.function, stream.target)
    let contents = stream.members.map { function.operations[$0.operation] }
    lanes = target.lanes(of: .f32)
    guard lanes > 1, stream.members.allSatisfy({ $0.divisor == nil }),
      let row = contents.first(where: { $0.operands.count > stream.rank }),
      let length = function.integerConstant(row.operands[stream.rank]),
      length >= Int64(lanes), length <= Int64(Self.limit * lanes)
    else { return nil }
    self.length = Int(length)
    let last = self.length - lanes
    starts = stride(from: 0, through: last, by: lanes) + (last % lanes == 0 ? [] : [last])
    for content in contents {
      let fits =
        content.operands.count > stream.rank
        ? fitsRow(content, stream) : fitsNumber(content, stream)
      if !fits { return nil }
    }
  }

  /// `true` iff the member makes a row of this length in lanes.
  private func fitsRow(_ content: Operation, _ stream: Stream) -> Bool {
    let (function, region) = (stream.function, content.regions[0])
    guard content.operands.count == stream.rank + 1,
      function.integerConstant(content.operands[stream.rank]) == Int64(length),
      let index = function.regions[region].parameters.last,
      let analysis = LaneAnalysis(function, region, lanesOf: index),
      analysis.widestByteCount == 4
    else { return false }
    return function.regions[region].operations.allSatisfy {
      readsAtHand(function.operations[$0], index, stream)
    }
  }

  /// `true` iff the member makes a number of nothing but numbers and reductions of rows.
  private func fitsNumber(_ content: Operation, _ stream: Stream) -> Bool {
    let function = stream.function
    return function.regions[content.regions[0]].operations.allSatisfy { id in
      let content = function.operations[id]
      guard content.opcode == .reduce else { return readsAtHand(content, nil, stream) }
      return fitsReduction(content, stream)
    }
  }

  private func fitsReduction(_ content: Operation, _ stream: Stream) -> Bool {
    let function = stream.function
    guard case .reduction(let combiner, .lanes(let order), _) = content.attribute,
      combiner.opcode != nil, order.count == order.restCount, order.count % lanes == 0
    else { return false }
    let box = ReductionBox(content, function)
    guard box.indices.count == 1, let plan = LanePlan(box, function),
      plan.analysis.widestByteCount == 4,
      function.integerConstant(box.lower[0]) == 0,
      function.integerConstant(box.upper[0]) == Int64(length)
    else { return false }
    return pieces(of: order.count).allSatisfy { starts.contains($0.start) }
      && function.regions[box.terms].operations.allSatisfy {
        readsAtHand(function.operations[$0], plan.index, stream)
      }
  }

  /// `true` iff the operation is a plain one, and reads of what the stream makes the element `index`
  /// of the row, or a number.
  private func readsAtHand(_ content: Operation, _ index: Value?, _ stream: Stream) -> Bool {
    guard content.regions.isEmpty else { return false }
    guard content.opcode == .read, stream.makes(content.operands[0]) else { return true }
    let indices = content.operands.dropFirst()
    return indices.count == stream.rank || indices.last == index
  }

  /// A vector of terms: where it starts, the accumulator that takes it, and how many of its lanes
  /// were taken before.
  struct Piece {
    let start: Int
    let accumulator: Int
    let done: Int
  }

  /// The vectors that a reduction with so many accumulators takes, see `ReductionOrder.lanes`.
  func pieces(of count: Int) -> [Piece] {
    let registers = count / lanes
    let whole = length / count * count
    var pieces = stride(from: 0, to: whole, by: lanes).map {
      Piece(start: $0, accumulator: $0 / lanes % registers, done: 0)
    }
    for register in 0..<registers where whole < length {
      let start = length - count + register * lanes
      let done = max(0, whole - start)
      if done < lanes { pieces.append(Piece(start: start, accumulator: register, done: done)) }
    }
    return pieces
  }
}

extension Scheduler {
  /// Computes a member that makes a row, and stores it if it is kept.
  mutating func emitRegisters(
    _ content: Operation, _ registers: RegisterRow, _ row: [Value], _ kept: [Value: Destination]
  ) {
    let region = content.regions[0]
    let index = source.regions[region].parameters.last!
    guard let analysis = LaneAnalysis(source, region, lanesOf: index) else {
      preconditionFailure("the row was found to have lanes")
    }
    var vectors = Array(repeating: [Int: Value](), count: content.results.count)
    // The last vector is made of what the one before it replaces.
    let isInPlace = content.results.contains { kept[$0]?.isInPlace == true }
    for start in registers.starts {
      let place = row + [integer(start)]
      var tile = Tile(analysis, lanes: registers.lanes, points: 1, rows: nil)
      tile.insert(place, for: source.regions[region].parameters, at: [0])
      emitTile(region, &tile, at: [0])
      for (position, element) in yielded(region).enumerated() {
        let vector = vector(element, tile, at: 0)
        vectors[position][start] = vector
        if let destination = kept[content.results[position]], !isInPlace {
          store([vector], in: [destination], at: place)
        }
      }
    }
    for (result, vectors) in zip(content.results, vectors) {
      if isInPlace, let destination = kept[result] {
        for start in registers.starts {
          store([vectors[start]!], in: [destination], at: row + [integer(start)])
        }
      }
      rowPlaces[result] = RowPlace(rank: row.count, content: .registers(vectors))
    }
  }

  /// Emits a reduction of a row that is in registers, in the order of `lanes`.
  mutating func reduceRegisters(
    _ registers: RegisterRow, _ lanes: ReductionOrder.Lanes, _ combiner: Combiner,
    _ box: ReductionBox,
    _ start: Value
  ) -> Value {
    guard let plan = LanePlan(box, source) else {
      preconditionFailure("the reduction was found to have lanes")
    }
    let reduction = laneReduction(lanes, combiner, box, plan, width: registers.lanes, start)
    var sums = startingAccumulators(of: reduction, from: start)
    for piece in registers.pieces(of: lanes.count) {
      let sum = sums[piece.accumulator]
      let next = added(reduction, at: [integer(piece.start)], to: sum)
      sums[piece.accumulator] =
        piece.done > 0 ? keeping(integer(piece.done), of: sum, else: next) : next
    }
    return combinedLanes(of: reduction, sums)
  }
}
