import TesseraSource
import TesseraSyntax

/// A call of a function that works on the tensor that is its first argument.
private struct MoverCall {
  /// The tensor.
  var value: TypedExpression
  /// The arguments without labels; the tensor is the first.
  var positional: [Expression]
  /// All arguments.
  var arguments: [Argument]
  /// The name of the function.
  var word: String
  /// The call.
  var span: SourceSpan

  /// The element type, the lengths and the rank of the tensor.
  var element: ValueType { value.type.elementType }
  var dimensions: [Dimension] { value.type.dimensions }
  var rank: Int { dimensions.count }
}

/// Functions that move or count elements.
extension FunctionChecker {
  /// Calls `mover`.
  func checkMover(
    _ mover: Builtins.Mover, _ arguments: [Argument], at span: SourceSpan
  ) -> TypedExpression {
    let word = mover.rawValue
    let positional = arguments.filter { $0.label == nil }.map(\.value)
    guard let first = positional.first else {
      return fail(.wrongArgumentCount(of: word, expected: 1, given: 0, at: span))
    }
    let value = asValue(check(first))
    if value.type.isError { return error(at: span) }
    guard case .tensor = value.type else {
      return fail(.operandType(word, describe(value.type), at: first.span))
    }
    let call = MoverCall(
      value: value, positional: positional, arguments: arguments, word: word, span: span)
    switch mover {
    case .argsort, .sort: return checkSort(call, givesPlaces: mover == .argsort)
    case .broadcast: return checkBroadcast(call)
    case .gather: return checkGather(call)
    case .histogram: return checkHistogram(call)
    case .join: return checkJoin(call)
    case .permute: return checkPermute(call)
    case .reshape: return checkReshape(call)
    case .split: return checkSplit(call)
    case .transpose: return checkTranspose(call)
    }
  }

  // MARK: Shapes

  private func checkBroadcast(_ call: MoverCall) -> TypedExpression {
    guard let shape = shape(call) else { return error(at: call.span) }
    let type = ValueType.makeTensor(call.element, shape)
    let wanted = TypedExpression(.error, type, at: call.positional[1].span)
    guard let joined = broadcast([call.value, wanted], at: call.span), joined.count == shape.count
    else { return error(at: call.span) }
    return TypedExpression(.builtin(.broadcast, [call.value]), type, at: call.span)
  }

  private func checkReshape(_ call: MoverCall) -> TypedExpression {
    guard let shape = shape(call) else { return error(at: call.span) }
    let type = ValueType.makeTensor(call.element, shape)
    let count = { (list: [Dimension]) in list.reduce(Dimension(1)) { $0 * $1 } }
    let keepsCount = require(
      count(call.dimensions), .equal, count(shape),
      message: "'reshape' changes the number of elements", at: call.span
    ) {
      .reshapeCount(self.describe(call.value.type), to: self.describe(type), at: call.span)
    }
    if !keepsCount { return error(at: call.span) }
    return TypedExpression(.builtin(.reshape, [call.value]), type, at: call.span)
  }

  /// The shape that is the second argument: `(a, b)`, `[a, b]` or a type; `nil` after a diagnostic.
  private func shape(_ call: MoverCall) -> [Dimension]? {
    if call.positional.count == 2, let shape = shape(call.positional[1]) { return shape }
    diagnose(.shapeArgument(call.word, at: call.span))
    return nil
  }

  private func shape(_ expression: Expression) -> [Dimension]? {
    let parts: [Expression]
    switch expression.kind {
    case .tuple(let arguments): parts = arguments.map(\.value)
    case .array(let elements): parts = elements
    case .bracket:
      guard let node = TypeNode(expression) else { return nil }
      return resolve(node).dimensions
    default: parts = [expression]
    }
    var result: [Dimension] = []
    for part in parts {
      guard let dimension = resolveDimension(part) else { return nil }
      result.append(dimension)
    }
    return result.isEmpty ? nil : result
  }

  // MARK: Axes

  private func checkTranspose(_ call: MoverCall) -> TypedExpression {
    guard call.positional.count == 1, call.rank >= 2 else {
      return fail(.operandType(call.word, describe(call.value.type), at: call.span))
    }
    var order = Array(0..<call.rank)
    order.swapAt(call.rank - 1, call.rank - 2)
    return permuted(call.value, order, at: call.span)
  }

