internal import CLLVM

extension LLVMBuilder {
  /// Goes on with `block`.
  public func branch(to block: LLVMBlock) {
    LLVMBuildBr(reference, block.reference)
  }

  /// Goes on with one of two blocks.
  public func branch(_ condition: LLVMValue, then: LLVMBlock, else: LLVMBlock) {
    LLVMBuildCondBr(reference, condition.reference, then.reference, `else`.reference)
  }

  /// Branches to `else` where that is hardly ever taken.
  public func branchLikely(_ condition: LLVMValue, then: LLVMBlock, else: LLVMBlock) {
    let branch = LLVMBuildCondBr(
      reference, condition.reference, then.reference, `else`.reference)!
    var weights: [LLVMMetadataRef?] = [
      LLVMMDStringInContext2(context, "branch_weights", 14),
      LLVMValueAsMetadata(integer(1_000_000, integerType(32)).reference),
      LLVMValueAsMetadata(integer(1, integerType(32)).reference),
    ]
    let node = LLVMMDNodeInContext2(context, &weights, 3)
    let kind = LLVMGetMDKindIDInContext(context, "prof", 4)
    LLVMSetMetadata(branch, kind, LLVMMetadataAsValue(context, node))
  }

  /// A value that depends on the block from which control comes; see `addIncoming`.
  public func phi(_ type: LLVMType) -> LLVMValue {
    LLVMValue(LLVMBuildPhi(reference, type.reference, ""))
  }

  /// Lets `phi` be `value` where control comes from `block`.
  public func addIncoming(_ value: LLVMValue, from block: LLVMBlock, to phi: LLVMValue) {
    var values: [LLVMValueRef?] = [value.reference]
    var blocks: [LLVMBasicBlockRef?] = [block.reference]
    LLVMAddIncoming(phi.reference, &values, &blocks, 1)
  }

  /// Ends the function.
  public func `return`(_ value: LLVMValue?) {
    if let value {
      LLVMBuildRet(reference, value.reference)
    } else {
      LLVMBuildRetVoid(reference)
    }
  }

  // MARK: Calls

  /// How a call stands to the end of its function.
  public enum TailKind { case none, must }

  /// Calls `function`; the value means nothing if it returns `void`.
  @discardableResult
  public func call(
    _ function: LLVMFunction, _ arguments: [LLVMValue],
    convention: LLVMCallingConvention = .c, tail: TailKind = .none
  ) -> LLVMValue {
    var references: [LLVMValueRef?] = arguments.map(\.reference)
    let call = LLVMBuildCall2(
      reference, function.type.reference, function.value.reference, &references,
      UInt32(references.count), "")!
    if convention != .c { LLVMSetInstructionCallConv(call, convention.rawValue) }
    if tail == .must { LLVMSetTailCallKind(call, LLVMTailCallKindMustTail) }
    return LLVMValue(call)
  }

  /// Calls the intrinsic `name`, overloaded for `types`.
  @discardableResult
  public func intrinsic(
    _ name: StaticString, _ types: [LLVMType], _ arguments: [LLVMValue]
  ) -> LLVMValue {
    let identifier = name.withUTF8Buffer {
      $0.withMemoryRebound(to: CChar.self) { LLVMLookupIntrinsicID($0.baseAddress, $0.count) }
    }
    precondition(identifier != 0, "LLVM has no intrinsic \(name)")
    var typeReferences: [LLVMTypeRef?] = types.map(\.reference)
    let function = LLVMGetIntrinsicDeclaration(
      module, identifier, &typeReferences, typeReferences.count)!
    let type = LLVMGlobalGetValueType(function)!
    return call(LLVMFunction(value: LLVMValue(function), type: LLVMType(type)), arguments)
  }

  // MARK: Attributes

  /// Gives `function` attributes without a value, such as `nounwind`.
  public func addAttributes(_ names: [String], to function: LLVMFunction) {
    for name in names {
      LLVMAddAttributeAtIndex(
        function.value.reference, UInt32(bitPattern: -1), attribute(name))
    }
  }

  /// Gives `function` an attribute that the back end reads, such as `frame-pointer`.
  public func addAttribute(_ key: String, _ value: String, to function: LLVMFunction) {
    LLVMAddAttributeAtIndex(
      function.value.reference, UInt32(bitPattern: -1),
      LLVMCreateStringAttribute(
        context, key, UInt32(key.utf8.count), value, UInt32(value.utf8.count)))
  }

  /// Gives a parameter attributes without a value, such as `noalias`.
  public func addAttributes(_ names: [String], to function: LLVMFunction, parameter: Int) {
    for name in names {
      LLVMAddAttributeAtIndex(function.value.reference, UInt32(parameter + 1), attribute(name))
    }
  }

  private func attribute(_ name: String) -> LLVMAttributeRef {
    let kind = LLVMGetEnumAttributeKindForName(name, name.utf8.count)
    precondition(kind != 0, "LLVM has no attribute \(name)")
    return LLVMCreateEnumAttribute(context, kind, 0)
  }
}
