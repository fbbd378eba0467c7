import TesseraData
import TesseraNumbers
import Testing

@Suite struct SafetensorsTests {
  /// The bytes of a file of this header and data.
  private func file(_ header: String, data: Int = 0, length: UInt64? = nil) -> [UInt8] {
    let count = length ?? UInt64(header.utf8.count)
    return (0..<8).map { UInt8(truncatingIfNeeded: count >> (8 * $0)) } + Array(header.utf8)
      + [UInt8](repeating: 0, count: data)
  }

  /// What opening the file and reading all tensors finds wrong.
  private func problem(_ bytes: [UInt8]) -> String? {
    do {
      let file = try Safetensors(bytes)
      for entry in file.entries { _ = try file.tensor(entry.name) }
      return nil
    } catch { return error.description }
  }

  @Test(arguments: ScalarType.allCases) func readsWhatItWrites(type: ScalarType) throws {
    let count = 6 * type.byteCount
    let tensor = try Tensor(type, [2, 3], bytes: (0..<count).map { UInt8($0 % 2) })
    let empty = try Tensor(zeros: type, [0, 3])
    let encoded = try Safetensors.encode(
      [("b.weight", tensor), ("empty", empty), ("ä \"quoted\"", tensor)],
      metadata: [("format", "pt")])
    let file = try Safetensors(encoded)
    #expect(Set(file.entries.map(\.name)) == ["b.weight", "empty", "ä \"quoted\""])
    #expect(try file.tensor("b.weight") == tensor)
    #expect(try file.tensor("empty") == empty)
    #expect(try file.tensor("ä \"quoted\"") == tensor)
    #expect(try file.tensor("other") == nil)
    #expect(file.metadata.map(\.value) == ["pt"])
  }

  @Test func sameInputSameBytesAlignedTo8() throws {
    let tensors = [("x", Tensor([1, 2] as [Float], shape: [2]))]
    let encoded = try Safetensors.encode(tensors)
    #expect(try encoded == Safetensors.encode(tensors))
    #expect((encoded.count - 8) % 8 == 0)
  }

  /// Only floats at addresses that suit them share the memory of the file.
  @Test func tensorsShareTheFileWhereTheyCan() throws {
    let floats = Tensor([1, 2] as [Float], shape: [2])
    let bytes = TensorBytes(
      try Safetensors.encode([
        ("a", floats), ("b", Tensor([7] as [UInt8], shape: [1])), ("c", floats),
      ]))
    let file = try Safetensors(bytes)
    func isShared(_ name: String) throws -> Bool {
      let tensor = try #require(try file.tensor(name)?.bytes)
      return bytes.withUnsafeBytes { whole in
        tensor.withUnsafeBytes {
          (whole.startIndex..<whole.count).contains($0.baseAddress! - whole.baseAddress!)
        }
      }
    }
    #expect(try isShared("a"))
    #expect(try !isShared("b"))
    #expect(try !isShared("c"))
    #expect(try file.tensor("c") == floats)
  }

  @Test func refusesAKeyTwice() {
    let x = Tensor(1 as Float)
    #expect(throws: DataError.self) { try Safetensors.encode([("x", x), ("x", x)]) }
  }

