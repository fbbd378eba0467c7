import TesseraIR
import TesseraLLVM

/// What stands for an IR value while code is emitted.
enum Emitted {
  /// A number, an address or a vector.
  case value(LLVMValue)
  /// A vector that is wider than a register, as the registers' worths of it in order. One vector of
  /// all lanes would be cut into these again, at a price.
  case pieces([LLVMValue])
  /// A strided region of memory.
  case buffer(EmittedBuffer)
}

/// A buffer as a bundle of LLVM values.
///
/// Invariant: elements of the last axis are neighbours, so its stride is the constant 1; views keep
/// this, and entry checks see to it for buffers of the caller.
struct EmittedBuffer {
  /// The address of the first element.
  var base: LLVMValue
  /// What one element is.
  var element: ElementType
  /// The length of each axis.
  var extents: [LLVMValue]
  /// The distance of neighbours along each axis, in elements.
  var strides: [LLVMValue]

  /// The number of axes.
  var rank: Int { extents.count }
}

extension FunctionEmitter {
  /// Creates a buffer without gaps.
  func denseBuffer(_ base: LLVMValue, _ element: ElementType, _ extents: [LLVMValue])
    -> EmittedBuffer
  {
    var strides = extents
    var stride = index(1)
    for axis in extents.indices.reversed() {
      strides[axis] = stride
      if axis > 0 { stride = multiplied(stride, extents[axis]) }
    }
    return EmittedBuffer(base: base, element: element, extents: extents, strides: strides)
  }

  // MARK: Flat form

  /// The LLVM types of the values that stand for a value of `type` where it is passed on: for a
  /// buffer its base, the extents that are not constant, and unless `isDense` all strides but the
  /// last.
  func flatTypes(_ type: Type, isDense: Bool = false) -> [LLVMType] {
    module.flatTypes(type, isDense: isDense)
  }

  /// The values that stand for `emitted` where a value of `type` is passed on.
  func flat(_ emitted: Emitted, as type: Type, isDense: Bool = false) -> [LLVMValue] {
    switch emitted {
    case .value(let value): return [value]
    case .pieces(let pieces): return [joined(pieces)]
    case .buffer(let buffer):
      var values = [buffer.base]
      for (axis, extent) in type.extents.enumerated() where extent == .dynamic {
        values.append(buffer.extents[axis])
      }
      if !isDense { values += buffer.strides.dropLast() }
      return values
    }
  }

  /// The inverse of `flat`.
  func unflattened(_ values: [LLVMValue], _ type: Type, isDense: Bool = false) -> Emitted {
    guard case .buffer(let element, let shape) = type else { return .value(values[0]) }
    var next = 1
    var extents: [LLVMValue] = []
    for extent in shape {
      switch extent {
      case .constant(let length): extents.append(index(Int64(length)))
      case .dynamic:
        extents.append(values[next])
        next += 1
      }
    }
    if isDense || shape.isEmpty { return .buffer(denseBuffer(values[0], element, extents)) }
    let strides = Array(values[next...]) + [index(1)]
    return .buffer(
      EmittedBuffer(base: values[0], element: element, extents: extents, strides: strides))
  }

  // MARK: Index arithmetic

  /// The constant index `value`.
  func index(_ value: Int64) -> LLVMValue { builder.integer(value, builder.integerType(64)) }

  /// The product of two indices; none is computed where one is 1 or 0.
  func multiplied(_ a: LLVMValue, _ b: LLVMValue) -> LLVMValue {
    if a.constantInteger == 1 || b.constantInteger == 0 { return b }
    if b.constantInteger == 1 || a.constantInteger == 0 { return a }
    return builder.multiplyIndices(a, b)
  }

  /// The sum of two indices; none is computed where one is 0.
  func added(_ a: LLVMValue, _ b: LLVMValue) -> LLVMValue {
    if a.constantInteger == 0 { return b }
    if b.constantInteger == 0 { return a }
    return builder.addIndices(a, b)
  }
}
