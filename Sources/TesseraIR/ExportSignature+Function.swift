extension ExportSignature {
  /// Creates the signature of a function of the scheduled stage that says what its types say: every
  /// length that is not constant is a dimension of its own.
  public init(_ function: Function) {
    self.init(name: function.name, function: function.name, text: "", span: function.span)
    let inputCount = function.roles.filter { $0 != .output }.count
    for (index, value) in function.parameters.enumerated() {
      let isOutput = function.roles[index] == .output
      let leafIndex = isOutput ? inputCount + results.count : parameters.count
      let name = function.values[value].name ?? (isOutput ? "y\(index)" : "x\(index)")
      var shape: [DimensionExpression]?
      if case .buffer(_, let extents) = function.type(of: value) {
        shape = extents.enumerated().map { axis, extent in
          switch extent {
          case .constant(let length): return .constant(length)
          case .dynamic:
            // Lengths of outputs are what the caller says, too.
            symbols.append(
              Symbol(
                name: "\(name).\(axis)", origin: .axis(leaf: leafIndex, axis: axis)))
            return .symbol(symbols.count - 1)
          }
        }
      }
      let text = function.type(of: value).element.description
      let leaf = Leaf(
        element: function.type(of: value).element, shape: shape,
        typeText: shape.map { "\(text)[" + $0.map(\.shortText).joined(separator: ", ") + "]" }
          ?? text)
      let parameter = Parameter(
        name: name, typeText: leaf.typeText, isInout: function.roles[index] == .inout,
        isConstant: function.roles[index] == .constant,
        leaves: [leaf])
      if isOutput { results.append(parameter) } else { parameters.append(parameter) }
    }
    for (index, type) in function.resultTypes.enumerated() {
      let name =
        index < function.resultNames.count ? function.resultNames[index] : "result\(index)"
      let leaf = Leaf(element: type.element, shape: nil, typeText: type.element.description)
      results.append(Parameter(name: name, typeText: leaf.typeText, leaves: [leaf]))
    }
  }
}

extension DimensionExpression {
  fileprivate var shortText: String {
    if case .constant(let value) = self { return "\(value)" }
    return "?"
  }
}
