import TesseraCodeGen
import TesseraIR
import TesseraInterpreter
import TesseraNumbers
import TesseraSource
import Testing

/// Mathematical functions, written out: compiled code gives the bits that the interpreter gives.
@Suite struct MathTests {
  /// Numbers of every size, and the special ones.
  private func arguments(_ type: ScalarType) -> [Double] {
    var numbers: [Double] = [0, -0.0, 1, -1, .infinity, -.infinity, .nan, 0x1p-140, -0x1p-1040]
    var state: UInt64 = 5
    while numbers.count < 64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let unit = Double(Int64(bitPattern: state)) / 0x1p63
      numbers.append(unit * [1, 10, 100, 1e12, 1e30][numbers.count % 5])
    }
    return numbers.map { type.rounded($0) }
  }

  /// The text of a loop that applies `opcode` to so many elements at a time.
  private func loop(
    _ opcode: Opcode, _ type: ScalarType, lanes: Int, addsOne: Bool = false
  ) throws -> String {
    let value = lanes == 1 ? type.rawValue : "vector \(type.rawValue) x \(lanes)"
    let (load, store) = lanes == 1 ? ("load", "store") : ("vector_load", "vector_store")
    let operands = opcode == .power ? "%v, %w" : "%v"
    let one = lanes == 1 ? "%one" : "%ones"
    let sum =
      (lanes == 1 ? "" : "%ones = splat %one : \(value)\n    ")
      + "%r = \(addsOne ? "add %f, \(one)" : "multiply %f, \(one)") : \(value)"
    let text = """
      func @f(%x: buffer \(type.rawValue)[64], %z: buffer \(type.rawValue)[64], \
      %y: output buffer \(type.rawValue)[64]) export {
        %one = constant {1.0} : \(type.rawValue)
        %zero = constant {0} : i64
        %end = constant {64} : i64
        %step = constant {\(lanes)} : i64
        for %zero, %end, %step {
        ^(%i: i64):
          %v = \(load) %x, %i : \(value)
          %w = \(load) %z, %i : \(value)
          %f = \(opcode.info.spelling) \(operands) : \(value)
          \(sum)
          \(store) %r, %y, %i
          yield
        }
        return
      }
      """
    var (module, _) = try parse(text)
    expandMath(&module.functions[0])
    return module.description
  }

  @Test(
    arguments: Opcode.allCases.filter(\.isMathematical),
    [ScalarType.f32, .f64, .f16, .bf16])
  func agrees(_ opcode: Opcode, _ type: ScalarType) throws {
    let x = arguments(type)
    let z = Array(x.reversed())
    for lanes in [1, 4, 8, 16, 32] {
      try agree(
        try loop(opcode, type, lanes: lanes), "f", .numbers(type, x), .numbers(type, z),
        .zeros(type, 64))
    }
  }

  @Test func sumsWithExponentialsAgree() throws {
    let x = arguments(.f32)
    for lanes in [1, 4, 8, 16, 32] {
      try agree(
        try loop(.exponential, .f32, lanes: lanes, addsOne: true), "f", .numbers(.f32, x),
        .numbers(.f32, x), .zeros(.f32, 64))
    }
  }
}
