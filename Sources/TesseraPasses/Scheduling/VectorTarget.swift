import TesseraIR

/// The vector registers of the machine that code is made for.
public struct VectorTarget: Hashable, Sendable {
  /// The width of a register in bytes; 0 where vectors are not wanted.
  public var registerBytes: Int
  /// How many registers there are.
  public var registerCount: Int

  /// Creates a target; the default is x86-64-v3, that is AVX2.
  public init(registerBytes: Int = 32, registerCount: Int = 16) {
    self.registerBytes = registerBytes
    self.registerCount = registerCount
  }

  /// No vectors: every loop is scalar.
  public static let scalar = VectorTarget(registerBytes: 0, registerCount: 0)

  /// The number of elements of `type` that fit one register; 1 where vectors are not wanted.
  public func lanes(of type: ScalarType) -> Int { max(1, registerBytes / type.byteCount) }
}
