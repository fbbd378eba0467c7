import TesseraIR
import TesseraLLVM

// Operations on f32 and f64; the narrow types come here widened, and mathematical functions come
// written out by `expandMath`. Nothing is reassociated or contracted: the instructions carry no
// relaxing flags.

extension FunctionEmitter {
  /// What `opcode` makes of the float `a`, or of each of its lanes.
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

  /// What `opcode` makes of the floats `a` and `b`, lane by lane.
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
    case .powerOfEighths: return powerOfEighths(a, b, type)
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
