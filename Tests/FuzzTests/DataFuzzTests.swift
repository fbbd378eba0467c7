import TesseraData
import TesseraTesting
import Testing

/// Mutated data files are read or refused: nothing crashes or hangs, and a header that lies does not
/// make the reader take more memory than the file can hold elements.
@Suite struct DataFuzzTests {
  private static let tensors: [Tensor] = [
    Tensor([1, -2.5, .nan, 3] as [Float], shape: [2, 2]),
    Tensor([true, false, true], shape: [3]), Tensor(7),
    Tensor([UInt8](0..<24), shape: [2, 4, 3]), Tensor([Int64](), shape: [0, 5]),
  ]

  @Test func npyFiles() throws {
    var seeds = try Self.tensors.map { try NPY.encode($0) }
    // Column-major, big-endian, and a header of version 2.
    let header = "{'descr': '>f4', 'fortran_order': True, 'shape': (2, 3), }\n"
    seeds.append(
      [0x93] + Array("NUMPY".utf8) + [2, 0, UInt8(header.utf8.count), 0, 0, 0]
        + Array(header.utf8) + [UInt8](repeating: 1, count: 24))
    try check(seeds) { bytes throws(DataError) in
      let tensor = try NPY.decode(bytes)
      try expectSame(tensor, try NPY.decode(try NPY.encode(tensor)))
      return tensor.bytes.count
    }
  }

  @Test func safetensorsFiles() throws {
    let named = Self.tensors.enumerated().map { ("layer.\($0).weight", $1) }
    let seeds = [
      try Safetensors.encode(named), try Safetensors.encode([named[0]], metadata: [("a", "b")]),
      try Safetensors.encode([]),
    ]
    try check(seeds) { bytes throws(DataError) in
      let file = try Safetensors(bytes)
      var tensors: [(String, Tensor)] = []
      for entry in file.entries {
        if let tensor = try file.tensor(entry.name) { tensors.append((entry.name, tensor)) }
      }
      let again = try Safetensors(try Safetensors.encode(tensors))
      for (name, tensor) in tensors { try expectSame(tensor, again.tensor(name)) }
      return tensors.reduce(0) { $0 + $1.1.bytes.count }
    }
  }

  @Test func pngFiles() throws {
    let images = (1...4).map { channels in
      Image(
        width: 5, height: 3, channels: channels,
        samples: (0..<15 * channels).map { UInt8($0 * 4) })
    }
    try check(
      try images.map { try PNG.encode($0) }, growth: PNG.mostSamplesPerByte,
      mend: Self.mendChecksums
    ) { bytes throws(DataError) in
      let image = try PNG.decode(bytes)
      try expectSame(image.tensor, try PNG.decode(try PNG.encode(image)).tensor)
      return image.samples.count
    }
  }

  /// Hands mutated `seeds` to `read`, after a last touch by `mend`; it tells how many bytes of
  /// elements it found.
  private func check(
    _ seeds: [[UInt8]], growth: Int = 1, mend: (UInt64, inout [UInt8]) -> Void = { _, _ in },
    _ read: ([UInt8]) throws(DataError) -> Int
  ) throws {
    var accepted = 0
    let trials = FuzzRun.seeds(short: 1000, long: 20_000)
    for seed in trials {
      var random = SplitMix(seed: seed)
      var bytes = mutated(random.pick(seeds), with: seeds, &random)
      mend(seed, &bytes)
      FuzzRun.trace(seed, bytes)
      do throws(DataError) {
        let count = try read(bytes)
        accepted += 1
        #expect(count <= bytes.count * growth, "seed \(seed)")
      } catch {
        #expect(!error.description.isEmpty, "seed \(seed)")
      }
    }
    // Most are refused, and at once; but not so many that only headers are tried.
    #expect(accepted > trials.count / 60)
  }

  /// Makes the checksum of each chunk of every other PNG file what its bytes say, or few would get
  /// past it.
  private static func mendChecksums(_ seed: UInt64, _ bytes: inout [UInt8]) {
    if seed % 2 == 1 { return }
    var start = 8
    while start + 12 <= bytes.count {
      let length = bytes[start..<start + 4].reduce(0) { $0 << 8 | Int($1) }
      let end = start + 8 + length
      guard end + 4 <= bytes.count else { return }
      // The polynomial of ISO 3309, the low bit first.
      var rest = UInt32.max
      for byte in bytes[start + 4..<end] {
        rest ^= UInt32(byte)
        for _ in 0..<8 { rest = rest >> 1 ^ (rest & 1 == 1 ? 0xEDB8_8320 : 0) }
      }
      for place in 0..<4 {
        bytes[end + place] = UInt8(truncatingIfNeeded: ~rest >> (24 - 8 * place))
      }
      start = end + 4
    }
  }

  private func expectSame(_ tensor: Tensor, _ other: Tensor?) throws(DataError) {
    #expect(tensor == other)
  }

  /// `bytes` with a few changes, most of them in the header, where the numbers are.
  private func mutated(
    _ bytes: [UInt8], with seeds: [[UInt8]], _ random: inout SplitMix
  ) -> [UInt8] {
    var bytes = bytes
    let digits = Array("0123456789".utf8)
    for _ in 0...random.below(3) {
      let limit = random.once(in: 3) ? bytes.count : min(bytes.count, 100)
      let place = random.below(limit + 1)
      let end = min(bytes.count, place + random.below(9))
      switch random.below(7) {
      case 0: bytes.removeSubrange(place..<end)
      case 1: bytes.insert(contentsOf: Array(bytes[place..<end]), at: place)
      case 2:
        bytes.insert(contentsOf: random.pick(seeds).prefix(random.below(60)), at: place)
      case 3:
        let text = random.pick(["9223372036854775807", "4294967296", "-1", "1e9", "{", "\"", "\\"])
        bytes.replaceSubrange(place..<end, with: Array(text.utf8))
      case 4:
        // One digit for another, so that headers stay well formed.
        let places = bytes.indices.prefix(200).filter { digits.contains(bytes[$0]) }
        if !places.isEmpty { bytes[random.pick(places)] = random.pick(digits) }
      case 5: if place < bytes.count { bytes[place] = random.pick([0, 1, 0x7F, 0x80, 0xFF]) }
      default: if place < bytes.count { bytes[place] = UInt8(random.below(256)) }
      }
    }
    return bytes
  }
}
