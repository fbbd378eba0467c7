import TesseraNumbers

extension ProgramGenerator {
  /// An expression of `type` over the indices in scope.
  mutating func expression(_ type: ScalarType, depth: Int) -> GeneratedExpression {
    if depth == 0 || random.once(in: 8) {
      return random.once(in: 4) ? literal(type) : read(type, depth: 0)
    }
    if type == .bool { return truth(depth) }
    switch random.below(12) {
    case 0, 1, 2: return read(type, depth: depth)
    case 3, 4: return arithmetic(type, depth)
    case 5: return arithmetic(type, depth)
    case 6: return choice(type, depth)
    case 7, 8: return reduction(type, depth)
    case 9: return conversion(type, depth)
    case 10: return function(type, depth)
    default: return scan(type, depth)
    }
  }

  private mutating func literal(_ type: ScalarType) -> GeneratedExpression {
    if type == .bool { return GeneratedExpression(text: random.pick(["true", "false"]), bound: 1) }
    let value = type.hasNegatives ? random.below(9) - 4 : random.below(9)
    return GeneratedExpression(text: "\(type.rawValue)(\(value))", bound: abs(Double(value)))
  }

  // MARK: Reads

  /// An element of a tensor of this type, or an index, or a number.
  private mutating func read(_ type: ScalarType, depth: Int) -> GeneratedExpression {
    if type == .i64, let index = indices.randomElement(using: &random), random.once(in: 3) {
      return GeneratedExpression(text: index.name, bound: .infinity)
    }
    guard let tensor = tensors.filter({ $0.type == type }).randomElement(using: &random) else {
      return literal(type)
    }
    if tensor.dimensions.isEmpty {
      return GeneratedExpression(text: tensor.name, bound: tensor.bound)
    }
    var isProved = true
    var places: [String] = []
    for dimension in tensor.dimensions {
      let own = indices.filter { $0.dimension == dimension }.randomElement(using: &random)
      if let own, !random.once(in: 4) {
        places.append(own.name)
        continue
      }
      let index = self.index(depth: depth)
      let isNonempty = dimension.value >= 1
      switch random.below(3) {
      case 0 where isNonempty: places.append("\(index) clamp")
      case 1 where isNonempty: places.append("\(index) wrap")
      default:
        isProved = false
        places.append(index)
      }
    }
    let list = places.joined(separator: ", ")
    if isProved { return GeneratedExpression(text: "\(tensor.name)[\(list)]", bound: tensor.bound) }
    let outside = expression(type, depth: max(0, depth - 2))
    return GeneratedExpression(
      text: "\(tensor.name)[\(list) else \(outside.text)]",
      bound: max(tensor.bound, outside.bound))
  }

  /// Some place, perhaps outside of everything.
  private mutating func index(depth: Int) -> String {
    let offset = random.below(7) - 3
    guard let index = indices.randomElement(using: &random) else { return "int(\(offset))" }
    switch random.below(5) {
    case 0: return "\(index.name) * 1"
    case 1: return "\(index.name) * 2 - \(abs(offset))"
    case 2 where depth > 1: return expression(.i64, depth: 1).text
    case 3: return "\(index.name) / 2"
    default: return "\(index.name) + \(offset + 3)"
    }
  }

  // MARK: Operators

  private mutating func arithmetic(_ type: ScalarType, _ depth: Int) -> GeneratedExpression {
    let a = expression(type, depth: depth - 1)
    if type.isInteger, random.once(in: 4) {
      let divisor = 1 + random.below(5)
      let sign = random.pick(["/", "%", "<<", ">>", "&", "|", "^"])
      return GeneratedExpression(
        text: "(\(a.text) \(sign) \(type.rawValue)(\(divisor)))", bound: .infinity)
    }
    let b = expression(type, depth: depth - 1)
    let (text, bound): (String, Double) =
      switch random.below(5) {
      case 0: ("(\(a.text) + \(b.text))", a.bound + b.bound)
      case 1: ("(\(a.text) - \(b.text))", a.bound + b.bound)
      case 2: ("(\(a.text) * \(b.text))", a.bound * b.bound)
      case 3: ("max(\(a.text), \(b.text))", max(a.bound, b.bound))
      default: ("min(\(a.text), \(b.text))", max(a.bound, b.bound))
      }
    return GeneratedExpression(text: text, bound: exact(bound, type))
  }

  /// The bound of whole numbers of `type`, or infinity where they may have been rounded.
  private func exact(_ bound: Double, _ type: ScalarType) -> Double {
    bound.isNaN || bound > type.exactLimit ? .infinity : bound
  }

  private mutating func truth(_ depth: Int) -> GeneratedExpression {
    let text: String
    switch random.below(6) {
    case 0:
      text =
        "(\(expression(.bool, depth: depth - 1).text) and \(expression(.bool, depth: depth - 1).text))"
    case 1:
      text =
        "(\(expression(.bool, depth: depth - 1).text) or \(expression(.bool, depth: depth - 1).text))"
    case 2: text = "(not \(expression(.bool, depth: depth - 1).text))"
    case 3:
      let dimension = anyDimension()
      let index = name("k")
      let inner = within(index, dimension) { $0.expression(.bool, depth: depth - 1) }
      text = "(\(random.pick(["any", "all"]))[\(index) in 0..\(dimension.text)] \(inner.text))"
    default:
      let type = random.pick([ScalarType.f32, .i64, .i32, .u8])
      let sign = random.pick(["<", "<=", ">", ">=", "==", "!="])
      text =
        "(\(expression(type, depth: depth - 1).text) \(sign) \(expression(type, depth: depth - 1).text))"
    }
    return GeneratedExpression(text: text, bound: 1)
  }

