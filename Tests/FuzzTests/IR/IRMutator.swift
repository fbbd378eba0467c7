import TesseraIR

/// Breaks IR text: bytes, words and lines are removed, doubled, replaced and exchanged.
///
/// Most changes put a word where another of its kind stood, so that many results are still valid.
struct IRMutator {
  private var random: SplitMix
  private let seeds: [[UInt8]]

  /// Creates a mutator of the texts `seeds`.
  init(seeds: [[UInt8]], seed: UInt64) {
    self.seeds = seeds
    random = SplitMix(seed: seed)
  }

  /// One of the texts with a few changes.
  mutating func next() -> [UInt8] {
    let text = random.pick(seeds)
    if random.once(in: 8) { return changingBytes(text) }
    var words = split(text)
    for _ in 0...random.below(4) { change(&words) }
    return words.flatMap { $0 }
  }

  // MARK: Bytes

  private mutating func changingBytes(_ text: [UInt8]) -> [UInt8] {
    var bytes = text
    for _ in 0...random.below(6) {
      let place = random.below(bytes.count + 1)
      let end = min(bytes.count, place + random.below(20))
      switch random.below(4) {
      case 0: bytes.removeSubrange(place..<end)
      case 1: bytes.insert(contentsOf: Array(bytes[place..<end]), at: place)
      case 2: if place < bytes.count { bytes[place] = UInt8(random.below(256)) }
      default:
        let other = random.pick(seeds)
        let from = random.below(other.count)
        bytes.insert(contentsOf: other[from..<min(other.count, from + 60)], at: place)
      }
    }
    return bytes
  }

  // MARK: Words

  /// Words, numbers and names as they are, every other byte alone.
  private func split(_ text: [UInt8]) -> [[UInt8]] {
    var words: [[UInt8]] = []
    var isInWord = false
    for byte in text {
      let belongs = isWordByte(byte)
      let starts = "%@-".utf8.contains(byte)
      if belongs && isInWord {
        words[words.count - 1].append(byte)
      } else {
        words.append([byte])
      }
      isInWord = belongs || starts
    }
    return words
  }

  private func isWordByte(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"), UInt8(ascii: "."): true
    default: false
    }
  }

  private enum Kind { case value, function, number, type, operation, extent, other }

  private func kind(_ word: [UInt8]) -> Kind {
    let text = String(decoding: word, as: UTF8.self)
    if text.hasPrefix("%") { return .value }
    if text.hasPrefix("@") { return .function }
    if text == "?" { return .extent }
    if text.utf8.count > 0, let first = text.utf8.first, first == 0x2D || (0x30...0x39 ~= first) {
      return .number
    }
    if ScalarType(rawValue: text) != nil { return .type }
    return Opcode(spelling: text) == nil ? .other : .operation
  }

  private mutating func change(_ words: inout [[UInt8]]) {
    switch random.below(10) {
    case 0: changeLines(&words)
    case 1: exchange(&words)
    default: replaceWord(&words)
    }
  }

  private mutating func exchange(_ words: inout [[UInt8]]) {
    let places = words.indices.filter { words[$0].count > 1 }
    guard places.count > 1 else { return }
    words.swapAt(random.pick(places), random.pick(places))
  }

  private mutating func changeLines(_ words: inout [[UInt8]]) {
    var lines = words.split(separator: [0x0A], omittingEmptySubsequences: false).map(Array.init)
    let line = random.below(lines.count)
    switch random.below(3) {
    case 0: lines.remove(at: line)
    case 1: lines.insert(lines[line], at: random.below(lines.count))
    default: lines.swapAt(line, random.below(lines.count))
    }
    words = Array(lines.joined(separator: [[0x0A]]))
  }

  private mutating func replaceWord(_ words: inout [[UInt8]]) {
    let places = words.indices.filter { kind(words[$0]) != .other }
    guard !places.isEmpty else { return }
    let place = random.pick(places)
    switch kind(words[place]) {
    case .value, .function:
      let sigil = words[place][0]
      words[place] = random.pick(words.filter { $0.count > 1 && $0[0] == sigil } + [words[place]])
    case .number, .extent: words[place] = Array(number().utf8)
    case .type: words[place] = Array(random.pick(ScalarType.allCases).rawValue.utf8)
    case .operation: words[place] = Array(operation(like: words[place]).utf8)
    case .other: break
    }
  }

  private mutating func number() -> String {
    let large = [
      "-1", "?", "9223372036854775807", "-9223372036854775808", "18446744073709551615",
      "1099511627777", "4294967296", "65536", "257", "1e308", "-0.0", "0.1", "99999999999999999999",
    ]
    return random.once(in: 3) ? random.pick(large) : String(random.below(9))
  }

  private mutating func operation(like word: [UInt8]) -> String {
    let old = Opcode(spelling: String(decoding: word, as: UTF8.self)) ?? .add
    let similar = Opcode.allCases.filter {
      $0.info.operandCount == old.info.operandCount && $0.info.family == old.info.family
    }
    return random.pick(random.once(in: 6) ? Opcode.allCases : similar).info.spelling
  }
}
