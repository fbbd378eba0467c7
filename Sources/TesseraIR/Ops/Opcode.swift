/// What an operation does.
///
/// The case name is the IR spelling in camel case; `Opcode.info` holds the spelling and the facts
/// that printer, parser, verifier and passes read.
///
/// Unless said otherwise:
/// - an operation of the scalar family takes scalars or vectors of one type, lane by lane, and
///   gives that type;
/// - results are rounded once, to their type, also to f16 and bf16; functions from
///   `reciprocalSquareRoot` to `sigmoid` take those through f32;
/// - indices, extents, offsets, ends and steps are `i64`; extents are at least 0, steps at least 1,
///   and whatever breaks this stops the run with an error;
/// - a region may use every value that its operation may use;
/// - where a tensor or buffer is handed on, its extents and the expected ones agree: on each axis
///   the lengths are equal or one of them is not known while compiling.
public enum Opcode: UInt8, Hashable, Sendable, CaseIterable {
  // MARK: Scalar

  /// The number, or dense tensor of numbers, of the attribute. The result is a scalar, or a tensor
  /// or buffer all of whose extents are constant; such a buffer is never stored to.
  case constant
  /// The sum; integers wrap.
  case add
  /// The first operand less the second; integers wrap.
  case subtract
  /// The product; integers wrap.
  case multiply
  /// The quotient: rounded down for integers, IEEE for floats. Integer division by zero is an
  /// error of the run; the least integer over -1 wraps to itself.
  case divide
  /// What `divide` leaves: it has the sign of the divisor. For floats `a - b * floor(a / b)`
  /// without rounding in between; zero has the divisor's sign, and b = ±inf gives a if the signs
  /// agree, else b.
  case remainder
  /// The quotient of integers rounded toward zero.
  case divideTruncating
  /// What `divideTruncating` leaves: it has the sign of the dividend.
  case remainderTruncating
  /// The number with the other sign.
  case negate
  /// `a * b + c` rounded once; wrapping for integers.
  case multiplyAdd
  /// The smaller one; hands NaN on and puts -0 below +0.
  case minimum
  /// The larger one; hands NaN on and puts -0 below +0.
  case maximum
  /// The smaller one; a NaN gives way to a number; puts -0 below +0.
  case minimumNumber
  /// The larger one; a NaN gives way to a number; puts -0 below +0.
  case maximumNumber
  /// Bits set in both; `and` of booleans.
  case bitAnd
  /// Bits set in either; `or` of booleans.
  case bitOr
  /// Bits set in one only.
  case bitXor
  /// The other bits; `not` of a boolean.
  case bitNot
  /// Bits moved up by the second operand, read as unsigned; 0 when moved by the width or more.
  case shiftLeft
  /// Bits moved down, the sign repeated if signed; 0 or the sign when moved by the width or more.
  case shiftRight
  /// `true` iff equal; IEEE for floats, as are the other comparisons. All comparisons give a
  /// `bool`, or a vector of them; `false` is less than `true`.
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
  /// The second operand where the first is true, else the third; both are evaluated. Takes scalars
  /// and addresses, or vectors with a `bool` or a vector of them.
  case select
  /// The number in another type: to float nearest even, float to integer truncated and saturated
  /// with NaN giving 0, integer to narrower integer wrapped, from bool 0 or 1. Nothing converts to
  /// bool: that is a comparison.
  case convert
  /// The same bits read as another type of equal width; no bools.
  case bitcast
  /// The magnitude; the least integer stays as it is.
  case absolute
  /// The largest integer not above.
  case floor
  /// The smallest integer not below.
  case ceil
  /// The nearest integer, ties to even.
  case round
  /// The integer part.
  case truncate
  /// The first operand, between 1/2 and 2, times 2ⁿ, rounded once; the second operand is n, a whole
  /// number, plus `ScalarType.powerAnchor`, as rounding by addition leaves it. f32 and f64 alone, and
  /// n below 1.4 times the greatest exponent.
  case scaleByPower
  /// 2ⁿ⸍⁸ (1 + a) of the operands a, near 0, and n/8, with n a whole number, plus
  /// `ScalarType.eighthAnchor`, as rounding by addition leaves it: T + T a, rounded once, where T is
  /// the entry of `ScalarType.eighthPowers` for n mod 8, times two to the whole part of n/8. f32
  /// alone, and n/8 below 1.4 times the greatest exponent.
  case powerOfEighths
  /// The entry of a table of eight numbers of 32 bits whose place the last three bits of the operand
  /// tell, an i32. The attribute holds the table, `dense`.
  case lookUp
  /// The square root, correctly rounded. The functions that follow are evaluated as
  /// `expandMath(_:)` writes them out, on every way to run; they take floats.
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
  /// extents, region parameters the indices, yielded values the elements, one a result.
  case compute
  /// A tensor whose elements may be anything: operands are the extents. Only for what is written
  /// whole before anybody looks.
  case blank
  /// One element of a tensor: the tensor, then an index an axis. An index outside stops the run.
  case read
  /// A reduction over a box of indices. Operands: the lower ends, the upper ends, the steps (one
  /// each an index, so three lists of equal length), then the initial values of a combiner that is
  /// not built in. First region: indices to the terms; it runs only inside the box. Second region,
  /// for combiners that have one: accumulators then terms to accumulators. Results: the
  /// accumulators; a built-in combiner has one result, of the type of its one term. Order of
  /// iteration is row-major ascending, see `ReductionOrder`. A built-in combiner starts from its
  /// identity: 0, 1, the greatest or least value of the type (±inf), false, true.
  case reduce
  /// Tensors of running reductions along one axis, one by one from its start, or from its end if
  /// `reverse`. Operands: the extents, then initial values as for `reduce`; regions as for
  /// `reduce`, the first taking an index an axis. The second is given accumulators then terms in
  /// either direction. The element at a place counts its own term unless `exclusive`. Results: a
  /// tensor an accumulator.
  case scan
  /// A tensor with some elements replaced or combined. Operands: the tensor, lower ends, upper
  /// ends, steps of the iteration box. The region takes an index an axis of the box and yields an
  /// index an axis of the tensor, the value, and whether to write at all; places are visited in
  /// ascending row-major order of the iteration. The region sees the tensor as it was before. A
  /// place outside that is to be written stops the run.
  case update
  /// The tensor sorted along the axis `integer`, ascending, stable, NaN last, -0 equal to +0;
  /// second result: where along the axis each element came from (i64).
  case sort
  /// Runs the region once for each point of a grid, in any order. Operands: the grid's extents,
  /// then the tensors that programs update, as many as results. Region parameters: the point, then
  /// those tensors; yields the tensors; results are the tensors after all programs ran. A program
  /// sees its own updates; what it sees of other programs' is not defined, and two programs that
  /// replace one element are an error that the interpreter finds.
  case launch

