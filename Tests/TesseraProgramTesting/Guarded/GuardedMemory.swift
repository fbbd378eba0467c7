import GuardPages

/// The memory of one call, each piece against a page that cannot be touched.
final class GuardedMemory {
  /// A piece, and what it holds.
  private struct Piece {
    var address: UnsafeMutableRawPointer
    var byteCount: Int
    var content: String
  }

  let placement: GuardPlacement
  private var pieces: [Piece] = []

  init(_ placement: GuardPlacement) { self.placement = placement }

  deinit {
    for piece in pieces { guard_release(piece.address, piece.byteCount) }
  }

  /// Takes exactly `byteCount` bytes, all of them 0xFF: a NaN, or an index far outside.
  func take(_ byteCount: Int, for content: String) -> UnsafeMutableRawPointer {
    guard let address = guard_allocate(byteCount, placement.number) else {
      preconditionFailure("no memory for \(content)")
    }
    address.initializeMemory(as: UInt8.self, repeating: 0xFF, count: byteCount)
    pieces.append(Piece(address: address, byteCount: byteCount, content: content))
    return address
  }

  /// Takes memory that holds `values`.
  func take(_ values: [Int], for content: String) -> UnsafeMutablePointer<Int64> {
    let address = take(8 * values.count, for: content).bindMemory(
      to: Int64.self, capacity: values.count)
    for (place, value) in values.enumerated() { address[place] = Int64(value) }
    return address
  }

  /// Where the address of a fault lies, in words.
  func place(of fault: guard_fault) -> String {
    let verb = fault.is_write != 0 ? "writes" : "reads"
    guard let address = fault.address else { return "\(verb) at no address that can be" }
    for piece in pieces {
      let before = UnsafeRawPointer(piece.address) - address
      let past = -before - piece.byteCount
      if (1...1 << 20).contains(before) {
        return "\(verb) \(before) bytes before \(piece.content)"
      }
      if (0..<1 << 20).contains(past) { return "\(verb) \(past) bytes past \(piece.content)" }
    }
    return "\(verb) outside a temporary, or far outside"
  }
}

/// Where memory lies in its pages.
public enum GuardPlacement: CaseIterable, Sendable {
  /// It ends where a page ends: the next byte cannot be touched.
  case end
  /// It begins where a page begins: the byte before cannot be touched.
  case start

  var number: guard_placement { self == .end ? GUARD_END : GUARD_START }
}
