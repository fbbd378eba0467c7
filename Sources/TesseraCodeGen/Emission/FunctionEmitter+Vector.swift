import TesseraIR
import TesseraLLVM
import TesseraNumbers

extension FunctionEmitter {
  /// Reads neighbouring elements into a vector.
  mutating func emitVectorLoad(_ op: Operation) throws(CodeGenError) {
    guard case .vector(let scalar, let lanes) = source.type(of: op.results[0]) else {
      throw malformed(op)
    }
    let address = try address(of: op.operands[0], at: op.operands[1...])
    let type = builder.vectorType(module.memoryType(.scalar(scalar)), lanes)
    let stored = builder.load(type, address, alignment: scalar.byteCount)
    let isBool = scalar == .bool
    set(
      op.results[0],
      .value(isBool ? builder.compare(.notEqual, stored, builder.zero(type)) : stored))
  }

  /// Writes the lanes of a vector to neighbouring elements.
  mutating func emitVectorStore(_ op: Operation) throws(CodeGenError) {
    guard case .vector(let scalar, let lanes) = source.type(of: op.operands[0]) else {
      throw malformed(op)
    }
    let address = try address(of: op.operands[1], at: op.operands[2...])
    if scalar != .bool, case .pieces(let pieces) = try get(op.operands[0]) {
      let byteCount = lanes / pieces.count * scalar.byteCount
      for (position, piece) in pieces.enumerated() {
        builder.store(
          piece, builder.byteAddress(address, position * byteCount), alignment: scalar.byteCount)
      }
      return
    }
    var stored = try value(op.operands[0])
    if scalar == .bool {
      stored = builder.cast(
        .zeroExtend, stored, to: builder.vectorType(builder.integerType(8), lanes))
    }
    builder.store(stored, address, alignment: scalar.byteCount)
  }

  /// A store past the caches takes its bytes to a line as a whole, so it is one only where these do not
  /// lie in two.
  mutating func emitStreamStore(_ op: Operation) throws(CodeGenError) {
    guard case .vector(let scalar, let lanes) = source.type(of: op.operands[0]) else {
      throw malformed(op)
    }
    let address = try address(of: op.operands[1], at: op.operands[2...].dropLast())
    let stored = try value(op.operands[0])
    let line = Int64(min(64, lanes * scalar.byteCount))
    let past = builder.appendBlock(to: function)
    let plain = builder.appendBlock(to: function)
    let next = builder.appendBlock(to: function)
    let isPast = try value(op.operands.last!)
    if isPast.constantInteger.map({ $0 == 0 }) ?? true {
      let wanted = builder.appendBlock(to: function)
      builder.branch(isPast, then: wanted, else: plain)
      builder.position(atEndOf: wanted)
    }
    let position = builder.cast(.pointerToInteger, address, to: builder.integerType(64))
    let offset = builder.binary(.and, position, index(line - 1))
    builder.branch(builder.compare(.equal, offset, index(0)), then: past, else: plain)
    builder.position(atEndOf: past)
    builder.storePastCaches(stored, address, alignment: Int(line))
    builder.branch(to: next)
    builder.position(atEndOf: plain)
    builder.store(stored, address, alignment: scalar.byteCount)
    builder.branch(to: next)
    builder.position(atEndOf: next)
    storesPastCaches = true
  }

  /// Lets everyone see what was stored past the caches.
  func fenceStreams() {
    guard storesPastCaches, module.options.target.architecture == .x86_64 else { return }
    builder.intrinsic("llvm.x86.sse.sfence", [], [])
  }

  /// Asks for the line of an element ahead of time.
  mutating func emitPrefetch(_ op: Operation) throws(CodeGenError) {
    let address = try address(of: op.operands[0], at: op.operands[1...])
    // For reading, soon again, of data.
    let (read, near, data) = (
      builder.integer(0, builder.integerType(32)), builder.integer(3, builder.integerType(32)),
      builder.integer(1, builder.integerType(32))
    )
    builder.intrinsic("llvm.prefetch", [builder.pointerType], [address, read, near, data])
  }

  /// The result of an operation that makes or takes apart a vector.
  func emitVector(_ op: Operation) throws(CodeGenError) -> LLVMValue {
    switch (op.opcode, source.type(of: op.results[0])) {
    case (.splat, .vector(_, let lanes)):
      if case .vector(let scalar, let count) = source.type(of: op.operands[0]) {
        return repeated(try value(op.operands[0]), LaneType(scalar, count), lanes)
      }
      return builder.splat(try value(op.operands[0]), lanes)
    case (.laneIndex, .vector(let scalar, let lanes)):
      let type = module.type(scalar)
      return builder.constantVector((0..<lanes).map { builder.integer(Int64($0), type) })
    case (.reduceLanes, _):
      guard case .reduction(let combiner, _, _) = op.attribute,
        case .vector(let scalar, let lanes) = source.type(of: op.operands[0])
      else { throw malformed(op) }
      return try reduce(try value(op.operands[0]), scalar, lanes, combiner, op)
    case (.pickLanes, .vector(_, let count)):
      guard case .integer(let first) = op.attribute,
        case .vector(_, let lanes) = source.type(of: op.operands[0])
      else { throw malformed(op) }
      let vector = try value(op.operands[0])
      let positions = (0..<count).map { Int(first) + $0 * (lanes / count) }
      return builder.shuffle(vector, builder.poison(vector.type), positions)
    case (.dotLanes, .vector(let scalar, let lanes)):
      return try dot(op, LaneType(scalar, lanes))
    default: throw malformed(op)
    }
  }

