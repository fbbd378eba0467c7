import TesseraIR
import TesseraNumbers

/// Tensors and buffers as a whole.
extension Machine {
  /// Runs `i`, an instruction on whole tensors, vectors in them, or grids.
  func executeTensors(
    _ i: Instruction, _ d: UnsafeMutablePointer<UInt64>, _ c: UnsafeMutablePointer<UInt64>
  ) throws(RunError) {
    switch i.code {
    case .moveTensor: setTensor(i.d, tensor(i.a))
    case .takeTensor: setTensor(i.d, takeTensor(i.a))
    case .releaseTensor: setTensor(i.a, nil)
    case .constantTensor: setTensor(i.d, code.tensors[Int(i.a)])
    case .makeTensor, .makeBuffer: try makeTensor(i)
    case .expectShape: try expectShape(i)
    case .makeUnique: try makeUnique(i)
    case .update: if d.pointee != 0 { try update(i, c.pointee) }
    case .sort: try sort(i)
    case .sortInto: try sortInto(i)
    case .view: try makeView(i)
    case .reshape: try makeReshape(i)
    case .place, .overlay: try makePlace(i)
    case .copy: try copy(i)
    case .loadVector: try loadVector(i, d)
    case .storeVector: try storeVector(i, c)
    case .gridStart: try startGrid(i)
    case .gridNext: grids[grids.count - 1] += 1
    case .gridEnd: endGrid(i)
    default: fatalError("\(i.code) is not about tensors")
    }
  }

  /// Makes a tensor or buffer with the extents of a list.
  func makeTensor(_ i: Instruction) throws(RunError) {
    let type = code.types[Int(i.a)]
    let lengths = list(i.b, i.count).map(integer)
    try checkNotNegative(lengths)
    try check(lengths, are: type)
    let tensor = try allocate(type.element, lengths)
    if i.code == .makeBuffer {
      // All bits set: NaN in every float type, an address that is nowhere.
      tensor.storage.base.initializeMemory(
        as: UInt8.self, repeating: 0xFF, count: tensor.storage.byteCount)
    }
    setTensor(i.d, tensor)
  }

  private func checkNotNegative(_ lengths: [Int]) throws(RunError) {
    if let axis = lengths.firstIndex(where: { $0 < 0 }) {
      throw fail(.wrongShape, "axis \(axis) would be \(lengths[axis]) long")
    }
  }

  /// Stops the run unless a tensor has lengths that its type allows.
  func expectShape(_ i: Instruction) throws(RunError) {
    try check(tensor(i.a).shape, are: code.types[Int(i.b)])
  }

  /// Stops the run unless a tensor with these lengths may be of `type`.
  private func check(_ lengths: [Int], are type: Type) throws(RunError) {
    if !type.allows(lengths) {
      throw fail(.wrongShape, "a tensor of shape \(lengths) is said to be \(type)")
    }
  }

  /// Gives `d` the elements of `a` in memory that nothing else sees.
  func makeUnique(_ i: Instruction) throws(RunError) {
    var source = i.b != 0 ? takeTensor(i.a) : tensor(i.a)
    if i.b != 0, isKnownUniquelyReferenced(&source), isKnownUniquelyReferenced(&source.storage) {
      setTensor(i.d, source)
      return
    }
    setTensor(i.d, try copy(of: source))
  }

  /// Combines an element of a tensor with `value`.
  func update(_ i: Instruction, _ value: UInt64) throws(RunError) {
    let address = try elementAddress(i)
    if !grids.isEmpty {
      if i.opcode != .constant { try noteRead(i, address) }
      try noteWrite(i, address)
    }
    if i.opcode == .constant {
      storeBits(address, value, i.type)
    } else {
      storeBits(address, combine(i.opcode, i.type, loadBits(address, i.type), value), i.type)
    }
  }

  // MARK: Grids

