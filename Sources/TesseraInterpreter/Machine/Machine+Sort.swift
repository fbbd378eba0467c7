import TesseraIR
import TesseraNumbers

/// Sorting along one axis.
extension Machine {
  /// Sorts `a` along axis `b` into a fresh tensor `d`, and the places into `c`.
  func sort(_ i: Instruction) throws(RunError) {
    let source = tensor(i.a)
    let sorted = try allocate(source.element, source.shape)
    let places = try allocate(.scalar(.i64), source.shape)
    sort(source, into: sorted, places, axis: Int(i.b), i.type)
    setTensor(i.d, sorted)
    setTensor(i.c, places)
  }

  /// Sorts buffer `a` along axis `b` into the buffer `d`, and the places into `c`.
  func sortInto(_ i: Instruction) throws(RunError) {
    let (source, sorted, places) = (tensor(i.a), tensor(i.d), tensor(i.c))
    try checkShapes(source, sorted)
    try checkShapes(source, places)
    sort(source, into: sorted, places, axis: Int(i.b), i.type)
  }

  private func sort(
    _ source: TensorValue, into sorted: TensorValue, _ places: TensorValue, axis: Int,
    _ type: ScalarType
  ) {
    let length = source.shape[axis]
    var outer = source.shape
    outer.remove(at: axis)
    for number in 0..<outer.reduce(1, &*) {
      // The line's first element, from its number among all lines.
      var rest = number
      var offsets = [0, 0, 0]
      for other in source.shape.indices.reversed() where other != axis {
        let index = rest % source.shape[other]
        rest /= source.shape[other]
        for (k, tensor) in [source, sorted, places].enumerated() {
          offsets[k] += index * tensor.strides[other]
        }
      }
      let values = (0..<length).map {
        let place = source.address + offsets[0] + $0 * source.strides[axis]
        return ScalarValue(bits: loadBits(place, type), type)
      }
      for (rank, place) in sortedPlaces(values).enumerated() {
        let target = sorted.address + offsets[1] + rank * sorted.strides[axis]
        storeBits(target, values[place].bits, type)
        let noted = places.address + offsets[2] + rank * places.strides[axis]
        storeBits(noted, UInt64(place), .i64)
      }
    }
  }

  /// The places of `values` in ascending order; equal ones in the order in which they stand, NaN
  /// last.
  private func sortedPlaces(_ values: [ScalarValue]) -> [Int] {
    values.indices.sorted { a, b in
      let (x, y) = (values[a], values[b])
      if x.isNaN || y.isNaN { return x.isNaN == y.isNaN ? a < b : y.isNaN }
      if Opcode.less.evaluate(x, y, result: .bool)?.bool == true { return true }
      if Opcode.less.evaluate(y, x, result: .bool)?.bool == true { return false }
      return a < b
    }
  }
}
