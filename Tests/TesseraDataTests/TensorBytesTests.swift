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

  @Test func refusesMoreMemoryThanThereIs() {
    #expect(TensorBytes(uninitializedCount: 1 << 46) == nil)
  }
}
