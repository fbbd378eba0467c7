import TesseraNumbers
import TesseraSource

/// The rules of types: which operation follows which rule, and what rules are made of.
extension Verifier {
  /// Checks the types of operands, results and regions.
  ///
  /// - Requires: the operation has the operands, regions and kind of attribute of the op table.
  mutating func checkTypes(_ op: Operation) {
    switch op.opcode {
    case .constant: checkConstant(op)
    case .add, .subtract, .multiply, .divide, .remainder, .negate, .multiplyAdd, .minimum,
      .maximum, .minimumNumber, .maximumNumber, .absolute:
      checkArithmetic(op, .numbers)
    case .divideTruncating, .remainderTruncating, .shiftLeft, .shiftRight:
      checkArithmetic(op, .integers)
    case .bitAnd, .bitOr, .bitXor, .bitNot:
      checkArithmetic(op, .integersAndBools)
    case .floor, .ceil, .round, .truncate, .squareRoot, .reciprocalSquareRoot, .exponential,
      .exponential2, .logarithm, .logarithm2, .sine, .cosine, .tangent, .hyperbolicTangent,
      .errorFunction, .power, .sigmoid:
      checkArithmetic(op, .floats)
    case .scaleByPower: checkArithmetic(op, .wideFloats)
    case .powerOfEighths: checkArithmetic(op, .singles)
    case .lookUp: checkLookUp(op)
    case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual:
      checkPredicate(op, .numbersAndBools)
    case .isNaN: checkPredicate(op, .floats)
    case .select: checkSelect(op)
    case .convert: checkConvert(op)
    case .bitcast: checkBitcast(op)

    case .dimension: checkDimension(op)
    case .compute: checkCompute(op)
    case .blank: checkBlank(op)
    case .read: checkRead(op)
    case .reduce: checkReduce(op)
    case .scan: checkScan(op)
    case .update: checkUpdate(op)
    case .sort: checkSort(op)
    case .launch: checkLaunch(op)

    case .pointerOffset: checkPointerOffset(op)
    case .pointerLoad: checkPointerLoad(op)
    case .pointerStore: checkPointerStore(op)
    case .atomicUpdate: checkAtomicUpdate(op)
    case .atomicCompareExchange: checkAtomicCompareExchange(op)

    case .allocate: checkAllocate(op)
    case .load: checkLoad(op)
    case .store: checkStore(op)
    case .place, .overlay: checkPlace(op)
    case .view: checkView(op)
    case .reshape: checkReshape(op)
    case .copy: checkCopy(op)
    case .sortBuffer: checkSortBuffer(op)
    case .release: checkRelease(op)
    case .parallel: checkParallel(op)

    case .vectorLoad: checkVectorLoad(op)
    case .stridedLoad: checkStridedLoad(op)
    case .vectorStore: checkVectorStore(op)
    case .streamStore: checkStreamStore(op)
    case .prefetch: checkPrefetch(op)
    case .splat: checkSplat(op)
    case .laneIndex: checkLaneIndex(op)
    case .reduceLanes: checkReduceLanes(op)
    case .pickLanes: checkPickLanes(op)
    case .weaveLanes: checkWeaveLanes(op)
    case .transposeLanes: checkTransposeLanes(op)
    case .dotLanes: checkDotLanes(op)

    case .if: checkIf(op)
    case .for: checkFor(op)
    case .while: checkWhile(op)
    case .call: checkCall(op)
    case .tailCall: checkTailCall(op)
    case .return: checkReturn(op)
    case .assert: checkAssert(op)
    case .print: checkPrint(op)
    // What these must give is checked with the operation whose region they end.
    case .condition, .yield: checkResults(op, [])
    }
  }
}

/// A set of number types.
enum ScalarKinds {
  case numbers, integers, floats, wideFloats, singles, integersAndBools, numbersAndBools

  /// `true` iff `type` is one of them.
  func contains(_ type: ScalarType) -> Bool {
    switch self {
    case .numbers: type != .bool
    case .integers: type.isInteger
    case .floats: type.isFloat
    case .wideFloats: type == .f32 || type == .f64
    case .singles: type == .f32
    case .integersAndBools: !type.isFloat
    case .numbersAndBools: true
    }
  }

