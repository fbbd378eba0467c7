import TesseraData

/// What became of one case.
struct CaseResult {
  enum Verdict: String, CaseIterable {
    case passed, failed
    case unsupported = "not expressible yet"
  }

  /// One output compared with its reference.
  struct Output {
    /// The key in the file.
    var key: String
    /// The greatest difference.
    var error: Double
    /// The tolerance as the manifest states it.
    var tolerance: String
    /// `true` iff every element is within it.
    var isFine: Bool
  }

  var name: String
  var kind: String
  var verdict: Verdict
  /// Why it failed or cannot be expressed.
  var reason = ""
  var outputs: [Output] = []
  var compileTime = Duration.zero
  var runTime = Duration.zero

  /// The result on one line.
  var line: String {
    let head = padded(name, 30) + padded(verdict == .unsupported ? "-" : verdict.rawValue, 8)
    guard
      let worst = outputs.max(by: { ($0.isFine ? 0 : 1, $0.error) < ($1.isFine ? 0 : 1, $1.error) })
    else { return head + reason }
    let error = "max error \(short(worst.error)) (\(worst.key), \(worst.tolerance))"
    return head + "\(error), run \(short(runTime.milliseconds)) ms, "
      + "compiled in \(short(compileTime.milliseconds)) ms" + (reason.isEmpty ? "" : "; \(reason)")
  }

  var json: JSON {
    .object([
      .init("case", .string(name)), .init("kind", .string(kind)),
      .init("verdict", .string(verdict.rawValue)), .init("reason", .string(reason)),
      .init("compile_ms", .number("\(compileTime.milliseconds)")),
      .init("run_ms", .number("\(runTime.milliseconds)")),
      .init(
        "outputs",
        .array(
          outputs.map {
            .object([
              .init("key", .string($0.key)),
              .init(
                "max_error", $0.error.isFinite ? .number("\($0.error)") : .string("\($0.error)")),
              .init("tolerance", .string($0.tolerance)), .init("passed", .bool($0.isFine)),
            ])
          })),
    ])
  }

  private func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(1, width - text.count))
  }

  /// `value` with three digits.
  private func short(_ value: Double) -> String {
    guard value.isFinite, value != 0 else { return "\(value)" }
    var scale = 1.0
    while abs(value) * scale < 100 { scale *= 10 }
    while abs(value) * scale >= 1000 { scale /= 10 }
    return "\((value * scale).rounded() / scale)"
  }
}

extension Duration {
  /// The duration in milliseconds.
  var milliseconds: Double {
    Double(components.seconds) * 1e3 + Double(components.attoseconds) * 1e-15
  }
}
