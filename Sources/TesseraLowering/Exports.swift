import TesseraIR
import TesseraSemantics

/// How a function of `program` looks to a host, whether it is exported or not.
public func exportSignature(
  of function: ID<TypedFunction>, in program: Program
) -> ExportSignature {
  exportSignature(of: function, in: program, names: FunctionNames(program))
}

/// How `function` looks from C.
func exportSignature(
  of function: ID<TypedFunction>, in program: Program, names: FunctionNames
) -> ExportSignature {
  let lowering = FunctionLowering(program, function, names: names)
  var writer = SignatureWriter(lowering)
  return writer.signature()
}

/// Collects the symbols of a signature while its types are written down.
private struct SignatureWriter {
  private let lowering: FunctionLowering
  private let source: TypedFunction
  private var symbols: [ExportSignature.Symbol] = []
  private var positions: [ID<DimensionSymbol>: Int] = [:]
  /// The position of the first leaf of each parameter.
  private var firstLeaves: [ID<Local>: Int] = [:]

  /// Prepares to write the signature of the function that `lowering` is about.
  init(_ lowering: FunctionLowering) {
    self.lowering = lowering
    source = lowering.source
    var count = 0
    for parameter in source.inputs {
      firstLeaves[parameter.local] = count
      count += lowering.leaves(of: source.locals[parameter.local].type).count
    }
  }

  /// The signature.
  mutating func signature() -> ExportSignature {
    collectSymbols()
    var parameters: [ExportSignature.Parameter] = []
    var results: [ExportSignature.Parameter] = []
    for parameter in source.parameters {
      let local = source.locals[parameter.local]
      let written = self.parameter(
        local.name, local.type, isInout: parameter.passing == .inout)
      if parameter.passing == .out { results.append(written) } else { parameters.append(written) }
    }
    if !source.kind.isKernel {
      results = source.results.map { parameter($0.name, $0.type, isInout: false) }
    }
    return ExportSignature(
      name: source.name, function: lowering.names[lowering.id],
      text: text(parameters, results), symbols: symbols, parameters: parameters,
      results: results, facts: source.obligations.compactMap { fact($0) }, span: source.span)
  }

  /// The dimensions that arguments give.
  private mutating func collectSymbols() {
    for id in source.symbols.ids {
      let symbol = source.symbols[id]
      let origin: ExportSignature.Symbol.Origin
      switch symbol.origin {
      case .axis(let parameter, let path, let axis):
        guard let first = firstLeaves[parameter] else { continue }
        let leaf = first + offset(of: path[...], in: source.locals[parameter].type)
        origin = .axis(leaf: leaf, axis: axis)
      case .local(let local):
        guard let leaf = firstLeaves[local] else { continue }
        origin = .scalar(leaf: leaf)
      case .constant(let value):
        origin = .constant(value)
      case .tileLength: continue
      }
      positions[id] = symbols.count
      symbols.append(ExportSignature.Symbol(name: symbol.name, origin: origin))
    }
  }

  /// How many leaves come before the one to which `path` leads.
  private func offset(of path: ArraySlice<Int>, in type: ValueType) -> Int {
    guard let position = path.first, let parts = lowering.parts(of: type),
      position < parts.count
    else { return 0 }
    let before = parts[..<position].reduce(0) { $0 + lowering.leaves(of: $1.type).count }
    return before + offset(of: path.dropFirst(), in: parts[position].type)
  }

  private func parameter(
    _ name: String, _ type: ValueType, isInout: Bool
  ) -> ExportSignature.Parameter {
    let parts = lowering.parts(of: type)
    return ExportSignature.Parameter(
      name: name, typeText: spelling(type), isInout: isInout,
      isConstant: !isInout && lowering.isConstant(type), isAggregate: parts != nil,
      leaves: leaves(of: type, key: ""))
  }

  private func leaves(of type: ValueType, key: String) -> [ExportSignature.Leaf] {
    if let parts = lowering.parts(of: type) {
      return parts.flatMap { part in
        leaves(of: part.type, key: key.isEmpty ? part.name : "\(key).\(part.name)")
      }
    }
    let leaf = lowering.leaves(of: type)[0]
    let shape = type.isTensor ? type.dimensions.map { expression($0) } : nil
    return [
      ExportSignature.Leaf(
        key: key, element: leaf.type.element, shape: shape, typeText: spelling(type))
    ]
  }

  private func fact(_ obligation: Obligation) -> ExportSignature.Fact? {
    guard isKnown(obligation.left), isKnown(obligation.right) else { return nil }
    let relation: ExportSignature.Fact.Relation =
      switch obligation.relation {
      case .equal: .equal
      case .notEqual: .notEqual
      case .less: .less
      case .lessOrEqual: .lessOrEqual
      }
    return ExportSignature.Fact(
      expression(obligation.left), relation, expression(obligation.right),
      names: symbols.map(\.name))
  }

