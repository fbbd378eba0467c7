import Foundation
import Testing

/// How many trials a fuzz test makes, and where it notes them.
///
/// - `TESSERA_FUZZ=long` asks for many, `TESSERA_FUZZ_COUNT` for so many.
/// - `TESSERA_FUZZ_SEED` is the first seed, 0 if it is not set.
/// - `TESSERA_FUZZ_TRACE` names a file that holds each input before it is tried, so that one that
///   crashes or hangs is left there.
enum FuzzRun {
  private static let environment = ProcessInfo.processInfo.environment

  /// The seeds of the trials.
  static func seeds(short: Int, long: Int) -> Range<UInt64> {
    let usual = environment["TESSERA_FUZZ"] == "long" ? long : short
    let count = environment["TESSERA_FUZZ_COUNT"].flatMap(UInt64.init) ?? UInt64(usual)
    let first = environment["TESSERA_FUZZ_SEED"].flatMap(UInt64.init) ?? 0
    return first..<first + count
  }

  /// Notes the program of a trial, then records an issue for each of its problems.
  ///
  /// - Parameters:
  ///   - sizes: what one has to know besides the text to see what went wrong.
  ///   - problems: tries the program; what it throws is a problem too.
  static func check(
    _ seed: UInt64, _ text: String, of sizes: some Any,
    sourceLocation: SourceLocation = #_sourceLocation, problems: () throws -> [String]
  ) {
    trace(seed, Array(text.utf8))
    func record(_ problem: Any) {
      Issue.record(
        "seed \(seed): \(problem)\nof \(sizes)\n\(text)", sourceLocation: sourceLocation)
    }
    do {
      try problems().forEach(record)
    } catch {
      record(error)
    }
  }

  /// Notes what is about to be tried.
  static func trace(_ seed: UInt64, _ input: @autoclosure () -> [UInt8]) {
    guard let path = environment["TESSERA_FUZZ_TRACE"] else { return }
    let content = Data("// seed \(seed)\n".utf8) + Data(input())
    let isWritten = FileManager.default.createFile(atPath: path, contents: content)
    precondition(isWritten, "'\(path)' cannot be written")
  }
}
