import TesseraIR
import TesseraInterpreter
import TesseraPasses
import Testing

/// Convolutions that permit transforms give what the tensors say, without a read or write outside.
@Suite struct WinogradTests {
  /// Runs the convolution before and after scheduling, with `permission` for its reduction.
  ///
  /// Elements are small whole numbers: tiles of 2×2 give exact sums, as the halves of their filters
  /// are exact. Where its lengths are known, it is scheduled for registers of sixteen lanes.
  private func check(
    _ permission: String, channels: Int, filters: Int, height: Int, width: Int,
    within bound: Double, isAhead: Bool = true, isLocked: Bool = true, isKnown: Bool = false
  ) throws {
    let shapes = [[channels, height, width], [filters, channels, 3, 3], [filters]]
    let program = contractionPrograms.first { $0.name == "convolution" }!
    var text = program.text.replacing("{sum}", with: "{sum, permits \(permission)}")
      .replacing("%w: f32", with: "%w: constant f32")
      .replacing("%c = dimension %x {0}", with: "%c = dimension %w {1}")
    if isKnown {
      text = text.replacing("%x: f32[?, ?, ?]", with: "%x: f32\(shapes[0])")
        .replacing("%w: constant f32[?, ?, 3, 3]", with: "%w: constant f32\(shapes[1])")
        .replacing("%bias: f32[?]", with: "%bias: f32\(shapes[2])")
        .replacing("f32[?, ?, ?]", with: "f32\([filters, height, width])")
        .replacing("dimension %w {1}", with: "constant {\(channels)}")
        .replacing("dimension %w {0}", with: "constant {\(filters)}")
        .replacing("dimension %x {1}", with: "constant {\(height)}")
        .replacing("dimension %x {2}", with: "constant {\(width)}")
    }
    var module = try module(text)
    var state: UInt64 = 1
    let arguments = shapes.map { shape in
      let values = (0..<shape.reduce(1, *)).map { _ -> Double in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Double(Int(state >> 60) - 8)
      }
      return InterpreterValue.tensor(values, shape: shape)
    }
    let expected = try Interpreter(module).run("f", arguments)[0].doubles
    var context = PassContext()
    if isKnown { context.target = .x86_64v4 }
    // However few channels and filters there are.
    if isLocked { context.schedules["f", default: ScheduleChoice()][.transforms] = 1 }
    context.schedules["f", default: ScheduleChoice()][.filtersAhead] = isAhead ? 1 : 0
    Pass.schedule.run(on: &module, &context)
    #expect("\(module)".contains("%kept = ") == !isAhead)
    #expect(verify(module, stage: .scheduled).map(\.message) == [])
    #expect("\(module)".contains("weave_lanes"))
    // Filters are read in runs where there must be some.
    #expect("\(module)".contains("transpose_lanes") == (!isLocked || isKnown))
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

  /// Rows of fewer tiles than a register has lanes are transformed by shorter vectors.
  @Test(arguments: [
    ("winograd2", 20, 6), ("winograd2", 14, 8), ("winograd2", 12, 13), ("winograd2", 6, 18),
    ("winograd4", 62, 5), ("winograd4", 16, 16), ("winograd4", 7, 30), ("winograd4", 8, 34),
  ])
  func convolvesNarrowImages(permission: String, height: Int, width: Int) throws {
    try check(
      permission, channels: 17, filters: 16, height: height, width: width,
      within: permission == "winograd2" ? 0 : 0.05, isKnown: true)
  }
}
