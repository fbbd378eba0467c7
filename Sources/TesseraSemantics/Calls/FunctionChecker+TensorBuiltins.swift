import TesseraSource
import TesseraSyntax

extension FunctionChecker {
  /// `dot`, and functions that move elements.
  func checkTensorBuiltin(
    _ word: String, _ arguments: [Argument], expecting expected: ValueType?, at span: SourceSpan
  ) -> TypedExpression {
    let positional = arguments.filter { $0.label == nil }.map(\.value)
    func fail(_ diagnostic: Diagnostic) -> TypedExpression {
      diagnose(diagnostic)
      return error(at: span)
    }
    guard let first = positional.first else {
      return fail(.wrongArgumentCount(of: word, expected: 1, given: 0, at: span))
    }
    let value = asValue(check(first))
    if value.type.isError { return error(at: span) }
    guard case .tensor(let element, let dimensions) = value.type else {
      return fail(.operandType(word, describe(value.type), at: first.span))
    }
    let rank = dimensions.count
    switch word {
    case "dot": return checkDot(value, positional, at: span)
    case "transpose":
      guard positional.count == 1, rank >= 2 else {
        return fail(.operandType(word, describe(value.type), at: span))
      }
      var order = Array(0..<rank)
      order.swapAt(rank - 1, rank - 2)
      return permuted(value, order, at: span)
    case "permute":
      guard let order = permutation(positional, rank: rank) else {
        return fail(.permutationArguments(rank: rank, at: span))
      }
      return permuted(value, order, at: span)
    case "reshape", "broadcast":
      guard positional.count == 2, let shape = shape(positional[1]) else {
        return fail(.shapeArgument(word, at: span))
      }
      let type = ValueType.makeTensor(element, shape)
      if word == "broadcast" {
        let wanted = TypedExpression(.error, type, at: positional[1].span)
        guard let joined = broadcast([value, wanted], at: span), joined.count == shape.count else {
          return error(at: span)
        }
        return TypedExpression(.builtin(.broadcast, [value]), type, at: span)
      }
      let count = { (list: [Dimension]) in list.reduce(Dimension(1)) { $0 * $1 } }
      guard
        require(
          count(dimensions), .equal, count(shape),
          message: "`reshape` changes the number of elements", at: span,
          diagnose: {
            .reshapeCount(self.describe(value.type), to: self.describe(type), at: span)
          })
      else { return error(at: span) }
      return TypedExpression(.builtin(.reshape, [value]), type, at: span)
    case "join":
      guard positional.count == 2 else {
        return fail(.wrongArgumentCount(of: word, expected: 2, given: positional.count, at: span))
      }
      let other = asValue(check(positional[1]))
      guard agree(other.type, with: value.type, at: positional[1].span) else {
        return error(at: span)
      }
      return TypedExpression(
        .builtin(.join, [value, other]),
        .tensor(element: element, dimensions: dimensions + [Dimension(2)]), at: span)
    case "split":
      guard
        require(
          dimensions[rank - 1], .equal, Dimension(2),
          message: "`split` needs a last axis of 2 elements", at: span)
      else { return error(at: span) }
      let half = ValueType.makeTensor(element, Array(dimensions.dropLast()))
      return TypedExpression(.builtin(.split, [value]), .sequence([half, half]), at: span)
    case "sort", "argsort": return checkSort(word, value, arguments, at: span)
    case "gather":
      guard positional.count == 2 else {
        return fail(.wrongArgumentCount(of: word, expected: 2, given: positional.count, at: span))
      }
      let places = asValue(check(positional[1]))
      guard !places.type.isError, let axis = axis(arguments, rank: rank, of: word, at: span) else {
        return error(at: span)
      }
      guard places.type.scalarElement?.isInteger == true, places.type.dimensions.count == rank
      else {
        return fail(.operandType(word, describe(places.type), at: positional[1].span))
      }
      return TypedExpression(
        .builtin(.gather(axis: axis.value ?? rank - 1), [value, places]),
        .tensor(element: element, dimensions: places.type.dimensions), at: span)
    case "histogram":
      guard positional.count == 2, element.scalar?.isInteger == true,
        let bins = resolveDimension(positional[1])
      else { return fail(.operandType(word, describe(value.type), at: span)) }
      return TypedExpression(
        .builtin(.histogram, [value]), .tensor(element: .int, dimensions: [bins]), at: span)
    default:
      return fail(.unknownName(word, kind: "function", near: [], at: span))
    }
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

  /// The dimensions that `(a, b)`, `[a, b]` or a type spells.
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

  /// `dot(a, b)` and `dot(a, b, c)`: products of matrices, batched over leading axes.
  private func checkDot(
    _ a: TypedExpression, _ positional: [Expression], at span: SourceSpan
  ) -> TypedExpression {
    guard positional.count == 2 || positional.count == 3 else {
      diagnose(.wrongArgumentCount(of: "dot", expected: 2, given: positional.count, at: span))
      return error(at: span)
    }
    let b = asValue(check(positional[1]))
    if b.type.isError { return error(at: span) }
    let (p, q) = (a.type.dimensions, b.type.dimensions)
    guard p.count >= 2, q.count == p.count, let scalar = a.type.scalarElement,
      b.type.scalarElement == scalar, scalar != .bool
    else {
      diagnose(.dotOperands(describe(a.type), describe(b.type), at: span))
      return error(at: span)
    }
    let rank = p.count
    for (left, right) in zip(p[..<(rank - 2)] + [p[rank - 1]], q[..<(rank - 2)] + [q[rank - 2]]) {
      let agrees = require(
        left, .equal, right,
        message: "the shapes `\(describe(a.type))` and `\(describe(b.type))` do not fit `dot`",
        at: span
      ) { .dotOperands(self.describe(a.type), self.describe(b.type), at: span) }
      if !agrees { return error(at: span) }
    }
    let shape = Array(p.dropLast()) + [q[rank - 1]]
    guard positional.count == 3 else {
      return TypedExpression(
        .builtin(.dot, [a, b]), .tensor(element: .scalar(scalar), dimensions: shape), at: span)
    }
    let c = asValue(check(positional[2]))
    if c.type.isError { return error(at: span) }
    guard let wide = c.type.scalarElement else {
      diagnose(.dotOperands(describe(a.type), describe(c.type), at: span))
      return error(at: span)
    }
    let type = ValueType.tensor(element: .scalar(wide), dimensions: shape)
    guard agree(c.type, with: type, at: c.span) else { return error(at: span) }
    return TypedExpression(.builtin(.dot, [a, b, c]), type, at: span)
  }

  private func checkSort(
    _ word: String, _ value: TypedExpression, _ arguments: [Argument], at span: SourceSpan
  ) -> TypedExpression {
    let rank = value.type.dimensions.count
    guard value.type.scalarElement != nil,
      let axis = axis(arguments, rank: rank, of: word, at: span)
    else { return error(at: span) }
    var isDescending = false
    if let argument = arguments.first(where: { $0.label?.text == "descending" }) {
      guard let given = constantBool(argument.value, describing: "`descending`") else {
        return error(at: span)
      }
      isDescending = given
    }
    let place = axis.value ?? rank - 1
    if word == "sort" {
      return TypedExpression(
        .builtin(.sort(axis: place, isDescending: isDescending), [value]), value.type, at: span)
    }
    return TypedExpression(
      .builtin(.argsort(axis: place, isDescending: isDescending), [value]),
      .tensor(element: .int, dimensions: value.type.dimensions), at: span)
  }

  /// `random.normal(f32[B], seed: s, stream: t)` and its kin.
  func checkRandom(
    _ name: Name, _ arguments: [Argument], expecting expected: ValueType?, at span: SourceSpan
  ) -> TypedExpression {
    let kinds: [String: Builtin] = [
      "normal": .randomNormal, "uniform": .randomUniform, "bits": .randomBits,
    ]
    guard let kind = kinds[name.text] else {
      diagnose(.unknownName(name.text, kind: "function", near: kinds.keys.sorted(), at: name.span))
      return error(at: span)
    }
    guard let first = arguments.first, first.label == nil, let node = TypeNode(first.value) else {
      diagnose(.makerNeedsType("random.\(name.text)", at: span))
      return error(at: span)
    }
    let type = resolve(node)
    if type.isError { return error(at: span) }
    guard let scalar = type.scalarElement, kind == .randomBits ? scalar == .u32 : scalar.isFloat
    else {
      diagnose(.operandType("random.\(name.text)", describe(type), at: first.span))
      return error(at: span)
    }
    var operands: [TypedExpression] = []
    for label in ["seed", "stream"] {
      guard let argument = arguments.first(where: { $0.label?.text == label }) else {
        if label == "stream" {
          operands.append(TypedExpression(.constant(.integer(0, .u64)), .scalar(.u64), at: span))
          continue
        }
        diagnose(.missingArgument(label, of: "random.\(name.text)", declared: name.span, at: span))
        return error(at: span)
      }
      let value = check(argument.value, expecting: .scalar(.u64))
      guard agree(value.type, with: .scalar(.u64), at: argument.value.span) else {
        return error(at: span)
      }
      operands.append(value)
    }
    return TypedExpression(.builtin(kind, operands), type, at: span)
  }

  // MARK: Memory

  /// `load`, `store` and `atomic_*` on addresses.
  func checkMemory(
    _ word: String, _ arguments: [Argument], at span: SourceSpan
  ) -> TypedExpression {
    let positional = arguments.filter { $0.label == nil }.map(\.value)
    let counts = ["load": 1, "atomic_cas": 3]
    let wanted = counts[word] ?? 2
    guard positional.count == wanted else {
      diagnose(.wrongArgumentCount(of: word, expected: wanted, given: positional.count, at: span))
      return error(at: span)
    }
    let address = check(positional[0])
    if address.type.isError { return error(at: span) }
    guard case .pointer(let scalar) = address.type.elementType else {
      diagnose(.operandType(word, describe(address.type), at: positional[0].span))
      return error(at: span)
    }
    var operands = [address]
    for expression in positional.dropFirst() {
      let value = check(expression, expecting: .scalar(scalar))
      if value.type.isError { return error(at: span) }
      guard agree(value.type.elementType, with: .scalar(scalar), at: expression.span) else {
        return error(at: span)
      }
      operands.append(value)
    }
    var mask: TypedExpression?
    var other: TypedExpression?
    for argument in arguments {
      switch argument.label?.text {
      case "mask":
        let value = check(argument.value, expecting: .bool)
        guard agree(value.type.elementType, with: .bool, at: argument.value.span) else {
          return error(at: span)
        }
        mask = value
      case "other" where word == "load":
        let value = check(argument.value, expecting: .scalar(scalar))
        guard agree(value.type.elementType, with: .scalar(scalar), at: argument.value.span) else {
          return error(at: span)
        }
        other = value
      case nil: continue
      case let label?:
        diagnose(.unknownLabel(label, of: word, known: ["mask", "other"], at: argument.span))
        return error(at: span)
      }
    }
    guard let shape = broadcast(operands + [mask, other].compactMap { $0 }, at: span) else {
      return error(at: span)
    }
    let type = ValueType.makeTensor(.scalar(scalar), shape)
    let yes = TypedExpression.bool(true, at: span)
    switch word {
    case "load":
      let zero = TypedExpression(
        .constant(scalar.isFloat ? .float(0, scalar) : .integer(0, scalar)), .scalar(scalar),
        at: span)
      return TypedExpression(
        .builtin(.load, [address, mask ?? yes, other ?? zero]), type, at: span)
    case "store":
      return TypedExpression(.builtin(.store, operands + [mask ?? yes]), .unit, at: span)
    case "atomic_cas":
      return TypedExpression(.builtin(.atomicCompareExchange, operands), type, at: span)
    default:
      let operations: [String: AtomicOperation] = [
        "atomic_add": .add, "atomic_and": .bitAnd, "atomic_max": .maximum, "atomic_min": .minimum,
        "atomic_or": .bitOr, "atomic_xchg": .exchange, "atomic_xor": .bitXor,
      ]
      guard let operation = operations[word] else { return error(at: span) }
      return TypedExpression(
        .builtin(.atomic(operation), operands + [mask ?? yes]), type, at: span)
    }
  }
}