  // MARK: Pointers

  /// The address so many elements further on.
  case pointerOffset
  /// The number at an address; operands: address, whether to read, what a masked-off read gives.
  /// An address outside its allocation stops the run of the interpreter.
  case pointerLoad
  /// Stores a number; operands: address, number, whether to write.
  case pointerStore
  /// Combines a number into memory atomically and gives what was there; operands: address,
  /// number, whether to act. What was there is 0 where it does not act.
  case atomicUpdate
  /// Replaces the number at an address by the third operand iff it equals the second; gives what
  /// was there.
  case atomicCompareExchange

  // MARK: Memory

  /// A fresh dense buffer whose extents are the operands, one an axis; elements are not
  /// initialised.
  case allocate
  /// One element of a buffer: the buffer, then an index an axis.
  case load
  /// Stores the first operand into the buffer that follows, at the indices that follow.
  case store
  /// A fresh dense buffer in the memory of another one: a buffer of bytes, the offset there, a
  /// multiple of 64, and an extent an axis. Elements are not initialised; what other buffers held at
  /// that place is lost.
  case place
  /// The dense buffer that bytes of another one hold; operands as for `place`.
  case overlay
  /// A buffer that shows a box of another: the buffer, an offset an axis, an extent an axis. A box
  /// that is not inside stops the run.
  case view
  /// A buffer that shows all elements of a dense one, in their order, in another shape: the buffer, an
  /// extent an axis. A shape of another number of elements stops the run.
  case reshape
  /// Copies all elements of the first buffer into the second, of the same extents; they do not
  /// overlap.
  case copy
  /// Sorts, along the axis `integer`, the first buffer into the second and the places into the
  /// third.
  case sortBuffer
  /// Tells the host that the buffer, a constant parameter, is not read any more by what prepares it,
  /// nor by calls that are given what was prepared.
  case release
  /// Runs the region for each index from the first operand up to the second, perhaps in several
  /// threads; no iteration depends on another. The region takes the index and yields nothing.
  case parallel

