import TesseraIR
import TesseraInterpreter
import TesseraPasses
import Testing

/// Contractions are scheduled by panels, and give what the tensors say.
///
/// Elements are small whole numbers, so that sums are exact in any order.
@Suite struct ContractionTests {
  /// Runs `@f` before and after scheduling and compares all results, of these shapes.
  private func check(
    _ name: String, _ shapes: [[Int]], gives results: [[Int]], usesPanels: Bool = true
  ) throws {
    var module = try module(contractionPrograms.first { $0.name == name }!.text)
    var state: UInt64 = 1
    let arguments = shapes.map { shape in
      let values = (0..<shape.reduce(1, *)).map { _ -> Double in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Double(Int(state >> 60) - 8)
      }
      return InterpreterValue.tensor(values, shape: shape)
    }
    let expected = try Interpreter(module).run("f", arguments)
    schedule(&module)
    #expect(verify(module, stage: .scheduled).map(\.message) == [])
    #expect("\(module)".contains("multiply_add") == usesPanels)
    let outputs = results.map { shape in
      InterpreterValue.tensor(
        Array(repeating: .nan, count: shape.reduce(1, *)), shape: shape)
    }
    _ = try Interpreter(module).run("f", arguments + outputs)
    for (output, expected) in zip(outputs, expected) {
      #expect(output.doubles == expected.doubles, "\(name) \(shapes)")
    }
  }

  @Test(arguments: [
    (0, 3, 4), (1, 1, 1), (3, 0, 5), (5, 7, 0), (6, 5, 16), (7, 11, 17), (13, 3, 31), (6, 600, 16),
    (7, 1030, 9),
  ])
  func multipliesMatrices(rows: Int, depth: Int, columns: Int) throws {
    try check("matmul", [[rows, depth], [depth, columns]], gives: [[rows, columns]])
  }

  @Test func multipliesTransposedMatricesOfABatch() throws {
    try check("transposed", [[2, 5, 9], [2, 19, 9]], gives: [[2, 5, 19]])
  }

  @Test(arguments: [(1, 1), (2, 8), (3, 20), (5, 7), (0, 4)])
  func convolves(height: Int, width: Int) throws {
    try check(
      "convolution", [[3, height, width], [7, 3, 3, 3], [7]], gives: [[7, height, width]])
  }

  @Test func convolvesInSteps() throws {
    try check("strided", [[2, 9, 21], [5, 2, 3, 3]], gives: [[5, 5, 11]])
  }

  @Test func leavesMatrixTimesVectorToLoops() throws {
    try check("matrix-vector", [[5, 9], [9]], gives: [[5]], usesPanels: false)
  }

  @Test func leavesProductsOfTheSameAxisToLoops() throws {
    try check("depthwise", [[5, 9], [5, 9]], gives: [[9]], usesPanels: false)
  }
}
