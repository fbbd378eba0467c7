import TesseraIR
import TesseraLLVM
import TesseraNumbers

extension FunctionEmitter {
  /// The lanes of a vector, again and again up to `lanes`: as one number that is spread, which is an
  /// instruction where they fit into one.
  func repeated(_ vector: LLVMValue, _ type: LaneType, _ lanes: Int) -> LLVMValue {
    let count = type.lanes ?? 1
    let bitWidth = count * type.scalar.bitWidth
    guard type.scalar != .bool, bitWidth <= 64 else {
      let positions = (0..<lanes).map { $0 % count }
      return builder.shuffle(vector, builder.poison(vector.type), positions)
    }
    let word = builder.cast(.bitcast, vector, to: builder.integerType(bitWidth))
    let spread = builder.splat(word, lanes / count)
    return builder.cast(.bitcast, spread, to: llvm(LaneType(type.scalar, lanes)))
  }

  /// The value of `dot_lanes`: by the target's instruction where it has one for vectors of this
  /// length, else product by product.
  func dot(_ op: Operation, _ type: LaneType) throws(CodeGenError) -> LLVMValue {
    guard case .vector(let first, let lanes) = source.type(of: op.operands[0]),
      case .vector(let second, _) = source.type(of: op.operands[1]), let count = type.lanes
    else { throw malformed(op) }
    let operands = try values(op.operands)
    var (a, b, sums) = (operands[0], operands[1], operands[2])
    if first == .bf16 {
      let factors = builder.vectorType(builder.bfloatType, lanes)
      a = builder.cast(.bitcast, a, to: factors)
      b = builder.cast(.bitcast, b, to: factors)
    }
    if let instruction = DotInstruction(
      first, second, byteCount: lanes * first.byteCount, on: module.options.target)
    {
      switch instruction.form {
      case .accumulating:
        let factors = instruction.isSwapped ? [b, a] : [a, b]
        return builder.intrinsic(
          instruction.name, instruction.isOverloaded ? [sums.type, a.type] : [], [sums] + factors)
      case .products:
        return builder.add(sums, builder.intrinsic(instruction.name, [], [a, b]))
      }
    }
    if first == .bf16 {
      throw .unsupported(
        "\(module.options.target.name) has no sums of products of \(lanes) bf16", op.span)
    }
    let together = lanes / count
    return (0..<together).reduce(sums) { sums, place in
      let factors = [(a, first), (b, second)].map { vector, scalar in
        let picked = builder.shuffle(
          vector, builder.poison(vector.type), (0..<count).map { $0 * together + place })
        return builder.cast(
          scalar.isSigned ? .signExtend : .zeroExtend, picked, to: llvm(type))
      }
      return builder.add(sums, builder.multiply(factors[0], factors[1]))
    }
  }
}

/// The instruction that a target has for a `dot_lanes`.
private struct DotInstruction {
  /// What an instruction is given and gives.
  enum Form {
    /// Sums, then factors; gives the sums.
    case accumulating
    /// Factors; gives the sums of products that belong together.
    case products
  }

  /// The name of LLVM's intrinsic function for it.
  var name: StaticString
  var form = Form.accumulating
  /// `true` iff the factors change places.
  var isSwapped = false
  /// `true` iff the types complete the name.
  var isOverloaded = false

  /// The instruction for factors of these types in registers of so many bytes; `nil` if `target`
  /// has none.
  init?(
    _ first: ScalarType, _ second: ScalarType, byteCount: Int, on target: TargetDescription
  ) {
    let has = target.dotProducts
    guard byteCount <= target.vectorByteCount else { return nil }
    switch (target.architecture, first, second, byteCount) {
    case (.x86_64, .u8, .i8, 64) where has.contains(.mixedBytes),
      (.x86_64, .i8, .u8, 64) where has.contains(.mixedBytes):
      name = "llvm.x86.avx512.vpdpbusd.512"
      isSwapped = first == .i8
    case (.x86_64, .u8, .i8, 32) where has.contains(.mixedBytes),
      (.x86_64, .i8, .u8, 32) where has.contains(.mixedBytes):
      name = "llvm.x86.avx512.vpdpbusd.256"
      isSwapped = first == .i8
    case (.x86_64, .i8, .i8, 32) where has.contains(.signedBytes):
      name = "llvm.x86.avx2.vpdpbssd.256"
    case (.aarch64, .i8, .i8, 16) where has.contains(.signedBytes):
      name = "llvm.aarch64.neon.sdot"
      isOverloaded = true
    case (.x86_64, .i16, .i16, 64) where has.contains(.shorts):
      name = "llvm.x86.avx512.pmaddw.d.512"
      form = .products
    case (.x86_64, .i16, .i16, 32) where has.contains(.shorts):
      name = "llvm.x86.avx2.pmadd.wd"
      form = .products
    case (.x86_64, .i16, .i16, 16) where has.contains(.shorts):
      name = "llvm.x86.sse2.pmadd.wd"
      form = .products
    case (.x86_64, .bf16, .bf16, 64) where has.contains(.bfloat16):
      name = "llvm.x86.avx512bf16.dpbf16ps.512"
    case (.x86_64, .bf16, .bf16, 32) where has.contains(.bfloat16):
      name = "llvm.x86.avx512bf16.dpbf16ps.256"
    case (.x86_64, .bf16, .bf16, 16) where has.contains(.bfloat16):
      name = "llvm.x86.avx512bf16.dpbf16ps.128"
    default: return nil
    }
  }
}
