import TesseraIR
import TesseraLLVM

extension EntryEmitter {
  /// Begins the call and makes sure that arguments are what the function expects: each tensor by itself,
  /// addresses of scalars, lengths, facts, and memory. Rows may lie apart.
  ///
  /// - Parameter memory: what calls take, unless the arguments tell.
  mutating func emitChecks(
    workspace: LLVMValue, byteCount: LLVMValue, _ memory: KnownMemory?
  ) {
    setLocation()
    let address = call!.address
    let (rows, lengths) = axisChecks()
    // Facts come after lengths and before memory.
    let hasFacts = !knownFacts.isEmpty
    let expected = expectation(axes: hasFacts ? [] : rows, memory)
    fail(
      unlessOK: builder.call(
        module.runtimeFunction(.beginCall), [address, expected, function.parameter(0), record]))
    emitAddressChecks()
    readSymbols()
    let numbers = storeLengths(lengths)
    if hasFacts {
      emitTable(.checkAxes, rows, [numbers])
      emitFactChecks()
    }
    fail(
      unlessOK: builder.call(
        module.runtimeFunction(.checkCall), [address, numbers, workspace, byteCount]))
  }

  /// The `tess_expectation` of the function.
  private func expectation(axes: [LLVMValue], _ memory: KnownMemory?) -> LLVMValue {
    let (i32, i64) = (builder.integerType(32), builder.integerType(64))
    let tensors = tensorChecks()
    let looksAtPacked = memory?.packedByteCount != nil
    return module.output.addConstant(
      builder.constantStructure([
        constantTable(tensors), constantTable(axes), builder.integer(Int64(tensors.count), i32),
        builder.integer(Int64(axes.count), i32), builder.integer(Int64(layout.byteCount), i64),
        builder.integer(looksAtPacked ? Int64(layout.packedByteOffset!) : -1, i64),
        builder.integer(Int64(memory?.packedByteCount ?? 0), i64),
        builder.integer(Int64(memory?.workspace.whole ?? 0), i64),
        builder.integer(Int64(memory?.workspace.prepared ?? 0), i64),
      ]), alignment: 8)
  }

  /// The address of a constant array of `rows`, null without any.
  private func constantTable(_ rows: [LLVMValue]) -> LLVMValue {
    guard let first = rows.first else { return builder.zero(builder.pointerType) }
    return module.output.addConstant(builder.constantArray(first.type, rows), alignment: 8)
  }

  /// Checks each tensor but results by itself, and that addresses of scalars that are read are not null.
  func emitTensorChecks() {
    emitTable(.checkTensors, tensorChecks(includesResults: false))
    emitAddressChecks(includesResults: false)
  }

  /// Checks that addresses of scalars are not null.
  private func emitAddressChecks(includesResults: Bool = true) {
    for field in layout.fields where includes(field) && (includesResults || !field.isResult) {
      guard case .scalarAddress = field.kind else { continue }
      let pointer = builder.load(builder.pointerType, address(field), alignment: 8)
      check(
        builder.compare(.notEqual, pointer, builder.zero(pointer.type)), .nullPointer,
        "'\(field.parameter.name)' has no address")
    }
  }

  /// What each tensor must be: a `tess_tensor_check` for each of `tensors`.
  ///
  /// - Parameter includesResults: `false` where results have no shape yet.
  func tensorChecks(includesResults: Bool = true) -> [LLVMValue] {
    let (i8, i32) = (builder.integerType(8), builder.integerType(32))
    var rows: [LLVMValue] = []
    for (number, field) in layout.fields.enumerated()
    where field.kind == .tensors && includes(field) && (includesResults || !field.isResult) {
      let isWritten = field.isResult || field.parameter.isInout
      for (position, leaf) in field.parameter.leaves.enumerated() {
        guard case .scalar(let scalar) = leaf.element else { continue }
        rows.append(
          builder.constantStructure([
            name(field, leaf), builder.integer(Int64(byteOffset(field, position)), i32),
            builder.integer(Int64(number), i32),
            builder.integer(Int64(leaf.shape?.count ?? 0), i32),
            builder.integer(Int64(scalar.dataTypeCode), i8),
            builder.integer(Int64(scalar.bitWidth), i8),
            builder.integer(leaf.shape == nil ? 1 : 0, i8), builder.integer(isWritten ? 1 : 0, i8),
          ]))
      }
    }
    return rows
  }

