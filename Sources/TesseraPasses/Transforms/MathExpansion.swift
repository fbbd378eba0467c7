import TesseraIR

// Before:                                          After:
//   %y = reciprocal_square_root %x : f32             %0 = constant {1.0} : f32
//                                                    %1 = square_root %x : f32
//                                                    %y = divide %0, %1 : f32
//
// Exponentials, logarithms and the like become polynomials. It runs after scheduling, so that vectors
// are expanded as vectors; and always, so that every way to run gives the same bits.

extension Pass {
  /// Replaces mathematical functions by the operations that define them.
  static let mathExpansion = Pass(
    name: "math", summary: "write mathematical functions out as polynomial code"
  ) { function in expandMath(&function) }
}
