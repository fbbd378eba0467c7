import Foundation

/// An endless source of broken programs: bytes of programs are removed, doubled, replaced, and
/// pieces of programs spliced.
///
/// They are always the same, unless `TESSERA_FUZZ_SEED` names another number than 0.
public struct Mutator {
  private let seeds: [[UInt8]]
  private var state: UInt64
  private static let pieces = [
    "(", ")", "[", "]", "{", "}", "<", ">", ">>", ",", ":", ";", "\n", "=", "=>", "..", "...", "-",
    "/",
    "sum[", "reduce[i by f]", "if ", "else ", "fn f", "let ", "by ", "where ", "in ", "not ", ".0",
    "\"", "\\",
    "//", "@", "?", "??", "\u{FFFF}", "const ", "for ", "is ", "over (", "from ", "0x", "1e9",
    "type",
  ].map { Array($0.utf8) }

  /// Creates a source that starts from `seeds`, of which there is at least one.
  public init(seeds: [[UInt8]]) {
    self.seeds = seeds
    let number = ProcessInfo.processInfo.environment["TESSERA_FUZZ_SEED"].flatMap(UInt64.init) ?? 0
    state = (number &+ 1) &* 0x9E37_79B9_7F4A_7C15
  }

  /// A number below `limit`, by the multiplicative congruential rule of Knuth.
  private mutating func random(_ limit: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int((state >> 33) % UInt64(max(1, limit)))
  }

  /// The next broken program: a part of a seed of some 1,000 bytes with a few changes.
  public mutating func next() -> [UInt8] {
    let seed = seeds[random(seeds.count)]
    let start = random(2) == 0 ? 0 : random(seed.count)
    var bytes = Array(seed[start..<min(seed.count, start + 100 + random(1_500))])
    for _ in 0...random(6) {
      let place = random(bytes.count + 1)
      let end = min(bytes.count, place + random(20))
      switch random(6) {
      case 0: bytes.removeSubrange(place..<end)
      case 1: bytes.insert(contentsOf: Self.pieces[random(Self.pieces.count)], at: place)
      case 2: bytes.insert(contentsOf: Array(bytes[place..<end]), at: place)
      case 3: if place < bytes.count { bytes[place] = UInt8(random(256)) }
      case 4:
        let other = seeds[random(seeds.count)]
        let from = random(other.count)
        bytes.insert(contentsOf: other[from..<min(other.count, from + 40)], at: place)
      default: bytes.replaceSubrange(place..<end, with: Self.pieces[random(Self.pieces.count)])
      }
    }
    return bytes
  }
}