  /// Calls `function` with the arguments and the constant table of `rows`, unless that is empty, and
  /// leaves if it refuses.
  func emitTable(
    _ function: RuntimeFunction, _ rows: [LLVMValue], _ more: [LLVMValue] = []
  ) {
    if rows.isEmpty { return }
    let table = constantTable(rows)
    let count = builder.integer(Int64(rows.count), builder.integerType(32))
    fail(
      unlessOK: builder.call(
        module.runtimeFunction(function),
        [self.function.parameter(0), table, count] + more + [error]))
  }

  /// The value of a dimension symbol.
  func symbolValue(_ symbol: ExportSignature.Symbol) -> LLVMValue {
    let i64 = builder.integerType(64)
    switch symbol.origin {
    case .constant(let value): return builder.integer(Int64(value), i64)
    case .axis(let leaf, let axis):
      let (field, _, position) = allLeaves[leaf]
      return loadExtent(address(field, leaf: position), axis)
    case .scalar(let leaf):
      let (field, info, position) = allLeaves[leaf]
      guard case .scalar(let scalar) = info.element else { return builder.integer(0, i64) }
      let place =
        switch field.kind {
        case .tensors: loadBase(address(field, leaf: position))
        case .scalar, .pointer: address(field)
        case .scalarAddress: builder.load(builder.pointerType, address(field), alignment: 8)
        }
      let value = builder.load(
        module.memoryType(info.element), place, alignment: scalar.byteCount)
      if scalar.bitWidth == 64 { return value }
      return builder.cast(scalar.isSigned ? .signExtend : .zeroExtend, value, to: i64)
    }
  }

  /// What the lengths must be of all axes but those from which symbols are taken: a `tess_axis_check`
  /// each, and the lengths that they refer to.
  private func axisChecks() -> (rows: [LLVMValue], lengths: [DimensionExpression]) {
    let definitions = Set(
      signature.symbols.enumerated().compactMap { index, symbol -> [Int]? in
        guard case .axis(let leaf, let axis) = symbol.origin else { return nil }
        return [index, leaf, axis]
      })
    let (i32, i64) = (builder.integerType(32), builder.integerType(64))
    var rows: [LLVMValue] = []
    var lengths: [DimensionExpression] = []
    for (number, (field, leaf, position)) in allLeaves.enumerated()
    where field.kind == .tensors && includes(field) {
      for (axis, length) in (leaf.shape ?? []).enumerated() where isKnown(length) {
        if case .symbol(let index) = length, definitions.contains([index, number, axis]) {
          continue
        }
        var (constant, place) = (0, -1)
        if case .constant(let value) = length {
          constant = value
        } else {
          place = lengths.firstIndex(of: length) ?? lengths.count
          if place == lengths.count { lengths.append(length) }
        }
        rows.append(
          builder.constantStructure([
            name(field, leaf), module.string(leaf.typeText), builder.integer(Int64(constant), i64),
            builder.integer(Int64(byteOffset(field, position)), i32),
            builder.integer(Int64(axis), i32), builder.integer(Int64(place), i32),
            builder.integer(0, i32),
          ]))
      }
    }
    return (rows, lengths)
  }

  /// The address of an array of `lengths`, null without any.
  private func storeLengths(_ lengths: [DimensionExpression]) -> LLVMValue {
    if lengths.isEmpty { return builder.zero(builder.pointerType) }
    let memory = builder.allocateOnStack(
      builder.arrayType(builder.integerType(64), lengths.count), alignment: 8)
    for (place, length) in lengths.enumerated() {
      builder.store(emit(length), builder.byteAddress(memory, 8 * place), alignment: 8)
    }
    return memory
  }

