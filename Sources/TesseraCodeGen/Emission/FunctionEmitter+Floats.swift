import TesseraIR
import TesseraLLVM

// Operations on f32 and f64; the narrow types come here widened, and mathematical functions come
// written out by `expandMath`. Nothing is reassociated or contracted: the instructions carry no
// relaxing flags.

extension FunctionEmitter {
  func unaryFloat(
    _ opcode: Opcode, _ a: LLVMValue, _ type: LaneType, _ op: Operation
  ) throws(CodeGenError) -> LLVMValue {
    let overload = [a.type]
    switch opcode {
    case .negate: return builder.negateFloat(a)
    case .absolute: return builder.intrinsic("llvm.fabs", overload, [a])
    case .floor: return builder.intrinsic("llvm.floor", overload, [a])
    case .ceil: return builder.intrinsic("llvm.ceil", overload, [a])
    case .round: return builder.intrinsic("llvm.roundeven", overload, [a])
    case .truncate: return builder.intrinsic("llvm.trunc", overload, [a])
    case .squareRoot: return builder.intrinsic("llvm.sqrt", overload, [a])
    case .isNaN: return builder.compareFloats(.unordered, a, a)
    default: throw malformed(op)
    }
  }

  func binaryFloat(
    _ opcode: Opcode, _ a: LLVMValue, _ b: LLVMValue, _ type: LaneType, _ op: Operation
  ) throws(CodeGenError) -> LLVMValue {
    switch opcode {
    case .add: return builder.binary(.addFloat, a, b)
    case .subtract: return builder.binary(.subtractFloat, a, b)
    case .multiply: return builder.binary(.multiplyFloat, a, b)
    case .divide: return builder.binary(.divideFloat, a, b)
    case .remainder: return remainderFloor(a, b, type)
    case .scaleByPower: return scaledByPower(a, b, type)
    case .minimum: return builder.intrinsic("llvm.minimum", [a.type], [a, b])
    case .maximum: return builder.intrinsic("llvm.maximum", [a.type], [a, b])
    case .minimumNumber: return builder.intrinsic("llvm.minimumnum", [a.type], [a, b])
    case .maximumNumber: return builder.intrinsic("llvm.maximumnum", [a.type], [a, b])
    case .equal: return builder.compareFloats(.equal, a, b)
    case .notEqual: return builder.compareFloats(.notEqual, a, b)
    case .less: return builder.compareFloats(.less, a, b)
    case .lessOrEqual: return builder.compareFloats(.lessOrEqual, a, b)
    case .greater: return builder.compareFloats(.greater, a, b)
    case .greaterOrEqual: return builder.compareFloats(.greaterOrEqual, a, b)
    default: throw malformed(op)
    }
  }

  /// A number times the power of two that `anchored` tells, see `Opcode.scaleByPower`.
  private func scaledByPower(_ a: LLVMValue, _ anchored: LLVMValue, _ type: LaneType) -> LLVMValue {
    let isDouble = type.scalar == .f64
    let anchor = float(type.scalar.powerAnchor, type.scalar, like: type)
    if let scaled = scaledAtOnce(a, builder.binary(.subtractFloat, anchored, anchor), type) {
      return scaled
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

  /// `a` times 2 to `power` by the one instruction that AVX-512 has for a register; `nil` for other
  /// machines and numbers of lanes.
  private func scaledAtOnce(_ a: LLVMValue, _ power: LLVMValue, _ type: LaneType) -> LLVMValue? {
    let target = module.options.target
    let register = target.lanes(of: type.scalar)
    guard target.architecture == .x86_64, target.vectorByteCount == 64, let lanes = type.lanes,
      lanes % register == 0, (lanes / register).nonzeroBitCount == 1
    else { return nil }
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
        LaneType(type.scalar, lanes / 2))!
    }
    return builder.shuffle(halves[0], halves[1], Array(0..<lanes))
  }

  /// What division rounded down leaves; the truncating remainder is exact, and one sum with the
  /// divisor rounds once.
  private func remainderFloor(_ a: LLVMValue, _ b: LLVMValue, _ type: LaneType) -> LLVMValue {
    let rest = libraryCall("fmod", [a, b], type)
    let zero = builder.zero(a.type)
    let isZero = builder.compareFloats(.equal, rest, zero)
    let signsDiffer = builder.binary(
      .xor, builder.compareFloats(.less, rest, zero), builder.compareFloats(.less, b, zero))
    let moved = builder.select(signsDiffer, builder.binary(.addFloat, rest, b), rest)
    let signedZero = builder.intrinsic("llvm.copysign", [a.type], [zero, b])
    return builder.select(isZero, signedZero, moved)
  }

  /// A call of libm for each lane: of `name` for f64, of `namef` for f32.
  private func libraryCall(
    _ name: String, _ operands: [LLVMValue], _ type: LaneType
  ) -> LLVMValue {
    let scalar = module.type(type.scalar)
    let function = module.libraryFunction(
      type.scalar == .f32 ? name + "f" : name,
      builder.functionType(operands.map { _ in scalar }, scalar))
    guard let lanes = type.lanes else { return builder.call(function, operands) }
    var result = builder.poison(operands[0].type)
    for lane in 0..<lanes {
      let value = builder.call(function, operands.map { builder.extract($0, lane: lane) })
      result = builder.insert(value, into: result, lane: lane)
    }
    return result
  }
}
