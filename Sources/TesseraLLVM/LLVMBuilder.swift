internal import CLLVM

/// Makes types and constants, and appends instructions to a block.
///
/// A handle: it is valid as long as its `LLVMModule`. Constants fold as they are built.
public struct LLVMBuilder {
  let reference: LLVMBuilderRef
  let context: LLVMContextRef
  let module: LLVMModuleRef

  /// Borrows the builder of `module`.
  init(_ reference: LLVMBuilderRef, context: LLVMContextRef, module: LLVMModuleRef) {
    self.reference = reference
    self.context = context
    self.module = module
  }

  // MARK: Types

  /// The type of integers so wide.
  public func integerType(_ bitWidth: Int) -> LLVMType {
    LLVMType(LLVMIntTypeInContext(context, UInt32(bitWidth)))
  }
  /// The type f16.
  public var halfType: LLVMType { LLVMType(LLVMHalfTypeInContext(context)) }
  /// The type bf16.
  public var bfloatType: LLVMType { LLVMType(LLVMBFloatTypeInContext(context)) }
  /// The type f32.
  public var floatType: LLVMType { LLVMType(LLVMFloatTypeInContext(context)) }
  /// The type f64.
  public var doubleType: LLVMType { LLVMType(LLVMDoubleTypeInContext(context)) }
  /// The type of addresses.
  public var pointerType: LLVMType { LLVMType(LLVMPointerTypeInContext(context, 0)) }
  /// The type of nothing.
  public var voidType: LLVMType { LLVMType(LLVMVoidTypeInContext(context)) }

  /// The type of so many lanes.
  public func vectorType(_ element: LLVMType, _ count: Int) -> LLVMType {
    LLVMType(LLVMVectorType(element.reference, UInt32(count)))
  }
  /// The type of so many neighbours in memory.
  public func arrayType(_ element: LLVMType, _ count: Int) -> LLVMType {
    LLVMType(LLVMArrayType2(element.reference, UInt64(count)))
  }
  /// The type of members of these types.
  public func structureType(_ elements: [LLVMType]) -> LLVMType {
    var references: [LLVMTypeRef?] = elements.map(\.reference)
    return LLVMType(LLVMStructTypeInContext(context, &references, UInt32(references.count), 0))
  }
  /// The type of functions.
  public func functionType(_ parameters: [LLVMType], _ result: LLVMType) -> LLVMType {
    var references: [LLVMTypeRef?] = parameters.map(\.reference)
    return LLVMType(LLVMFunctionType(result.reference, &references, UInt32(references.count), 0))
  }

  // MARK: Constants

  /// The constant `value` of an integer type.
  public func integer(_ value: Int64, _ type: LLVMType) -> LLVMValue {
    LLVMValue(LLVMConstInt(type.reference, UInt64(bitPattern: value), 1))
  }
  /// The constant `value` of a float type.
  public func float(_ value: Double, _ type: LLVMType) -> LLVMValue {
    LLVMValue(LLVMConstReal(type.reference, value))
  }
  /// The constant all of whose bits are 0.
  public func zero(_ type: LLVMType) -> LLVMValue { LLVMValue(LLVMConstNull(type.reference)) }
  /// What is never looked at.
  public func poison(_ type: LLVMType) -> LLVMValue { LLVMValue(LLVMGetPoison(type.reference)) }
  /// The vector of these constants.
  public func constantVector(_ lanes: [LLVMValue]) -> LLVMValue {
    var references: [LLVMValueRef?] = lanes.map(\.reference)
    return LLVMValue(LLVMConstVector(&references, UInt32(references.count)))
  }
  /// The structure of these constants.
  public func constantStructure(_ members: [LLVMValue]) -> LLVMValue {
    var references: [LLVMValueRef?] = members.map(\.reference)
    return LLVMValue(
      LLVMConstStructInContext(context, &references, UInt32(references.count), 0))
  }
  /// The array of these constants.
  public func constantArray(_ type: LLVMType, _ members: [LLVMValue]) -> LLVMValue {
    var references: [LLVMValueRef?] = members.map(\.reference)
    return LLVMValue(LLVMConstArray2(type.reference, &references, UInt64(references.count)))
  }

  // MARK: Blocks

  /// Appends an empty block to `function`.
  public func appendBlock(to function: LLVMFunction) -> LLVMBlock {
    LLVMBlock(LLVMAppendBasicBlockInContext(context, function.value.reference, ""))
  }

  /// Ends the current block by a branch to a new one of the same function, where code goes on.
  public func continueInNewBlock() {
    let function = LLVMGetBasicBlockParent(LLVMGetInsertBlock(reference))
    let next = LLVMAppendBasicBlockInContext(context, function, "")
    LLVMBuildBr(reference, next)
    LLVMPositionBuilderAtEnd(reference, next)
  }

  /// The block to which instructions are appended.
  public var block: LLVMBlock { LLVMBlock(LLVMGetInsertBlock(reference)) }

  /// Appends what follows to the end of `block`.
  public func position(atEndOf block: LLVMBlock) {
    LLVMPositionBuilderAtEnd(reference, block.reference)
  }

  /// Puts what follows before the branch that ends `block`.
  public func position(beforeEndOf block: LLVMBlock) {
    LLVMPositionBuilderBefore(reference, LLVMGetBasicBlockTerminator(block.reference))
  }

  /// Gives what follows a place in the source.
  public func setLocation(line: Int, column: Int, scope: LLVMDebugScope) {
    LLVMSetCurrentDebugLocation2(
      reference,
      LLVMDIBuilderCreateDebugLocation(
        context, UInt32(line), UInt32(column), scope.reference, nil))
  }

  /// Gives what follows no place in the source.
  public func clearLocation() { LLVMSetCurrentDebugLocation2(reference, nil) }
}
