import TesseraIR
import TesseraSource

/// Convolutions of groups whose channels come last: few of them belong to a group, and neighbours of
/// different groups share nothing.
///
///     y[n, h, v, o] = f(sum[c, r, s] x[n, h + r, v + s, o / D * I + c] * w[r, s, c, o])
///
/// becomes, with channels before rows and columns,
///
///     a[n, k, h, v] = x[n, h, v, k]
///     p[n, g, d, h, v] = sum[c, r, s] a[n, g * I + c, h + r, v + s] * w[r, s, c, g * D + d]
///     b[n, o, h, v] = p[n, o / D, o % D, h, v]
///     y[n, h, v, o] = f(b[n, o, h, v])
///
/// where `b` only numbers elements anew, and the moves transpose blocks in registers. It happens where
/// `p` is a convolution by `Windows`.
extension RegionEditor {
  /// The operations that give what `content` does, the last one its results; `nil` if it is none, or
  /// does not sum up by windows then.
  mutating func channelsFirst(
    _ content: Operation, _ split: AxisSplit, _ count: Value, _ divisor: Value
  ) -> [ID<Operation>]? {
    let rank = content.operands.count
    guard split.axis == rank - 1, rank >= 3, content.results.count == 1,
      let sum = function.onlySum(content.regions[0])
    else { return nil }
    var moved = split
    let outer = (0..<rank - 3).map(AxisSplit.Part.whole)
    moved.order = outer + [.quotient, .remainder, .whole(rank - 3), .whole(rank - 2)]
    let parts = makeParts(of: content, moved, count, divisor)
    function.keepSum(of: parts)
    let moves = moveChannels(of: parts)
    guard !moves.isEmpty, findWindows(parts) else { return nil }

    let order = Array(0..<rank - 3) + [rank - 1, rank - 3, rank - 2]
    let numbered = makeCompute(
      like: content, order.map { content.operands[$0] },
      function.type(of: function.operations[parts].results[0]).element
    ) { editor, region, indices in
      let whole = indices[rank - 3]
      let pair = [Opcode.divide, .remainder].map {
        editor.append($0, [whole, divisor], .index, to: region, content.span)
      }
      let place = indices[..<(rank - 3)] + pair + indices[(rank - 2)...]
      return editor.read(of: parts, at: Array(place), in: region, content.span)
    }
    let end = makeCompute(
      like: content, content.operands, function.type(of: content.results[0]).element
    ) { editor, region, indices in
      let parameters = editor.function.regions[content.regions[0]].parameters
      var cloner = Cloner(Dictionary(uniqueKeysWithValues: zip(parameters, indices)))
      let result = editor.function.operations[sum].results[0]
      cloner.values[result] = editor.read(
        of: numbered, at: order.map { indices[$0] }, in: region, content.span)
      let last = editor.function.terminator(of: content.regions[0])!
      for id in editor.function.regions[content.regions[0]].operations
      where id != sum && id != last {
        let copy = cloner.copy(id, into: &editor.function)
        editor.function.regions[region].operations.append(copy)
      }
      return cloner[editor.function.operations[last].operands[0]]
    }
    return moves + [parts, numbered, end]
  }

  /// An element of what `operation` gives.
  private mutating func read(
    of operation: ID<Operation>, at indices: [Value], in region: ID<Region>, _ span: SourceSpan
  ) -> Value {
    let tensor = function.operations[operation].results[0]
    let type = function.type(of: tensor).element.type
    return append(.read, [tensor] + indices, type, to: region, span)
  }

  /// A `compute` over `lengths` of what `body` gives for their indices, with the name of what `content`
  /// gives.
  private mutating func makeCompute(
    like content: Operation, _ lengths: [Value], _ element: ElementType,
    _ body: (inout RegionEditor, ID<Region>, [Value]) -> Value
  ) -> ID<Operation> {
    let region = function.makeRegion()
    for _ in lengths { _ = function.addParameter(nil, .index, to: region) }
    let result = body(&self, region, function.regions[region].parameters)
    let end = function.makeOperation(.yield, [result], span: content.span)
    function.regions[region].operations.append(end)
    let extents = lengths.map { length in
      function.integerConstant(length).map { Extent.constant(Int($0)) } ?? .dynamic
    }
    return function.makeOperation(
      .compute, lengths, results: [.tensor(element, extents)], regions: [region],
      span: content.span, names: [function.values[content.results[0]].name])
  }

