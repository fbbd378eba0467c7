import TesseraIR
import TesseraLLVM
import TesseraNumbers

// Powers of two, by the bits of exponents, and what is looked up in tables for them and for others.

extension FunctionEmitter {
  /// A number times the power of two that `anchored` tells, see `Opcode.scaleByPower`.
  func scaledByPower(_ a: LLVMValue, _ anchored: LLVMValue, _ type: LaneType) -> LLVMValue {
    let isDouble = type.scalar == .f64
    let anchor = float(type.scalar.powerAnchor, type.scalar, like: type)
    if isScaledAtOnce(type) {
      return scaledAtOnce(a, builder.binary(.subtractFloat, anchored, anchor), type)
    }
    // Two factors of which neither overflows; the second one rounds. Its exponent, bias included, is
    // taken from the last bits of the anchored number, which have the bias of exponents twice.
    let isNegative = builder.compareFloats(.less, anchored, anchor)
    let second = builder.select(
      isNegative, float(isDouble ? 0x1p-512 : 0x1p-64, type.scalar, like: type),
      float(isDouble ? 0x1p512 : 0x1p64, type.scalar, like: type))
    let integers = llvmInteger(isDouble ? 64 : 32, like: type)
    let exponents = builder.binary(
      .shiftLeft, builder.cast(.bitcast, anchored, to: integers),
      integer(isDouble ? 52 : 23, isDouble ? 64 : 32, like: type))
    let first = builder.subtract(exponents, builder.cast(.bitcast, second, to: integers))
    let scaled = builder.binary(.multiplyFloat, a, builder.cast(.bitcast, first, to: a.type))
    return builder.binary(.multiplyFloat, scaled, second)
  }

  /// `true` iff AVX-512 has one instruction for a register of this type that scales by powers of two.
  private func isScaledAtOnce(_ type: LaneType) -> Bool {
    let target = module.options.target
    let register = target.lanes(of: type.scalar)
    guard target.architecture == .x86_64, target.vectorByteCount == 64, let lanes = type.lanes
    else { return false }
    return lanes % register == 0 && (lanes / register).nonzeroBitCount == 1
  }

  /// `a` times 2 to `power`, rounded down, by that instruction.
  private func scaledAtOnce(_ a: LLVMValue, _ power: LLVMValue, _ type: LaneType) -> LLVMValue {
    let register = module.options.target.lanes(of: type.scalar)
    let lanes = type.lanes ?? register
    if lanes == register {
      let everyLane = builder.integer(-1, builder.integerType(register))
      let rounding = builder.integer(4, builder.integerType(32))
      return builder.intrinsic(
        type.scalar == .f64
          ? "llvm.x86.avx512.mask.scalef.pd.512" : "llvm.x86.avx512.mask.scalef.ps.512",
        [], [a, power, builder.zero(a.type), everyLane, rounding])
    }
    let unused = builder.poison(a.type)
    let halves = [Array(0..<lanes / 2), Array(lanes / 2..<lanes)].map { positions in
      scaledAtOnce(
        builder.shuffle(a, unused, positions), builder.shuffle(power, unused, positions),
        LaneType(type.scalar, lanes / 2))
    }
    return builder.shuffle(halves[0], halves[1], Array(0..<lanes))
  }

  /// What `Opcode.powerOfEighths` makes of a number and of eighths that are anchored.
  func powerOfEighths(_ a: LLVMValue, _ anchored: LLVMValue, _ type: LaneType) -> LLVMValue {
    let anchor = float(ScalarType.eighthAnchor, .f32, like: type)
    let eighths = builder.binary(.subtractFloat, anchored, anchor)
    let integers = llvmInteger(32, like: type)
    let places = builder.cast(.bitcast, anchored, to: integers)
    let powers = ScalarType.eighthPowers.map(\.bitPattern)
    if isScaledAtOnce(type) {
      let power = builder.cast(.bitcast, entries(of: powers, places, type), to: a.type)
      let product = builder.intrinsic("llvm.fma", [a.type], [power, a, power])
      // The instruction rounds the second operand down.
      return scaledAtOnce(product, eighths, type)
    }

    // As in `scaledByPower`, but the first factor goes into the entry of the table, where exponents are
    // added up: to what is less by the bits of the place that come with them.
    let lowered = powers.enumerated().map { place, bits in bits &- UInt32(place) << 20 }
    let shift = integer(20, 32, like: type)
    let exponents = builder.binary(.shiftLeft, places, shift)
    let second = signed(64 << 23, by: builder.cast(.bitcast, eighths, to: integers), type)
    let first = builder.add(
      entries(of: lowered, places, type), builder.subtract(exponents, second))
    let factor = builder.cast(.bitcast, first, to: a.type)
    let product = builder.intrinsic("llvm.fma", [a.type], [factor, a, factor])
    let one = integer(127 << 23, 32, like: type)
    return builder.binary(
      .multiplyFloat, product, builder.cast(.bitcast, builder.add(one, second), to: a.type))
  }

