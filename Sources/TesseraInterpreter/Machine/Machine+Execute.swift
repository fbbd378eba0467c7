import TesseraIR
import TesseraNumbers

extension Machine {
  /// Runs from the first instruction of `code` until the outermost function ends.
  ///
  /// The loop holds the frame in locals; what calls or looks at frames stores and loads them.
  func execute() throws(RunError) -> [InterpreterValue] {
    var code = UnsafePointer(self.code.instructions.baseAddress!)
    var pool = self.code.pool.baseAddress
    var r = registers + registerBase
    var views = descriptors + tensorBase
    var next = 0

    func reload() {
      code = UnsafePointer(self.code.instructions.baseAddress!)
      pool = self.code.pool.baseAddress
      r = registers + registerBase
      views = descriptors + tensorBase
    }

    while true {
      let i = code + next
      next += 1
      let d = r + Int(i.pointee.d)
      let a = r + Int(i.pointee.a)
      let b = r + Int(i.pointee.b)
      let c = r + Int(i.pointee.c)
      switch i.pointee.code {
      // Numbers.
      case .constant: d.pointee = self.code.constants[Int(i.pointee.a)]
      case .move:
        if i.pointee.count == 1 {
          d.pointee = a.pointee
        } else {
          d.update(from: a, count: Int(i.pointee.count))
        }
      case .addI64: d.pointee = a.pointee &+ b.pointee
      case .subtractI64: d.pointee = a.pointee &- b.pointee
      case .multiplyI64: d.pointee = a.pointee &* b.pointee
      case .equalI64: d.pointee = a.pointee == b.pointee ? 1 : 0
      case .lessI64:
        d.pointee = Int64(bitPattern: a.pointee) < Int64(bitPattern: b.pointee) ? 1 : 0
      case .lessOrEqualI64:
        d.pointee = Int64(bitPattern: a.pointee) <= Int64(bitPattern: b.pointee) ? 1 : 0
      case .addF32: d.pointee = bits(single(a) + single(b))
      case .subtractF32: d.pointee = bits(single(a) - single(b))
      case .multiplyF32: d.pointee = bits(single(a) * single(b))
      case .multiplyAddF32: d.pointee = bits(single(c).addingProduct(single(a), single(b)))
      case .lessF32: d.pointee = single(a) < single(b) ? 1 : 0
      case .lessOrEqualF32: d.pointee = single(a) <= single(b) ? 1 : 0
      case .addF64: d.pointee = bits(double(a) + double(b))
      case .subtractF64: d.pointee = bits(double(a) - double(b))
      case .multiplyF64: d.pointee = bits(double(a) * double(b))
      case .multiplyAddF64: d.pointee = bits(double(c).addingProduct(double(a), double(b)))
      case .andBits: d.pointee = a.pointee & b.pointee
      case .orBits: d.pointee = a.pointee | b.pointee
      case .select: d.pointee = a.pointee != 0 ? b.pointee : c.pointee
      case .selectLanes:
        d.update(from: a.pointee != 0 ? b : c, count: Int(i.pointee.count))
      case .scalar:
        guard let result = evaluate(i, a.pointee, b.pointee, c.pointee) else {
          position = next - 1
          throw fail(.divisionByZero, "division by zero")
        }
        d.pointee = result
      case .lanes:
        position = next - 1
        try evaluateLanes(i, d, a, b, c)
      case .splat:
        let mask = Int(i.pointee.c) - 1
        for lane in 0..<Int(i.pointee.count) { d[lane] = a[lane & mask] }
      case .laneIndex:
        for lane in 0..<Int(i.pointee.count) {
          d[lane] = ScalarValue(Int64(lane), i.pointee.type).bits
        }
      case .reduceLanes: d.pointee = reduceLanes(i, a, scratch: b)
      case .pickLanes:
        for lane in 0..<Int(i.pointee.count) { d[lane] = a[lane * Int(i.pointee.c)] }
      case .dotPairs:
        for lane in 0..<Int(i.pointee.count) {
          let (x, y) = (a + 2 * lane, b + 2 * lane)
          d[lane] = bits(
            DotProducts.sum(
              single(c + lane), (single(x), single(x + 1)), (single(y), single(y + 1))))
        }
      case .lookUp:
        for lane in 0..<Int(i.pointee.count) { d[lane] = c[Int(a[lane] & 7)] }
      case .placeLanes:
        for lane in 0..<Int(i.pointee.count) { d[lane * Int(i.pointee.c)] = a[lane] }

      // Jumps.
      case .jump:
        fuel -= max(1, next - Int(i.pointee.c))
        next = Int(i.pointee.c)
        if fuel < 0 { try refuel() }
      case .jumpUnless:
        if a.pointee == 0 { next = Int(i.pointee.c) }
      case .boxStart:
        position = next - 1
        if try !startBox(a, Int(i.pointee.count)) { next = Int(i.pointee.c) }
      case .boxNext:
        if nextIndex(a, Int(i.pointee.count)) {
          fuel -= next - Int(i.pointee.c)
          next = Int(i.pointee.c)
          if fuel < 0 {
            position = next
            try refuel()
          }
        }
      case .boxLane:
        let lane = boxLane(a, Int(i.pointee.count), lanes: Int(i.pointee.b))
        d.pointee = UInt64(Int(i.pointee.c) + lane)
      case .loadIndirect: d.pointee = r[Int(a.pointee)]
      case .storeIndirect: r[Int(a.pointee)] = d.pointee
      case .increment: d.pointee &+= 1
      case .call:
        position = next - 1
        try call(i.pointee, returningTo: next)
        reload()
        next = 0
      case .tailCall:
        position = next - 1
        fuel -= 8
        if fuel < 0 { try refuel() }
        try tailCall(i.pointee)
        reload()
        next = 0
      case .finish:
        if frames.isEmpty { return results(i.pointee) }
        next = finish(i.pointee)
        reload()
      case .check:
        if a.pointee == 0 {
          position = next - 1
          throw fail(.assertionFailed, filled(i.pointee))
        }
      case .print: write(filled(i.pointee) + "\n")

      // Tensors and buffers.
      case .moveTensor: setTensor(i.pointee.d, tensor(i.pointee.a))
      case .takeTensor: setTensor(i.pointee.d, takeTensor(i.pointee.a))
      case .releaseTensor: setTensor(i.pointee.a, nil)
      case .constantTensor: setTensor(i.pointee.d, self.code.tensors[Int(i.pointee.a)])
      case .makeTensor, .makeBuffer:
        position = next - 1
        try makeTensor(i.pointee)
      case .dimension:
        let view = views[Int(i.pointee.a)]
        d.pointee = UInt64(bitPattern: Int64(view[Descriptor.header + Int(i.pointee.b)]))
      case .expectShape:
        position = next - 1
        try expectShape(i.pointee)
      case .load:
        let view = views[Int(i.pointee.a)]
        guard let address = element(view, pool! + Int(i.pointee.b), i.pointee.count, r) else {
          position = next - 1
          throw outOfBounds(i.pointee)
        }
        if !grids.isEmpty {
          position = next - 1
          try noteRead(i.pointee, address)
        }
        d.pointee = loadBits(address, i.pointee.type)
      case .store:
        let view = views[Int(i.pointee.a)]
        guard let address = element(view, pool! + Int(i.pointee.b), i.pointee.count, r) else {
          position = next - 1
          throw outOfBounds(i.pointee)
        }
        storeBits(address, c.pointee, i.pointee.type)
      case .storeLinear:
        let view = views[Int(i.pointee.a)]
        let place = view[Descriptor.address] &+ Int(b.pointee) &* i.pointee.type.byteCount
        storeBits(UnsafeMutableRawPointer(bitPattern: place)!, c.pointee, i.pointee.type)
      case .makeUnique:
        position = next - 1
        try makeUnique(i.pointee)
      case .update:
        if d.pointee != 0 {
          position = next - 1
          try update(i.pointee, c.pointee)
        }
      case .sort:
        position = next - 1
        try sort(i.pointee)
      case .sortInto:
        position = next - 1
        try sortInto(i.pointee)
      case .view:
        position = next - 1
        try makeView(i.pointee)
      case .place, .overlay:
        position = next - 1
        try makePlace(i.pointee)
      case .copy:
        position = next - 1
        try copy(i.pointee)
      case .loadVector:
        position = next - 1
        try loadVector(i.pointee, d)
      case .storeVector:
        position = next - 1
        try storeVector(i.pointee, c)

      // Grids.
      case .gridStart:
        position = next - 1
        try startGrid(i.pointee)
      case .gridNext: grids[grids.count - 1] += 1
      case .gridEnd: endGrid(i.pointee)

      // Addresses.
      case .addressOffset:
        d.pointee =
          Address(bits: a.pointee)
          .moved(by: Int(Int64(bitPattern: b.pointee)), width: i.pointee.type.byteCount).bits
      case .addressLoad:
        position = next - 1
        d.pointee =
          b.pointee == 0
          ? c.pointee : loadBits(try locate(a.pointee, i.pointee.type), i.pointee.type)
      case .addressStore:
        position = next - 1
        if c.pointee != 0 {
          storeBits(try locate(a.pointee, i.pointee.type), b.pointee, i.pointee.type)
        }
      case .addressUpdate:
        position = next - 1
        d.pointee = try updateAddress(i.pointee, a.pointee, b.pointee, acts: c.pointee != 0)
      case .addressExchange:
        position = next - 1
        let address = try locate(a.pointee, i.pointee.type)
        let old = loadBits(address, i.pointee.type)
        if old == b.pointee { storeBits(address, c.pointee, i.pointee.type) }
        d.pointee = old
      }
    }
  }
}

