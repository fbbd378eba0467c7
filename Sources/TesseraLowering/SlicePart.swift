import TesseraIR
import TesseraSemantics

/// The part of a tensor that a slice names.
struct SlicePart {
  /// What an axis of the tensor is.
  enum Axis {
    /// One place.
    case element(Value)
    /// The axis `position` of the part, from `start` on, which is 0 if `nil`.
    case axis(position: Int, start: Value?)
  }

  /// The axes of the tensor.
  private(set) var axes: [Axis] = []
  /// How long the axes of the part are.
  private(set) var extents: [Value] = []

  /// Adds an axis of the tensor that goes, at `place`.
  mutating func add(element place: Value) { axes.append(.element(place)) }

  /// Adds an axis of the tensor of which the part has `extent` elements from `start` on.
  mutating func add(extent: Value, from start: Value? = nil) {
    axes.append(.axis(position: extents.count, start: start))
    extents.append(extent)
  }

  /// Adds an axis of the part alone, of length `one`.
  mutating func add(newAxis one: Value) { extents.append(one) }

  /// The place in the tensor that `place` of the part is.
  func place(_ place: [Value], _ lowering: inout FunctionLowering) -> [Value] {
    axes.map { axis in
      switch axis {
      case .element(let value): value
      case .axis(let position, let start):
        start.map { lowering.sum($0, place[position]) } ?? place[position]
      }
    }
  }
}

extension FunctionLowering {
  /// The part that `items` name of a tensor whose axes are as long as `whole` says; `length` tells
  /// how many elements a range has, by the axis of the tensor, that of the part, and its start.
  mutating func slicePart(
    _ items: [SliceItem], of whole: [Value],
    length: (inout FunctionLowering, _ axis: Int, _ position: Int, _ start: Value) -> Value
  ) -> SlicePart {
    var part = SlicePart()
    for item in items {
      switch item {
      case .element(let index): part.add(element: lowerIndex(index))
      case .range(let from):
        let start = lowerIndex(from)
        let extent = length(&self, part.axes.count, part.extents.count, start)
        part.add(extent: extent, from: start)
      case .tile(let tile):
        let tile = lower(tile)
        part.add(extent: tile.component(1).value, from: tile.component(0).value)
      case .wholeAxis: part.add(extent: whole[part.axes.count])
      case .newAxis: part.add(newAxis: constant(1))
      }
    }
    // Axes that no item speaks of are whole.
    while part.axes.count < whole.count { part.add(extent: whole[part.axes.count]) }
    return part
  }
}