  /// `number` with the sign of the integers of 32 bits; where these are 0, any number in between.
  private func signed(_ number: Int64, by integers: LLVMValue, _ type: LaneType) -> LLVMValue {
    if module.options.target.architecture == .x86_64, let lanes = type.lanes, lanes >= 8 {
      let numbers = integer(number, 32, like: LaneType(.i32, 8))
      let pieces = pieces(of: .value(integers), lanes: lanes, 8)
      return joined(
        pieces.map { builder.intrinsic("llvm.x86.avx2.psign.d", [], [numbers, $0]) })
    }
    let isNegative = builder.compare(.lessSigned, integers, builder.zero(integers.type))
    return builder.select(
      isNegative, integer(-number, 32, like: type), integer(number, 32, like: type))
  }

  // MARK: Tables

  /// The value of `look_up`.
  func lookUp(_ op: Operation) throws(CodeGenError) -> LLVMValue {
    guard case .dense(let table) = op.attribute,
      let type = LaneType(source.type(of: op.operands[0])),
      let result = LaneType(source.type(of: op.results[0]))
    else { throw malformed(op) }
    let words = entries(of: table.words, try value(op.operands[0]), type)
    return builder.cast(.bitcast, words, to: llvm(result))
  }

  /// The entries of a table of eight at `places`, of which the last three bits count: by one
  /// instruction for each register.
  private func entries(
    of table: [UInt32], _ places: LLVMValue, _ type: LaneType
  ) -> LLVMValue {
    let target = module.options.target
    let lanes = type.lanes ?? 1
    let registerLanes =
      target.architecture == .aarch64 ? 4 : target.vectorByteCount == 64 && lanes >= 16 ? 16 : 8
    if type.lanes == nil {
      let first = builder.poison(builder.vectorType(places.type, registerLanes))
      let register = builder.insert(places, into: first, lane: 0)
      return builder.extract(entries(of: table, register, registerLanes), lane: 0)
    }
    if lanes < registerLanes {
      let unused = builder.poison(places.type)
      let repeated = builder.shuffle(places, unused, (0..<registerLanes).map { $0 % lanes })
      let found = entries(of: table, repeated, registerLanes)
      return builder.shuffle(found, builder.poison(found.type), Array(0..<lanes))
    }
    let pieces = pieces(of: .value(places), lanes: lanes, registerLanes)
    return joined(pieces.map { entries(of: table, $0, registerLanes) })
  }

  /// The entries at the places that one register holds.
  private func entries(
    of table: [UInt32], _ places: LLVMValue, _ registerLanes: Int
  ) -> LLVMValue {
    let integerType = builder.integerType(32)
    func register(_ words: some Sequence<UInt32>) -> LLVMValue {
      builder.constantVector(words.map { builder.integer(Int64($0), integerType) })
    }
    if module.options.target.architecture == .aarch64 {
      // Numbers of bytes, four for each place.
      let type = LaneType(.i32, registerLanes)
      let masked = builder.binary(.and, places, integer(7, 32, like: type))
      let spread = builder.multiply(masked, integer(0x0404_0404, 32, like: type))
      let bytes = builder.add(spread, integer(0x0302_0100, 32, like: type))
      let byteType = builder.vectorType(builder.integerType(8), 4 * registerLanes)
      let found = builder.intrinsic(
        "llvm.aarch64.neon.tbl2", [byteType],
        [register(table[..<4]), register(table[4...]), bytes].map {
          builder.cast(.bitcast, $0, to: byteType)
        })
      return builder.cast(.bitcast, found, to: places.type)
    }
    let floats = builder.vectorType(builder.floatType, registerLanes)
    let repeated = (0..<registerLanes).map { table[$0 % table.count] }
    let entries = builder.cast(.bitcast, register(repeated), to: floats)
    let found = builder.intrinsic(
      registerLanes == 16 ? "llvm.x86.avx512.permvar.sf.512" : "llvm.x86.avx2.permps", [],
      [entries, places])
    return builder.cast(.bitcast, found, to: places.type)
  }
}
