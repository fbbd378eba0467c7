/// The f32 in a register.
@inline(__always)
func single(_ register: UnsafeMutablePointer<UInt64>) -> Float {
  Float(bitPattern: UInt32(truncatingIfNeeded: register.pointee))
}

/// The f64 in a register.
@inline(__always)
func double(_ register: UnsafeMutablePointer<UInt64>) -> Double {
  Double(bitPattern: register.pointee)
}

/// The register of an f32 that arithmetic made: its NaNs are one, so that results do not depend on
/// the host.
@inline(__always)
func bits(_ value: Float) -> UInt64 {
  UInt64((value == value ? value : .nan).bitPattern)
}

/// The register of an f64 that arithmetic made.
@inline(__always)
func bits(_ value: Double) -> UInt64 { (value == value ? value : .nan).bitPattern }
