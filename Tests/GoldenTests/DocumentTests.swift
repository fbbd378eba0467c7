import Foundation
import TesseraCLI
import TesseraTesting
import Testing

/// What the documentation shows is so.
@Suite struct DocumentTests {
  private static let pages = ["README.md", "Grammar/guide.md", "ARCHITECTURE.md"].map(Document.init)
  private static let programs = pages.flatMap { page in page.programs.map { (page.path, $0) } }
  private static let commands = pages.flatMap { page in page.commands.map { (page.path, $0) } }

  @Test(arguments: programs.indices)
  func programIsCompiled(position: Int) throws {
    let (page, program) = Self.programs[position]
    try Tool.inFolder { folder in
      try Data(program.text.utf8).write(to: folder.appending(path: "page.tess"))
      let result = Tess.run(
        arguments: ["build", "page.tess", "--emit=obj,header"], directory: folder.path)
      #expect(result.exitCode == 0, "\(page), line \(program.line): \(result.errors)")
    }
  }

  @Test(arguments: commands.indices)
  func commandGivesWhatIsShown(position: Int) throws {
    let (page, command) = Self.commands[position]
    let file = try #require(command.words.first { $0.hasSuffix(".tess") })
    try Tool.inFolder { folder in
      let text = try #require(command.program, "\(page), line \(command.line)")
      try Data(text.utf8).write(to: folder.appending(path: file))
      let result = Tess.run(arguments: command.words, directory: folder.path)
      #expect(result.exitCode == 0, "\(page), line \(command.line): \(result.errors)")
      if !command.output.isEmpty { #expect(result.output == command.output) }
    }
  }

  /// Options that are written behind `tess COMMAND` are options of that command.
  @Test func commandsHaveTheirOptions() throws {
    var count = 0
    for page in Self.pages {
      for match in page.text.matches(of: /\btess ([a-z]+)\b([^`#\n]*)/) {
        let help = Tess.run(arguments: ["help", String(match.1)])
        for option in match.2.matches(of: /\s(--?[a-z][a-z-]*)/) {
          count += 1
          let names = help.output.matches(of: /(?m)^ +(--?[a-z].*?)(?: {2}|$)/).map { $0.1 }
          let isKnown = names.contains { $0.split { " ,".contains($0) }.contains(option.1) }
          #expect(isKnown, "\(page.path): \(match.0)")
        }
      }
    }
    #expect(count > 10)
  }

  /// What is written behind `make` at the beginning of a line, or between backticks, is made there.
  @Test func targetsAreThere() throws {
    let url = PackageFiles.root.appending(path: "Makefile")
    let makefile = try String(contentsOf: url, encoding: .utf8)
    for page in Self.pages {
      for match in page.text.matches(of: /(?:`|(?m)^    )make ([a-z]+)/) {
        #expect(makefile.contains("\n\(match.1):"), "\(page.path): \(match.0)")
      }
    }
  }

  @Test func somethingIsShown() {
    #expect(Self.programs.count > 10)
    #expect(Self.commands.count > 3)
  }
}
