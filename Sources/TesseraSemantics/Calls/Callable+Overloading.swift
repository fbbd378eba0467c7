import TesseraNumbers
import TesseraSyntax

extension Callable {
  /// `true` iff all parameters are scalars, so that the function works on tensors element by
  /// element.
  var isScalarOnly: Bool {
    guard case .function = kind else { return false }
    let types = Set(
      signature.generics.compactMap { parameter -> String? in
        if case .type(let kind) = parameter.kind,
          ["number", "integer", "float", "any"].contains(kind.text)
        {
          return parameter.name.text
        }
        return nil
      })
    let values = signature.parameters.filter { $0.passing == .value }
    return !values.isEmpty && !signature.parameters.contains { $0.passing == .inout }
      && values.allSatisfy { parameter in
        guard case .named(nil, let name, let arguments) = parameter.type.kind else { return false }
        return arguments.isEmpty
          && (types.contains(name.text) || ScalarType(spelling: name.text) != nil)
      }
  }

  /// How much each parameter demands of its argument; more is more specific.
  var specificity: [Int] {
    let generic = Set(signature.generics.map(\.name.text))
    func rank(_ node: TypeNode) -> Int {
      switch node.kind {
      case .named(_, let name, _): return generic.contains(name.text) ? 1 : 4
      case .tensor(let element, let dimensions):
        return rank(element) + (dimensions.contains(where: \.isPack) ? 2 : 3)
          + dimensions.count { if case .integer = $0.value.kind { true } else { false } }
      case .sequence: return 3
      default: return 4
      }
    }
    return inputs.map { rank($0.type) }
  }
}
