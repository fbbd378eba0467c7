import TesseraSource
import TesseraSyntax

/// The places that statements in index notation write to.
extension FunctionChecker {
  /// Where the targets of a statement are written.
  struct WrittenPlaces {
    /// The indices of each target.
    var places: [[ReadIndex]] = []
    /// What the brackets of each target say.
    var axes: [[AxisItem]] = []
    /// `true` iff places may lie outside, where nothing is written.
    var skips = false
    /// `true` iff every element of each target is written.
    var isTotal = true
  }

  /// Adds the places that `target` writes to; `false` after a diagnostic.
  func checkPlaces(
    of target: IndexedTarget, _ ranges: [IndexRange], written: Set<ID<IndexInfo>>,
    into placed: inout WrittenPlaces
  ) -> Bool {
    let base = TypedExpression(.local(target.place.local), target.place.type, at: target.span)
    switch target.bracket.outside {
    case .skip: placed.skips = true
    case .value(let value):
      diagnose(.elseOnWrite(at: value.span))
      return false
    case nil: break
    }
    guard
      let items = axisItems(target.bracket.items.map(\.withoutBinder), of: base, at: target.span)
    else { return false }
    let skips = placed.skips
    var places: [ReadIndex] = []
    var used: Set<ID<IndexInfo>> = []
    var isTotal = true
    for item in items {
      guard case .element(let value, let boundary) = item.kind else {
        diagnose(.sliceWithIndices(at: item.span))
        return false
      }
      let size = target.place.type.dimensions[item.axis]
      let index = boundary == nil ? value.bareIndex : nil
      let coversAxis: Bool
      if let index, written.contains(index), let range = ranges.first(where: { $0.index == index })
      {
        guard let isWhole = skips ? true : checkEnds(of: range, within: size, at: item.span) else {
          return false
        }
        coversAxis = isWhole
        places.append(ReadIndex(value, isProved: !skips))
      } else {
        guard
          let place = place(
            value, boundary, of: base, dimension: size, hasOutside: skips, isWrite: true,
            items: target.bracket.items, at: item.span)
        else { return false }
        coversAxis = place.isProved
        places.append(place)
      }
      // Where two axes share an index, only a diagonal is written.
      guard let index, coversAxis, used.insert(index).inserted else {
        isTotal = false
        continue
      }
    }
    if places.allSatisfy(\.isProved) { placed.skips = false }
    placed.places.append(places)
    placed.axes.append(items)
    placed.isTotal = placed.isTotal && isTotal && used.count == ranges.count
    return true
  }

  /// Demands that a written range lies inside its axis, of `size`: its ends are two numbers, which
  /// are checked once, before the statement.
  ///
  /// - Returns: `true` iff the range is the whole axis; `nil` after a diagnostic.
  private func checkEnds(of range: IndexRange, within size: Dimension, at span: SourceSpan) -> Bool?
  {
    guard let first = dimension(of: range.lower), let last = dimension(of: range.upper) else {
      diagnose(.notADimension("this end of the range", at: range.upper.span))
      return nil
    }
    let wasInside = flow.isInsideIndexNotation
    flow.isInsideIndexNotation = first.contains(where: \.isIndex) || last.contains(where: \.isIndex)
    defer { flow.isInsideIndexNotation = wasInside }
    guard requireWrittenRange(first, last, within: size, at: span) else { return nil }
    return prover.provesEqual(first, Dimension(0)) && prover.provesEqual(last, size)
  }

  /// Demands that a written range lies inside its axis.
  private func requireWrittenRange(
    _ first: Dimension, _ last: Dimension, within size: Dimension, at span: SourceSpan
  ) -> Bool {
    // Facts that hold only while the index runs must not prove its own range.
    if prover.provesNonNegative(first), prover.provesNonNegative(size - last) { return true }
    let message =
      "the range '\(describe(first))..\(describe(last))' is not inside 0..\(describe(size))"
    return require(Dimension(0), .lessOrEqual, first, message: message, at: span)
      && require(last, .lessOrEqual, size, message: message, at: span)
  }

  /// The indices of the places in order of axes, if they are bare and the same for all targets.
  func commonOrder(of places: [[ReadIndex]]) -> [ID<IndexInfo>]? {
    var order: [ID<IndexInfo>]?
    for list in places {
      var indices: [ID<IndexInfo>] = []
      for place in list {
        guard case .index(let index) = place.value.kind else { return nil }
        indices.append(index)
      }
      if let order, order != indices { return nil }
      order = indices
    }
    return order
  }

  /// `true` iff the two places are the same in every run.
  func isSame(_ a: [ReadIndex], _ b: [ReadIndex]) -> Bool {
    a.count == b.count
      && zip(a, b).allSatisfy { x, y in
        guard x.boundary == y.boundary, let p = dimension(of: x.value),
          let q = dimension(of: y.value)
        else { return false }
        return p == q
      }
  }
}

extension TypedExpression {
  /// The index, if the expression is just that.
  fileprivate var bareIndex: ID<IndexInfo>? {
    if case .index(let index) = kind { return index }
    return nil
  }
}
