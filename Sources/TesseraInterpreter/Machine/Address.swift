/// An address in a register: which allocation, and how many bytes from its first.
///
/// It may lead outside its allocation as long as nothing is read there.
struct Address {
  private static let offsetBits: UInt64 = 40
  private static let bias = 1 << 39
  /// The offset of an address that has gone beyond what can be told.
  private static let nowhere = bias - 1

  /// The address that leads nowhere.
  static let null = Address(allocation: 0, offset: 0)

  /// The register that holds the address.
  let bits: UInt64

  /// The address in a register.
  init(bits: UInt64) { self.bits = bits }

  /// The address `offset` bytes into an allocation.
  init(allocation: Int, offset: Int) {
    bits = UInt64(allocation) << Address.offsetBits | UInt64(offset + Address.bias)
  }

  /// The position in the list of allocations, from 1; 0 for one that is nowhere.
  var allocation: Int { Int(bits >> Address.offsetBits) }

  /// The bytes from the first of the allocation.
  var offset: Int { Int(bits & (1 << Address.offsetBits - 1)) - Address.bias }

  /// The address `count` elements of `width` bytes further on.
  func moved(by count: Int, width: Int) -> Address {
    let (bytes, overflow) = count.multipliedReportingOverflow(by: width)
    let (sum, overflows) = offset.addingReportingOverflow(bytes)
    let isLost =
      overflow || overflows || offset == Address.nowhere || abs(sum) >= Address.nowhere
    return Address(allocation: allocation, offset: isLost ? Address.nowhere : sum)
  }
}
