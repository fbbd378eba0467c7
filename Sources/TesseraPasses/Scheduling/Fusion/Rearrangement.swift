import TesseraIR

/// A statement that does nothing but put the elements of a product of matrices elsewhere: the product then
/// stores them there itself.
///
///     let a[o, h, v] = sum[k] x[k, h, v] * w[o, k]
///     f[i, o] = a[o, i / 64, i % 64]
///
/// Each of its indices is one of the product's, or two neighbouring ones that it counts together. The last
/// ones are all those of one of the two matrices, so that it is a product as well.
struct Rearrangement {
  /// Which of the axes of a product an index is one of.
  private enum Side {
    case rows
    case columns
    case batch
  }

  /// Looks at the statement around `site`, which reads what `producer` makes; `nil` if it is none.
  init?(_ site: ReadSite, of producer: Operation, in function: Function) {
    guard site.around.count == 1 else { return nil }
    let mover = function.operations[site.around[0]]
    guard mover.opcode == .compute, mover.results.count == 1,
      function.onlyMoves(mover.regions[0], site.read),
      let product = Contraction(producer, in: function), product.others.isEmpty,
      !product.hasWindows(producer, in: function), product.hasGivenFactor(in: function)
    else { return nil }

    let places = Array(function.operations[site.read].operands.dropFirst())
    var sides: [Side] = []
    for index in function.regions[mover.regions[0]].parameters {
      guard let axes = function.axes(of: producer, at: places, toldBy: index),
        let side = Self.side(of: axes, in: product)
      else { return nil }
      sides.append(side)
    }
    guard let last = sides.last, last != .batch else { return nil }
    let before = sides.prefix { $0 != last } + sides.drop { $0 != last }.drop { $0 == last }
    guard !before.contains(last), before.contains(last == .rows ? .columns : .rows) else {
      return nil
    }
  }

  /// The side that all of `axes` are of.
  private static func side(of axes: [Int], in product: Contraction) -> Side? {
    if axes.allSatisfy(product.rowAxes.contains) { return .rows }
    if axes.allSatisfy(product.columnAxes.contains) { return .columns }
    return axes.allSatisfy(product.batchAxes.contains) ? .batch : nil
  }
}

extension Contraction {
  /// `true` iff one of the factors is made of what comes from outside alone. Of two that are computed, as
  /// in an attention, more is known as they are.
  fileprivate func hasGivenFactor(in function: Function) -> Bool {
    [rowFactor, columnFactor].contains { factor in
      var pending = [factor]
      while let value = pending.popLast() {
        guard let id = function.definition(of: value) else { continue }
        let content = function.operations[id]
        if content.opcode == .compute || !content.regions.isEmpty { return false }
        pending += content.operands
      }
      return true
    }
  }
}

extension Function {
  /// `true` iff `region` yields what `read` reads, and does nothing else but divide indices.
  fileprivate func onlyMoves(_ region: ID<Region>, _ read: ID<Operation>) -> Bool {
    regions[region].operations.allSatisfy { id in
      switch operations[id].opcode {
      case .constant, .divide, .remainder: true
      case .read: id == read
      case .yield: operations[id].operands == operations[read].results
      default: false
      }
    }
  }

  /// The axes of what `producer` makes whose `places` `index` alone tells: the axis of which it is the
  /// place, or two neighbours of which it counts all elements; `nil` if it does neither.
  fileprivate func axes(of producer: Operation, at places: [Value], toldBy index: Value) -> [Int]? {
    if let axis = places.firstIndex(of: index) { return [axis] }
    func axis(_ opcode: Opcode) -> (place: Int, divisor: Int64)? {
      for (axis, place) in places.enumerated() {
        guard let id = definition(of: place), operations[id].opcode == opcode,
          operations[id].operands[0] == index,
          let divisor = integerConstant(operations[id].operands[1])
        else { continue }
        return (axis, divisor)
      }
      return nil
    }
    guard let outer = axis(.divide), let inner = axis(.remainder),
      outer.divisor == inner.divisor, inner.place == outer.place + 1,
      integerConstant(producer.operands[inner.place]) == inner.divisor
    else { return nil }
    return [outer.place, inner.place]
  }
}