  /// `true` iff the arguments give all that `dimension` is made of.
  private func isKnown(_ dimension: Dimension) -> Bool {
    !dimension.contains { atom in
      switch atom {
      case .symbol(let symbol): positions[symbol] == nil
      case .index, .unknown: true
      case .quotient, .remainder, .minimum, .maximum: false
      }
    }
  }

  private func expression(_ dimension: Dimension) -> DimensionExpression {
    var sum: DimensionExpression?
    for term in dimension.terms {
      var product: DimensionExpression?
      for atom in term.monomial.atoms {
        let factor = expression(atom)
        product = product.map { .product($0, factor) } ?? factor
      }
      let scaled: DimensionExpression =
        switch (product, term.coefficient) {
        case (nil, let number): .constant(number)
        case (let product?, 1): product
        case (let product?, let number): .product(.constant(number), product)
        }
      sum = sum.map { .sum($0, scaled) } ?? scaled
    }
    return sum ?? .constant(0)
  }

  private func expression(_ atom: Dimension.Atom) -> DimensionExpression {
    switch atom {
    case .symbol(let symbol): positions[symbol].map { .symbol($0) } ?? .constant(0)
    case .quotient(let a, let b): .quotient(expression(a), expression(b))
    case .remainder(let a, let b): .remainder(expression(a), expression(b))
    case .minimum(let a, let b): .minimum(expression(a), expression(b))
    case .maximum(let a, let b): .maximum(expression(a), expression(b))
    case .index, .unknown: .constant(0)
    }
  }

  // MARK: Spelling

  /// The signature as a program would write it.
  private func text(
    _ parameters: [ExportSignature.Parameter], _ results: [ExportSignature.Parameter]
  ) -> String {
    let inputs = parameters.map { "\($0.isInout ? "inout " : "")\($0.name): \($0.typeText)" }
    let outputs = results.map { $0.name.isEmpty ? $0.typeText : "\($0.name): \($0.typeText)" }
    let list = inputs.joined(separator: ", ")
    return results.isEmpty
      ? "fn \(source.name)(\(list))"
      : "fn \(source.name)(\(list)) -> (\(outputs.joined(separator: ", ")))"
  }

  private func spelling(_ type: ValueType) -> String {
    switch type {
    case .scalar(let scalar): return scalar.rawValue
    case .pointer(let scalar): return "*\(scalar.rawValue)"
    case .tensor(let element, let dimensions):
      return "\(spelling(element))[\(dimensions.map { spelling($0) }.joined(separator: ", "))]"
    case .tuple(let components):
      let parts = components.map { component in
        (component.name.map { "\($0): " } ?? "") + spelling(component.type)
      }
      return "(\(parts.joined(separator: ", ")))"
    case .sequence(let elements):
      return "(\(elements.map { spelling($0) }.joined(separator: ", ")))"
    case .structure(let structure): return lowering.program.structures[structure].name
    case .indexTile(let length): return "tile[\(spelling(length))]"
    case .string: return "string"
    case .error: return "?"
    }
  }

  private func spelling(_ dimension: Dimension) -> String {
    var text = ""
    for term in dimension.terms.reversed() {
      let atoms = term.monomial.atoms.map { spelling($0) }
      let magnitude = term.coefficient.magnitude
      let factors = atoms.isEmpty || magnitude != 1 ? [String(magnitude)] + atoms : atoms
      let product = factors.joined(separator: "*")
      if text.isEmpty {
        text = term.coefficient < 0 ? "-\(product)" : product
      } else {
        text += term.coefficient < 0 ? " - \(product)" : " + \(product)"
      }
    }
    return text.isEmpty ? "0" : text
  }

  private func spelling(_ atom: Dimension.Atom) -> String {
    func operand(_ dimension: Dimension) -> String {
      dimension.atom != nil || dimension.constant != nil
        ? spelling(dimension) : "(\(spelling(dimension)))"
    }
    switch atom {
    case .symbol(let symbol): return source.symbols[symbol].name
    case .index(let index): return source.indices[index].name
    case .quotient(let a, let b): return "\(operand(a)) / \(operand(b))"
    case .remainder(let a, let b): return "\(operand(a)) % \(operand(b))"
    case .minimum(let a, let b): return "min(\(spelling(a)), \(spelling(b)))"
    case .maximum(let a, let b): return "max(\(spelling(a)), \(spelling(b)))"
    case .unknown: return "_"
    }
  }
}
