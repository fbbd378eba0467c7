/// The smaller and the larger of two dimensions.
extension Dimension {
  /// The smaller of two.
  public static func minimum(_ a: Self, _ b: Self) -> Self {
    ordered(a, b, smaller: true) ?? Self(.minimum(Swift.min(a, b), Swift.max(a, b)))
  }

  /// The larger of two.
  public static func maximum(_ a: Self, _ b: Self) -> Self {
    ordered(a, b, smaller: false) ?? Self(.maximum(Swift.min(a, b), Swift.max(a, b)))
  }

  /// The smaller or larger one where they differ by a constant.
  private static func ordered(_ a: Self, _ b: Self, smaller: Bool) -> Self? {
    if a.isUnknown || b.isUnknown || !canJoin(a, b) { return .unknown }
    guard let difference = (a - b).constant else { return nil }
    return (difference <= 0) == smaller ? a : b
  }
}
