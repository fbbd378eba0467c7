import TesseraIR
import TesseraNumbers

extension Machine {
  /// Runs from the first instruction of `code` until the outermost function ends.
  ///
  /// The loop holds the frame in locals; what calls or looks at frames stores and loads them. What
  /// most programs do most of the time, numbers, jumps and elements, is done right here; the other
  /// families of instructions have functions of their own.
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
      case .scalar:
        guard let result = evaluate(i, a.pointee, b.pointee, c.pointee) else {
          position = next - 1
          throw fail(.divisionByZero, "division by zero")
        }
        d.pointee = result
      case .lanes, .selectLanes, .splat, .laneIndex, .reduceLanes, .pickLanes, .dotPairs, .lookUp,
        .placeLanes:
        position = next - 1
        try executeLanes(i, d, a, b, c)

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
        let order = list(i.pointee.b, 3)
        let lane = boxLane(
          a, Int(i.pointee.count),
          ReductionOrder.Lanes(
            Int(order[order.startIndex]), rest: Int(order[order.startIndex + 1]),
            joined: Int(order[order.startIndex + 2])))
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

      // Elements.
      case .dimension:
        let view = views[Int(i.pointee.a)]
        d.pointee = UInt64(bitPattern: Int64(view[Descriptor.header + Int(i.pointee.b)]))
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

      case .moveTensor, .takeTensor, .releaseTensor, .constantTensor, .makeTensor, .makeBuffer,
        .expectShape, .makeUnique, .update, .sort, .sortInto, .view, .reshape, .place, .overlay,
        .copy,
        .loadVector, .storeVector, .gridStart, .gridNext, .gridEnd:
        position = next - 1
        try executeTensors(i.pointee, d, c)
      case .addressOffset, .addressLoad, .addressStore, .addressUpdate, .addressExchange:
        position = next - 1
        try executeAddress(i.pointee, d, a.pointee, b.pointee, c.pointee)
      }
    }
  }
}
