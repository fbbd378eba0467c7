/// The checks that a golden file states about an output, in comments of the file.
///
///     // check: PATTERN        a later line than the last match holds the pattern
///     // check-next: PATTERN   the line after the last match holds it
///     // check-not: PATTERN    no line between the matches around holds it
///     … // error[IDENTIFIER]   the output has this error (warning, remark) about this line
///
/// A pattern is literal text in which any space stands for one or more. `[[name:REGEX]]` matches the
/// regular expression and gives what it matched a name, `[[name]]` matches the same text again.
/// If a file states errors for its lines, the output has no others.
public struct GoldenChecks {
  private enum Kind { case anywhere, next, not }

  private struct Check {
    var kind: Kind
    var pattern: String
    var line: Int
  }

  private struct Finding: Hashable {
    var severity: String
    var identifier: String
    var line: Int
  }

  private var checks: [Check] = []
  private var findings: [Finding] = []

  /// `true` iff the file states nothing.
  public var isEmpty: Bool { checks.isEmpty && findings.isEmpty }

  /// Collects the checks in `text`.
  public init(_ text: String) {
    let kinds: [(String, Kind)] = [
      ("check", .anywhere), ("check-next", .next), ("check-not", .not),
    ]
    let annotation = /\/\/ (error|warning|remark)\[([a-z0-9-]+)\]/
    for (offset, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    {
      for (word, kind) in kinds {
        guard let start = line.firstRange(of: "// \(word): ")?.upperBound else { continue }
        checks.append(Check(kind: kind, pattern: String(line[start...]), line: offset + 1))
      }
      for match in line.matches(of: annotation) {
        findings.append(
          Finding(
            severity: String(match.1), identifier: String(match.2), line: offset + 1))
      }
    }
  }

  /// What in `output` contradicts the checks of `file`; empty iff nothing does.
  public func problems(with output: String, file: String) -> [String] {
    matchProblems(output.split(separator: "\n", omittingEmptySubsequences: false))
      + findingProblems(output, file)
  }

  private func matchProblems(_ lines: [Substring]) -> [String] {
    var captures: [String: String] = [:]
    var forbidden: [Check] = []
    var next = 0
    for check in checks {
      if check.kind == .not {
        forbidden.append(check)
        continue
      }
      let range = check.kind == .next ? next..<min(next + 1, lines.count) : next..<lines.count
      guard let match = firstMatch(of: check, in: lines, range, &captures) else {
        return [
          "line \(check.line): no match for «\(check.pattern)» from output line \(next + 1) on"
        ]
      }
      if let problem = problem(forbidden, lines, next..<match, captures) { return [problem] }
      forbidden = []
      next = match + 1
    }
    return problem(forbidden, lines, next..<lines.count, captures).map { [$0] } ?? []
  }

  private func problem(
    _ forbidden: [Check], _ lines: [Substring], _ range: Range<Int>, _ captures: [String: String]
  ) -> String? {
    for check in forbidden {
      var scratch = captures
      if let line = firstMatch(of: check, in: lines, range, &scratch) {
        return "line \(check.line): «\(check.pattern)» occurs in output line \(line + 1)"
      }
    }
    return nil
  }

  /// The first line in `range` that matches `check`, adding what it captures.
  private func firstMatch(
    of check: Check, in lines: [Substring], _ range: Range<Int>, _ captures: inout [String: String]
  ) -> Int? {
    let (source, names) = expression(check.pattern, captures)
    guard let regex = try? Regex(source) else { return nil }
    for line in range {
      guard let match = lines[line].firstMatch(of: regex) else { continue }
      for (offset, name) in names.enumerated() {
        captures[name] = match.output[offset + 1].substring.map(String.init) ?? ""
      }
      return line
    }
    return nil
  }

  /// The regular expression of a pattern and the names of its captures in order.
  private func expression(
    _ pattern: String, _ captures: [String: String]
  ) -> (source: String, names: [String]) {
    var source = ""
    var names: [String] = []
    var rest = pattern[...]
    while let match = rest.firstMatch(of: /\[\[([A-Za-z_]\w*)(?::(.*?))?\]\]/) {
      source += escaped(rest[..<match.range.lowerBound])
      let name = String(match.1)
      if let inner = match.2 {
        source += "(\(inner))"
        names.append(name)
      } else if let captured = captures[name] {
        source += escaped(captured[...])
      } else {
        source += escaped(match.0)
      }
      rest = rest[match.range.upperBound...]
    }
    return (source + escaped(rest), names)
  }

  private func escaped(_ literal: Substring) -> String {
    var result = ""
    for character in literal {
      if character == " " {
        if !result.hasSuffix("\\s+") { result += "\\s+" }
      } else if character.isLetter || character.isNumber || character == "_" {
        result.append(character)
      } else {
        result += "\\\(character)"
      }
    }
    return result
  }

  private func findingProblems(_ output: String, _ file: String) -> [String] {
    if findings.isEmpty { return [] }
    let headline = /(error|warning|remark)\[([a-z0-9-]+)\]: .*\n *--> (.*):(\d+):\d+/
    let actual = output.matches(of: headline).compactMap { match -> Finding? in
      guard match.3 == file, let line = Int(match.4) else { return nil }
      return Finding(severity: String(match.1), identifier: String(match.2), line: line)
    }
    let missing = Set(findings).subtracting(actual)
    let extra = Set(actual).subtracting(findings)
    func describe(_ finding: Finding) -> String {
      "\(finding.severity)[\(finding.identifier)] about line \(finding.line)"
    }
    return missing.map { "no \(describe($0))" }.sorted()
      + extra.map { "unexpected \(describe($0))" }.sorted()
  }
}
