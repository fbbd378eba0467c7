import TesseraIR
import TesseraNumbers
import TesseraTesting

/// Breaks texts: bytes, words and lines are removed, doubled, replaced and exchanged.
///
/// Most changes put a word where another of its kind stood, so that many results are still valid.
struct TextMutator {
  /// What a mutator knows of a language.
  struct Language: Sendable {
    /// Words of which one may stand where another does.
    var groups: [[String]]
    /// Numbers that few programs have.
    var numbers: [String]
    /// What may begin a name, beside letters.
    var sigils: String
  }

  private var random: SplitMix
  private let seeds: [[UInt8]]
  private let language: Language

  /// Creates a mutator of the texts `seeds`.
  init(_ language: Language, seeds: [[UInt8]], seed: UInt64) {
    self.language = language
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
      let starts = language.sigils.utf8.contains(byte)
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
    let places = words.indices.filter {
      words[$0].count > 1 || isWordByte(words[$0][0]) || !others(words[$0]).isEmpty
    }
    guard !places.isEmpty else { return }
    let place = random.pick(places)
    let word = words[place]
    let choices = others(word)
    if !choices.isEmpty, !random.once(in: 8) {
      words[place] = Array(random.pick(choices).utf8)
    } else if 0x30...0x39 ~= word[0] || word[0] == UInt8(ascii: "-") {
      let number = random.once(in: 3) ? random.pick(language.numbers) : String(random.below(9))
      words[place] = Array(number.utf8)
    } else {
      let similar = words.filter {
        beginsName(word) ? beginsName($0) : $0.count > 1 && $0[0] == word[0]
      }
      words[place] = random.pick(similar + [word])
    }
  }

  private func beginsName(_ word: [UInt8]) -> Bool { word[0] >= 0x41 && isWordByte(word[0]) }

  /// The other words of a group to which `word` belongs.
  private func others(_ word: [UInt8]) -> [String] {
    let text = String(decoding: word, as: UTF8.self)
    return language.groups.first { $0.contains(text) } ?? []
  }
}

extension TextMutator.Language {
  /// The text of the IR.
  static let ir = TextMutator.Language(
    groups: [ScalarType.allCases.map(\.rawValue), ["?", "1", "2", "5", "0"]]
      + Dictionary(grouping: Opcode.allCases) { "\($0.info.family) \($0.info.operandCount ?? -1)" }
      .sorted { $0.key < $1.key }.map { $0.value.map(\.info.spelling) }
      + [Combiner.allCases.map(\.rawValue)],
    numbers: [
      "-1", "?", "9223372036854775807", "-9223372036854775808", "18446744073709551615",
      "1099511627777", "4294967296", "65536", "257", "1e308", "-0.0", "0.1", "99999999999999999999",
    ],
    sigils: "%@-")

  /// The text of programs.
  static let source = TextMutator.Language(
    groups: [
      [
        "f16", "bf16", "f32", "f64", "i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64", "bool",
        "int",
      ],
      ["sum", "prod", "mean", "count", "max", "min", "any", "all", "argmax", "argmin"],
      ["+", "-", "*", "/", "%", "<", ">", "&", "|", "^"],
      ["exp", "log", "sqrt", "abs", "sin", "tanh", "relu", "silu", "sigmoid", "floor"],
      ["let", "var", "const"], ["fn", "kernel"], ["inout", "const", "out"],
      ["clamp", "wrap", "reflect", "skip"], ["and", "or"], ["if", "while", "for"],
      ["(", "[", "{"], [")", "]", "}"], [",", ";", ":", "."],
      ["any", "number", "integer", "float"], ["zeros", "ones", "full", "iota"],
    ],
    numbers: [
      "9223372036854775807", "18446744073709551615", "1099511627777", "4294967296", "65536", "257",
      "1e308", "0.1", "99999999999999999999", "0.0", "1000000",
    ],
    sigils: "")
}
