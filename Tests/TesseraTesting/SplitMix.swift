/// A generator of random numbers that gives the same for the same seed, everywhere.
///
/// Algorithm: SplitMix64 (Steele, Lea and Flood 2014).
public struct SplitMix: RandomNumberGenerator {
  private var state: UInt64

  /// Creates the generator of `seed`.
  public init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 0x1234_5678_9ABC_DEF1 }

  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var bits = state
    bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
    bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
    return bits ^ (bits >> 31)
  }

  /// A number below `count`.
  public mutating func below(_ count: Int) -> Int { Int(next() % UInt64(max(1, count))) }

  /// `true` once in `count` times.
  public mutating func once(in count: Int) -> Bool { below(count) == 0 }

  /// One of `choices`, which are not none.
  public mutating func pick<Choice>(_ choices: [Choice]) -> Choice { choices[below(choices.count)] }
}
