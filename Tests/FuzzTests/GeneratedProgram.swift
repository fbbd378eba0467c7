import TesseraData
import TesseraNumbers

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

extension ScalarType {
  /// `true` iff there are negative numbers of this type.
  var hasNegatives: Bool { isSigned || isFloat }

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
  var type: ScalarType
  var dimensions: [GeneratedDimension]
  /// The elements are whole numbers up to this magnitude; infinity if they need not be whole.
  var bound: Double
}

/// An expression with what is known of its value.
struct GeneratedExpression {
  var text: String
  var bound: Double
}
