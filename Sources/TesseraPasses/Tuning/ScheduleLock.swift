import TesseraIR
public import TesseraSource

/// The schedules that `tess tune` has found for the functions of a program, as a text that is kept
/// with it; builds read it and measure nothing.
///
///     target x86-64-v4
///     function matmul
///       signature matmul<M, N, K>(a: f32[M, K], b: f32[K, N]) -> (c: f32[M, N])
///       block_depth 384
///
/// `//` begins a comment. One that is indented speaks of the measurement and goes with it; others
/// belong to what follows and stay. A text may speak of several targets, each with its functions.
public struct ScheduleLock: Sendable {
  /// What is said of a function on a target.
  public struct Entry: Hashable, Sendable {
    /// The name of the target's level.
    public var target: String
    /// The name of the exported function.
    public var function: String
    /// The signature that it had, as the program writes it.
    public var signature: String
    /// Its schedule.
    public var choice: ScheduleChoice
    /// Remarks on its measurement for people, a line each.
    public var comments: [String] = []
    /// The comments that stand before it.
    var heading: [String] = []
    /// Where the entry stands.
    var span = SourceSpan.none

    /// Creates an entry.
    public init(target: String, function: String, signature: String, choice: ScheduleChoice) {
      self.target = target
      self.function = function
      self.signature = signature
      self.choice = choice
    }
  }

  /// The entries, in order.
  public private(set) var entries: [Entry] = []
  /// The comments before the first target, and those after the last entry.
  private var opening: [String] = []
  private var closing: [String] = []
  /// The last target that the text names, and where.
  private var target: (name: String, span: SourceSpan)?
  /// Where the text begins, if it was read.
  private var start: SourceSpan?

  /// The first line of a lock.
  private static let title = "// Written by tess tune, read by tess build --schedule."

  /// Creates a lock that says nothing.
  public init() {}

  /// Reads a lock.
  public init(_ file: SourceFile, _ diagnostics: inout [Diagnostic]) {
    start = SourceSpan(file: file.id, start: 0, end: 0)
    var offset = 0
    for line in file.bytes.prefix(Int(UInt32.max)).split(
      separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    {
      defer { offset += line.count + 1 }
      let text = String(decoding: line, as: UTF8.self)
      let words = text.split { $0 == " " || $0 == "\t" || $0 == "\r" }
      let span = SourceSpan(file: file.id, start: UInt32(offset), end: UInt32(offset + line.count))
      guard let first = words.first else { continue }
      if first.hasPrefix("//") {
        keep(comment: text)
        continue
      }
      let rest = words.dropFirst().joined(separator: " ")
      if let problem = read(String(first), rest, span) {
        diagnostics.append(problem)
        return
      }
    }
  }

  /// Keeps a comment with what it belongs to.
  private mutating func keep(comment: String) {
    if comment == Self.title { return }
    if target == nil {
      opening.append(comment)
    } else if comment.hasPrefix("//") || entries.isEmpty {
      closing.append(comment)
    } else {
      entries[entries.count - 1].comments.append(comment)
    }
  }

  /// Reads a line that begins with `word`; what is wrong with it, if anything is.
  private mutating func read(_ word: String, _ rest: String, _ span: SourceSpan) -> Diagnostic? {
    switch word {
    case "target":
      guard TargetDescription.all.contains(where: { $0.name == rest }) else {
        let known = TargetDescription.all.map(\.name).joined(separator: ", ")
        return .lockMalformed("there is no target '\(rest)'", "expected one of \(known)", at: span)
      }
      target = (rest, span)
    case "function":
      guard let target, !rest.isEmpty else {
        return .lockMalformed(
          "a function without a name or a target", "expected a line 'target NAME' before it",
          at: span)
      }
      if entries.contains(where: { $0.target == target.name && $0.function == rest }) {
        return .lockMalformed(
          "'\(rest)' stands here twice", "expected one entry a function and target", at: span)
      }
      var entry = Entry(target: target.name, function: rest, signature: "", choice: .init())
      entry.span = span
      // What was read last stands before this one.
      swap(&entry.heading, &closing)
      entries.append(entry)
    case "signature" where !entries.isEmpty: entries[entries.count - 1].signature = rest
    default:
      let known = ScheduleKnob.allCases.map(\.rawValue).joined(separator: ", ")
      guard let knob = ScheduleKnob(rawValue: word), !entries.isEmpty else {
        return .lockMalformed(
          "'\(word)' is nothing that a lock can say",
          "expected target, function, signature, \(known)",
          at: span)
      }
      guard let number = Int(rest), knob.range.contains(number) else {
        return .lockMalformed(
          "\(word) is '\(rest)'",
          "expected a number from \(knob.range.lowerBound) to \(knob.range.upperBound)",
          at: span)
      }
      guard entries[entries.count - 1].choice[knob] == nil else {
        return .lockMalformed(
          "\(word) stands here twice", "expected one number of a kind for each function", at: span)
      }
      entries[entries.count - 1].choice[knob] = number
    }
    return nil
  }

  /// Puts `entry` in the place of what the lock says of its function and target.
  public mutating func set(_ entry: Entry) {
    let old = entries.firstIndex {
      $0.target == entry.target && $0.function == entry.function
    }
    var entry = entry
    if let old { entry.heading = entries.remove(at: old).heading }
    entries.append(entry)
  }

  /// The schedules for code of `target`, by function of the IR; what does not fit `exports` is
  /// added to `diagnostics`.
  public func choices(
    for exports: [ExportSignature], on target: TargetDescription,
    _ diagnostics: inout [Diagnostic]
  ) -> [String: ScheduleChoice] {
    let own = entries.filter { $0.target == target.level }
    if own.isEmpty, let other = self.target, other.name != target.level {
      diagnostics.append(.lockForOtherTarget(other.name, target.level, at: other.span))
    } else if self.target == nil, let start {
      diagnostics.append(
        .lockMalformed("the lock names no target", "expected a line 'target NAME'", at: start))
    }
    var choices: [String: ScheduleChoice] = [:]
    for entry in own {
      guard let export = exports.first(where: { $0.name == entry.function }) else {
        diagnostics.append(.lockForUnknownFunction(entry.function, at: entry.span))
        continue
      }
      guard export.text == entry.signature else {
        diagnostics.append(
          .lockForOtherSignature(
            entry.function, was: entry.signature, is: export.text, at: entry.span))
        continue
      }
      choices[export.function] = entry.choice
    }
    return choices
  }

  /// The text of the lock.
  public var text: String {
    var lines = [Self.title] + opening
    for target in Set(entries.map(\.target)).sorted() {
      lines += ["", "target \(target)"]
      for entry in entries.filter({ $0.target == target }).sorted(by: { $0.function < $1.function })
      {
        lines += entry.heading
        lines += ["function \(entry.function)", "  signature \(entry.signature)"]
        for knob in ScheduleKnob.allCases {
          if let number = entry.choice[knob] { lines.append("  \(knob.rawValue) \(number)") }
        }
        lines += entry.comments
      }
    }
    return (lines + closing).joined(separator: "\n") + "\n"
  }
}
