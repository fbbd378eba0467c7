import TesseraSyntax

/// What the dimension symbols of a called function are in terms of its caller.
struct Substitution {
  private var values: [ID<DimensionSymbol>: Dimension] = [:]

  /// Reads the symbols of `callee` off the types of `arguments`.
  ///
  /// `renamed` holds the caller's dimensions behind the first symbols, those of type arguments.
  init(
    _ callee: TypedFunction, arguments: [TypedExpression], renamed: [Dimension],
    caller: FunctionChecker
  ) {
    let inputs = callee.inputs
    for id in callee.symbols.ids {
      if Int(id.index) < renamed.count {
        values[id] = renamed[Int(id.index)]
        continue
      }
      switch callee.symbols[id].origin {
      case .constant(let value): values[id] = Dimension(value)
      case .axis(let parameter, let path, let axis):
        guard let position = inputs.firstIndex(where: { $0.local == parameter }),
          position < arguments.count,
          case .tensor(_, let dimensions)? = caller.checker.component(
            of: arguments[position].type, at: path),
          axis < dimensions.count
        else { continue }
        values[id] = dimensions[axis]
      case .local(let local):
        guard let position = inputs.firstIndex(where: { $0.local == local }),
          position < arguments.count
        else { continue }
        values[id] =
          caller.dimension(of: arguments[position])
          ?? caller.named(arguments[position])
      case .tileLength: continue
      }
    }
  }

  /// `dimension` in terms of the caller; what it cannot know is unknown.
  func callAsFunction(_ dimension: Dimension) -> Dimension {
    dimension.replacing { atom in
      guard case .symbol(let id) = atom else { return nil }
      return values[id] ?? .unknown
    }
  }
}

extension FunctionChecker {
  /// A dimension for a number that is computed when the function runs: the symbol of its local.
  func named(_ value: TypedExpression) -> Dimension? {
    guard value.type == .int else { return nil }
    if case .local(let id) = value.kind, !function.locals[id].isVariable {
      return localDimensions[id] ?? makeSymbol(for: id, named: function.locals[id].name)
    }
    return nil
  }
}
