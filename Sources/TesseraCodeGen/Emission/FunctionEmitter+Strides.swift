import TesseraIR
import TesseraLLVM
import TesseraNumbers

/// Elements that lie apart in memory, and matrices in registers.
extension FunctionEmitter {
  // MARK: Strided loads

  /// Reads elements that lie the same distance apart into a vector.
  ///
  /// Where they lie near each other, whole registers are loaded and what is wanted is picked. The last
  /// register ends with the last element, so that nothing is read beyond it.
  mutating func emitStridedLoad(_ op: Operation) throws(CodeGenError) {
    let buffer = try buffer(op.operands[0])
    guard case .vector(let scalar, let lanes) = source.type(of: op.results[0]),
      case .integer(let axis) = op.attribute
    else { throw malformed(op) }
    let first = try address(of: op.operands[0], at: op.operands[1...].dropLast())
    let step = multiplied(try value(op.operands.last!), buffer.strides[Int(axis)])
    let count = min(lanes, module.options.target.lanes(of: scalar))
    let type = module.memoryType(.scalar(scalar))
    var pieces: [LLVMValue] = []
    for start in stride(from: 0, to: lanes, by: count) {
      let offset = multiplied(step, index(Int64(start)))
      let base = offset.constantInteger == 0 ? first : builder.offsetAddress(type, first, offset)
      let known = step.constantInteger.flatMap { Int(exactly: $0) }
      if let known, known.magnitude <= max(1, count / 2), known != 0 {
        pieces.append(pick(count, of: scalar, from: base, every: known))
      } else {
        pieces.append(gather(count, of: scalar, from: base, every: step))
      }
    }
    if scalar == .bool {
      pieces = pieces.map { builder.compare(.notEqual, $0, builder.zero($0.type)) }
    }
    set(op.results[0], pieces.count == 1 ? .value(pieces[0]) : .pieces(pieces))
  }

  /// So many elements, each loaded by itself.
  private func gather(
    _ count: Int, of scalar: ScalarType, from base: LLVMValue, every step: LLVMValue
  ) -> LLVMValue {
    let type = module.memoryType(.scalar(scalar))
    var vector = builder.poison(builder.vectorType(type, count))
    for lane in 0..<count {
      let offset = multiplied(step, index(Int64(lane)))
      let place = lane == 0 ? base : builder.offsetAddress(type, base, offset)
      let element = builder.load(type, place, alignment: scalar.byteCount)
      vector = builder.insert(element, into: vector, lane: lane)
    }
    return vector
  }

  /// So many elements out of the registers that hold all between the first and the last of them.
  private func pick(
    _ count: Int, of scalar: ScalarType, from base: LLVMValue, every step: Int
  ) -> LLVMValue {
    let (element, distance) = (module.memoryType(.scalar(scalar)), Int(step.magnitude))
    let type = builder.vectorType(element, count)
    let span = (count - 1) * distance + 1
    let start =
      step > 0 ? base : builder.byteAddress(base, (count - 1) * step * scalar.byteCount)
    let starts = (0..<distance).map { $0 == distance - 1 ? span - count : $0 * count }
    let registers = starts.map {
      builder.load(
        type, builder.byteAddress(start, $0 * scalar.byteCount), alignment: scalar.byteCount)
    }
    let places = (0..<count).map { (step > 0 ? $0 : count - 1 - $0) * distance }
    // The register that has the element at a place; the last one has what the others lack.
    let owners = places.map { min($0 / count, distance - 1) }
    var vector = registers[0]
    for register in (distance == 1 ? 0 : 1)..<distance {
      vector = builder.shuffle(
        vector, registers[register],
        (0..<count).map { lane in
          let own = places[lane] - starts[owners[lane]]
          if owners[lane] == register { return register == 0 ? own : count + own }
          // What the first shuffle brings stays in its lane from there on.
          return register > 1 || owners[lane] > register ? lane : own
        })
    }
    return vector
  }

  // MARK: Matrices