  /// Begins a grid, whose programs change the tensors of a list; each use of their elements is
  /// noted from here on.
  func startGrid(_ i: Instruction) throws(RunError) {
    grids.append(0)
    for slot in list(i.a, i.count) {
      try makeUnique(Instruction(code: .makeUnique, d: slot, a: slot, b: 1))
      let tensor = tensor(slot)
      tensor.storage.attachUses(
        elementCount: tensor.elementCount, gridDepth: grids.count - 1)
    }
  }

  /// Ends the innermost grid.
  func endGrid(_ i: Instruction) {
    grids.removeLast()
    for slot in list(i.a, i.count) { tensor(slot).storage.detachUses() }
  }

  /// Notes that the program at hand reads the element at `address`.
  func noteRead(_ i: Instruction, _ address: UnsafeMutableRawPointer) throws(RunError) {
    guard let (use, program) = use(i, address), let writer = use.pointee.read(by: program) else {
      return
    }
    throw race("program \(program) reads the element at PLACE, which program \(writer) writes", i)
  }

  /// Notes that the program at hand replaces the element at `address`.
  private func noteWrite(_ i: Instruction, _ address: UnsafeMutableRawPointer) throws(RunError) {
    guard let (use, program) = use(i, address), let other = use.pointee.write(by: program) else {
      return
    }
    throw race(
      other.isWriter
        ? "programs \(other.program) and \(program) both write the element at PLACE"
        : "program \(other.program) reads the element at PLACE, which program \(program) writes", i)
  }

  /// What is noted of the element at `address`, if programs change its tensor, and which program
  /// runs.
  private func use(
    _ i: Instruction, _ address: UnsafeMutableRawPointer
  ) -> (UnsafeMutablePointer<ElementUse>, program: Int)? {
    let storage = tensor(i.a).storage
    guard let uses = storage.uses else { return nil }
    return (uses + (address - storage.base) / i.type.byteCount, grids[storage.gridDepth])
  }

  /// The error `message`, in which PLACE stands for the indices of the access.
  private func race(_ message: String, _ i: Instruction) -> RunError {
    let place = list(i.b, i.count).map { String(integer($0)) }.joined(separator: ", ")
    return fail(.race, message.replacing("PLACE", with: "[\(place)]"))
  }

  // MARK: Views and copies

  /// Makes a view of a part of a buffer, in its memory.
  func makeView(_ i: Instruction) throws(RunError) {
    let source = tensor(i.a)
    let rank = Int(i.count)
    let box = list(i.b, 2 * i.count).map(integer)
    var address = source.descriptor[Descriptor.address]
    let (lengths, strides) = (source.shape, source.strides)
    for axis in 0..<rank {
      let (offset, extent) = (box[axis], box[rank + axis])
      if offset < 0 || extent < 0 || offset > lengths[axis] || extent > lengths[axis] - offset {
        throw fail(
          .outOfBounds,
          "\(extent) elements from \(offset) are outside axis \(axis), which is "
            + "\(lengths[axis]) long")
      }
      address = address &+ offset &* strides[axis]
    }
    setTensor(
      i.d,
      TensorValue(
        source.element, lengths: Array(box[rank...]), storage: source.storage, address: address,
        strides: strides))
  }

  /// Makes a buffer of the elements of another one in another shape.
  func makeReshape(_ i: Instruction) throws(RunError) {
    let source = tensor(i.a)
    let type = code.types[Int(i.c)]
    let lengths = list(i.b, i.count).map(integer)
    try checkNotNegative(lengths)
    try check(lengths, are: type)
    guard source.isDense, saturatedProduct(lengths, 1) == source.elementCount else {
      throw fail(
        .wrongShape,
        "the shape \(lengths) does not hold the elements of \(source.shape) as they lie")
    }
    setTensor(
      i.d,
      TensorValue(
        source.element, lengths: lengths, storage: source.storage,
        address: source.descriptor[Descriptor.address],
        strides: denseStrides(lengths, source.element.byteCount)))
  }

