internal import CLLVM

// Handles are borrowed: each is valid as long as the `LLVMModule` that it came from.

/// A value, constant, function or global of a module.
public struct LLVMValue: Hashable {
  let reference: LLVMValueRef

  /// Borrows a value of the C API.
  init(_ reference: LLVMValueRef) { self.reference = reference }

  /// The type of the value.
  public var type: LLVMType { LLVMType(LLVMTypeOf(reference)) }

  /// `true` iff the value is a constant or the address of a global, so that any function may use it.
  public var isConstant: Bool { LLVMIsConstant(reference) != 0 }

  /// The value if it is an integer constant of at most 64 bits, sign-extended.
  public var constantInteger: Int64? {
    guard LLVMIsAConstantInt(reference) != nil, LLVMGetIntTypeWidth(LLVMTypeOf(reference)) <= 64
    else { return nil }
    return LLVMConstIntGetSExtValue(reference)
  }
}

/// A type of a module's context.
public struct LLVMType: Equatable {
  let reference: LLVMTypeRef

  /// Borrows a type of the C API.
  init(_ reference: LLVMTypeRef) { self.reference = reference }

  /// `true` iff it is a number or address of at most 8 bytes.
  public var fitsRegister: Bool { LLVMGetTypeKind(reference) != LLVMVectorTypeKind }

  /// The lanes of a vector.
  public var laneCount: Int { Int(LLVMGetVectorSize(reference)) }
}

/// A basic block of a function.
public struct LLVMBlock: Hashable {
  let reference: LLVMBasicBlockRef

  /// Borrows a block of the C API.
  init(_ reference: LLVMBasicBlockRef) { self.reference = reference }
}

/// A scope of debug information: a file or a function in it.
public struct LLVMDebugScope {
  let reference: LLVMMetadataRef
}

/// A function with the type that calls of it need.
public struct LLVMFunction {
  /// The function itself, an address.
  public let value: LLVMValue
  /// The type of the function.
  public let type: LLVMType

  /// The parameter at `index`.
  public func parameter(_ index: Int) -> LLVMValue {
    LLVMValue(LLVMGetParam(value.reference, UInt32(index)))
  }
}

/// A message of LLVM about an operation that failed.
public struct LLVMError: Error, CustomStringConvertible {
  /// What LLVM says.
  public let description: String

  /// Creates the error of which LLVM says this.
  init(_ description: String) { self.description = description }

  /// Throws the message that `error` holds, if it holds one.
  static func check(_ error: LLVMErrorRef?) throws(LLVMError) {
    guard let error else { return }
    let message = LLVMGetErrorMessage(error)!
    defer { LLVMDisposeErrorMessage(message) }
    throw LLVMError(String(cString: message))
  }
}

/// Takes a message that LLVM allocated.
func takeMessage(_ message: UnsafeMutablePointer<CChar>?) -> String {
  guard let message else { return "" }
  defer { LLVMDisposeMessage(message) }
  return String(cString: message)
}