  /// The lanes of the operands in turn; there are a power of two of them.
  mutating func emitWeave(_ op: Operation) throws(CodeGenError) {
    guard case .vector(let scalar, let lanes) = source.type(of: op.results[0]) else {
      throw malformed(op)
    }
    let registerLanes = module.options.target.lanes(of: scalar)
    let operandLanes = lanes / op.operands.count
    // Registers of 64 bytes are woven by one instruction each, of narrower ones LLVM finds better.
    let holdsApart =
      [.f32, .f64].contains(scalar) && module.options.target.vectorByteCount == 64
    var vectors: [[LLVMValue]] = []
    for operand in op.operands {
      let pieces = pieces(of: try get(operand), lanes: operandLanes, registerLanes)
      let isWoven = source.definition(of: operand).map { source.operations[$0].opcode }
      vectors.append(
        isWoven == .weaveLanes && holdsApart && operandLanes >= registerLanes
          ? heldApart(pieces) : pieces)
    }
    let pieces = weave(vectors, lanes: min(registerLanes, operandLanes), registerLanes)
    set(op.results[0], pieces.count == 1 ? .value(pieces[0]) : .pieces(pieces))
  }

  /// The registers' worths of a vector of `lanes`.
  func pieces(of emitted: Emitted, lanes: Int, _ registerLanes: Int) -> [LLVMValue] {
    switch emitted {
    case .pieces(let pieces): return pieces
    case .value(let vector) where lanes > registerLanes:
      let unused = builder.poison(vector.type)
      return stride(from: 0, to: lanes, by: registerLanes).map {
        builder.shuffle(vector, unused, Array($0..<$0 + registerLanes))
      }
    case .value(let vector): return [vector]
    case .buffer(let buffer): return [buffer.base]
    }
  }

  /// The same floats, of which LLVM does not ask where they come from: it would spend a third of its
  /// time on a matrix that is transposed by looking for shuffles that make one of several.
  private func heldApart(_ pieces: [LLVMValue]) -> [LLVMValue] {
    pieces.map { builder.intrinsic("llvm.arithmetic.fence", [$0.type], [$0]) }
  }

  /// The lanes in turn of vectors that lie in pieces of `lanes` each.
  private func weave(
    _ vectors: [[LLVMValue]], lanes: Int, _ registerLanes: Int
  ) -> [LLVMValue] {
    if vectors.count == 1 { return vectors[0] }
    let halves = (0..<2).map { first in
      weave(
        stride(from: first, to: vectors.count, by: 2).map { vectors[$0] }, lanes: lanes,
        registerLanes)
    }
    // Vectors of less than a register have grown on the way.
    let lanes = min(registerLanes, lanes * vectors.count / 2)
    return zip(halves[0], halves[1]).flatMap { a, b in
      weave(a, b, lanes: lanes, registerLanes)
    }
  }

  /// The lanes of `a` and `b` in turn, of which each has `lanes`, in one register or two.
  ///
  /// A shuffle for each register: of a wider one, LLVM makes five times as many.
  private func weave(
    _ a: LLVMValue, _ b: LLVMValue, lanes: Int, _ registerLanes: Int
  ) -> [LLVMValue] {
    let firsts = 2 * lanes <= registerLanes ? [0..<lanes] : [0..<lanes / 2, lanes / 2..<lanes]
    return firsts.map { range in
      builder.shuffle(a, b, range.flatMap { [$0, lanes + $0] })
    }
  }

  /// The lanes of `pieces`, a power of two of them, one after the other.
  func joined(_ pieces: [LLVMValue]) -> LLVMValue {
    var pieces = pieces
    while pieces.count > 1 {
      pieces = stride(from: 0, to: pieces.count, by: 2).map {
        builder.shuffle(pieces[$0], pieces[$0 + 1], Array(0..<2 * pieces[$0].type.laneCount))
      }
    }
    return pieces[0]
  }

  /// The lanes combined in halves, so that the order is that of the IR.
  private func reduce(
    _ vector: LLVMValue, _ scalar: ScalarType, _ lanes: Int, _ combiner: Combiner, _ op: Operation
  ) throws(CodeGenError) -> LLVMValue {
    guard let opcode = combiner.opcode else { throw malformed(op) }
    var vector = vector
    var count = lanes
    while count > 1 {
      let half = count / 2
      let unused = builder.poison(vector.type)
      let low = builder.shuffle(vector, unused, Array(0..<half))
      let high = builder.shuffle(vector, unused, Array(half..<count))
      vector = try emitBinary(opcode, low, high, LaneType(scalar, half), op)
      count = half
    }
    return builder.extract(vector, lane: 0)
  }
}
