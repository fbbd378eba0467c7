import TesseraIR
import TesseraLLVM
import TesseraNumbers

/// A number type, alone or as the lanes of a vector.
struct LaneType: Equatable {
  /// The type of one number.
  var scalar: ScalarType
  /// The number of lanes, or `nil` for a number alone.
  var lanes: Int?

  /// The type of a number of `scalar`, or of a vector with so many lanes.
  init(_ scalar: ScalarType, _ lanes: Int?) {
    self.scalar = scalar
    self.lanes = lanes
  }

  /// Creates the lane type of an IR type; `nil` for addresses, tensors and buffers.
  init?(_ type: Type) {
    switch type {
    case .scalar(let scalar): self.init(scalar, nil)
    case .vector(let scalar, let lanes): self.init(scalar, lanes)
    case .pointer, .tensor, .buffer: return nil
    }
  }

  /// As many numbers of another type.
  func with(_ scalar: ScalarType) -> LaneType { LaneType(scalar, lanes) }

  /// `true` for f16 and bf16, which are computed in f32.
  var isNarrowFloat: Bool { scalar == .f16 || scalar == .bf16 }
}

extension FunctionEmitter {
  /// The LLVM type of `type`.
  func llvm(_ type: LaneType) -> LLVMType { llvm(module.type(type.scalar), type.lanes) }

  /// A vector of `lanes`, or the type itself.
  func llvm(_ type: LLVMType, _ lanes: Int?) -> LLVMType {
    lanes.map { builder.vectorType(type, $0) } ?? type
  }

  /// An integer of `bitWidth` in each lane of `type`.
  func llvmInteger(_ bitWidth: Int, like type: LaneType) -> LLVMType {
    llvm(builder.integerType(bitWidth), type.lanes)
  }

  /// `value` in each lane of `type`.
  func spread(_ value: LLVMValue, like type: LaneType) -> LLVMValue {
    type.lanes.map { builder.splat(value, $0) } ?? value
  }

  /// The integer `value`, `bitWidth` wide, in each lane of `type`.
  func integer(_ value: Int64, _ bitWidth: Int, like type: LaneType) -> LLVMValue {
    spread(builder.integer(value, builder.integerType(bitWidth)), like: type)
  }

  /// The float `value` of `scalar`, f32 or f64, in each lane of `type`.
  func float(_ value: Double, _ scalar: ScalarType, like type: LaneType) -> LLVMValue {
    spread(builder.float(value, module.type(scalar)), like: type)
  }
}
