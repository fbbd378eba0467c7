import Foundation
import Tessera
import TesseraData
import TesseraIR
import TesseraProgramTesting
import TesseraTesting
import Testing

/// What `inout` tensors become has the bits that fresh results have, of any size, for any number of
/// threads, and touches nothing else.
///
/// Each function of `in-place.tess` stands before its twin, which gives fresh results.
@Suite struct InPlaceTests {
  private static let text: String = {
    let url = PackageFiles.root.appending(path: "Tests/NumericTests/in-place.tess")
    return (try? String(contentsOf: url, encoding: .utf8)) ?? ""
  }()

  /// Names, and the lengths of the last dimensions, of which each is tried.
  static let cases: [(name: String, shapes: [[Int]])] = {
    let lengths = [0, 1, 3, 7, 8, 9, 15, 16, 17, 31, 33, 63, 65, 77, 130, 1000]
    let rows = [0, 1, 4, 7, 8, 9, 15, 16, 17, 33, 45, 64, 77, 100, 129, 257, 520, 2049]
    return ["elements", "chained", "two"].map { ($0, lengths.map { [$0] }) }
      + ["rows", "softmax", "norm", "products", "accumulated", "subtracted"].map {
        ($0, rows.map { [5, $0] } + [[17, 40]])
      }
      + ["fixed37", "fixed100", "fixed_rows", "fixed_softmax", "fixed_norm"].map { ($0, [[]]) }
  }()

  private static let executables = Result {
    try [1, 2, 3, 7].map { threads in
      var options = SessionOptions()
      options.threads = threads
      return try Session(options: options).compile(text)
    }
  }

  /// Enough elements for several threads.
  @Test(arguments: [
    ("elements", [400_003]), ("chained", [300_001]), ("two", [300_007]), ("rows", [3, 40_001]),
    ("rows", [700, 301]), ("softmax", [701, 301]), ("norm", [700, 300]), ("products", [701, 303]),
    ("accumulated", [201, 203]), ("subtracted", [31, 47]),
  ])
  func threadsAgree(name: String, shape: [Int]) throws {
    let executables = try Self.executables.get()
    let function = try #require(executables[0][name])
    let arguments = Self.arguments(of: function, shape)
    let expected = try executables[0].call(name + "_fresh", arguments)
    for (executable, threads) in zip(executables, [1, 2, 3, 7]) {
      let changed = try executable.call(name, arguments)
      #expect(changed == expected, "\(name) of \(shape), \(threads) threads")
    }
  }

  private static let targets: [TargetDescription] =
    TargetDescription.host.architecture == .x86_64 ? [.x86_64v3, .host] : [.host]

  @Test(arguments: targets)
  func sizesAgree(target: TargetDescription) throws {
    let program = try GuardedProgram(
      Self.text, name: "in-place.tess", .planned, target: target)
    for (name, shapes) in Self.cases {
      let function = try #require(program.functions.first { $0.name == name })
      for shape in shapes {
        let arguments = Self.arguments(of: function, shape)
        let plain = GuardedCallStyle(placement: .end)
        let expected = try program.call(name + "_fresh", arguments, plain)
        for style in GuardedCallStyle.all where !style.isPrepared {
          let changed = try program.call(name, arguments, style)
          #expect(changed == expected, "\(name) of \(shape), \(style), \(target.name)")
        }
      }
    }
  }

  /// Numbers between -2 and 2 for each parameter, whose last dimensions are those of `shape` where they
  /// are free.
  private static func arguments(of function: HostFunction, _ shape: [Int]) -> [Tensor] {
    function.parameterLeaves.enumerated().map { seed, leaf in
      let free = Array(repeating: 0, count: max(0, leaf.shape.count - shape.count)) + shape
      let own = zip(leaf.shape, free.suffix(leaf.shape.count)).map { $0 ?? $1 }
      var random = SplitMix(seed: UInt64(seed))
      return Tensor(
        (0..<own.reduce(1, *)).map { _ in Float(random.below(1000)) / 250 - 2 }, shape: own)
    }
  }
}