  @Test(arguments: [
    (
      #"{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#, 7,
      "data_offsets [0, 8] past the end"
    ),
    (
      #"{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#, 9,
      "1 bytes that belong to no tensor"
    ),
    (#"{"x":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}"#, 8, "8 bytes for f32[3] at 'x'"),
    (#"{"x":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}"#, 8, "data_offsets [8, 0]"),
    (#"{"x":{"dtype":"F32","shape":[2],"data_offsets":[0]}}"#, 8, "data_offsets [0]"),
    (#"{"x":{"dtype":"F32","shape":[2],"data_offsets":[-8,0]}}"#, 8, "-8 in data_offsets"),
    (#"{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,1e1]}}"#, 8, "1e1 in data_offsets"),
    (
      #"{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,18446744073709551624]}}"#, 8,
      "18446744073709551624 in"
    ),
    (
      #"{"x":{"dtype":"F32","shape":[2],"data_offsets":[9223372036854775800,9223372036854775807]}}"#,
      8, "data_offsets ["
    ),
    (
      #"{"x":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}}"#, 0,
      "f32[4294967296, 4294967296], 2^47"
    ),
    (#"{"x":{"dtype":"F8_E4M3","shape":[2],"data_offsets":[0,2]}}"#, 2, "dtype \"F8_E4M3\" at 'x'"),
    (#"{"x":{"dtype":7,"shape":[2],"data_offsets":[0,2]}}"#, 2, "dtype 7"),
    (#"{"x":{"dtype":"U8","data_offsets":[0,2]}}"#, 2, "no 'shape' at 'x'"),
    (#"{"x":{"dtype":"U8","shape":[2],"data_offsets":[0,2],"y":1}}"#, 2, "key 'y' at 'x'"),
    (#"{"x":[]}"#, 0, "an entry that is no object at 'x'"),
    (
      #"{"x":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"y":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}"#,
      3, "'y' overlaps 'x'"
    ),
    (
      #"{"x":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"y":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}"#,
      2, "'y' overlaps 'x'"
    ),
    (
      #"{"x":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"y":{"dtype":"U8","shape":[2],"data_offsets":[3,5]}}"#,
      5, "a gap between 'x' and 'y'"
    ),
    (
      #"{"x":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"x":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}"#,
      2, "key 'x' for the second time"
    ),
    (#"{"x":{"dtype":"U8","shape":[2.0],"data_offsets":[0,2]}}"#, 2, "2.0 in shape"),
    (#"{"__metadata__":{"a":1}}"#, 0, "a value that is no string"),
    (#"{"__metadata__":7}"#, 0, "metadata that is no object"),
    (#"[]"#, 0, "a header that is no object"),
    (#"{"x""#, 0, "the end of the text at the header, byte 4; expected ':'"),
    (#"{} x"#, 0, "'x' at the header, byte 3; expected the end"),
  ]) func refusesHostileHeaders(header: String, data: Int, expected: String) {
    let found = problem(file(header, data: data))
    #expect(found?.hasPrefix(expected) == true, "\(found ?? "accepted")")
  }

  @Test func refusesHeaderLengthsThatLie() {
    #expect(
      problem([1, 2, 3])?.hasPrefix("the file ends after 3 bytes of the header length") == true)
    #expect(
      problem(file("{}", length: 3))?.hasPrefix("the file ends after 2 bytes of the header") == true
    )
    #expect(
      problem(file("{}", length: .max))?.hasPrefix("a header of 18446744073709551615") == true)
    #expect(problem(file("{}", length: 0)) == "a header that is no object at byte 8; expected '{'")
  }

  @Test func survivesEveryCut() throws {
    let good = try Safetensors.encode([("x", Tensor([1, 2] as [Float], shape: [2]))])
    for length in 0..<good.count { #expect(problem(Array(good[..<length])) != nil) }
  }
}

@Suite struct JSONTests {
  @Test(arguments: [
    "null", "true", "-0.5e+10", "[]", "[1, [2]]", "{\"a\": {\"b\": \"c\\n\\u0001\"}}", "\"ä😀\"",
  ]) func printsWhatItParses(text: String) throws {
    #expect(try JSON(parsing: Array(text.utf8)).description == text)
  }

  @Test func readsEscapes() throws {
    let text = #""\"\\\/\b\f\n\r\té😀""#
    #expect(try JSON(parsing: Array(text.utf8)).text == "\"\\/\u{8}\u{C}\n\r\té😀")
  }

  @Test(arguments: [
    "", "01", "1.", ".5", "+1", "1e", "nul", "[1,]", "[1 2]", "{\"a\":1,}", "{a:1}", "\"\\x\"",
    "\"\n\"", "\"\\ud800\"", "\"\\ud800\\u0041\"", "\"\\u+123\"", "\"abc", "1 2",
    "{\"a\":1,\"a\":1}",
    String(repeating: "[", count: 100_000),
  ]) func refuses(text: String) {
    #expect(throws: DataError.self) { try JSON(parsing: Array(text.utf8)) }
  }

  @Test func refusesBrokenUTF8() {
    #expect(throws: DataError.self) { try JSON(parsing: [0x22, 0xFF, 0x22]) }
  }
}
