import TesseraIR
import TesseraLLVM

extension FunctionEmitter {
  mutating func emitVectorLoad(_ op: Operation) throws(CodeGenError) {
    let buffer = try buffer(op.operands[0])
    guard case .vector(let scalar, let lanes) = source.type(of: op.results[0]) else {
      throw malformed(op)
    }
    let address = address(buffer, try values(op.operands.dropFirst()))
    let type = builder.vectorType(module.memoryType(.scalar(scalar)), lanes)
    let stored = builder.load(type, address, alignment: scalar.byteCount)
    let isBool = scalar == .bool
    set(
      op.results[0],
      .value(isBool ? builder.compare(.notEqual, stored, builder.zero(type)) : stored))
  }

  mutating func emitVectorStore(_ op: Operation) throws(CodeGenError) {
    let buffer = try buffer(op.operands[1])
    guard case .vector(let scalar, let lanes) = source.type(of: op.operands[0]) else {
      throw malformed(op)
    }
    let address = address(buffer, try values(op.operands.dropFirst(2)))
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
    let buffer = try buffer(op.operands[1])
    guard case .vector(let scalar, let lanes) = source.type(of: op.operands[0]) else {
      throw malformed(op)
    }
    let address = address(buffer, try values(op.operands[2...].dropLast()))
    let stored = try value(op.operands[0])
    let line = Int64(min(64, lanes * scalar.byteCount))
    let wanted = builder.appendBlock(to: function)
    let past = builder.appendBlock(to: function)
    let plain = builder.appendBlock(to: function)
    let next = builder.appendBlock(to: function)
    builder.branch(try value(op.operands.last!), then: wanted, else: plain)
    builder.position(atEndOf: wanted)
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

  mutating func emitPrefetch(_ op: Operation) throws(CodeGenError) {
    let address = address(
      try buffer(op.operands[0]), try values(op.operands.dropFirst()))
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
    case (.weaveLanes, .vector(let scalar, let lanes)):
      let registerLanes = module.options.target.lanes(of: scalar)
      return weave(try values(op.operands), lanes: lanes, registerLanes)
    default: throw malformed(op)
    }
  }

  /// The lanes of `vectors` in turn, `lanes` of them; there are a power of two vectors.
  private func weave(_ vectors: [LLVMValue], lanes: Int, _ registerLanes: Int) -> LLVMValue {
    if vectors.count == 1 { return vectors[0] }
    let half = lanes / 2
    let halves = (0..<2).map { first in
      weave(
        stride(from: first, to: vectors.count, by: 2).map { vectors[$0] }, lanes: half,
        registerLanes)
    }
    return weave(halves[0], halves[1], lanes: half, registerLanes)
  }

  /// The lanes of `a` and `b` in turn, of which each has `lanes`.
  ///
  /// Two shuffles for each pair of registers: of one that is wider, LLVM makes five times as many.
  private func weave(
    _ a: LLVMValue, _ b: LLVMValue, lanes: Int, _ registerLanes: Int
  ) -> LLVMValue {
    guard lanes % registerLanes == 0 else {
      return builder.shuffle(a, b, (0..<lanes).flatMap { [$0, lanes + $0] })
    }
    var parts: [LLVMValue] = []
    for start in stride(from: 0, to: lanes, by: registerLanes) {
      let (low, high) = (
        part(of: a, start, registerLanes, of: lanes), part(of: b, start, registerLanes, of: lanes)
      )
      for first in [0, registerLanes / 2] {
        let positions = (first..<first + registerLanes / 2).flatMap { [$0, registerLanes + $0] }
        parts.append(builder.shuffle(low, high, positions))
      }
    }
    var width = registerLanes
    while parts.count > 1 {
      parts = stride(from: 0, to: parts.count, by: 2).map {
        builder.shuffle(parts[$0], parts[$0 + 1], Array(0..<2 * width))
      }
      width *= 2
    }
    return parts[0]
  }

  /// The `count` lanes of `vector`, which has `lanes`, that begin at `start`.
  private func part(of vector: LLVMValue, _ start: Int, _ count: Int, of lanes: Int) -> LLVMValue {
    if count == lanes { return vector }
    return builder.shuffle(vector, builder.poison(vector.type), Array(start..<start + count))
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
