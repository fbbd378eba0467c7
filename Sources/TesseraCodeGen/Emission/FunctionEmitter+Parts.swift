import TesseraIR
import TesseraLLVM

/// Parts of a function that become LLVM functions of their own: the bodies of `parallel`s, and long
/// loops of those.
///
/// What a part uses of its surroundings travels through a context, a structure on the stack whose
/// address is the part's first parameter.
extension FunctionEmitter {
  /// Memory that holds `values`, one a member, for a part of this function.
  func makeContext(of values: [LLVMValue]) -> LLVMValue {
    let type = builder.structureType(values.map(\.type))
    let context = allocateOnStack(type, alignment: 16)
    for (member, value) in values.enumerated() {
      builder.store(value, builder.memberAddress(type, context, member), alignment: 8)
    }
    return context
  }

  /// What a part reads from its context, which was made of `values`.
  func loadContext(of values: [LLVMValue]) -> [LLVMValue] {
    let type = builder.structureType(values.map(\.type))
    let context = function.parameter(0)
    return values.enumerated().map { member, value in
      builder.load(value.type, builder.memberAddress(type, context, member), alignment: 8)
    }
  }

  /// Adds the LLVM function of the part that is `op`.
  ///
  /// - Returns: the function, and what it is called without what a session adds.
  func addPart(
    _ op: Operation, named suffix: String, _ type: LLVMType
  ) -> (function: LLVMFunction, symbol: String) {
    let symbol = source.symbol(ofPart: suffix, op.regions[0])
    let function = module.addFunction(symbol, type)
    builder.addAttributes(["nounwind"], to: function)
    return (function, symbol)
  }

  /// Begins to fill `function`, the LLVM function of the part that is `op`.
  ///
  /// - Returns: its emitter, and where its code proper starts, for `finishBody`.
  func beginPart(
    _ kind: Kind, _ op: Operation, _ added: (function: LLVMFunction, symbol: String)
  ) -> (part: FunctionEmitter, start: LLVMBlock) {
    let function = added.function
    module.addMachineAttributes(to: function)
    var part = FunctionEmitter(kind, function, added.symbol, of: self)
    part.debugScope = module.describe(function, name: source.name, span: op.span)
    let start = builder.appendBlock(to: function)
    builder.position(atEndOf: start)
    part.setLocation(op.span)
    return (part, start)
  }

  /// Goes on at the end of `block` of this function, after the part that is `op` was filled.
  mutating func resume(atEndOf block: LLVMBlock, after op: Operation) {
    builder.position(atEndOf: block)
    currentSpan = nil
    setLocation(op.span)
  }

  /// Ends a function whose code proper, from `start` on, is emitted.
  mutating func finishBody(from start: LLVMBlock) {
    builder.position(atEndOf: entryBlock)
    builder.clearLocation()
    builder.branch(to: start)
    emitFailure()
    module.leaveToOthers(function, unlessOwn: symbol)
  }
}
