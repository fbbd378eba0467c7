import Foundation
import Tessera
import TesseraData
import TesseraIR
import TesseraPasses
import TesseraSource
import Testing

/// Schedules that are found by measuring, and the texts that hold them.
@Suite struct TuningTests {
  private static let sources = [
    "product": """
    export fn product<M, N, K>(a: f32[M, K], b: f32[K, N]) -> (c: f32[M, N]) {
      c[i, j] = sum[k] a[i, k] * b[k, j]
    }
    """,
    "conv": """
    @algorithm(.winograd2)
    export fn conv<C, H, W, O>(x: f32[C, H, W], w: f32[O, C, 3, 3]) -> (y: f32[O, H, W]) {
      y[o, h, v] = sum[c, r, s] x[c, h + r - 1, v + s - 1 else 0] * w[o, c, r, s]
    }
    """,
    "layer": """
    struct Filters<O, C> { w: f32[O, C, 3, 3] }

    @algorithm(.winograd2)
    export fn layer<C, H, W, O>(x: f32[C, H, W], p: Filters<O, C>) -> (y: f32[O, H, W]) {
      y[o, h, v] = sum[c, r, s] x[c, h + r - 1, v + s - 1 else 0] * p.w[o, c, r, s]
    }
    """,
    "attend": """
    import nn

    export fn attend<M, N, D>(q: f32[M, D], k: f32[N, D], v: f32[N, D]) -> (y: f32[M, D]) {
      let scores[i, j] = sum[d] q[i, d] * k[j, d]
      let weights = nn.softmax(scores)
      y[i, d] = sum[j] weights[i, j] * v[j, d]
    }
    """,
    "shares": """
    import nn

    export fn shares<M, N>(x: f32[M, N]) -> (y: f32[M, N]) { y = nn.softmax(x) }
    """,
  ]

  /// What the functions give as they are scheduled usually, and their signatures.
  private static let usual = Result {
    try sources.map { function, source in
      let program = try Session().compile(source)
      return (
        function, signature: program[function]!.typeDescription,
        results: try program.call(function, arguments(function))
      )
    }
  }

  private static let shapes = [
    "product": [[70, 700], [700, 90]], "conv": [[40, 13, 17], [35, 40, 3, 3]],
    "layer": [[75, 13, 17], [35, 75, 3, 3]],
    "attend": [[75, 24], [70, 24], [70, 24]], "shares": [[5, 700]],
  ]

  private static func arguments(_ function: String) -> [Tensor] {
    shapes[function]!.map { shape in
      Tensor((0..<shape.reduce(1, *)).map { Float($0 * 37 % 101) / 50 - 1 }, shape: shape)
    }
  }

  /// What `function` gives by `choice`.
  private static func results(
    of function: String, by choice: ScheduleChoice
  ) throws -> [Tensor] {
    let usual = try usual.get().first { $0.0 == function }!
    var lock = ScheduleLock()
    lock.set(
      .init(
        target: TargetDescription.native.level, function: function,
        signature: usual.signature, choice: choice))
    var options = SessionOptions()
    options.lock = (name: "test.lock", bytes: Array(lock.text.utf8))
    return try Session(options: options).compile(sources[function]!).call(
      function, arguments(function))
  }

  /// The least, the largest and the numbers that are tried change no bit; without transforms a
  /// convolution differs by rounding.
  @Test(arguments: ["product", "conv", "layer", "attend", "shares"], ScheduleKnob.allCases)
  func numbersChangeNoBit(function: String, knob: ScheduleKnob) throws {
    let expected = try Self.usual.get().first { $0.0 == function }!.results
    for number in [knob.range.lowerBound, knob.range.upperBound] {
      var choice = ScheduleChoice()
      choice[knob] = number
      let found = try Self.results(of: function, by: choice)
      if function == "conv" || function == "layer", knob == .transforms, number == 0 {
        #expect(found != expected)
        for (one, two) in zip(found[0].doubles(), expected[0].doubles()) {
          #expect(abs(one - two) < 1e-3)
        }
      } else {
        #expect(found == expected, "\(knob) \(number)")
      }
    }
  }

