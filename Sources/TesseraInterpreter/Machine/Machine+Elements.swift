import TesseraIR

/// The address of the element at the indices that the list holds, or `nil` outside.
@inline(__always)
func element(
  _ view: UnsafeMutablePointer<Int>, _ list: UnsafeMutablePointer<Int32>, _ count: Int32,
  _ registers: UnsafeMutablePointer<UInt64>
) -> UnsafeMutableRawPointer? {
  let rank = Int(count)
  let lengths = view + Descriptor.header
  var address = view[Descriptor.address]
  for axis in 0..<rank {
    let index = registers[Int(list[axis])]
    // A negative index is a large one when it is read as unsigned.
    if index >= UInt64(bitPattern: Int64(lengths[axis])) { return nil }
    address = address &+ Int(index) &* lengths[rank + axis]
  }
  return UnsafeMutableRawPointer(bitPattern: address)
}

extension Machine {
  /// The error of an access by the instruction at hand.
  func outOfBounds(_ i: Instruction) -> RunError {
    let lengths = tensor(i.a).shape
    for (axis, slot) in list(i.b, i.count).enumerated() {
      let index = integer(slot)
      if index < 0 || index >= lengths[axis] {
        return fail(
          .outOfBounds, "index \(index) is outside axis \(axis), which is \(lengths[axis]) long")
      }
    }
    return fail(.outOfBounds, "an index is outside")
  }

  /// The address of the element of `a` at the indices of list `b`.
  func elementAddress(_ i: Instruction) throws(RunError) -> UnsafeMutableRawPointer {
    let view = descriptors[tensorBase + Int(i.a)]
    guard let pool = code.pool.baseAddress,
      let address = element(view, pool + Int(i.b), i.count, registers + registerBase)
    else { throw outOfBounds(i) }
    return address
  }
}