// MARK: Numbers

@inline(__always)
private func single(_ register: UnsafeMutablePointer<UInt64>) -> Float {
  Float(bitPattern: UInt32(truncatingIfNeeded: register.pointee))
}

@inline(__always)
private func double(_ register: UnsafeMutablePointer<UInt64>) -> Double {
  Double(bitPattern: register.pointee)
}

// Arithmetic makes one NaN, so that results do not depend on the host.
@inline(__always)
private func bits(_ value: Float) -> UInt64 {
  UInt64((value == value ? value : .nan).bitPattern)
}

@inline(__always)
private func bits(_ value: Double) -> UInt64 { (value == value ? value : .nan).bitPattern }

extension Machine {
  private func evaluate(
    _ i: UnsafePointer<Instruction>, _ a: UInt64, _ b: UInt64, _ c: UInt64
  ) -> UInt64? {
    let type = i.pointee.type
    return i.pointee.opcode.evaluate(
      ScalarValue(bits: a, type), ScalarValue(bits: b, type), ScalarValue(bits: c, type),
      result: i.pointee.resultType)?.bits
  }

  private func evaluateLanes(
    _ i: UnsafePointer<Instruction>, _ d: UnsafeMutablePointer<UInt64>,
    _ a: UnsafeMutablePointer<UInt64>, _ b: UnsafeMutablePointer<UInt64>,
    _ c: UnsafeMutablePointer<UInt64>
  ) throws(RunError) {
    let count = Int(i.pointee.count)
    switch (i.pointee.opcode, i.pointee.type) {
    case (.add, .f32): for k in 0..<count { d[k] = bits(single(a + k) + single(b + k)) }
    case (.subtract, .f32): for k in 0..<count { d[k] = bits(single(a + k) - single(b + k)) }
    case (.multiply, .f32): for k in 0..<count { d[k] = bits(single(a + k) * single(b + k)) }
    case (.multiplyAdd, .f32):
      for k in 0..<count { d[k] = bits(single(c + k).addingProduct(single(a + k), single(b + k))) }
    case (.select, _): for k in 0..<count { d[k] = a[k] != 0 ? b[k] : c[k] }
    default:
      for k in 0..<count {
        guard let result = evaluate(i, a[k], b[k], c[k]) else {
          throw fail(.divisionByZero, "division by zero")
        }
        d[k] = result
      }
    }
  }

