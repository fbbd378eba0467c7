import TesseraIR
import TesseraInterpreter
import TesseraNumbers
import TesseraPasses
import TesseraProgramTesting
import Testing

/// Kernels with raw pointers and masks, as a translation from Triton gives them.
@Suite struct PointerTests {
  private static let product = """
    kernel matmul(a: *f32, b: *f32, c: *f32, M: i32, N: i32, K: i32,
                  const BM: int = 4, const BN: int = 4, const BK: int = 2)
        over (pid in cdiv(M, i32(BM)) * cdiv(N, i32(BN))) {
      let columns = cdiv(N, i32(BN))
      let om = i32(pid) / columns * i32(BM) + iota(i32[BM])
      let on = i32(pid) % columns * i32(BN) + iota(i32[BN])
      let ok = iota(i32[BK])
      var pa = a + om[.., _] * K + ok[_, ..]
      var pb = b + ok[.., _] * N + on[_, ..]
      var acc = zeros(f32[BM, BN])
      for k in 0..cdiv(K, i32(BK)) {
        let left = K - i32(k) * i32(BK)
        let x = load(pa, mask: om[.., _] < M and ok[_, ..] < left, other: 0)
        let y = load(pb, mask: ok[.., _] < left and on[_, ..] < N, other: 0)
        acc = dot(x, y, acc)
        pa += i32(BK)
        pb += i32(BK) * N
      }
      store(c + om[.., _] * N + on[_, ..], acc, mask: om[.., _] < M and on[_, ..] < N)
    }
    export run = matmul(BM: 4, BN: 4, BK: 2)

    """

  private static let counting = """
    kernel add_up(x: *i32, lock: *i32, total: *i64, n: i32, const BLOCK: int = 4)
        over (pid in cdiv(n, i32(BLOCK))) {
      let offsets = i32(pid) * i32(BLOCK) + iota(i32[BLOCK])
      let v = load(x + offsets, mask: offsets < n, other: 0)
      let s = reduce(v, (a, b) => a + b, axis: 0)
      let c = scan(v, (a, b) => max(a, b), axis: 0, reverse: true)
      store(x + offsets, c, mask: offsets < n)
      while atomic_cas(lock, 0, 1) == 1 {}
      store(total, load(total) + i64(s))
      atomic_xchg(lock, 0)
    }
    export run = add_up(BLOCK: 4)

    """

  @Test(arguments: [[5, 7, 3], [4, 4, 4], [1, 9, 6]])
  func masksKeepBordersAlone(shape: [Int]) throws {
    let (m, n, k) = (shape[0], shape[1], shape[2])
    let a = (0..<m * k).map { Double($0 % 5 - 2) }
    let b = (0..<k * n).map { Double($0 % 7 - 3) }
    let expected = (0..<m * n).map { place in
      (0..<k).reduce(0.0) { $0 + a[place / n * k + $1] * b[$1 * n + place % n] }
    }
    for module in try Self.stages(Self.product) {
      let memory = [a, b, Array(repeating: 9, count: m * n)].map { values in
        TensorValue(
          .f32, shape: [values.count], values: values.map { ScalarValue(rounding: $0, .f32) })
      }
      let sizes = shape.map { InterpreterValue.integer(Int64($0), .i32) }
      _ = try Interpreter(module).run(
        "run", memory.map { .address(memory: $0, byteOffset: 0) } + sizes)
      #expect(InterpreterValue.tensor(memory[2]).doubles == expected)
    }
  }

  @Test func atomicsAndScans() throws {
    for module in try Self.stages(Self.counting) {
      let x = TensorValue(
        .i32, shape: [6], values: [3, 1, 2, 0, 5, 4].map { ScalarValue($0, .i32) })
      let lock = TensorValue(zeros: .i32, shape: [1])
      let total = TensorValue(zeros: .i64, shape: [1])
      _ = try Interpreter(module).run(
        "run",
        [x, lock, total].map { .address(memory: $0, byteOffset: 0) } + [.integer(6, .i32)])
      #expect(InterpreterValue.tensor(total).doubles == [15])
      #expect(InterpreterValue.tensor(x).doubles == [3, 2, 2, 0, 5, 4])
    }
  }

  /// The program as lowered, and as scheduled.
  private static func stages(_ text: String) throws -> [Module] {
    let compiled = try CompiledProgram(text)
    var scheduled = compiled.module
    _ = try run(Pipeline.standard(.standard), on: &scheduled)
    return [compiled.module, scheduled]
  }
}