  @Test func findsAScheduleThatBuildsTake() throws {
    var compilation = Compilation(name: "product.tess", bytes: Array(Self.sources["product"]!.utf8))
    let tuner = Tuner(
      target: .native, options: SessionOptions(), duration: .milliseconds(1))
    let result = try #require(
      try tuner.tune("product", of: &compilation, dimensions: ["M": 64, "N": 64, "K": 600]))
    #expect(result.triedCount > 3 && result.best <= result.usual && result.best > .zero)
    #expect(
      try Self.results(of: "product", by: result.choice)
        == Self.results(of: "product", by: ScheduleChoice()))
  }

  /// Every number that is tried makes other code somewhere, or it would be tried in vain.
  @Test func numbersChangeCode() throws {
    var changing: Set<ScheduleKnob> = []
    for (function, source) in Self.sources {
      let signature = try Self.usual.get().first { $0.0 == function }!.signature
      func text(_ choice: ScheduleChoice) throws -> String {
        var lock = ScheduleLock()
        lock.set(
          .init(target: "x86-64-v3", function: function, signature: signature, choice: choice))
        var options = SessionOptions()
        options.lock = (name: "test.lock", bytes: Array(lock.text.utf8))
        var compilation = Compilation(name: "a.tess", bytes: Array(source.utf8))
        options.pipeline = .standard(options.level)
        return String(decoding: try compilation.emit(.tir, options), as: UTF8.self)
      }
      let usual = try text(ScheduleChoice())
      for knob in ScheduleKnob.allCases where !changing.contains(knob) {
        for number in knob.candidates {
          var choice = ScheduleChoice()
          choice[knob] = number
          if try text(choice) != usual { changing.insert(knob) }
        }
      }
    }
    #expect(changing == Set(ScheduleKnob.allCases))
  }

  @Test func otherMachinesAreNotMeasured() {
    let isX86 = TargetDescription.native.architecture == .x86_64
    #expect(TargetDescription.native.canRunHere)
    #expect(!(isX86 ? TargetDescription.aarch64 : .x86_64v3).canRunHere)
  }

  @Test func textsAreReadBack() throws {
    var lock = ScheduleLock()
    for (target, function) in [("x86-64-v4", "b"), ("x86-64-v3", "a"), ("x86-64-v3", "b")] {
      var choice = ScheduleChoice()
      for knob in ScheduleKnob.allCases { choice[knob] = knob.range.upperBound }
      var entry = ScheduleLock.Entry(
        target: target, function: function, signature: "fn \(function)(x: f32) -> f32",
        choice: choice)
      entry.comments = ["  // 1 ms"]
      lock.set(entry)
    }
    let lines = lock.text.split(separator: "\n", omittingEmptySubsequences: false)
    let text =
      ([lines[0], "// Ours."] + lines.dropFirst()).joined(separator: "\n") + "// The end.\n"
    var problems: [Diagnostic] = []
    var sources = SourceMap()
    let again = ScheduleLock(sources.add(name: "a.lock", text: text), &problems)
    #expect(problems.isEmpty && again.text == text && again.entries.count == 3)
  }

  /// Whatever stands in a lock, it is taken or refused.
  @Test func brokenTextsAreRefused() throws {
    let text = Array(
      "target x86-64-v3\nfunction a\n signature fn a()\n block_rows 60\n// x\n".utf8)
    var state: UInt64 = 1
    func random(_ limit: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % limit
    }
    var refused = 0
    for _ in 0..<500 {
      var bytes = text
      for _ in 0...random(3) { bytes[random(bytes.count)] = UInt8(random(256)) }
      bytes.removeSubrange(random(bytes.count)...)
      var problems: [Diagnostic] = []
      var sources = SourceMap()
      let lock = ScheduleLock(sources.add(name: "a.lock", bytes: bytes), &problems)
      _ = lock.choices(for: [], on: .x86_64v3, &problems)
      refused += problems.isEmpty ? 0 : 1
    }
    #expect(refused > 250)
  }
}