  private func reduceLanes(
    _ i: UnsafePointer<Instruction>, _ a: UnsafeMutablePointer<UInt64>,
    scratch: UnsafeMutablePointer<UInt64>
  ) -> UInt64 {
    var half = Int(i.pointee.count)
    scratch.update(from: a, count: half)
    while half > 1 {
      half /= 2
      for lane in 0..<half {
        let (low, high) = (scratch[lane], scratch[lane + half])
        scratch[lane] = combine(i.pointee.opcode, i.pointee.type, low, high)
      }
    }
    return scratch[0]
  }

  /// What an element becomes; `constant` stands for the new value alone.
  func combine(_ opcode: Opcode, _ type: ScalarType, _ old: UInt64, _ new: UInt64) -> UInt64 {
    if opcode == .constant { return new }
    let result = opcode.evaluate(
      ScalarValue(bits: old, type), ScalarValue(bits: new, type), result: type)
    return result?.bits ?? new
  }
}

// MARK: Elements

/// The address of the element at the indices that the list holds, or `nil` outside.
@inline(__always)
private func element(
  _ view: UnsafeMutablePointer<Int>, _ list: UnsafeMutablePointer<Int32>, _ count: Int32,
  _ registers: UnsafeMutablePointer<UInt64>
) -> UnsafeMutableRawPointer? {
  let rank = Int(count)
  let lengths = view + Descriptor.header
  var address = view[Descriptor.address]
  for axis in 0..<rank {
    let index = registers[Int(list[axis])]
    // A negative index is a large one when it is read as unsigned.
    if index >= UInt64(bitPattern: Int64(lengths[axis])) { return nil }
    address = address &+ Int(index) &* lengths[rank + axis]
  }
  return UnsafeMutableRawPointer(bitPattern: address)
}

extension Machine {
  /// The error of an access by the instruction at hand.
  func outOfBounds(_ i: Instruction) -> RunError {
    let lengths = tensor(i.a).shape
    for (axis, slot) in list(i.b, i.count).enumerated() {
      let index = integer(slot)
      if index < 0 || index >= lengths[axis] {
        return fail(
          .outOfBounds, "index \(index) is outside axis \(axis), which is \(lengths[axis]) long")
      }
    }
    return fail(.outOfBounds, "an index is outside")
  }

  /// The address of the element of `a` at the indices of list `b`.
  func elementAddress(_ i: Instruction) throws(RunError) -> UnsafeMutableRawPointer {
    let view = descriptors[tensorBase + Int(i.a)]
    guard let pool = code.pool.baseAddress,
      let address = element(view, pool + Int(i.b), i.count, registers + registerBase)
    else { throw outOfBounds(i) }
    return address
  }
}
