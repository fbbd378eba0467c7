import TesseraIR

/// The companion `@NAME.shapes` of a function with tensor results.
///
/// It takes the parameters of the function and returns the lengths of all axes of all fresh tensor
/// results, in order, as `i64`. It holds what of the function is needed for that and nothing else,
/// so where the lengths do not depend on elements it costs next to nothing. Callers use it to
/// allocate the results.
func makeShapeFunction(
  of function: Function, _ signatures: [String: TensorSignature]
) -> Function {
  var plan = function
  plan.name = shapeFunctionName(function.name)
  plan.isExported = false
  var scheduler = Scheduler(plan, signatures, .x86_64v3.withoutVectors)
  return scheduler.runForShapes(of: signatures[function.name]!)
}

extension Scheduler {
  /// A function of the same parameters that returns the extents of the tensor results.
  fileprivate mutating func runForShapes(of signature: TensorSignature) -> Function {
    addParameters()
    let fresh = signature.resultTypes.indices.filter {
      signature.resultTypes[$0].isTensor && signature.reusedParameters[$0] == nil
    }
    let lengths = resultExtents(fresh)
    for position in fresh {
      for axis in 0..<signature.resultTypes[position].rank {
        builder.function.resultTypes.append(.index)
        builder.function.resultNames.append("\(source.resultNames[position]).\(axis)")
      }
    }
    builder.emit(.return, lengths)
    return builder.function
  }

  /// The extents of the results at `positions`, one after the other.
  ///
  /// All ways to return give the same extents, since the signature tells them; so what stands at
  /// the end of the body will do, or what it calls there.
  private mutating func resultExtents(_ positions: [Int]) -> [Value] {
    guard let last = source.terminator(of: source.body) else { return [] }
    let content = source.operations[last]
    if content.opcode == .tailCall, case .symbol(let name) = content.attribute {
      let arguments = content.operands.map { demanded($0) }
      return callShapes(name, arguments)
    }
    return positions.flatMap { position in
      let tensor = content.operands[position]
      return (0..<source.type(of: tensor).rank).map { extent(of: tensor, $0) }
    }
  }

  /// Calls the companion of the function called `name`.
  mutating func callShapes(_ name: String, _ arguments: [Value]) -> [Value] {
    let signature = signatures[name]!
    let count = signature.lengthCount(before: signature.resultTypes.count)
    return builder.emit(
      .call, arguments, results: Array(repeating: .index, count: count),
      attribute: .symbol(shapeFunctionName(name)))
  }

  /// The length of an axis of what a call that is not scheduled yet will give.
  mutating func extentOfCall(_ content: Operation, _ index: Int, _ axis: Int) -> Value {
    guard case .symbol(let name) = content.attribute, let signature = signatures[name] else {
      preconditionFailure("a call names no function")
    }
    if let parameter = signature.reusedParameters[index] {
      return extent(of: content.operands[parameter], axis)
    }
    let arguments = content.operands.map { demanded($0) }
    return callShapes(name, arguments)[signature.lengthCount(before: index) + axis]
  }
}

extension TensorSignature {
  /// How many lengths the companion gives for the results before the one at `index`.
  fileprivate func lengthCount(before index: Int) -> Int {
    resultTypes[..<index].indices.filter { reusedParameters[$0] == nil }
      .reduce(0) { $0 + resultTypes[$1].rank }
  }
}
