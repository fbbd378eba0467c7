/// What an operation does.
///
/// The case name is the IR spelling in camel case; `Opcode.info` holds the spelling and the facts
/// that printer, parser, verifier and passes read. Unless said otherwise an operation of the
/// scalar family takes scalars or vectors of one type, element by element.
public enum Opcode: UInt8, Hashable, Sendable, CaseIterable {
  // MARK: Scalar

  /// The number, or dense tensor of numbers, of the attribute.
  case constant
  /// The sum; integers wrap.
  case add
  /// The first operand less the second; integers wrap.
  case subtract
  /// The product; integers wrap.
  case multiply
  /// The quotient: rounded down for integers, IEEE for floats. Integer division by zero is an
  /// error of the run.
  case divide
  /// What `divide` leaves: it has the sign of the divisor.
  case remainder
  /// The integer quotient rounded toward zero.
  case divideTruncating
  /// What `divideTruncating` leaves: it has the sign of the dividend.
  case remainderTruncating
  /// The number with the other sign.
  case negate
  /// `a * b + c` rounded once.
  case multiplyAdd
  /// The smaller one; hands NaN on and puts -0 below +0.
  case minimum
  /// The larger one; hands NaN on and puts -0 below +0.
  case maximum
  /// The smaller one; a NaN gives way to a number.
  case minimumNumber
  /// The larger one; a NaN gives way to a number.
  case maximumNumber
  /// Bits set in both; `and` of booleans.
  case bitAnd
  /// Bits set in either; `or` of booleans.
  case bitOr
  /// Bits set in one only.
  case bitXor
  /// The other bits; `not` of a boolean.
  case bitNot
  /// Bits moved up; 0 when moved by the width or more.
  case shiftLeft
  /// Bits moved down, the sign repeated if signed; 0 or the sign when moved by the width or more.
  case shiftRight
  /// `true` iff equal; IEEE for floats, as are the other comparisons.
  case equal
  /// `true` iff not equal.
  case notEqual
  /// `true` iff the first is less.
  case less
  /// `true` iff the first is less or equal.
  case lessOrEqual
  /// `true` iff the first is greater.
  case greater
  /// `true` iff the first is greater or equal.
  case greaterOrEqual
  /// The second operand where the first is true, else the third; both are evaluated.
  case select
  /// The number in another type: to float nearest even, float to integer truncated and saturated
  /// with NaN giving 0, integer to narrower integer wrapped, from bool 0 or 1.
  case convert
  /// The same bits read as another type of equal width.
  case bitcast
  /// The magnitude.
  case absolute
  /// The largest integer not above.
  case floor
  /// The smallest integer not below.
  case ceil
  /// The nearest integer, ties to even.
  case round
  /// The integer part.
  case truncate
  /// The square root.
  case squareRoot
  /// One over the square root.
  case reciprocalSquareRoot
  /// e to the operand.
  case exponential
  /// 2 to the operand.
  case exponential2
  /// The natural logarithm.
  case logarithm
  /// The logarithm to base 2.
  case logarithm2
  /// The sine of an angle in radians.
  case sine
  /// The cosine of an angle in radians.
  case cosine
  /// The tangent of an angle in radians.
  case tangent
  /// The hyperbolic tangent.
  case hyperbolicTangent
  /// The error function.
  case errorFunction
  /// The first operand to the power of the second; floats.
  case power
  /// 1 / (1 + exp(-x)).
  case sigmoid
  /// `true` iff not a number.
  case isNaN

  // MARK: Tensor

  /// The length of the axis `integer` of a tensor or buffer.
  case dimension
  /// A tensor, or several of one shape, whose elements the region gives: operands are the
  /// extents, region parameters the indices, yielded values the elements.
  case compute
  /// One element of a tensor: the tensor, then an index an axis.
  case read
  /// A reduction over a box of indices. Operands: the lower ends, the upper ends, the steps (one
  /// each an index, so three lists of equal length), then the initial values of a combiner that is
  /// not built in. First region: indices to the terms. Second region, for `.combiner` and `.fold`:
  /// accumulators then terms to accumulators. Order of iteration is row-major ascending.
  case reduce
  /// A tensor of running reductions along one axis. Operands: the extents, then initial values as
  /// for `reduce`; regions as for `reduce`, the first taking an index an axis.
  case scan
  /// A tensor with some elements replaced or combined. Operands: the tensor, lower ends, upper
  /// ends, steps of the iteration box. The region yields an index an axis, the value, and whether
  /// to write at all; places are visited in ascending row-major order of the iteration.
  case update
  /// The tensor sorted along the axis `integer`, stable, NaN last; second result: where each
  /// element came from (i64).
  case sort
  /// Runs the region once for each point of a grid, in any order. Operands: the grid's extents,
  /// then the tensors that programs update. Region parameters: the point, then those tensors;
  /// yields the tensors; results are the tensors after all programs ran.
  case launch

