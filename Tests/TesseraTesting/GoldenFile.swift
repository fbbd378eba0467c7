import Foundation

/// A file that states a command and what its output must be.
///
/// The first line is `//! run: tess ARGUMENTS`; `%s` among the arguments stands for the file, which
/// comes last where there is none. A line `//! exit: 1` states an exit code other than 0. The output
/// is held against the checks in the file (see `GoldenChecks`), or against the whole text of the
/// file beside it whose name ends in `.expected`.
public struct GoldenFile: Sendable, CustomStringConvertible {
  /// What a command said.
  public struct Outcome: Sendable {
    /// The text on the standard output.
    public var output: String
    /// The text on the standard error.
    public var errors: String
    /// The exit code.
    public var exitCode: Int32

    /// Creates an outcome.
    public init(output: String, errors: String, exitCode: Int32) {
      self.output = output
      self.errors = errors
      self.exitCode = exitCode
    }
  }

  /// The file.
  public let url: URL
  /// Its path below the directory of golden files, by which it is called.
  public let description: String
  /// The arguments of `tess`.
  public let arguments: [String]
  private let expectedExitCode: Int32
  private let text: String

  /// The directory of golden files; commands run there.
  public static let directory = PackageFiles.root.appendingPathComponent("Tests/Golden")

  /// The files below `Tests/Golden` that state a command.
  public static let all: [GoldenFile] =
    PackageFiles.files(below: directory, extensions: ["tess", "tir"]).compactMap(GoldenFile.init)

  /// Reads the file at `url`; `nil` if its first line states no command.
  public init?(_ url: URL) {
    guard let bytes = try? Data(contentsOf: url) else { return nil }
    let text = String(decoding: bytes, as: UTF8.self)
    let lines = text.split(separator: "\n", maxSplits: 3, omittingEmptySubsequences: false)
    guard let first = lines.first, first.hasPrefix("//! run: tess ") else { return nil }
    let path = String(url.path.dropFirst(GoldenFile.directory.path.count + 1))
    var arguments = first.dropFirst("//! run: tess ".count).split(separator: " ").map(String.init)
    if arguments.contains("%s") {
      arguments = arguments.map { $0 == "%s" ? path : $0 }
    } else {
      arguments.append(path)
    }
    let exit = lines.dropFirst().first { $0.hasPrefix("//! exit: ") }
    self.url = url
    self.description = path
    self.arguments = arguments
    self.expectedExitCode = exit.flatMap { Int32($0.dropFirst("//! exit: ".count)) } ?? 0
    self.text = text
  }

  private var expectedURL: URL { url.deletingPathExtension().appendingPathExtension("expected") }

  /// What is wrong with `outcome`; empty iff nothing is.
  ///
  /// With `TESSERA_BLESS=1` in the environment an `.expected` file is rewritten instead, and made
  /// where the file has no checks.
  public func problems(with outcome: Outcome) -> [String] {
    let whole = outcome.output + outcome.errors
    var problems: [String] = []
    if outcome.exitCode != expectedExitCode {
      problems.append("exit code \(outcome.exitCode), expected \(expectedExitCode)")
    }
    let checks = GoldenChecks(text)
    let expected = try? String(contentsOf: expectedURL, encoding: .utf8)
    if ProcessInfo.processInfo.environment["TESSERA_BLESS"] == "1",
      expected != nil || checks.isEmpty
    {
      try? whole.write(to: expectedURL, atomically: true, encoding: .utf8)
    } else if let expected, expected != whole {
      problems.append("the output differs from \(expectedURL.lastPathComponent)")
      problems += firstDifference(expected, whole)
    } else if expected == nil, checks.isEmpty {
      problems.append("the file states no check and has no \(expectedURL.lastPathComponent)")
    }
    problems += checks.problems(with: whole, file: description)
    return problems.isEmpty ? [] : problems + ["output:\n\(whole)"]
  }

  private func firstDifference(_ expected: String, _ actual: String) -> [String] {
    let expected = expected.split(separator: "\n", omittingEmptySubsequences: false)
    let actual = actual.split(separator: "\n", omittingEmptySubsequences: false)
    var line = 0
    while line < min(expected.count, actual.count), expected[line] == actual[line] { line += 1 }
    func text(_ lines: [Substring]) -> Substring { line < lines.count ? lines[line] : "(the end)" }
    return [
      "line \(line + 1) is      \(text(actual))", "line \(line + 1) should be \(text(expected))",
    ]
  }
}