  /// Makes a buffer in the bytes of another one.
  func makePlace(_ i: Instruction) throws(RunError) {
    let memory = tensor(i.a)
    let type = code.types[Int(i.c)]
    let numbers = list(i.b, 1 + i.count).map(integer)
    let (offset, lengths) = (numbers[0], Array(numbers[1...]))
    try checkNotNegative(lengths)
    try check(lengths, are: type)
    let byteCount = saturatedProduct(lengths, lengths.contains(0) ? 0 : type.element.byteCount)
    let room = memory.elementCount
    if offset < 0 || offset % 64 != 0 || offset > room || byteCount > room - offset {
      throw fail(
        .outOfBounds, "\(byteCount) bytes from \(offset) are outside memory of \(room) bytes")
    }
    let address = memory.address + offset
    if i.code == .place {
      // As for fresh memory: NaN in every float type.
      address.initializeMemory(as: UInt8.self, repeating: 0xFF, count: byteCount)
    }
    setTensor(
      i.d,
      TensorValue(
        type.element, lengths: lengths, storage: memory.storage,
        address: Int(bitPattern: address), strides: denseStrides(lengths, type.element.byteCount)))
  }

  /// Copies the elements of one buffer to another.
  func copy(_ i: Instruction) throws(RunError) {
    let (source, target) = (tensor(i.a), tensor(i.b))
    try checkShapes(source, target)
    copyElements(of: source, to: target)
  }

  /// Stops the run unless the two have the same lengths.
  func checkShapes(_ source: TensorValue, _ target: TensorValue) throws(RunError) {
    if source.shape != target.shape {
      throw fail(.wrongShape, "the shapes \(source.shape) and \(target.shape) differ")
    }
  }

  /// Copies element by element.
  func copyElements(of source: TensorValue, to target: TensorValue) {
    // By way of dense memory, so that views of one buffer may overlap.
    let bytes = source.bytes()
    let width = source.element.byteCount
    bytes.withUnsafeBytes { bytes in
      guard var next = bytes.baseAddress else { return }
      target.forEachElement { address in
        address.copyMemory(from: next, byteCount: width)
        next += width
      }
    }
  }

  // MARK: Vectors

  /// Reads neighbouring elements into registers from `d` on.
  func loadVector(_ i: Instruction, _ d: UnsafeMutablePointer<UInt64>) throws(RunError) {
    let (address, stride) = try vectorAddress(i)
    for lane in 0..<Int(i.count) { d[lane] = loadBits(address + lane * stride, i.type) }
  }

  /// Writes registers from `c` on to neighbouring elements.
  func storeVector(_ i: Instruction, _ c: UnsafeMutablePointer<UInt64>) throws(RunError) {
    let (address, stride) = try vectorAddress(i)
    for lane in 0..<Int(i.count) { storeBits(address + lane * stride, c[lane], i.type) }
  }

  /// The address of the first lane, after a look at the last one.
  private func vectorAddress(
    _ i: Instruction
  ) throws(RunError) -> (address: UnsafeMutableRawPointer, stride: Int) {
    let rank = descriptors[tensorBase + Int(i.a)][Descriptor.rank]
    var access = i
    access.count = Int32(rank)
    let address = try elementAddress(access)
    let last = descriptors[tensorBase + Int(i.a)] + Descriptor.header + rank - 1
    let first = integer(code.pool[Int(i.b) + rank - 1])
    if Int(i.count) > last.pointee - first {
      throw fail(
        .outOfBounds,
        "\(i.count) elements from \(first) are outside axis \(rank - 1), which is "
          + "\(last.pointee) long")
    }
    return (address, last[rank])
  }
}

extension Type {
  /// `true` iff a tensor of this type, or a buffer, may have these lengths.
  func allows(_ lengths: [Int]) -> Bool {
    zip(lengths, extents).allSatisfy { Extent.constant($0).agrees(with: $1) }
  }
}

/// The product of `lengths` and `factor`, or the greatest number where it is more.
///
/// - Requires: none is negative.
func saturatedProduct(_ lengths: [Int], _ factor: Int) -> Int {
  lengths.reduce(factor) { product, length in
    let (next, overflow) = product.multipliedReportingOverflow(by: length)
    return overflow ? .max : next
  }
}
