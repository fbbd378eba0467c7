import TesseraIR
import TesseraNumbers
import TesseraSemantics

extension FunctionLowering {
  /// The integer `value`, once a region.
  mutating func constant(_ value: Int, _ type: ScalarType = .i64) -> Value {
    computing(.constant(Int64(value), type)) { $0.builder.constant(Int64(value), type) }
  }

  /// The value of `dimension` as an `i64`.
  mutating func extent(_ dimension: Dimension) -> Value {
    if let value = dimension.constant { return constant(value) }
    // An index may stand for other values in another construct.
    let depends = dimension.contains { atom in
      if case .index = atom { return true }
      return atom == .unknown
    }
    if depends { return polynomial(dimension) }
    return computing(.dimension(dimension)) { $0.polynomial(dimension) }
  }

  /// The values of several dimensions.
  mutating func extents(_ dimensions: [Dimension]) -> [Value] {
    dimensions.map { extent($0) }
  }

  /// The values of `dimensions`, which are those of the tensor `value`; where nothing is known of
  /// one, the tensor is asked.
  mutating func extents(_ dimensions: [Dimension], of value: Value) -> [Value] {
    dimensions.enumerated().map { axis, dimension in
      isComputable(dimension) ? extent(dimension) : axisLength(value, axis)
    }
  }

  /// The length of an axis of a tensor.
  mutating func axisLength(_ tensor: Value, _ axis: Int) -> Value {
    if case .constant(let length) = builder.type(of: tensor).extents[axis] {
      return constant(length)
    }
    return computing(.axis(tensor, axis)) { $0.builder.dimension(tensor, axis) }
  }

  /// Forgets what was computed from `local`, which gets a new value.
  mutating func forgetDimensions(of local: ID<Local>) {
    guard dimensionLocals.contains(local) else { return }
    for level in computed.indices {
      computed[level] = computed[level].filter { key, _ in
        if case .dimension = key { return false }
        return true
      }
    }
  }

  /// `true` iff all atoms of `dimension` have a value here.
  func isComputable(_ dimension: Dimension) -> Bool {
    !dimension.contains { atom in
      switch atom {
      case .unknown: true
      case .index(let index): indices[index] == nil
      case .symbol(let symbol):
        switch source.symbols[symbol].origin {
        case .axis(let parameter, _, _): locals[parameter] == nil
        case .local(let local), .tileLength(let local): locals[local] == nil
        case .constant: false
        }
      case .quotient, .remainder, .minimum, .maximum: false
      }
    }
  }

  private mutating func computing(
    _ key: ComputedKey, _ compute: (inout FunctionLowering) -> Value
  ) -> Value {
    for level in computed.reversed() {
      if let value = level[key] { return value }
    }
    let value = compute(&self)
    computed[computed.count - 1][key] = value
    return value
  }

  /// The sum of the terms, the constant one last.
  private mutating func polynomial(_ dimension: Dimension) -> Value {
    var sum: Value?
    var constantTerm = 0
    for term in dimension.terms {
      if term.monomial.atoms.isEmpty {
        constantTerm = term.coefficient
        continue
      }
      var product = atom(term.monomial.atoms[0])
      for factor in term.monomial.atoms.dropFirst() {
        product = builder.arithmetic(.multiply, product, atom(factor))
      }
      guard let partial = sum else {
        sum = scaled(product, by: term.coefficient)
        continue
      }
      if term.coefficient < 0, term.coefficient != .min {
        sum = builder.arithmetic(.subtract, partial, scaled(product, by: -term.coefficient))
      } else {
        sum = builder.arithmetic(.add, partial, scaled(product, by: term.coefficient))
      }
    }
    guard let sum else { return constant(constantTerm) }
    return constantTerm == 0 ? sum : builder.arithmetic(.add, sum, constant(constantTerm))
  }

  private mutating func scaled(_ value: Value, by factor: Int) -> Value {
    factor == 1 ? value : builder.arithmetic(.multiply, value, constant(factor))
  }

  private mutating func atom(_ atom: Dimension.Atom) -> Value {
    switch atom {
    case .symbol(let symbol):
      return self.symbol(symbol)
    case .index(let index):
      guard let value = indices[index] else {
        internalError("index '\(source.indices[index].name)' has no value")
      }
      return value
    case .quotient(let a, let b): return binary(.divide, a, b)
    case .remainder(let a, let b): return binary(.remainder, a, b)
    case .minimum(let a, let b): return binary(.minimum, a, b)
    case .maximum(let a, let b): return binary(.maximum, a, b)
    case .unknown:
      internalError("a dimension of \(source.name) is not known")
    }
  }

  private mutating func binary(_ opcode: Opcode, _ a: Dimension, _ b: Dimension) -> Value {
    builder.arithmetic(opcode, extent(a), extent(b))
  }

  private mutating func symbol(_ id: ID<DimensionSymbol>) -> Value {
    let symbol = source.symbols[id]
    switch symbol.origin {
    case .constant(let value):
      return constant(value)
    case .local(let local):
      return builder.convert(self.local(local).value, to: .i64)
    case .tileLength(let local):
      return self.local(local).component(1).value
    case .axis(let parameter, let path, let axis):
      let leaf = path.reduce(local(parameter)) { $0.component($1) }
      guard let tensor = leaf.values.first else {
        internalError("dimension \(symbol.name) has no tensor")
      }
      let length = axisLength(tensor, axis)
      if builder.function.values[length].name == nil {
        builder.function.values[length].name = symbol.name
      }
      return length
    }
  }

  /// What a local is here.
  mutating func local(_ id: ID<Local>) -> Lowered {
    guard let value = locals[id] else {
      internalError("'\(source.locals[id].name)' has no value in \(source.name)")
    }
    return value
  }
}
