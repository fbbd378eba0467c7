internal import CLLVM

/// What an atomic operation does with memory and operand.
public enum LLVMAtomic {
  case exchange, add, addFloat, and, or, xor
  case maximumSigned, minimumSigned, maximumUnsigned, minimumUnsigned

  /// What the C API calls it.
  var operation: LLVMAtomicRMWBinOp {
    switch self {
    case .exchange: LLVMAtomicRMWBinOpXchg
    case .add: LLVMAtomicRMWBinOpAdd
    case .addFloat: LLVMAtomicRMWBinOpFAdd
    case .and: LLVMAtomicRMWBinOpAnd
    case .or: LLVMAtomicRMWBinOpOr
    case .xor: LLVMAtomicRMWBinOpXor
    case .maximumSigned: LLVMAtomicRMWBinOpMax
    case .minimumSigned: LLVMAtomicRMWBinOpMin
    case .maximumUnsigned: LLVMAtomicRMWBinOpUMax
    case .minimumUnsigned: LLVMAtomicRMWBinOpUMin
    }
  }
}

extension LLVMBuilder {
  /// Memory in the frame of the function.
  ///
  /// - Requires: the builder stands in the entry block, lest the stack grow in a loop.
  public func allocateOnStack(_ type: LLVMType, alignment: Int) -> LLVMValue {
    let address = LLVMBuildAlloca(reference, type.reference, "")!
    LLVMSetAlignment(address, UInt32(alignment))
    return LLVMValue(address)
  }

  /// The value of `type` at `address`.
  public func load(_ type: LLVMType, _ address: LLVMValue, alignment: Int) -> LLVMValue {
    let value = LLVMBuildLoad2(reference, type.reference, address.reference, "")!
    LLVMSetAlignment(value, UInt32(alignment))
    return LLVMValue(value)
  }

  /// A load that is neither left out nor doubled.
  public func loadVolatile(_ type: LLVMType, _ address: LLVMValue, alignment: Int) -> LLVMValue {
    let value = load(type, address, alignment: alignment)
    LLVMSetVolatile(value.reference, 1)
    return value
  }

  /// Writes `value` to `address`.
  public func store(_ value: LLVMValue, _ address: LLVMValue, alignment: Int) {
    let instruction = LLVMBuildStore(reference, value.reference, address.reference)!
    LLVMSetAlignment(instruction, UInt32(alignment))
  }

  /// A store that leaves nothing in the caches.
  public func storePastCaches(_ value: LLVMValue, _ address: LLVMValue, alignment: Int) {
    let instruction = LLVMBuildStore(reference, value.reference, address.reference)!
    LLVMSetAlignment(instruction, UInt32(alignment))
    let name = "nontemporal"
    let kind = LLVMGetMDKindIDInContext(context, name, UInt32(name.utf8.count))
    var one: LLVMMetadataRef? = LLVMValueAsMetadata(integer(1, integerType(32)).reference)
    let node = LLVMMDNodeInContext2(context, &one, 1)
    LLVMSetMetadata(instruction, kind, LLVMMetadataAsValue(context, node))
  }

  /// The address of element `index` of an array of `type`, which lies inside its object.
  public func elementAddress(
    _ type: LLVMType, _ base: LLVMValue, _ index: LLVMValue
  ) -> LLVMValue {
    var indices: [LLVMValueRef?] = [index.reference]
    return LLVMValue(
      LLVMBuildInBoundsGEP2(reference, type.reference, base.reference, &indices, 1, ""))
  }

  /// The address of element `index` of an array of `type`, wherever it lies.
  public func offsetAddress(
    _ type: LLVMType, _ base: LLVMValue, _ index: LLVMValue
  ) -> LLVMValue {
    if index.constantInteger == 0 { return base }
    var indices: [LLVMValueRef?] = [index.reference]
    return LLVMValue(
      LLVMBuildGEP2(reference, type.reference, base.reference, &indices, 1, ""))
  }

  /// The address so many bytes beyond `base`.
  public func byteAddress(_ base: LLVMValue, _ byteOffset: Int) -> LLVMValue {
    byteOffset == 0
      ? base
      : elementAddress(integerType(8), base, integer(Int64(byteOffset), integerType(64)))
  }

  /// The address of member `index` of a structure.
  public func memberAddress(_ type: LLVMType, _ base: LLVMValue, _ index: Int) -> LLVMValue {
    index == 0
      ? base
      : LLVMValue(
        LLVMBuildStructGEP2(reference, type.reference, base.reference, UInt32(index), ""))
  }

  /// Copies bytes between regions that do not overlap.
  public func copyMemory(
    from source: LLVMValue, to target: LLVMValue, byteCount: LLVMValue, alignment: Int
  ) {
    LLVMBuildMemCpy(
      reference, target.reference, UInt32(alignment), source.reference, UInt32(alignment),
      byteCount.reference)
  }

  /// Combines `value` into memory in one step, ordered before and after all else.
  public func atomic(_ operation: LLVMAtomic, _ address: LLVMValue, _ value: LLVMValue)
    -> LLVMValue
  {
    LLVMValue(
      LLVMBuildAtomicRMW(
        reference, operation.operation, address.reference, value.reference,
        LLVMAtomicOrderingSequentiallyConsistent, 0))
  }

  /// Replaces memory by `value` iff it holds `expected`; gives what it held, and whether it did.
  public func atomicCompareExchange(
    _ address: LLVMValue, expected: LLVMValue, _ value: LLVMValue
  ) -> LLVMValue {
    LLVMValue(
      LLVMBuildAtomicCmpXchg(
        reference, address.reference, expected.reference, value.reference,
        LLVMAtomicOrderingSequentiallyConsistent, LLVMAtomicOrderingSequentiallyConsistent, 0))
  }
}
