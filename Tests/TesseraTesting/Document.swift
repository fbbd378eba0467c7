import Foundation

/// A page of the package's documentation, with the programs and commands that it shows.
public struct Document: Sendable {
  /// A program between lines "```tess" and "```", and the number of the line where it begins.
  public struct Program: Sendable {
    public let line: Int
    public var text: String
  }

  /// A line that begins with "$ tess", indented, and what stands below it.
  public struct Command: Sendable {
    public let line: Int
    /// The words after `tess`.
    public let words: [String]
    /// The lines below it, without their indentation; empty if nothing is shown.
    public var output: String
    /// The program shown last before it.
    public let program: String?
  }

  /// What the page is called, below the root of the package.
  public let path: String
  /// All of it.
  public let text: String
  /// The programs in order, and the commands.
  public private(set) var programs: [Program] = []
  public private(set) var commands: [Command] = []

  /// Reads the page at `path` below the root of the package; an empty one if there is none.
  public init(_ path: String) {
    self.path = path
    let url = PackageFiles.root.appending(path: path)
    text = (try? String(contentsOf: url, encoding: .utf8)) ?? ""
    var isInside = false
    var isOutput = false
    for (offset, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    {
      if isInside {
        isInside = line != "```"
        if isInside { programs[programs.count - 1].text += line + "\n" }
      } else if line == "```tess" {
        isInside = true
        programs.append(Program(line: offset + 1, text: ""))
      } else if line.hasPrefix("    $ tess ") {
        commands.append(
          Command(
            line: offset + 1, words: Self.words(of: line.dropFirst("    $ tess ".count)),
            output: "",
            program: programs.last?.text))
      } else if isOutput, line.hasPrefix("    ") {
        commands[commands.count - 1].output += line.dropFirst(4) + "\n"
      }
      isOutput = line.hasPrefix("    $ tess ") || isOutput && line.hasPrefix("    ")
    }
  }

  /// The words of a line of the shell, of which some stand in single quotes.
  private static func words(of line: Substring) -> [String] {
    line.matches(of: /'([^']*)'|[^' ]+/).map { String($0.1 ?? $0.0) }
  }
}
