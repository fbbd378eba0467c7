/// Named algorithms: ways to compute reductions whose algebra is not that of the program.
///
/// A reduction permits the algorithms in its attribute; no pass may use one that is not permitted.
public struct Algorithms: OptionSet, Hashable, Sendable {
  public let rawValue: UInt8
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// Convolution of 3×3 by transforms of tiles, Winograd's F(2×2, 3×3).
  public static let winograd2 = Algorithms(rawValue: 1)
  /// The same with larger tiles, F(4×4, 3×3): faster and less exact.
  public static let winograd4 = Algorithms(rawValue: 2)
  /// The sum of exponentials in one pass with their maximum.
  public static let onlineSoftmax = Algorithms(rawValue: 4)
  /// Mean and variance in one pass.
  public static let foldedNorm = Algorithms(rawValue: 8)
  /// Attention block by block, without the matrix of all scores.
  public static let flash = Algorithms(rawValue: 16)

  /// All of them with their spelling, in the order of printing.
  public static let all: [(spelling: String, algorithm: Algorithms)] = [
    ("winograd2", .winograd2), ("winograd4", .winograd4), ("online_softmax", .onlineSoftmax),
    ("folded_norm", .foldedNorm), ("flash", .flash),
  ]

  /// The algorithm that is spelled `spelling`.
  public init?(spelling: String) {
    guard let row = Algorithms.all.first(where: { $0.spelling == spelling }) else { return nil }
    self = row.algorithm
  }

  /// The spellings of those in the set.
  public var spellings: [String] {
    Algorithms.all.filter { contains($0.algorithm) }.map(\.spelling)
  }
}
