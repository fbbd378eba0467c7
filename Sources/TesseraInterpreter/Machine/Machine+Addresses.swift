import TesseraIR
import TesseraNumbers

/// Instructions on addresses, as kernels of raw pointers have them.
extension Machine {
  /// Runs `i` with the numbers `a`, `b` and `c`; the result goes to `d`.
  func executeAddress(
    _ i: Instruction, _ d: UnsafeMutablePointer<UInt64>, _ a: UInt64, _ b: UInt64, _ c: UInt64
  ) throws(RunError) {
    switch i.code {
    case .addressOffset:
      let count = Int(Int64(bitPattern: b))
      d.pointee = Address(bits: a).moved(by: count, width: i.type.byteCount).bits
    case .addressLoad:
      d.pointee = b == 0 ? c : loadBits(try locate(a, i.type), i.type)
    case .addressStore:
      if c != 0 { storeBits(try locate(a, i.type), b, i.type) }
    case .addressUpdate:
      d.pointee = c == 0 ? 0 : try exchange(a, i.type) { combine(i.opcode, i.type, $0, b) }
    case .addressExchange:
      d.pointee = try exchange(a, i.type) { $0 == b ? c : $0 }
    default: fatalError("\(i.code) is not about addresses")
    }
  }

  /// Puts what `change` makes of the number at `address` in its place, and gives the number that was
  /// there.
  private func exchange(
    _ address: UInt64, _ type: ScalarType, for change: (UInt64) -> UInt64
  ) throws(RunError) -> UInt64 {
    let place = try locate(address, type)
    let old = loadBits(place, type)
    storeBits(place, change(old), type)
    return old
  }

  /// The address of the element of `memory` so many bytes from its first.
  func address(_ memory: TensorValue, _ byteOffset: Int) -> Address {
    let known = allocations.firstIndex { $0.storage === memory.storage }
    if known == nil { allocations.append(memory) }
    return Address(allocation: (known ?? allocations.count - 1) + 1, offset: byteOffset)
  }

  /// Where in the host's memory a number of `type` lies.
  private func locate(_ bits: UInt64, _ type: ScalarType) throws(RunError)
    -> UnsafeMutableRawPointer
  {
    let address = Address(bits: bits)
    guard address.allocation > 0, address.allocation <= allocations.count else {
      throw fail(.outOfBounds, "the address is nowhere")
    }
    let storage = allocations[address.allocation - 1].storage
    let offset = address.offset
    if offset < 0 || offset > storage.byteCount - type.byteCount {
      throw fail(
        .outOfBounds,
        "the address is \(offset) bytes into memory of \(storage.byteCount) bytes")
    }
    return storage.base + offset
  }
}