  // MARK: Pointers

  /// The address so many elements further on.
  case pointerOffset
  /// The number at an address; operands: address, whether to read, what a masked-off read gives.
  case pointerLoad
  /// Stores a number; operands: address, number, whether to write.
  case pointerStore
  /// Combines a number into memory atomically and gives what was there; operands: address,
  /// number, whether to act.
  case atomicUpdate
  /// Replaces the number at an address by the third operand iff it equals the second; gives what
  /// was there.
  case atomicCompareExchange

  // MARK: Memory

  /// A fresh buffer whose extents are the operands; elements are not initialised.
  case allocate
  /// One element of a buffer: the buffer, then an index an axis.
  case load
  /// Stores the first operand into the buffer that follows, at the indices that follow.
  case store
  /// A buffer that shows a box of another: the buffer, offsets an axis, extents an axis.
  case view
  /// Copies all elements of the first buffer into the second, of the same extents.
  case copy
  /// Sorts, along the axis `integer`, the first buffer into the second and the places into the
  /// third.
  case sortBuffer
  /// Runs the region for each index from the first operand up to the second, perhaps in several
  /// threads; no iteration depends on another.
  case parallel

  // MARK: Vector

  /// Neighbouring elements of a buffer's last axis, from the indices that follow the buffer.
  case vectorLoad
  /// Stores the first operand, a vector, into neighbouring elements of the buffer that follows.
  case vectorStore
  /// A vector whose lanes all are the operand.
  case splat
  /// The lanes 0, 1, 2, …, as `i64` or another integer type.
  case laneIndex
  /// The lanes of the operand combined into one number, by the attribute's combiner, in halves:
  /// lanes 0…n/2-1 with lanes n/2…n-1, and so on.
  case reduceLanes

  // MARK: Control

  /// The first region's values if the operand is true, else the second's.
  case `if`
  /// Operands: lower end, upper end, step, initial values. Region parameters: index, carried
  /// values; yields the carried values. Step is positive.
  case `for`
  /// Operands: initial values. The first region takes the carried values and ends in `condition`,
  /// the second takes what that passes on and yields the carried values. Results are what
  /// `condition` passed on last.
  case `while`
  /// Ends the first region of `while`: whether to go on, then the values passed on.
  case condition
  /// A call of the function that the attribute names.
  case call
  /// A call that ends the caller and uses no stack; the results are the callee's.
  case tailCall
  /// Ends a region and gives its values.
  case yield
  /// Ends a function and gives its results.
  case `return`
  /// An error of the run, with the attribute's text, unless the first operand is true. Further
  /// operands are numbers that stand for `{}` in the text.
  case assert
  /// Writes the attribute's text to the standard output, the operands standing for `{}` in it.
  case print
}

/// What the passes may assume about an operation.
public struct OpcodeTraits: OptionSet, Hashable, Sendable {
  public let rawValue: UInt16
  public init(rawValue: UInt16) { self.rawValue = rawValue }

  /// Has no effect beyond its results, which depend on its operands and regions alone.
  public static let pure = OpcodeTraits(rawValue: 1)
  /// Gives the same with its first two operands exchanged.
  public static let commutative = OpcodeTraits(rawValue: 2)
  /// Works lane by lane on vectors as it does on scalars.
  public static let elementwise = OpcodeTraits(rawValue: 4)
  /// Depends on memory.
  public static let reads = OpcodeTraits(rawValue: 8)
  /// Changes memory, prints, or may stop the run.
  public static let writes = OpcodeTraits(rawValue: 16)
  /// Stands last in its region, and nowhere else.
  public static let terminator = OpcodeTraits(rawValue: 32)
  /// May stop the run for some operands, so it must not be executed where the program did not.
  public static let mayTrap = OpcodeTraits(rawValue: 64)
}

/// The part of the compiler in which an operation is at home.
public enum OpcodeFamily: Hashable, Sendable {
  case scalar, tensor, pointer, memory, vector, control
}