  private mutating func choice(_ type: ScalarType, _ depth: Int) -> GeneratedExpression {
    let condition = expression(.bool, depth: depth - 1)
    let a = expression(type, depth: depth - 1)
    let b = expression(type, depth: depth - 1)
    return GeneratedExpression(
      text: "(if \(condition.text) { \(a.text) } else { \(b.text) })", bound: max(a.bound, b.bound))
  }

  private mutating func conversion(_ type: ScalarType, _ depth: Int) -> GeneratedExpression {
    let source = random.pick(ScalarType.allCases.filter { $0 != type && $0 != .bool })
    let value = expression(source, depth: depth - 1)
    return GeneratedExpression(
      text: "\(type.rawValue)(\(value.text))", bound: exact(value.bound, type))
  }

  private mutating func function(_ type: ScalarType, _ depth: Int) -> GeneratedExpression {
    let a = expression(type, depth: depth - 1)
    if let called = functions.filter({ $0.type == type }).randomElement(using: &random) {
      let b = expression(type, depth: depth - 1)
      return GeneratedExpression(text: "\(called.name)(\(a.text), \(b.text))", bound: .infinity)
    }
    guard type.isFloat else {
      return type.hasNegatives ? GeneratedExpression(text: "abs(\(a.text))", bound: .infinity) : a
    }
    switch random.below(5) {
    case 0: return GeneratedExpression(text: "abs(\(a.text))", bound: a.bound)
    case 1: return GeneratedExpression(text: "floor(\(a.text))", bound: a.bound)
    case 2: return GeneratedExpression(text: "sqrt(abs(\(a.text)))", bound: .infinity)
    case 3:
      let b = expression(type, depth: depth - 1)
      return GeneratedExpression(
        text: "(\(a.text) / (abs(\(b.text)) + \(type.rawValue)(1)))", bound: .infinity)
    default: return GeneratedExpression(text: "exp(-abs(\(a.text)))", bound: .infinity)
    }
  }

  // MARK: Reductions

  /// Builds an expression with one more index in scope.
  private mutating func within(
    _ index: String, _ dimension: GeneratedDimension,
    _ build: (inout ProgramGenerator) -> GeneratedExpression
  ) -> GeneratedExpression {
    indices.append((index, dimension))
    defer { indices.removeLast() }
    return build(&self)
  }

  private mutating func reduction(_ type: ScalarType, _ depth: Int) -> GeneratedExpression {
    let dimension = anyDimension()
    let index = name("k")
    let range = "\(index) in 0..\(dimension.text)"
    if type == .i64, random.once(in: 3) {
      let inner = within(index, dimension) { $0.expression(.bool, depth: depth - 1) }
      return GeneratedExpression(text: "(count[\(range)] \(inner.text))", bound: .infinity)
    }
    if type == .i64, dimension.value >= 1, random.once(in: 3) {
      let inner = within(index, dimension) { $0.expression(.f32, depth: depth - 1) }
      let word = random.pick(["argmax", "argmin"])
      return GeneratedExpression(text: "(\(word)[\(range)] (\(inner.text)))", bound: .infinity)
    }
    let condition =
      random.once(in: 4)
      ? within(index, dimension) { $0.expression(.bool, depth: 1) }.text : nil
    let binder = condition.map { "\(range) where \($0)" } ?? range
    let inner = within(index, dimension) { $0.expression(type, depth: depth - 1) }
    let total = inner.bound * Double(max(1, dimension.value))
    let canAdd = type.isInteger || total <= type.exactLimit
    // The least of nothing is infinite, and no whole number.
    let isEmpty = dimension.value == 0 || condition != nil
    let least = type.isFloat && isEmpty ? .infinity : inner.bound
    switch canAdd ? random.below(4) : 2 + random.below(2) {
    case 0, 1:
      return GeneratedExpression(
        text: "(sum[\(binder)] (\(inner.text)))", bound: type.isInteger ? .infinity : total)
    case 2: return GeneratedExpression(text: "(max[\(binder)] (\(inner.text)))", bound: least)
    default: return GeneratedExpression(text: "(min[\(binder)] (\(inner.text)))", bound: least)
    }
  }

  /// A reduction over a prefix of an index in scope, which is a scan.
  private mutating func scan(_ type: ScalarType, _ depth: Int) -> GeneratedExpression {
    guard let outer = indices.randomElement(using: &random) else { return reduction(type, depth) }
    let index = name("k")
    let others = indices
    indices.removeAll { $0.name == outer.name }
    let inner = within(index, outer.dimension) { $0.expression(type, depth: depth - 1) }
    indices = others
    let total = inner.bound * Double(max(1, outer.dimension.value))
    let canAdd = type.isInteger || total <= type.exactLimit
    let word = canAdd ? random.pick(["sum", "max"]) : "max"
    let range = random.pick([
      "0..\(outer.name) + 1", "0..\(outer.name)", "\(outer.name)..\(outer.dimension.text)",
    ])
    let isWhole = type.isFloat && word == "sum"
    return GeneratedExpression(
      text: "(\(word)[\(index) in \(range)] (\(inner.text)))", bound: isWhole ? total : .infinity)
  }
}
