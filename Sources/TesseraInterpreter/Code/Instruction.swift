import TesseraIR
import TesseraNumbers

/// A step of flat code. `d` is where its result goes, `a`, `b` and `c` are what the code says.
///
/// Scalars and addresses live in registers of 64 bits, as `ScalarValue` holds them; a vector takes
/// as many neighbouring registers as it has lanes. Tensors and buffers live in slots of their own.
struct Instruction {
  /// What it does.
  var code: Code
  /// The operation on numbers, or by which elements combine.
  var opcode = Opcode.constant
  /// The type of the operands, or of elements.
  var type = ScalarType.u64
  /// The type of the results.
  var resultType = ScalarType.u64
  /// The lanes, or the number of axes or values.
  var count: Int32 = 1
  var d: Int32 = 0
  var a: Int32 = 0
  var b: Int32 = 0
  var c: Int32 = 0
}

/// What an instruction does. «List» is a place in the pool of slots.
enum Code: UInt8 {
  // Numbers: `d` from `a`, `b`, `c`; `count` lanes.
  /// `d` is the constant `a` of the pool of constants.
  case constant
  case move
  /// Any operation of the scalar family, by `Opcode.evaluate`.
  case scalar
  /// Any operation of the scalar family, lane by lane.
  case lanes
  case select
  /// Lanes chosen by one bool.
  case selectLanes
  case addI64, subtractI64, multiplyI64, equalI64, lessI64, lessOrEqualI64
  case addF32, subtractF32, multiplyF32, multiplyAddF32, lessF32, lessOrEqualF32
  case addF64, subtractF64, multiplyF64, multiplyAddF64
  case andBits, orBits
  /// `d` is `count` lanes that repeat the `c` lanes of `a`, a power of two.
  case splat
  case laneIndex
  /// `d` is `count` lanes from `a` on combined in halves.
  case reduceLanes
  /// `d` is `count` lanes, every `c`-th from `a` on.
  case pickLanes
  /// `d` is `count` sums of `c` and pairs of lanes of `a` and `b`, as `DotProducts` has it.
  case dotPairs
  /// `d` is `count` of the eight numbers from `c` on, which the last bits of the lanes of `a` tell.
  case lookUp
  /// Every `c`-th lane from `d` on is one of the `count` lanes of `a`.
  case placeLanes

  // Jumps: to the instruction `c`.
  case jump
  /// Unless `a`.
  case jumpUnless
  /// A box of indices from register `a`: `count` indices, then as many lower ends, upper ends and
  /// steps. Jumps past an empty one.
  case boxStart
  /// Jumps back to `c` while indices are left.
  case boxNext
  /// `d` is the register of the accumulator for the term at hand of the box at `a`, one of those from
  /// `c` on; the list `b` tells lanes, those of the rest, and joined indices.
  case boxLane
  /// `d` is the register whose number `a` holds; and the reverse.
  case loadIndirect, storeIndirect
  case increment
  /// A call of function `a` with the list `b`, results to the list `d`.
  case call
  case tailCall
  /// Ends the function with the list `b`.
  case finish
  /// Stops the run unless `a`; text `b`, values in the list `c`.
  case check
  case print

  // Tensors and buffers.
  case moveTensor
  case takeTensor
  case releaseTensor
  case constantTensor
  /// A fresh tensor of type `a` with the extents of the list `b`.
  case makeTensor
  /// As `makeTensor`, with elements that show when they are read before they are written.
  case makeBuffer
  case dimension
  /// Stops the run unless the lengths of `a` agree with type `b`.
  case expectShape
  /// `d` is an element of `a` at the indices of the list `b`.
  case load
  /// Element of `a` at the list `b` becomes `c`.
  case store
  /// Element `b` of the dense tensor `a`, counted from the first, becomes `c`.
  case storeLinear
  /// `d` becomes `a` with memory of its own; `b` tells whether `a` is used for the last time.
  case makeUnique
  /// Element of `a` at the list `b` is combined with `c` if the register `d` says so.
  case update
  case sort
  case sortInto
  case view
  /// `d` is the buffer of type `c` that shows the elements of `a` in the shape of the list `b`.
  case reshape
  /// `d` is the buffer of type `c` in the bytes of `a`, by offset and extents of the list `b`;
  /// `place` shows when elements are read before they are written.
  case place, overlay
  case copy
  case loadVector
  case storeVector

  // Grids: `count` tensors in the list `a`.
  case gridStart
  case gridNext
  case gridEnd

  // Addresses.
  case addressOffset
  case addressLoad
  case addressStore
  case addressUpdate
  case addressExchange
}
