import TesseraData
import TesseraNumbers
import Testing

@Suite struct NPYTests {
  /// The bytes of a file of this header and data.
  private func file(
    _ header: String, _ data: [UInt8] = [], version: UInt8 = 1, length: Int? = nil
  ) -> [UInt8] {
    let count = length ?? header.utf8.count
    let size = (0..<(version == 1 ? 2 : 4)).map { UInt8(count >> (8 * $0) & 255) }
    return [0x93] + Array("NUMPY".utf8) + [version, 0] + size + Array(header.utf8) + data
  }

  /// The problem that decoding `bytes` finds.
  private func problem(_ bytes: [UInt8]) -> String? {
    do {
      _ = try NPY.decode(bytes)
      return nil
    } catch { return error.description }
  }

  @Test(arguments: ScalarType.allCases.filter { $0 != .bf16 }, [[], [3], [2, 3], [2, 0]])
  func readsWhatItWrites(type: ScalarType, shape: [Int]) throws {
    let count = try Tensor.byteCount(type, shape)
    let bytes = (0..<count).map { UInt8(type == .bool ? $0 % 2 : $0 * 37 % 256) }
    let tensor = try Tensor(type, shape, bytes: bytes)
    let encoded = try NPY.encode(tensor)
    #expect((encoded.count - count) % 64 == 0)
    #expect(try NPY.decode(encoded) == tensor)
  }

  @Test func sharesTheMemoryOfTheFile() throws {
    let bytes = TensorBytes(try NPY.encode(Tensor([1, 2] as [Double], shape: [2])))
    var tensor = try NPY.decode(bytes)
    let distance = tensor.bytes.withUnsafeBytes { elements in
      bytes.withUnsafeBytes { elements.baseAddress! - $0.baseAddress! }
    }
    #expect(distance == bytes.count - 16)
    tensor.withUnsafeMutableBytes { $0.storeBytes(of: 7, as: Double.self) }
    #expect(tensor.values() == [7, 2] as [Double])
    #expect(try NPY.decode(bytes).values() == [1, 2] as [Double])
  }

  @Test func writesTheHeaderThatNumPyWrites() throws {
    let encoded = try NPY.encode(Tensor([1, 2, 3] as [Float], shape: [3]))
    let text = String(decoding: encoded[10..<128], as: UTF8.self)
    #expect(text.hasPrefix("{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }   "))
    #expect(text.hasSuffix(" \n"))
  }

  @Test func turnsFortranOrderRound() throws {
    let header = "{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3), }"
    let tensor = try NPY.decode(file(header, [1, 4, 2, 5, 3, 6]))
    #expect(tensor.values(as: UInt8.self) == [1, 2, 3, 4, 5, 6])
  }

  @Test func turnsBigEndianRound() throws {
    let header = "{'descr': '>i2', 'fortran_order': False, 'shape': (2,)}"
    #expect(try NPY.decode(file(header, [1, 2, 255, 254])).values(as: Int16.self) == [258, -2])
  }

  @Test func readsVersions2And3() throws {
    let header = "{\"shape\": (), 'fortran_order': False, 'descr': '|i1'}\n"
    for version in [2, 3] as [UInt8] {
      #expect(try NPY.decode(file(header, [5], version: version)).values(as: Int8.self) == [5])
    }
  }

  @Test func refusesBF16() {
    #expect(throws: DataError.self) { try NPY.encode(Tensor(BFloat16(1))) }
  }

  @Test func refusesMalformedFiles() throws {
    #expect(
      problem([]) == "the file ends after 0 bytes of the magic of npy at byte 0; expected 6 bytes")
    #expect(problem(Array("PK\u{3}\u{4}..".utf8)) == "no npy file at byte 0; expected \\x93NUMPY")
    let good = "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }"
    #expect(problem(file(good, [0, 0, 0])) == "3 bytes for f32[2] at byte 67; expected 8 bytes")
    #expect(problem(file(good, [UInt8](repeating: 0, count: 9)))?.hasPrefix("9 bytes") == true)
    #expect(
      problem(file(good, version: 4)) == "version 4.0 at byte 6; expected 1.0, 2.0 or 3.0")
    #expect(problem(file(good, length: 9999))?.hasPrefix("the file ends after 57 bytes") == true)
    for (header, expected) in [
      ("{'descr': '<c8', 'fortran_order': False, 'shape': ()}", "elements of '<c8'"),
      ("{'descr': [('a', 'f4')], 'fortran_order': False, 'shape': ()}", "'['"),
      ("{'descr': '<f4', 'shape': ()}", "a key is missing"),
      ("{'descr': '<f4', 'descr': '<f4'}", "key 'descr'"),
      ("{'descr': '<f4', 'order': '<f4'}", "key 'order'"),
      ("{'descr': '<f4", "the end of the header"),
      ("{'fortran_order': 1", "'1'"),
      ("{'shape': (-1,)", "'-'"),
      ("{'shape': (99999999999999999999,)", "'9'"),
      (
        "{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296)}",
        "f32[4294967296, 4294967296], 2^47 bytes or more"
      ),
      (
        "{'descr': '<f4', 'fortran_order': False, 'shape': (0, 140737488355328)}",
        "f32[0, 140737488355328], with a size of 2^47 or more"
      ),
      ("{} x", "'x'"),
      ("", "the end of the header"),
    ] {
      #expect(problem(file(header))?.hasPrefix(expected) == true, "\(header)")
    }
  }

  @Test func survivesEveryCutAndByteChange() throws {
    let good = try NPY.encode(Tensor([1, 2, 3] as [Float], shape: [3]))
    for length in 0..<good.count { #expect(problem(Array(good[..<length])) != nil) }
    for place in 0..<128 {
      for value in [0, 0x27, 0x28, 0x39, 0x7F, 0xFF] as [UInt8] {
        var bytes = good
        bytes[place] = value
        _ = problem(bytes)
      }
    }
  }
}
