import TesseraSyntax

/// Spells expressions and types as a person would write them, for messages.
enum ExpressionText {
  /// The text of `expression`; long parts are left out as `…`.
  static func spell(_ expression: Expression) -> String {
    switch expression.kind {
    case .integer(let value): return value.map(String.init) ?? "…"
    case .float(_, let text), .imaginary(_, let text): return text
    case .string(let text): return "\"\(text)\""
    case .boolean(let value): return value ? "true" : "false"
    case .null: return "null"
    case .name(let name): return name.text
    case .option(let name): return ".\(name.text)"
    case .tuple(let parts):
      let isSingle = parts.count == 1 && parts[0].label == nil
      return "(\(list(parts))\(isSingle ? "," : ""))"
    case .array(let parts): return "[\(parts.map(spell).joined(separator: ", "))]"
    case .comprehension(let it):
      return "[\(spell(it.element)) for \(it.index.text) in \(spell(it.range))]"
    case .type(let node): return spell(node)
    case .unary(let operation, let operand):
      let word = operation == .not ? "not " : operation.rawValue
      return word + grouped(operand, inside: operation == .not ? .not : nil)
    case .binary(let operation, let left, let right):
      let level = operation.precedence
      return "\(grouped(left, inside: level)) \(operation.rawValue) "
        + grouped(right, inside: level.next)
    case .isNull(let operand, let isNegated):
      return "\(grouped(operand, inside: nil)) is \(isNegated ? "not " : "")null"
    case .range(let lower, let upper, let step):
      return "\(spell(lower))..\(spell(upper))" + (step.map { " by \(spell($0))" } ?? "")
    case .call(let callee, let arguments):
      return "\(grouped(callee, inside: nil))(\(list(arguments)))"
    case .member(let base, let name): return "\(grouped(base, inside: nil)).\(name.text)"
    case .position(let base, let position): return "\(grouped(base, inside: nil)).\(position)"
    case .bracket(let bracket): return spell(bracket)
    case .reduction(let it):
      let indices = it.binders.map { ($0.isPack ? ".." : "") + $0.name.text }
      return "\(it.operation.rawValue)[\(indices.joined(separator: ", "))] "
        + grouped(it.body, inside: .multiplicative)
    case .lambda(let parameters, let body):
      return "(\(parameters.map(\.name.text).joined(separator: ", "))) => \(spell(body))"
    case .conditional: return "if …"
    case .block: return "{ … }"
    case .tailCall(let call): return "tail \(spell(call))"
    case .error: return "…"
    }
  }

  /// The text of `type`.
  static func spell(_ type: TypeNode) -> String {
    switch type.kind {
    case .named(let module, let name, let arguments):
      let path = (module.map { "\($0.text)." } ?? "") + name.text
      if arguments.isEmpty { return path }
      return "\(path)<\(arguments.map(spell).joined(separator: ", "))>"
    case .tensor(let element, let dimensions):
      let sizes = dimensions.map { ($0.isPack ? ".." : "") + spell($0.value) }
      return "\(spell(element))[\(sizes.joined(separator: ", "))]"
    case .optional(let element): return "\(spell(element))?"
    case .pointer(let target): return "*\(spell(target))"
    case .tuple(let elements):
      let parts = elements.map { ($0.name.map { "\($0.text): " } ?? "") + spell($0.type) }
      let isSingle = elements.count == 1 && elements[0].name == nil
      return "(\(parts.joined(separator: ", "))\(isSingle ? "," : ""))"
    case .array(let element, let count): return "[\(spell(element)); \(spell(count))]"
    case .sequence(let element, let index, let range):
      return "[\(spell(element)) for \(index.text) in \(spell(range))]"
    case .function(let parameters, let result):
      return "fn(\(parameters.map(spell).joined(separator: ", "))) -> \(spell(result))"
    case .decimal(let precision, let scale):
      return "decimal(\(spell(precision)), \(spell(scale)))"
    case .complex(let part): return "complex<\(spell(part))>"
    case .error: return "…"
    }
  }

  private static func spell(_ bracket: Bracket) -> String {
    let items = bracket.items.map { item in
      let text =
        switch item.kind {
        case .expression(let value): spell(value)
        case .binder(let binder):
          binder.name.text + (binder.range.map { " in \(spell($0))" } ?? "")
        case .wholeAxis: ".."
        case .rest: "..."
        case .newAxis: "_"
        case .indexPack(let name): "..\(name.text)"
        }
      return text + (item.boundary.map { " \($0.rawValue)" } ?? "")
    }
    let outside =
      switch bracket.outside {
      case .value(let value): " else \(spell(value))"
      case .skip: " else skip"
      case nil: ""
      }
    return "\(grouped(bracket.base, inside: nil))[\(items.joined(separator: ", "))\(outside)]"
  }

  private static func list(_ arguments: [Argument]) -> String {
    arguments.map { ($0.label.map { "\($0.text): " } ?? "") + spell($0.value) }
      .joined(separator: ", ")
  }

  /// The text of an operand, in parentheses if it binds less tightly than `level`; `nil` asks for
  /// an operand that nothing can tear apart.
  private static func grouped(_ operand: Expression, inside level: Precedence?) -> String {
    let text = spell(operand)
    let isLoose: Bool =
      switch operand.kind {
      case .binary(let operation, _, _): level.map { operation.precedence < $0 } ?? true
      case .unary(.not, _): level.map { .not < $0 } ?? true
      case .range, .lambda, .isNull, .conditional, .tailCall: true
      case .unary, .reduction: level == nil
      default: false
      }
    return isLoose ? "(\(text))" : text
  }
}

extension Precedence {
  /// The level that the right operand of a left-associative operator needs.
  fileprivate var next: Precedence? { Precedence(rawValue: rawValue + 1) }
}
