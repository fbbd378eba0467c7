import TesseraInterpreter
import TesseraProgramTesting
import TesseraTesting
import Testing

/// Tile kernels of many shapes and capacities, with borders on every side, give what index notation
/// gives.
@Suite struct KernelShapeTests {
  /// Sizes of a matrix product, then the capacities of its tiles.
  static let shapes = [
    [1, 1, 1, 1, 1, 1], [3, 5, 2, 2, 2, 2], [4, 4, 4, 4, 4, 4], [7, 3, 9, 4, 2, 5],
    [5, 13, 1, 3, 8, 16], [2, 17, 11, 1, 16, 3],
  ]

  @Test(arguments: shapes)
  func productOfTiles(shape: [Int]) throws {
    try check(
      """
      kernel tiled<M, N, K>(a: f32[M, K], b: f32[K, N], out c: f32[M, N],
                            const BM: int, const BN: int, const BK: int)
          over (m in tiles(M, BM), n in tiles(N, BN)) {
        var acc = zeros(f32[m, n])
        for k in tiles(K, BK) { acc += dot(a[m, k], b[k, n]) }
        c[m, n] = acc
      }
      fn plain<M, N, K>(a: f32[M, K], b: f32[K, N]) -> (c: f32[M, N]) {
        c[i, j] = sum[k] a[i, k] * b[k, j]
      }
      test "equal" {
        let a[i in 0..\(shape[0]), k in 0..\(shape[2])] = f32((i * 7 + k * 3) % 5 - 2)
        let b[k in 0..\(shape[2]), j in 0..\(shape[1])] = f32((k * 5 + j) % 7 - 3)
        assert tiled(a, b, BM: \(shape[3]), BN: \(shape[4]), BK: \(shape[5])) == plain(a, b)
      }

      """)
  }

  @Test(arguments: shapes)
  func rowsAndColumns(shape: [Int]) throws {
    try check(
      """
      kernel shifted<M, N>(x: f32[M, N], out y: f32[M, N], const BM: int, const BN: int)
          over (m in tiles(M, BM), n in tiles(N, BN)) where N >= 1 {
        let v = x[m, n]
        let top = max(v, axis: 1)
        y[m, n] = v - top[.., _]
      }
      fn plain<M, N>(x: f32[M, N], const BN: int) -> (y: f32[M, N]) {
        y[i, j] = x[i, j] - (max[k in 0..N where k / BN == j / BN] x[i, k])
      }
      test "equal" {
        let x[i in 0..\(shape[0]), j in 0..\(shape[1])] = f32((i * 7 + j * 3) % 11)
        assert shifted(x, BM: \(shape[3]), BN: \(shape[4])) == plain(x, BN: \(shape[4]))
      }

      """)
  }

  private func check(_ text: String) throws {
    let compiled = try CompiledProgram(text)
    let interpreter = Interpreter(compiled.module)
    for number in compiled.testTitles.indices { _ = try interpreter.run("test.\(number)") }
  }
}