  // MARK: Vector

  /// Neighbouring elements of a buffer's last axis, from the indices that follow the buffer.
  case vectorLoad
  /// Elements of a buffer that lie the same distance apart along the axis `integer`: the buffer, the
  /// indices of the first one, and how many elements each one is further on than the one before it.
  case stridedLoad
  /// Stores the first operand, a vector, into neighbouring elements of the buffer that follows.
  case vectorStore
  /// Does what `vectorStore` does, where the bool after the indices holds past the caches if the
  /// place allows it: for what is larger than they are and not read soon.
  case streamStore
  /// Lets the cache take in the line of an element that is read soon, of a buffer at the indices that
  /// follow it; an index outside is not looked at.
  case prefetch
  /// A vector whose lanes all are the operand, or repeat those of a shorter vector. Vectors have a
  /// power of two lanes, at most 256.
  case splat
  /// The lanes 0, 1, 2, …, as `i64` or another integer type.
  case laneIndex
  /// The lanes of the operand combined into one number, by the attribute's combiner, in halves:
  /// lanes 0…n/2-1 with lanes n/2…n-1, and so on.
  case reduceLanes
  /// Every n-th lane of the operand, from the lane `integer` on, where n says how many times as many
  /// lanes it has as the result.
  case pickLanes
  /// The lanes of all operands in turn: the first lane of each, the second lane of each, and so on.
  case weaveLanes
  /// The lanes of the operands as the rows of a matrix, transposed: the first result has the first lane
  /// of each operand, and so on.
  case transposeLanes
  /// The third operand with products of the first two added: to each lane those of the neighbouring
  /// lanes, two or four, that stand for it there. All products and sums are of the third operand's
  /// type: i32 from i8 and u8, in any pairs, and from i16; f32 from bf16. There the later product is
  /// added first, each sum is rounded once, and subnormal numbers are zeros, as operands and as sums.
  case dotLanes

  // MARK: Control

  /// The first region's values if the operand is true, else the second's. Where nothing but `if`s
  /// is around it, a region may end in `return` or `tailCall` instead of `yield`: then the function
  /// ends there.
  case `if`
  /// Operands: lower end, upper end, step, initial values. Region parameters: index, carried
  /// values; yields the carried values. Step is positive. Results: what the last turn yielded, or
  /// the initial values.
  case `for`
  /// Operands: initial values. The first region takes the carried values and ends in `condition`,
  /// the second takes what that passes on and yields the carried values. Results are what
  /// `condition` passed on last.
  case `while`
  /// Ends the first region of `while`: whether to go on, then the values passed on.
  case condition
  /// A call of the function that the attribute names. Operands are its parameters, buffers that it
  /// writes included. A stack that runs out stops the run.
  case call
  /// A call that ends the caller and uses no stack; the results are the callee's. Stands where
  /// `return` may stand.
  case tailCall
  /// Ends a region and gives its values.
  case yield
  /// Ends a function and gives its results.
  case `return`
  /// An error of the run, with the attribute's text, unless the first operand is true. Further
  /// operands are numbers that stand for `{}` in the text.
  case assert
  /// Writes the attribute's text to the standard output, the operands standing for `{}` in it:
  /// scalars, tensors or buffers.
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
