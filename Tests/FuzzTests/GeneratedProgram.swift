import TesseraData

/// A program with the arguments to call it with.
struct GeneratedProgram {
  /// The text; its function is called `f`.
  var text: String
  /// The arguments of `f`, in order.
  var arguments: [Tensor]
}

/// A dimension of a generated program: a name or a number, and what it is in this run.
struct GeneratedDimension: Hashable {
  var text: String
  var value: Int
}

/// An element type of generated programs.
enum GeneratedType: String, CaseIterable {
  case f32, f64, f16, bf16, i8, i16, i32, i64, u8, u16, u32, u64, bool

  var isFloat: Bool { [.f32, .f64, .f16, .bf16].contains(self) }
  var isInteger: Bool { !isFloat && self != .bool }
  var isSigned: Bool { isFloat || rawValue.hasPrefix("i") }

  /// Whole numbers up to this magnitude are exact.
  var exactLimit: Double {
    switch self {
    case .f16: 2048
    case .bf16: 256
    case .f32: 16_777_216
    case .f64: 9e15
    default: .infinity
    }
  }
}

/// A tensor or scalar that expressions can read.
struct GeneratedTensor {
  var name: String
  var type: GeneratedType
  var dimensions: [GeneratedDimension]
  /// The elements are whole numbers up to this magnitude; infinity if they need not be whole.
  var bound: Double
}

/// An expression with what is known of its value.
struct GeneratedExpression {
  var text: String
  var bound: Double
}
