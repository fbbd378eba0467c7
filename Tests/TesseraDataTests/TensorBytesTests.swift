import Synchronization
import TesseraData
import Testing

struct TensorBytesTests {
  @Test func isAValueOverSharedMemory() {
    let first = TensorBytes([1, 2, 3] as [UInt8])
    var second = first
    second.withUnsafeMutableBytes { $0[1] = 7 }
    #expect(Array(first) == [1, 2, 3])
    #expect(Array(second) == [1, 7, 3])
    #expect(first != second)
    second.withUnsafeMutableBytes { $0[1] = 2 }
    #expect(first == second)
    #expect(first.hashValue == second.hashValue)
  }

  @Test func staysWhereItIsWhileItHasOneOwner() {
    var bytes = TensorBytes(zeros: 1 << 22)
    let before = bytes.withUnsafeBytes { Int(bitPattern: $0.baseAddress) }
    bytes.withUnsafeMutableBytes { $0[5] = 1 }
    let after = bytes.withUnsafeBytes { Int(bitPattern: $0.baseAddress) }
    #expect(before == after)
    #expect(before % 64 == 0)
    #expect(bytes.firstIndex(of: 1) == 5)
  }

  @Test func copiesWhatLiesInOnePieceOrNot() {
    #expect(Array(TensorBytes((0..<200).lazy.map { UInt8($0) })) == Array(0..<200))
    #expect(Array(TensorBytes([9, 8, 7, 6][1...2] as ArraySlice<UInt8>)) == [8, 7])
    #expect(TensorBytes([] as [UInt8]).isEmpty)
  }

  @Test func memoryThatIsWrittenLaterStaysWhereItWasTaken() {
    var place: UnsafeMutableRawBufferPointer?
    let bytes = TensorBytes(uninitializedCount: 3 << 20) { place = $0 }
    #expect(bytes?.address == place.map { Int(bitPattern: $0.baseAddress) })
    place?.initializeMemory(as: UInt8.self, repeating: 4)
    #expect(bytes?.count == 3 << 20)
    #expect(bytes?.last == 4)
  }

  @Test func refusesMoreMemoryThanThereIs() {
    #expect(TensorBytes(uninitializedCount: 1 << 46) { _ in } == nil)
  }

  @Test func partsShareMemoryUntilTheyChange() {
    let whole = TensorBytes([1, 2, 3, 4, 5] as [UInt8])
    var part = whole.part(1..<4).part(1..<3)
    #expect(Array(part) == [3, 4])
    #expect(part == TensorBytes([3, 4] as [UInt8]))
    #expect(whole.address + 2 == part.address)
    part.withUnsafeMutableBytes { $0[0] = 9 }
    #expect(Array(part) == [9, 4])
    #expect(Array(whole) == [1, 2, 3, 4, 5])
  }

  @Test func memoryOfOthersIsCopiedToBeChangedAndReleased() {
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 3, alignment: 1)
    memory.copyBytes(from: [1, 2, 3])
    defer { memory.deallocate() }
    let released = Counter()
    var part: TensorBytes? = TensorBytes(sharing: UnsafeRawBufferPointer(memory)) {
      released.add($0.count)
    }.part(1..<3)
    #expect(part?.address == Int(bitPattern: memory.baseAddress) + 1)
    // There is but one value, and still the memory is not its own.
    part?.withUnsafeMutableBytes { $0[0] = 9 }
    #expect(part.map(Array.init) == [9, 3])
    #expect(Array(memory) == [1, 2, 3])
    #expect(released.value == 3)
    part = nil
    #expect(released.value == 3)
  }
}

/// A sum that may be added to from anywhere.
private final class Counter: Sendable {
  private let sum = Mutex(0)
  var value: Int { sum.withLock { $0 } }
  func add(_ number: Int) { sum.withLock { $0 += number } }
}

extension TensorBytes {
  /// Where the bytes lie.
  fileprivate var address: Int { withUnsafeBytes { Int(bitPattern: $0.baseAddress) } }
}
