import TesseraIR
import TesseraInterpreter
import TesseraPasses
import Testing

/// Convolutions that permit transforms give what the tensors say, without a read or write outside.
@Suite struct WinogradTests {
  /// Runs the convolution before and after scheduling, with `permission` for its reduction.
  ///
  /// Elements are small whole numbers: tiles of 2×2 give exact sums, as the halves of their filters
  /// are exact.
  private func check(
    _ permission: String, channels: Int, filters: Int, height: Int, width: Int,
    within bound: Double, isAhead: Bool = true, isLocked: Bool = true
  ) throws {
    let program = contractionPrograms.first { $0.name == "convolution" }!
    var module = try module(
      program.text.replacing("{sum}", with: "{sum, permits \(permission)}")
        .replacing("%w: f32", with: "%w: constant f32")
        .replacing("%c = dimension %x {0}", with: "%c = dimension %w {1}"))
    var state: UInt64 = 1
    let shapes = [[channels, height, width], [filters, channels, 3, 3], [filters]]
    let arguments = shapes.map { shape in
      let values = (0..<shape.reduce(1, *)).map { _ -> Double in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Double(Int(state >> 60) - 8)
      }
      return InterpreterValue.tensor(values, shape: shape)
    }
    let expected = try Interpreter(module).run("f", arguments)[0].doubles
    var context = PassContext()
    // However few channels and filters there are.
    if isLocked { context.schedules["f", default: ScheduleChoice()][.transforms] = 1 }
    context.schedules["f", default: ScheduleChoice()][.filtersAhead] = isAhead ? 1 : 0
    Pass.schedule.run(on: &module, &context)
    #expect("\(module)".contains("%kept = ") == !isAhead)
    #expect(verify(module, stage: .scheduled).map(\.message) == [])
    #expect("\(module)".contains("weave_lanes"))
    // Filters are read in runs where there must be some.
    #expect("\(module)".contains("transpose_lanes") == !isLocked)
    let output = InterpreterValue.tensor(
      Array(repeating: .nan, count: expected.count), shape: [filters, height, width])
    _ = try Interpreter(module).run("f", arguments + [output])
    let error = zip(output.doubles, expected).map { abs($0 - $1) }.max() ?? 0
    #expect(error <= bound, "\(permission) \(shapes)")
  }

  @Test(arguments: [
    (1, 1, 1, 1), (3, 7, 2, 8), (2, 5, 3, 20), (5, 4, 5, 7), (4, 13, 17, 33), (1, 6, 1, 40),
    (20, 3, 31, 1), (2, 2, 0, 4), (0, 4, 3, 3), (2, 0, 3, 3), (530, 2, 2, 2),
  ])
  func convolvesBySmallTiles(channels: Int, filters: Int, height: Int, width: Int) throws {
    try check(
      "winograd2", channels: channels, filters: filters, height: height, width: width, within: 0)
  }

  @Test(arguments: [
    (1, 1, 1, 1), (3, 7, 2, 8), (5, 4, 5, 7), (4, 13, 17, 33), (20, 3, 31, 1), (2, 2, 0, 4),
    (0, 4, 3, 3), (2, 0, 3, 3), (130, 8, 2, 2),
  ])
  func transformsFiltersWhereTheyAreUsed(
    channels: Int, filters: Int, height: Int, width: Int
  ) throws {
    try check(
      "winograd2", channels: channels, filters: filters, height: height, width: width, within: 0,
      isAhead: false)
  }

  @Test(arguments: [
    (16, 16, 4, 3, true), (33, 17, 2, 5, true), (18, 29, 1, 2, true), (16, 23, 3, 3, false),
    (35, 30, 2, 2, false),
  ])
  func readsFiltersInRuns(
    channels: Int, filters: Int, height: Int, width: Int, isAhead: Bool
  ) throws {
    try check(
      "winograd2", channels: channels, filters: filters, height: height, width: width, within: 0,
      isAhead: isAhead, isLocked: false)
  }

  @Test(arguments: [(16, 17, 5, 3), (19, 32, 2, 6)])
  func readsFiltersOfLargeTilesInRuns(
    channels: Int, filters: Int, height: Int, width: Int
  ) throws {
    try check(
      "winograd4", channels: channels, filters: filters, height: height, width: width,
      within: 0.05, isLocked: false)
  }

  @Test(arguments: [
    (1, 1, 1, 1), (3, 7, 2, 8), (2, 5, 5, 40), (5, 4, 7, 7), (4, 13, 17, 33), (20, 3, 31, 1),
  ])
  func convolvesByLargeTiles(channels: Int, filters: Int, height: Int, width: Int) throws {
    try check(
      "winograd4", channels: channels, filters: filters, height: height, width: width,
      within: 0.01)
  }
}
