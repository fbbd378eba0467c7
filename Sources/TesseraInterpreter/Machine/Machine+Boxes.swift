import TesseraIR

/// Walking through boxes of indices.
extension Machine {
  /// Puts the indices of the box at `base` to their lower ends; `false` iff the box is empty.
  func startBox(
    _ base: UnsafeMutablePointer<UInt64>, _ rank: Int
  ) throws(RunError) -> Bool {
    var isEmpty = false
    for axis in 0..<rank {
      let lower = Int64(bitPattern: base[rank + axis])
      if Int64(bitPattern: base[3 * rank + axis]) < 1 {
        throw fail(.assertionFailed, "a step must be at least 1")
      }
      if lower >= Int64(bitPattern: base[2 * rank + axis]) { isEmpty = true }
      base[axis] = base[rank + axis]
    }
    return !isEmpty
  }

  /// Goes to the next tuple of indices, the last one fastest; `false` iff there is none.
  @inline(__always)
  func nextIndex(_ base: UnsafeMutablePointer<UInt64>, _ rank: Int) -> Bool {
    var axis = rank - 1
    while axis >= 0 {
      let step = Int64(bitPattern: base[3 * rank + axis])
      let (next, overflow) = Int64(bitPattern: base[axis]).addingReportingOverflow(step)
      if !overflow, next < Int64(bitPattern: base[2 * rank + axis]) {
        base[axis] = UInt64(bitPattern: next)
        return true
      }
      base[axis] = base[rank + axis]
      axis -= 1
    }
    return false
  }

  /// Which accumulator takes the term at hand, see `ReductionOrder.lanes`.
  func boxLane(_ base: UnsafeMutablePointer<UInt64>, _ i: Instruction) -> Int {
    let rank = Int(i.count)
    guard rank > 0 else { return 0 }
    func entry(_ number: Int) -> Int { Int(code.pool[Int(i.b) + number]) }
    let order = ReductionOrder.Lanes(entry(0), rest: entry(1), joined: entry(2))
    var (number, count): (UInt64, UInt64) = (0, 1)
    for axis in rank - order.joinedIndices..<rank {
      let lower = Int64(bitPattern: base[rank + axis])
      let step = base[3 * rank + axis]
      // Distances as unsigned numbers do not overflow.
      let length = UInt64(bitPattern: Int64(bitPattern: base[2 * rank + axis]) &- lower)
      let indices = (length - 1) / step + 1
      number =
        number &* indices &+ UInt64(bitPattern: Int64(bitPattern: base[axis]) &- lower) / step
      count = count &* indices
    }
    for lanes in [UInt64(order.count), UInt64(order.restCount)] {
      let full = count - count % lanes
      if number < full { return Int(number % lanes) }
      (number, count) = (number - full, count - full)
    }
    return order.restCount - Int(count - number)
  }
}