  /// The lanes of the operands as rows, transposed by squares.
  mutating func emitTranspose(_ op: Operation) throws(CodeGenError) {
    guard case .vector(let scalar, let columns) = source.type(of: op.operands[0]) else {
      throw malformed(op)
    }
    var rows: [LLVMValue] = []
    for operand in op.operands { rows.append(try value(operand)) }
    let registerLanes = module.options.target.lanes(of: scalar)
    let side = min(rows.count, columns)
    // Squares above each other that fit the pieces of a register are transposed together.
    let isNarrow = side * scalar.byteCount <= 16
    let height = isNarrow ? max(side, min(rows.count, registerLanes)) : side
    // A result is made of as many of these as there are above each other.
    var results: [[LLVMValue]] = Array(repeating: [], count: columns)
    for firstRow in stride(from: 0, to: rows.count, by: height) {
      for firstColumn in stride(from: 0, to: columns, by: side) {
        let square = (firstRow..<firstRow + side).map { first in
          let row = joined(
            stride(from: first, to: firstRow + height, by: side).map { rows[$0] })
          return side == columns
            ? row : builder.shuffle(row, row, Array(firstColumn..<firstColumn + side))
        }
        for (column, vector) in transposed(square, scalar).enumerated() {
          results[firstColumn + column].append(vector)
        }
      }
    }
    for (result, parts) in zip(op.results, results) {
      let isWhole = parts.count > 1 && height == registerLanes
      set(result, isWhole ? .pieces(parts) : .value(joined(parts)))
    }
  }

  /// The columns of a square whose rows these are.
  ///
  /// First within pieces of 16 bytes, for which machines have the fastest instructions; then the pieces
  /// find their places.
  private func transposed(_ rows: [LLVMValue], _ scalar: ScalarType) -> [LLVMValue] {
    let side = rows.count
    let piece = min(side, max(1, 16 / scalar.byteCount))
    let blocks = stride(from: 0, to: side, by: piece).map { first in
      woven(Array(rows[first..<first + piece]), units: 1, within: piece)
    }
    var columns: [LLVMValue] = []
    let moved = (0..<piece).map { column in movedPieces(blocks.map { $0[column] }, piece) }
    for place in 0..<side / piece { columns += moved.map { $0[place] } }
    return columns
  }

  /// The vectors, a power of two of them, woven: the first result has the first unit of each, and so on,
  /// within each stretch of so many lanes. A unit is `units` lanes.
  private func woven(_ rows: [LLVMValue], units: Int, within stretch: Int) -> [LLVMValue] {
    if rows.count == 1 { return rows }
    let halves = (0..<2).map { first in
      woven(
        stride(from: first, to: rows.count, by: 2).map { rows[$0] }, units: units, within: stretch)
    }
    let lanes = rows[0].type.laneCount
    return zip(halves[0], halves[1]).flatMap { a, b in
      [0, stretch / 2].map { half in
        let positions = stride(from: 0, to: lanes, by: stretch).flatMap { start in
          stride(from: start + half, to: start + half + stretch / 2, by: units).flatMap { unit in
            Array(unit..<unit + units) + Array(lanes + unit..<lanes + unit + units)
          }
        }
        return builder.shuffle(a, b, positions)
      }
    }
  }

  /// The vectors with the first piece of each, those with the second piece of each, and so on.
  private func movedPieces(_ rows: [LLVMValue], _ piece: Int) -> [LLVMValue] {
    guard rows.count == 4 else { return woven(rows, units: piece, within: rows.count * piece) }
    // One instruction takes two pieces of one register and two of another.
    func taken(_ a: LLVMValue, _ b: LLVMValue, _ pieces: [Int]) -> LLVMValue {
      let lanes = 4 * piece
      return builder.shuffle(
        a, b,
        [0, lanes].flatMap { register in
          pieces.flatMap { Array(register + $0 * piece..<register + ($0 + 1) * piece) }
        })
    }
    let pairs = [0, 2].map { first in
      [[0, 1], [2, 3]].map { taken(rows[first], rows[first + 1], $0) }
    }
    return [0, 1].flatMap { half in
      [[0, 2], [1, 3]].map { taken(pairs[0][half], pairs[1][half], $0) }
    }
  }
}
