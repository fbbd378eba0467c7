import TesseraIR
import TesseraNumbers

/// Instructions on vectors: neighbouring registers, one a lane.
extension Machine {
  /// Runs `i`, whose registers begin at `d`, `a`, `b` and `c`.
  @inline(never)
  func executeLanes(
    _ i: UnsafePointer<Instruction>, _ d: UnsafeMutablePointer<UInt64>,
    _ a: UnsafeMutablePointer<UInt64>, _ b: UnsafeMutablePointer<UInt64>,
    _ c: UnsafeMutablePointer<UInt64>
  ) throws(RunError) {
    let lanes = 0..<Int(i.pointee.count)
    switch i.pointee.code {
    case .lanes: try evaluateLanes(i, d, a, b, c)
    case .selectLanes: d.update(from: a.pointee != 0 ? b : c, count: lanes.count)
    case .splat:
      let mask = Int(i.pointee.c) - 1
      for lane in lanes { d[lane] = a[lane & mask] }
    case .laneIndex:
      for lane in lanes { d[lane] = ScalarValue(Int64(lane), i.pointee.type).bits }
    case .reduceLanes: d.pointee = reduceLanes(i, a, scratch: b)
    case .pickLanes:
      for lane in lanes { d[lane] = a[lane * Int(i.pointee.c)] }
    case .placeLanes:
      for lane in lanes { d[lane * Int(i.pointee.c)] = a[lane] }
    case .lookUp:
      for lane in lanes { d[lane] = c[Int(a[lane] & 7)] }
    case .dotPairs:
      for lane in lanes {
        let (x, y) = (a + 2 * lane, b + 2 * lane)
        d[lane] = bits(
          DotProducts.sum(
            single(c + lane), (single(x), single(x + 1)), (single(y), single(y + 1))))
      }
    default: fatalError("\(i.pointee.code) is not about lanes")
    }
  }

  /// What any operation of the scalar family gives; `nil` for a division by zero.
  func evaluate(
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
