/// An algorithm that a function may permit by `@algorithm`, though its algebra is not that of the
/// program.
public enum NamedAlgorithm: String, Hashable, Sendable, CaseIterable {
  /// Convolution of 3×3 by transforms of 2×2 elements.
  case winograd2
  /// The same by transforms of 4×4 elements: faster and less exact.
  case winograd4
  /// The sum of exponentials in one pass with their maximum.
  case onlineSoftmax = "online_softmax"
  /// Mean and variance in one pass.
  case foldedNorm = "folded_norm"
  /// Attention without the matrix of all scores.
  case flash
}