  /// Has the sum of `parts` read tensors with channels before rows and columns, where it reads them
  /// with channels last; returns the operations that make these tensors.
  private mutating func moveChannels(of parts: ID<Operation>) -> [ID<Operation>] {
    let content = function.operations[parts]
    let region = content.regions[0]
    let indices = function.regions[region].parameters
    let rows = DependentValues(function, region, on: indices[indices.count - 2])
    let columns = DependentValues(function, region, on: indices[indices.count - 1])
    var reads: [ID<Operation>] = []
    function.forEachOperation(in: region) { id in
      let operands = function.operations[id].operands
      guard function.operations[id].opcode == .read, operands.count >= 4,
        function.isOutside(operands[0], region)
      else { return }
      let last = operands.suffix(3)
      let (up, across, channel) = (last[last.startIndex], last[last.startIndex + 1], last.last!)
      if rows.contains(up), columns.contains(across), !rows.contains(channel),
        !columns.contains(channel)
      {
        reads.append(id)
      }
    }
    var made: [ID<Operation>] = []
    var moved: [Value: Value] = [:]
    for id in reads {
      let operands = function.operations[id].operands
      let rank = operands.count - 1
      let order = Array(0..<rank - 3) + [rank - 1, rank - 3, rank - 2]
      if moved[operands[0]] == nil {
        let tensor = function.type(of: operands[0])
        let lengths = tensor.extents.enumerated().map { axis, extent in
          if case .constant(let length) = extent {
            return value(of: .number(Int64(length)), content.span, &made)
          }
          made.append(
            function.makeOperation(
              .dimension, [operands[0]], results: [.index], attribute: .integer(Int64(axis)),
              span: content.span))
          return function.operations[made.last!].results[0]
        }
        let element = tensor.element
        let move = makeCompute(like: content, order.map { lengths[$0] }, element) {
          editor, region, indices in
          var place = indices
          for (axis, index) in zip(order, indices) { place[axis] = index }
          return editor.append(
            .read, [operands[0]] + place, element.type, to: region, content.span)
        }
        made.append(move)
        moved[operands[0]] = function.operations[move].results[0]
      }
      function.operations[id].operands = [moved[operands[0]]!] + order.map { operands[1 + $0] }
    }
    return made
  }

  /// Turns the reduced indices of `parts` round until windows are found by the last ones; returns
  /// whether they are.
  private mutating func findWindows(_ parts: ID<Operation>) -> Bool {
    guard let sum = function.onlySum(function.operations[parts].regions[0]) else { return false }
    for _ in function.regions[function.operations[sum].regions[0]].parameters {
      let content = function.operations[parts]
      guard let contraction = Contraction(content, in: function) else { return false }
      if contraction.hasPlanes(content, in: function) { return true }
      function.turnIndices(of: parts)
    }
    return false
  }
}

extension Function {
  /// The one reduction that stands in `region`; `nil` if there are none, or several.
  fileprivate func onlySum(_ region: ID<Region>) -> ID<Operation>? {
    let sums = regions[region].operations.filter { operations[$0].opcode == .reduce }
    return sums.count == 1 ? sums[0] : nil
  }

  /// Has `parts`, a `compute` around one sum, give the sum as it is, with nothing else in its region
  /// than what that needs.
  fileprivate mutating func keepSum(of parts: ID<Operation>) {
    let region = operations[parts].regions[0]
    guard let sum = onlySum(region), let last = terminator(of: region) else { return }
    let result = operations[sum].results[0]
    operations[last].operands = [result]
    if case .tensor(_, let extents) = type(of: operations[parts].results[0]) {
      let element = type(of: result).element
      values[operations[parts].results[0]].type = .tensor(element, extents)
    }
    var needed: Set<Value> = []
    let kept = regions[region].operations.reversed().filter { id in
      guard id == last || operations[id].results.contains(where: needed.contains) else {
        return false
      }
      needed.formUnion(operations[id].operands)
      for inner in operations[id].regions {
        forEachOperation(in: inner) { needed.formUnion(operations[$0].operands) }
      }
      return true
    }
    regions[region].operations = kept.reversed()
  }

  /// Has `parts`, which gives nothing but a sum, sum up with the last reduced index as the first.
  fileprivate mutating func turnIndices(of parts: ID<Operation>) {
    let home = operations[parts].regions[0]
    guard let sum = onlySum(home), let last = terminator(of: home) else { return }
    let content = operations[sum]
    let parameters = regions[content.regions[0]].parameters
    let rank = parameters.count
    let order = [rank - 1] + (0..<rank - 1)
    let region = makeRegion()
    var cloner = Cloner()
    for axis in order {
      let info = values[parameters[axis]]
      cloner.values[parameters[axis]] = addParameter(info.name, info.type, to: region)
    }
    for id in regions[content.regions[0]].operations {
      let copy = cloner.copy(id, into: &self)
      regions[region].operations.append(copy)
    }
    let turned = makeOperation(
      .reduce, (0..<3).flatMap { part in order.map { content.operands[part * rank + $0] } },
      results: content.results.map { type(of: $0) }, attribute: content.attribute,
      regions: [region], span: content.span, names: content.results.map { values[$0].name })
    regions[home].operations = regions[home].operations.map { $0 == sum ? turned : $0 }
    operations[last].operands = operations[turned].results
  }
}