  /// The facts of the signature about lengths that are told.
  private var knownFacts: [ExportSignature.Fact] {
    signature.facts.filter { isKnown($0.left) && isKnown($0.right) }
  }

  /// Checks the facts of the signature.
  func emitFactChecks() {
    let (i32, pointer) = (builder.integerType(32), builder.pointerType)
    for fact in knownFacts {
      let predicate: LLVMIntegerPredicate =
        switch fact.relation {
        case .equal: .equal
        case .notEqual: .notEqual
        case .less: .lessSigned
        case .lessOrEqual: .lessOrEqualSigned
        }
      let holds = builder.compare(predicate, emit(fact.left), emit(fact.right))
      let used = Array(fact.left.symbols.union(fact.right.symbols)).sorted()
      let names = builder.constantArray(
        pointer, used.map { module.string(signature.symbols[$0].name) })
      let values = builder.allocateOnStack(
        builder.arrayType(builder.integerType(64), max(1, used.count)), alignment: 8)
      for (position, symbol) in used.enumerated() {
        builder.store(
          symbols[symbol], builder.byteAddress(values, 8 * position), alignment: 8)
      }
      fail(
        unlessOK: builder.call(
          module.runtimeFunction(.checkFact),
          [
            builder.cast(.zeroExtend, holds, to: i32), module.string(fact.text),
            module.output.addConstant(names, alignment: 8), values,
            builder.integer(Int64(used.count), i32), error,
          ]))
    }
  }

  // MARK: Dimensions

  /// The value of an expression over the symbols.
  func emit(_ expression: DimensionExpression) -> LLVMValue {
    let i64 = builder.integerType(64)
    switch expression {
    case .constant(let value): return builder.integer(Int64(value), i64)
    case .symbol(let index): return symbols[index]
    case .sum(let a, let b): return builder.add(emit(a), emit(b))
    case .product(let a, let b): return builder.multiply(emit(a), emit(b))
    case .minimum(let a, let b):
      return builder.intrinsic("llvm.smin", [i64], [emit(a), emit(b)])
    case .maximum(let a, let b):
      return builder.intrinsic("llvm.smax", [i64], [emit(a), emit(b)])
    case .quotient(let a, let b): return divide(emit(a), emit(b)).quotient
    case .remainder(let a, let b): return divide(emit(a), emit(b)).remainder
    }
  }

  /// Division rounded down, defined for every divisor as `DimensionExpression` says.
  private func divide(
    _ a: LLVMValue, _ b: LLVMValue
  ) -> (quotient: LLVMValue, remainder: LLVMValue) {
    let i64 = builder.integerType(64)
    let (zero, one, minusOne) =
      (builder.integer(0, i64), builder.integer(1, i64), builder.integer(-1, i64))
    let isZero = builder.compare(.equal, b, zero)
    let isMinusOne = builder.compare(.equal, b, minusOne)
    // By 1 in place of 0 and -1, of which no instruction is asked the quotient.
    let divisor = builder.select(builder.binary(.or, isZero, isMinusOne), one, b)
    let quotient = builder.binary(.divideSigned, a, divisor)
    let rest = builder.binary(.remainderSigned, a, divisor)
    let signsDiffer = builder.compare(.lessSigned, builder.binary(.xor, rest, divisor), zero)
    let roundsDown = builder.binary(
      .and, signsDiffer, builder.compare(.notEqual, rest, zero))
    let floor = builder.subtract(quotient, builder.select(roundsDown, one, zero))
    let above = builder.add(rest, builder.select(roundsDown, divisor, zero))
    let negated = builder.select(isMinusOne, builder.subtract(zero, a), floor)
    return (builder.select(isZero, zero, negated), builder.select(isZero, a, above))
  }
}

extension DimensionExpression {
  /// The positions of the symbols that occur.
  var symbols: Set<Int> {
    switch self {
    case .constant: []
    case .symbol(let index): [index]
    case .sum(let a, let b), .product(let a, let b), .quotient(let a, let b),
      .remainder(let a, let b), .minimum(let a, let b), .maximum(let a, let b):
      a.symbols.union(b.symbols)
    }
  }
}
