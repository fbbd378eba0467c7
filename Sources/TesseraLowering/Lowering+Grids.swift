import TesseraIR
import TesseraSemantics

/// An axis of a grid when a kernel starts.
struct LoweredAxis {
  /// How many indices it has.
  var extent: Value
  /// How many of them a tile has at most; `nil` for single indices.
  var capacity: Value?
  /// How many points there are.
  var count: Value
}

/// The sizes of grids.
extension FunctionLowering {
  /// Computes how large a grid is.
  ///
  /// Programs are counted by one number, of 64 bits. Where nothing says that it suffices, lengths
  /// below 0 are taken for 0, and a larger grid stops the run.
  mutating func gridAxes(_ grid: [TypedFunction.GridAxis]) -> [LoweredAxis] {
    let isLarge = mayBeUncountable(grid)
    let axes = grid.map { axis in
      var extent = lowerIndex(axis.extent)
      if isLarge, known(extent) == nil {
        extent = builder.arithmetic(.maximum, extent, constant(0))
      }
      guard let capacity = axis.capacity else {
        return LoweredAxis(extent: extent, capacity: nil, count: extent)
      }
      let length = lowerIndex(capacity)
      let isLong = isUnlimited(axis.extent) || isUnlimited(capacity)
      let count = isLong ? longTileCount(extent, length) : tileCount(extent, length)
      return LoweredAxis(extent: extent, capacity: length, count: count)
    }
    if isLarge {
      builder.emit(
        .assert, [isCountable(axes.map(\.count))],
        attribute: .string("the grid of '\(source.declaredName)' has more than 2^62 programs"))
    }
    return axes
  }

  /// `true` iff the product of `counts`, which are not negative, is at most 2^62.
  private mutating func isCountable(_ counts: [Value]) -> Value {
    // A product is at most a limit iff one factor is at most what the others leave of it.
    var limit = constant(1 << 62)
    var least = counts[0]
    for count in counts.dropFirst() {
      let divisor = known(count) ?? 0 > 0 ? count : builder.arithmetic(.maximum, count, constant(1))
      limit = builder.arithmetic(.divide, limit, divisor)
      least = builder.arithmetic(.minimum, least, count)
    }
    let isEmpty = builder.compare(.equal, least, constant(0))
    return builder.arithmetic(.bitOr, isEmpty, builder.compare(.lessOrEqual, counts[0], limit))
  }

  /// How many tiles of `capacity` cover `extent`.
  private mutating func tileCount(_ extent: Value, _ capacity: Value) -> Value {
    let rounded = sum(extent, difference(capacity, constant(1)))
    return builder.arithmetic(.divide, rounded, capacity)
  }

  /// The same where the sum of both may overflow.
  private mutating func longTileCount(_ extent: Value, _ capacity: Value) -> Value {
    let before = builder.arithmetic(.divide, difference(extent, constant(1)), capacity)
    return sum(before, constant(1))
  }

  // MARK: What is known of sizes

  /// `false` iff the number of programs is known to be less than that of a tensor's elements, or
  /// nearly so, since those were counted.
  private func mayBeUncountable(_ grid: [TypedFunction.GridAxis]) -> Bool {
    let extents = grid.map { length(of: $0.extent) }
    if grid.count == 1 || extents.allSatisfy({ $0?.constant != nil }) { return false }
    var product = Dimension(1)
    for extent in extents {
      guard let extent else { return true }
      product = product * extent
    }
    guard !product.isUnknown, let factor = product.coefficientOfOneTerm, factor <= 1 << 14
    else { return true }
    return !source.parameters.contains { parameter in
      let dimensions = source.locals[parameter.local].type.dimensions
      return product.hasFactors(among: dimensions.reduce(Dimension(1)) { $0 * $1 })
    }
  }

  /// `true` iff the number may be as large as any: nothing has that many elements.
  private func isUnlimited(_ number: TypedExpression) -> Bool {
    guard let length = length(of: number) else { return true }
    return length.contains { atom in
      guard case .symbol(let symbol) = atom else { return false }
      if case .axis = source.symbols[symbol].origin { return false }
      return !source.parameters.contains {
        source.locals[$0.local].type.dimensions.contains(Dimension(symbol))
      }
    }
  }

  /// The dimension that `number` is, if it is one.
  private func length(of number: TypedExpression) -> Dimension? {
    switch number.kind {
    case .constant(.integer(let value, _)): return Dimension(Int(value))
    case .dimension(let dimension): return dimension
    case .local(let local):
      return source.symbols.ids.first { source.symbols[$0].origin == .local(local) }
        .map { Dimension($0) }
    default: return nil
    }
  }
}