  /// What a diagnostic calls one of them.
  var name: String {
    switch self {
    case .numbers: "a number"
    case .integers: "an integer"
    case .floats: "a float"
    case .wideFloats: "an f32 or f64"
    case .singles: "an f32"
    case .integersAndBools: "an integer or bool"
    case .numbersAndBools: "a number or bool"
    }
  }
}

// MARK: What rules are made of

extension Verifier {
  /// The type of `value`.
  func type(_ value: Value) -> Type { function.type(of: value) }

  /// The types of `values`, in order.
  func types(_ values: some Sequence<Value>) -> [Type] { values.map(function.type(of:)) }

  /// The type of operand `index`.
  func operand(_ op: Operation, _ index: Int) -> Type { type(op.operands[index]) }

  /// `true` iff there are `count` operands; else that is reported.
  mutating func hasOperands(_ op: Operation, _ count: Int) -> Bool {
    if op.operands.count == count { return true }
    fail(op, .irOperandCount(op.spelling, "\(count)", op.operands.count))
    return false
  }

  /// Reports that operand `index` is not what is `wanted`.
  mutating func failOperand(_ op: Operation, _ index: Int, _ wanted: String) {
    fail(op, .irOperandType(op.spelling, index, wanted, operand(op, index)))
  }

  /// Operand `index` is handed on as a `wanted`.
  mutating func checkOperand(_ op: Operation, _ index: Int, _ wanted: Type) {
    if !operand(op, index).agrees(with: wanted) { failOperand(op, index, wanted.description) }
  }

  /// The operands from `start` on are indices, extents or the like.
  mutating func checkIndices(_ op: Operation, _ range: some Sequence<Int>) {
    for index in range { checkOperand(op, index, .index) }
  }

  /// The results have the types `wanted`.
  mutating func checkResults(_ op: Operation, _ wanted: [Type]) {
    guard hasResults(op, wanted.count) else { return }
    for (index, (result, type)) in zip(types(op.results), wanted).enumerated()
    where !result.agrees(with: type) {
      fail(op, .irResultType(op.spelling, index, type.description, result))
    }
  }

  /// `true` iff there are `count` results; else that is reported.
  mutating func hasResults(_ op: Operation, _ count: Int) -> Bool {
    if op.results.count == count { return true }
    fail(op, .irResultCount(op.spelling, count, op.results.count))
    return false
  }

  /// The region takes values of the types `parameters`.
  mutating func checkParameters(_ op: Operation, region: Int, _ parameters: [Type]) {
    let found = types(function.regions[op.regions[region]].parameters)
    if !agree(found, parameters) {
      fail(op, .irRegionParameters(op.spelling, parameters))
    }
  }

  /// What the region yields has the types `wanted`; nothing is said where it ends otherwise.
  mutating func checkYield(_ op: Operation, region: Int, _ wanted: [Type]) {
    guard let end = terminator(op, region: region), end.opcode == .yield else { return }
    if !agree(types(end.operands), wanted) { fail(end, .irYield(end.spelling, wanted)) }
  }

  /// The terminator of the region.
  func terminator(_ op: Operation, region: Int) -> Operation? {
    function.terminator(of: op.regions[region]).map { function.operations[$0] }
  }

  /// The types that the region yields.
  func yielded(_ op: Operation, region: Int) -> [Type] {
    guard let end = terminator(op, region: region), end.opcode == .yield else { return [] }
    return types(end.operands)
  }

  /// `true` iff there are as many of both, which agree one by one.
  func agree(_ found: [Type], _ wanted: [Type]) -> Bool {
    found.count == wanted.count && zip(found, wanted).allSatisfy { $0.agrees(with: $1) }
  }

  /// The axis of the attribute if an operand of `rank` axes has it; else that is reported.
  @discardableResult
  mutating func checkAxis(_ op: Operation, rank: Int) -> Bool {
    guard case .integer(let axis) = op.attribute else { return false }
    if axis >= 0, axis < rank { return true }
    fail(op, .irAttribute("there is no axis \(axis) where there are \(rank)"))
    return false
  }
}
