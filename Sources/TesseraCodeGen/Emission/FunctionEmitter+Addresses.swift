import TesseraIR
import TesseraLLVM

/// Addresses of elements as sums of what their indices are made of.
///
/// An index such as `(row + r) * 2 + 1` is taken apart through the sums, differences and multiples
/// that make it, as far as their terms are known in this LLVM function. What is constant is added
/// last, so that neighbours share the rest, and terms go from the outside in, so that what the turns
/// of a loop do not change is computed before it: LLVM would find out too, at a price.
extension FunctionEmitter {
  /// An address and what is added to it.
  struct AddressStep: Hashable {
    /// Where this begins.
    let start: LLVMValue
    /// What is multiplied by `byteCount`; `nil` for 1.
    let index: LLVMValue?
    /// What `index` is multiplied by besides, if it is not a constant.
    let stride: LLVMValue?
    /// The number of bytes for each unit of the index.
    let byteCount: Int64
  }

  /// A loop around the current operation.
  struct LoopAround {
    /// The block from which the loop is entered.
    let before: LLVMBlock
    /// The number of values that were known before the loop.
    let place: Int
    /// What is computed at the end of `before`.
    var addresses: [AddressStep: LLVMValue] = [:]
  }

  /// An index, or one times a stride, in the sum that is an address.
  private struct AddressTerm {
    let index: LLVMValue
    let stride: LLVMValue?
    var byteCount: Int64
    /// The number of values that were known before it; greater the farther in it is defined.
    let place: Int

    /// `true` iff machines add it where they read or write.
    var isFree: Bool { stride == nil && [1, 2, 4, 8].contains(byteCount) }
  }

  /// What is added to the address of a buffer's first element.
  private struct AddressSum {
    var terms: [AddressTerm] = []
    var byteOffset: Int64 = 0
    /// The operations that may yet be taken apart, lest time grow with every way through them.
    var operationsLeft = 32

    mutating func add(_ term: AddressTerm) {
      let same = terms.firstIndex { $0.index == term.index && $0.stride == term.stride }
      guard let same else { return terms.append(term) }
      terms[same].byteCount &+= term.byteCount
      if terms[same].byteCount == 0 { terms.remove(at: same) }
    }
  }

  /// The address of the element of the buffer `tensor` at the indices `operands`.
  mutating func address(
    of tensor: Value, at operands: ArraySlice<Value>
  ) throws(CodeGenError) -> LLVMValue {
    let buffer = try buffer(tensor)
    let tensorPlace = try place(of: tensor)
    let elementByteCount = Int64(buffer.element.byteCount)
    var sum = AddressSum()
    for (operand, stride) in zip(operands, buffer.strides) {
      if let stride = stride.constantInteger {
        try add(operand, times: stride &* elementByteCount, to: &sum)
        continue
      }
      let index = try value(operand)
      if index.constantInteger == 0 { continue }
      sum.add(
        AddressTerm(
          index: index, stride: stride, byteCount: elementByteCount,
          place: max(tensorPlace, try place(of: operand))))
    }
    sum.terms.sort {
      let (a, b) = (loop(of: $0.place), loop(of: $1.place))
      if a != b { return a < b }
      if $0.isFree != $1.isFree { return $1.isFree }
      return $0.place < $1.place
    }

    var address = buffer.base
    var place = tensorPlace
    for term in sum.terms {
      place = max(place, term.place)
      let step = AddressStep(
        start: address, index: term.index, stride: term.stride, byteCount: term.byteCount)
      address = moved(step, place)
    }
    if sum.byteOffset == 0 { return address }
    let last = AddressStep(start: address, index: nil, stride: nil, byteCount: sum.byteOffset)
    return movedInBlock(last)
  }

  /// Adds `byteCount` times the index `operand` to `sum`, term by term.
  private func add(
    _ operand: Value, times byteCount: Int64, to sum: inout AddressSum
  ) throws(CodeGenError) {
    let whole = try value(operand)
    if let constant = whole.constantInteger {
      sum.byteOffset &+= constant &* byteCount
      return
    }
    if sum.operationsLeft > 0, let definition = source.definition(of: operand),
      case let parts = source.operations[definition].operands, parts.count == 2,
      // What is made outside this function of values that are not used here comes as a whole.
      emitted[parts[0]] != nil, emitted[parts[1]] != nil
    {
      sum.operationsLeft -= 1
      switch source.operations[definition].opcode {
      case .add:
        try add(parts[0], times: byteCount, to: &sum)
        return try add(parts[1], times: byteCount, to: &sum)
      case .subtract:
        try add(parts[0], times: byteCount, to: &sum)
        return try add(parts[1], times: 0 &- byteCount, to: &sum)
      case .multiply:
        if let factor = try value(parts[1]).constantInteger {
          return try add(parts[0], times: byteCount &* factor, to: &sum)
        }
        if let factor = try value(parts[0]).constantInteger {
          return try add(parts[1], times: byteCount &* factor, to: &sum)
        }
      default: break
      }
    }
    if byteCount == 0 { return }
    sum.add(
      AddressTerm(index: whole, stride: nil, byteCount: byteCount, place: try place(of: operand)))
  }

  /// The position of the outermost loop that does not change what was known after `place` other
  /// values; the number of loops for none.
  private func loop(of place: Int) -> Int {
    loopsAround.firstIndex { place < $0.place } ?? loopsAround.count
  }

  /// The address that `step` gives, computed before the outermost loop that has what it is made of,
  /// all of which was known when `place` other values were.
  private mutating func moved(_ step: AddressStep, _ place: Int) -> LLVMValue {
    let loop = loop(of: place)
    if loop == loopsAround.count { return movedInBlock(step) }
    if let known = loopsAround[loop].addresses[step] { return known }
    let current = builder.block
    builder.position(beforeEndOf: loopsAround[loop].before)
    let address = emit(step)
    builder.position(atEndOf: current)
    loopsAround[loop].addresses[step] = address
    return address
  }

  /// The address that `step` gives, computed where the builder stands, unless the block has it.
  private mutating func movedInBlock(_ step: AddressStep) -> LLVMValue {
    if knownAddressBlock != builder.block {
      knownAddresses = [:]
      knownAddressBlock = builder.block
    }
    if let known = knownAddresses[step] { return known }
    let address = emit(step)
    knownAddresses[step] = address
    return address
  }

  /// Computes the address that `step` gives.
  ///
  /// There need be no element at it, since others are added.
  private func emit(_ step: AddressStep) -> LLVMValue {
    let byte = builder.integerType(8)
    guard var index = step.index else {
      return builder.offsetAddress(byte, step.start, self.index(step.byteCount))
    }
    if let stride = step.stride { index = multiplied(index, stride) }
    switch step.byteCount {
    case 1, 2, 4, 8:
      return builder.offsetAddress(
        builder.integerType(8 * Int(step.byteCount)), step.start, index)
    case 0...Int64(Int32.max):
      return builder.offsetAddress(
        builder.arrayType(byte, Int(step.byteCount)), step.start, index)
    default:
      return builder.offsetAddress(
        byte, step.start, builder.multiply(index, self.index(step.byteCount)))
    }
  }
}