  private func checkPermute(_ call: MoverCall) -> TypedExpression {
    guard let order = permutation(call.positional, rank: call.rank) else {
      return fail(.permutationArguments(rank: call.rank, at: call.span))
    }
    return permuted(call.value, order, at: call.span)
  }

  private func permuted(
    _ value: TypedExpression, _ order: [Int], at span: SourceSpan
  ) -> TypedExpression {
    let dimensions = value.type.dimensions
    return TypedExpression(
      .builtin(.permute(order), [value]),
      .tensor(element: value.type.elementType, dimensions: order.map { dimensions[$0] }), at: span)
  }

  /// The order of axes in `permute(x, 1, 0)` or `permute(x, (1, 0))`.
  private func permutation(_ arguments: [Expression], rank: Int) -> [Int]? {
    var list = Array(arguments.dropFirst())
    if list.count == 1, case .tuple(let parts) = list[0].kind { list = parts.map(\.value) }
    if list.count == 1, case .array(let parts) = list[0].kind { list = parts }
    var order: [Int] = []
    for item in list {
      guard let axis = constantInt(item, describing: "an axis") else { return nil }
      order.append(axis < 0 ? axis + rank : axis)
    }
    return order.sorted() == Array(0..<rank) ? order : nil
  }

  private func checkJoin(_ call: MoverCall) -> TypedExpression {
    guard let second = secondArgument(call) else { return error(at: call.span) }
    let other = asValue(check(second))
    guard agree(other.type, with: call.value.type, at: second.span) else {
      return error(at: call.span)
    }
    return TypedExpression(
      .builtin(.join, [call.value, other]),
      .tensor(element: call.element, dimensions: call.dimensions + [Dimension(2)]), at: call.span)
  }

  private func checkSplit(_ call: MoverCall) -> TypedExpression {
    let hasHalves = require(
      call.dimensions[call.rank - 1], .equal, Dimension(2),
      message: "'split' needs a last axis of 2 elements", at: call.span)
    if !hasHalves { return error(at: call.span) }
    let half = ValueType.makeTensor(call.element, Array(call.dimensions.dropLast()))
    return TypedExpression(.builtin(.split, [call.value]), .sequence([half, half]), at: call.span)
  }

  // MARK: Order and counts

  private func checkSort(_ call: MoverCall, givesPlaces: Bool) -> TypedExpression {
    guard call.value.type.scalarElement != nil,
      let axis = axis(call.arguments, rank: call.rank),
      let isDescending = flag("descending", call.arguments)
    else { return error(at: call.span) }
    let place = axis.value ?? call.rank - 1
    if givesPlaces {
      return TypedExpression(
        .builtin(.argsort(axis: place, isDescending: isDescending), [call.value]),
        .tensor(element: .int, dimensions: call.dimensions), at: call.span)
    }
    return TypedExpression(
      .builtin(.sort(axis: place, isDescending: isDescending), [call.value]), call.value.type,
      at: call.span)
  }

  private func checkGather(_ call: MoverCall) -> TypedExpression {
    guard let second = secondArgument(call) else { return error(at: call.span) }
    let places = asValue(check(second))
    guard !places.type.isError, let axis = axis(call.arguments, rank: call.rank) else {
      return error(at: call.span)
    }
    guard places.type.scalarElement?.isInteger == true, places.type.dimensions.count == call.rank
    else {
      return fail(.operandType(call.word, describe(places.type), at: second.span))
    }
    return TypedExpression(
      .builtin(.gather(axis: axis.value ?? call.rank - 1), [call.value, places]),
      .tensor(element: call.element, dimensions: places.type.dimensions), at: call.span)
  }

  private func checkHistogram(_ call: MoverCall) -> TypedExpression {
    guard call.positional.count == 2, call.element.scalar?.isInteger == true,
      let bins = resolveDimension(call.positional[1])
    else {
      return fail(.operandType(call.word, describe(call.value.type), at: call.span))
    }
    return TypedExpression(
      .builtin(.histogram, [call.value]), .tensor(element: .int, dimensions: [bins]), at: call.span)
  }

  /// The argument behind the tensor, where there is no third; `nil` after a diagnostic.
  private func secondArgument(_ call: MoverCall) -> Expression? {
    if call.positional.count == 2 { return call.positional[1] }
    diagnose(
      .wrongArgumentCount(
        of: call.word, expected: 2, given: call.positional.count, at: call.span))
    return nil
  }
}
