import TesseraSyntax

/// Spells types and dimensions as the user would write them.
struct TypeDescription {
  /// Knows the structs.
  let checker: Checker
  /// The dimension symbols that may occur.
  let symbols: Table<DimensionSymbol>
  /// The indices that may occur.
  let indices: Table<IndexInfo>

  /// `type` as the user would write it.
  func callAsFunction(_ type: ValueType) -> String {
    switch type {
    case .scalar(.i64): return "int"
    case .scalar(let scalar): return scalar.rawValue
    case .tensor(let element, let dimensions):
      return self(element) + "[" + dimensions.map { self($0) }.joined(separator: ", ") + "]"
    case .pointer(let scalar): return "*" + scalar.rawValue
    case .tuple(let components):
      return "("
        + components.map { ($0.name.map { "\($0): " } ?? "") + self($0.type) }
        .joined(separator: ", ") + ")"
    case .sequence(let elements):
      let list = elements.map { self($0) }
      if list.count == 1 { return "(\(list[0]),)" }
      if list.count > 4, Set(list).count == 1 { return "[\(list[0]); \(list.count)]" }
      if list.count > 6 { return "(\(list[0]), \(list[1]), … \(list.count) in all)" }
      return "(" + list.joined(separator: ", ") + ")"
    case .structure(let id):
      let key = checker.structureOrigins[Int(id.index)]
      let name = checker.structures[key.structure].declaration.name.text
      return name + describe(key.arguments)
    case .indexTile(let length): return "a tile of \(self(length)) indices"
    case .string: return "string"
    case .error: return "?"
    }
  }

  private func describe(_ arguments: [GenericArgument]) -> String {
    if arguments.isEmpty { return "" }
    return "<"
      + arguments.map { argument in
        switch argument {
        case .dimension(let dimension): self(dimension)
        case .pack(let dimensions): dimensions.map { self($0) }.joined(separator: ", ")
        case .type(let type): self(type)
        case .constant(let constant): self(constant.value)
        }
      }.joined(separator: ", ") + ">"
  }

  /// `constant` as the user would write it.
  func callAsFunction(_ constant: ConstantValue) -> String {
    switch constant {
    case .integer(let value, .bool): value == 0 ? "false" : "true"
    case .integer(let value, let type):
      type == .u64 ? String(UInt64(bitPattern: value)) : String(value)
    case .float(let value, _): "\(value)"
    case .tensor(let type, let shape, _):
      "\(type.rawValue)[\(shape.map(String.init).joined(separator: ", "))]"
    case .aggregate(let parts): "[" + parts.map { self($0) }.joined(separator: ", ") + "]"
    case .string(let text): "\"\(text)\""
    }
  }

  /// `dimension` as the user would write it.
  func callAsFunction(_ dimension: Dimension) -> String {
    if dimension.terms.isEmpty { return "0" }
    // The normal form has its constant first; people write it last.
    let terms =
      dimension.terms.filter { !$0.monomial.atoms.isEmpty }
      + dimension.terms.filter { $0.monomial.atoms.isEmpty }
    var text = ""
    for term in terms {
      let isNegative = term.coefficient < 0
      if text.isEmpty { text = isNegative ? "-" : "" } else { text += isNegative ? " - " : " + " }
      let magnitude = term.coefficient.magnitude
      let isProduct = magnitude != 1 || term.monomial.atoms.count > 1
      let factors = term.monomial.atoms.map { isProduct ? factor($0) : spell($0) }
      if factors.isEmpty {
        text += "\(magnitude)"
      } else {
        text += (magnitude == 1 ? "" : "\(magnitude)*") + factors.joined(separator: "*")
      }
    }
    return text
  }

  private func spell(_ atom: Dimension.Atom) -> String {
    switch atom {
    case .symbol(let id): Int(id.index) < symbols.count ? symbols[id].name : "?"
    case .index(let id): Int(id.index) < indices.count ? indices[id].name : "?"
    case .quotient(let a, let b): "\(operand(a)) / \(operand(b))"
    case .remainder(let a, let b): "\(operand(a)) % \(operand(b))"
    case .minimum(let a, let b): "min(\(self(a)), \(self(b)))"
    case .maximum(let a, let b): "max(\(self(a)), \(self(b)))"
    case .unknown: "?"
    }
  }

  /// The atom as a factor of a product.
  private func factor(_ atom: Dimension.Atom) -> String {
    switch atom {
    case .quotient, .remainder: "(\(spell(atom)))"
    case .symbol, .index, .minimum, .maximum, .unknown: spell(atom)
    }
  }

  private func operand(_ dimension: Dimension) -> String {
    let text = self(dimension)
    return dimension.terms.count > 1 || text.contains(" ") || text.contains("*")
      ? "(\(text))" : text
  }
}
