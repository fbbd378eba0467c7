import TesseraIR
import TesseraLLVM
import TesseraNumbers
import TesseraSource

extension FunctionEmitter {
  /// Leaves the function unless `status` is 0; the error is recorded already.
  mutating func failUnlessOK(_ status: LLVMValue) {
    let isOK = builder.compare(.equal, status, builder.zero(status.type))
    let goOn = builder.appendBlock(to: function)
    let failed = failureBlock()
    builder.branchLikely(isOK, then: goOn, else: failed.block)
    builder.addIncoming(status, from: builder.block, to: failed.status)
    builder.position(atEndOf: goOn)
  }

  /// Records an error with the place of `span`, and leaves the function, unless `condition` holds.
  ///
  /// - Parameter values: what stands for `{}` in `message`.
  mutating func fail(
    unless condition: LLVMValue, _ status: Status, _ message: String,
    values: [(ScalarType, LLVMValue)] = [], at span: SourceSpan
  ) {
    if condition.constantInteger == -1 || condition.constantInteger == 1 { return }
    let goOn = builder.appendBlock(to: function)
    let failure = Failure(status: status, message: message, span: span)
    let known = values.isEmpty ? knownFailures[failure] : nil
    let cold = known ?? builder.appendBlock(to: function)
    builder.branchLikely(condition, then: goOn, else: cold)
    if known == nil {
      builder.position(atEndOf: cold)
      record(failure, values: values)
      if values.isEmpty { knownFailures[failure] = cold }
    }
    builder.position(atEndOf: goOn)
  }

  /// Records an error and leaves the function.
  private mutating func record(_ failure: Failure, values: [(ScalarType, LLVMValue)]) {
    let told = module.constant(failure)
    let result: LLVMValue
    if values.isEmpty {
      result = builder.call(module.runtimeFunction(.runFail), [run, told])
    } else {
      let count = builder.integer(Int64(values.count), builder.integerType(32))
      result = builder.call(
        module.runtimeFunction(.runFailWithValues), [run, told, count, storeValues(values)])
    }
    let failed = failureBlock()
    builder.addIncoming(result, from: builder.block, to: failed.status)
    builder.branch(to: failed.block)
  }

  /// Stores numbers as an array of `tess_value` and returns its address.
  private func storeValues(_ values: [(ScalarType, LLVMValue)]) -> LLVMValue {
    let i64 = builder.integerType(64)
    let array = allocateOnStack(builder.arrayType(i64, 2 * values.count), alignment: 8)
    for (index, (type, value)) in values.enumerated() {
      // A `tess_dtype` is code, width and one lane, in the lowest bytes; then come the bits.
      let dataType =
        Int64(type.dataTypeCode) | Int64(type.bitWidth) << 8 | Int64(1) << 16
      let bits = builder.cast(
        .bitcast, value, to: builder.integerType(type == .bool ? 1 : type.bitWidth))
      let wide =
        type == .bool || type.bitWidth < 64 ? builder.cast(.zeroExtend, bits, to: i64) : bits
      builder.store(
        builder.integer(dataType, i64), builder.byteAddress(array, 16 * index), alignment: 8)
      builder.store(wide, builder.byteAddress(array, 16 * index + 8), alignment: 8)
    }
    return array
  }

  /// The block to which failures go; made when first asked for.
  mutating func failureBlock() -> (block: LLVMBlock, status: LLVMValue) {
    if let failure { return failure }
    let current = builder.block
    let block = builder.appendBlock(to: function)
    builder.position(atEndOf: block)
    let status = builder.phi(builder.integerType(32))
    builder.position(atEndOf: current)
    failure = (block, status)
    return (block, status)
  }

  /// Fills the block to which failures go, if any do.
  mutating func emitFailure() {
    guard let failure else { return }
    builder.position(atEndOf: failure.block)
    if let debugScope { builder.setLocation(line: 0, column: 0, scope: debugScope) }
    switch kind {
    case .parallelBody:
      builder.call(module.runtimeFunction(.endRun), [run])
      builder.return(nil)
    case .loop: builder.return(failure.status)
    case .function(let target):
      // The arena is left as it is: the entry gives everything back when a call has failed.
      if target.results == .memory || source.resultTypes.isEmpty {
        builder.return(failure.status)
      } else {
        let value = module.type(source.resultTypes[0])
        let type = builder.structureType([builder.integerType(32), value])
        // Results of a failed call mean nothing, but are initialised.
        builder.return(builder.insertMember(failure.status, into: builder.zero(type), 0))
      }
    }
  }

  // MARK: The run

  /// The address of a member of the `tess_run`.
  func runMember(_ member: RunMember) -> LLVMValue {
    builder.memberAddress(module.runType, run, member.rawValue)
  }

  /// The value of a member of the `tess_run`.
  func loadRun(_ member: RunMember, _ type: LLVMType) -> LLVMValue {
    builder.load(type, runMember(member), alignment: 8)
  }

  /// Fails if the host asked running code to stop.
  mutating func emitInterruptPoll() {
    let i32 = builder.integerType(32)
    let flag = builder.loadVolatile(i32, module.interruptFlag(), alignment: 4)
    fail(
      unless: builder.compare(.equal, flag, builder.integer(0, i32)), .interrupted,
      "interrupted", at: currentSpan ?? source.span)
  }

  /// Fails if a call at `span` would go below what the stack may reach.
  mutating func emitStackCheck(at span: SourceSpan) {
    let pointer = builder.pointerType
    let frame = builder.intrinsic(
      "llvm.frameaddress", [pointer], [builder.integer(0, builder.integerType(32))])
    let limit = loadRun(.stackLimit, pointer)
    fail(
      unless: builder.compare(.greaterUnsigned, frame, limit), .recursionTooDeep,
      "'\(source.name)' calls itself too deeply", at: span)
  }

  /// Leaves the function with a text unless the condition holds.
  mutating func emitAssert(_ op: Operation) throws(CodeGenError) {
    guard case .string(let text) = op.attribute else { throw malformed(op) }
    var values: [(ScalarType, LLVMValue)] = []
    for operand in op.operands.dropFirst() {
      guard let type = source.type(of: operand).laneType else { throw malformed(op) }
      values.append((type, try value(operand)))
    }
    fail(
      unless: try value(op.operands[0]), .assertionFailed, text, values: values, at: op.span)
  }
}
