import TesseraNumbers
import TesseraSource
import TesseraSyntax

// Data of tests and benches. A file is known by its path; what is read from it becomes constants
// while compiling, so that nothing behind the checker knows of files.

extension FunctionChecker {
  /// `data("file.safetensors")`: a file of tensors.
  func checkData(_ arguments: [Argument], at span: SourceSpan) -> TypedExpression {
    guard isTest else {
      return fail(.dataOutsideTest(at: span))
    }
    guard arguments.count == 1, case .string(let path) = arguments[0].value.kind else {
      return fail(.dataArguments(#"data("file.safetensors")"#, at: span))
    }
    return TypedExpression(.constant(.string(path)), .string, at: span)
  }

  /// `g.tensor("key", f32[2, 3])` and `g.struct("prefix")` of a file; `nil` if `base` is none.
  func checkDataAccess(
    _ base: Expression, _ name: Name, _ arguments: [Argument], expecting expected: ValueType?,
    at span: SourceSpan
  ) -> TypedExpression? {
    guard name.text == "tensor" || name.text == "struct" else { return nil }
    if !isTest, case .call(let callee, _) = base.kind, case .name(let word) = callee.kind,
      word.text == "data", scope["data"] == nil
    {
      return fail(.dataOutsideTest(at: base.span))
    }
    guard isTest, isPlainlyNamed(base), let file = speculating({ check(base) }),
      case .constant(.string(let path)) = file.kind
    else { return nil }
    guard let first = arguments.first, case .string(let key) = first.value.kind else {
      return fail(.dataArguments(#"g.\#(name.text)("key")"#, at: span))
    }
    var type = expected
    if arguments.count == 2, let node = TypeNode(arguments[1].value) { type = resolve(node) }
    guard let type, arguments.count <= 2 else {
      return fail(.dataNeedsType(name.text, at: span))
    }
    if type.isError { return error(at: span) }
    var problems: [String] = []
    let value = dataValue(type, key, in: path, &problems)
    if let value, problems.isEmpty { return TypedExpression(.constant(value), type, at: span) }
    // The program is right without its data; the test fails where it needs them.
    diagnose(.dataMissing(path, problems, at: span))
    let list = problems.prefix(4).joined(separator: "; ")
    emit(.assertion(condition: .bool(false, at: span), message: "\(path): \(list)"), at: span)
    return TypedExpression(zero(of: type, at: span).kind, type, at: span)
  }

  /// `true` iff `base` is a name or a call by name of one argument, as a file is.
  private func isPlainlyNamed(_ base: Expression) -> Bool {
    switch base.kind {
    case .name: return true
    case .call(let callee, let arguments):
      guard case .name = callee.kind else { return false }
      return arguments.count == 1
    default: return false
    }
  }

  /// The constant of `type` whose tensors are those of the keys that begin with `key`.
  private func dataValue(
    _ type: ValueType, _ key: String, in path: String, _ problems: inout [String]
  ) -> ConstantValue? {
    func aggregate(_ parts: [(key: String, type: ValueType)]) -> ConstantValue? {
      var values: [ConstantValue] = []
      for part in parts {
        let name = key.isEmpty ? part.key : "\(key).\(part.key)"
        if let value = dataValue(part.type, name, in: path, &problems) { values.append(value) }
      }
      return values.count == parts.count ? .aggregate(values) : nil
    }
    switch type {
    case .structure(let id):
      return aggregate(checker.program.structures[id].fields.map { ($0.name, $0.type) })
    case .tuple(let components):
      return aggregate(components.enumerated().map { ($1.name ?? "\($0)", $1.type) })
    case .sequence(let elements):
      return aggregate(elements.enumerated().map { ("\($0)", $1) })
    case .tensor, .scalar:
      return leaf(type, key, in: path, &problems)
    case .pointer, .indexTile, .string, .error:
      problems.append("a \(describe(type)) cannot be read")
      return nil
    }
  }

  private func leaf(
    _ type: ValueType, _ key: String, in path: String, _ problems: inout [String]
  ) -> ConstantValue? {
    guard let wanted = type.scalarElement, type.dimensions.allSatisfy({ $0.constant != nil }) else {
      problems.append("\(describe(type)) is no type of fixed shape")
      return nil
    }
    guard let source = checker.data else {
      problems.append("'\(key)' cannot be read here")
      return nil
    }
    switch source.tensor(key, in: path) {
    case .failure(let text): problems.append(text)
    case .value(let value):
      guard case .tensor(let stored, let shape, let bytes) = value else { return value }
      guard shape == type.dimensions.compactMap(\.constant) else {
        let size = shape.map(String.init).joined(separator: ", ")
        problems.append("'\(key)' is \(stored.rawValue)[\(size)], not \(describe(type))")
        return nil
      }
      guard let converted = widened(stored, to: wanted, bytes) else {
        problems.append("'\(key)' holds \(stored.rawValue), not \(wanted.rawValue)")
        return nil
      }
      if case .scalar = type { return ConstantValue(wanted, bytes: converted, element: 0) }
      return .tensor(wanted, shape: shape, bytes: converted)
    }
    return nil
  }

  /// The elements in the wider type `type`, or `nil` if something would be lost or guessed.
  private func widened(_ from: ScalarType, to type: ScalarType, _ bytes: [UInt8]) -> [UInt8]? {
    if from == type { return bytes }
    guard type == .f32, from == .bf16 || from == .f16 else { return nil }
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count * 2)
    for place in stride(from: 0, to: bytes.count - 1, by: 2) {
      let half = UInt16(bytes[place]) | UInt16(bytes[place + 1]) << 8
      let number = from == .bf16 ? BFloat16(bitPattern: half).widened : floatOfF16(half)
      withUnsafeBytes(of: number.bitPattern.littleEndian) { result += $0 }
    }
    return result
  }

  /// A value of `type` in which everything is zero.
  private func zero(of type: ValueType, at span: SourceSpan) -> TypedExpression {
    func aggregate(_ types: [ValueType]) -> TypedExpression {
      TypedExpression(.aggregate(types.map { zero(of: $0, at: span) }), type, at: span)
    }
    switch type {
    case .scalar(let scalar):
      return TypedExpression(.constant(.number(0, scalar)), type, at: span)
    case .tensor: return TypedExpression(.builtin(.zeros, []), type, at: span)
    case .structure(let id): return aggregate(checker.program.structures[id].fields.map(\.type))
    case .tuple, .sequence: return aggregate(type.componentTypes ?? [])
    case .pointer, .indexTile, .string, .error: return error(at: span)
    }
  }
}
