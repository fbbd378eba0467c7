import TesseraIR

/// Numbers that several lanes have in a row, see `LaneAnalysis.Kind.repeated`.
///
///     x[(i + c) / 2] in the lanes i, i + 1, …:    x[a] x[b] x[a + 1] x[b + 1] …
///                                                 with a = (i + c) / 2, b = (i + 1 + c) / 2
///
/// Every second lane has a run of neighbours, whichever lanes have the first one in common: two runs
/// are woven. They hold what the lanes ask for, and nothing beside it.
extension Scheduler {
  /// The elements that `content` reads at `point` for the lanes from `indices` on, where each is that of
  /// `count` lanes in a row.
  mutating func loadRepeated(
    _ content: Operation, _ indices: [Value], _ count: Int, _ tile: Tile, at point: Int
  ) -> Value {
    guard let scalar = source.type(of: content.results[0]).scalarType else {
      preconditionFailure("elements in lanes are numbers")
    }
    let runs = min(count, tile.lanes)
    let type = Type.vector(scalar, lanes: tile.lanes / runs)
    return woven(
      (0..<runs).map { lane in
        let last = number(content.operands.last!, ofLane: lane, tile, at: point)
        let place = place(ofRead: content.operands[0], at: indices.dropLast() + [last])
        return builder.emit(.vectorLoad, place, results: [type])[0]
      })
  }

  /// The numbers that `value`, an index, is in the lanes at `point`, `count` of them in a row being the
  /// same.
  mutating func repeatedNumbers(
    _ value: Value, _ count: Int, _ tile: Tile, at point: Int
  ) -> Value {
    let runs = min(count, tile.lanes)
    let type = Type.vector(.i64, lanes: tile.lanes / runs)
    let steps = builder.emit(.laneIndex, results: [type])[0]
    return woven(
      (0..<runs).map { lane in
        let first = number(value, ofLane: lane, tile, at: point)
        let splat = builder.emit(.splat, [first], results: [type])[0]
        return builder.arithmetic(.add, splat, steps)
      })
  }

  /// The lanes of `runs` in turn; there are a power of two of them.
  private mutating func woven(_ runs: [Value]) -> Value {
    guard runs.count > 1, case .vector(let scalar, let lanes) = builder.type(of: runs[0]) else {
      return runs[0]
    }
    let parts =
      runs.count <= 4
      ? runs
      : (0..<2).map { first in
        woven(stride(from: first, to: runs.count, by: 2).map { runs[$0] })
      }
    return builder.emit(
      .weaveLanes, parts, results: [.vector(scalar, lanes: lanes * runs.count)])[0]
  }

  /// The number that `value`, an index, is in one lane at `point`: what it is made of, made for that
  /// lane.
  private mutating func number(
    _ value: Value, ofLane lane: Int, _ tile: Tile, at point: Int
  ) -> Value {
    let kind = tile.analysis.kind(value)
    if lane == 0 || kind == .uniform { return cell(value, tile, at: point) }
    if let step = kind.step {
      return folded(.add, cell(value, tile, at: point), integer(step * lane))
    }
    guard let definition = source.definition(of: value) else {
      preconditionFailure("an index that lanes have in common is made of others")
    }
    let content = source.operations[definition]
    let operands = content.operands.map { number($0, ofLane: lane, tile, at: point) }
    return builder.emit(content.opcode, operands, results: [.index])[0]
  }
}
