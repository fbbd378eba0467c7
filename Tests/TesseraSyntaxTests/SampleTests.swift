import Foundation
import TesseraSource
import TesseraTesting
import Testing

@testable import TesseraSyntax

@Suite struct SampleTests {
  static let directory = Check.golden("parse/samples")

  @Test(arguments: Check.programs(in: directory))
  func parsesWithoutDiagnostics(sample: String) throws {
    Check.accepts(try Check.program(sample, in: Self.directory))
  }

  @Test(arguments: Check.programs(in: directory))
  func hasTheExpectedTree(sample: String) throws {
    let file = try Check.program(sample, in: Self.directory)
    try Check.expect(dumpAST(parse(file).module), matches: sample, in: Self.directory)
  }

  /// The programs that come with the package, below its root.
  static let programs = ["Runtime/Library", "Examples"].flatMap { folder in
    let root = PackageFiles.root
    return PackageFiles.files(below: root.appending(path: folder), extensions: ["tess"])
      .map { String($0.path.dropFirst(root.path.count + 1)) }
  }

  @Test(arguments: programs)
  func programOfThePackageParses(path: String) throws {
    let bytes = try Data(contentsOf: PackageFiles.root.appending(path: path))
    let file = Check.file(Array(bytes), name: path)
    Check.accepts(file)
    FormatTests.checkFormatting(of: file)
  }

  @Test func findsTheSamples() {
    #expect(Check.programs(in: Self.directory).count >= 19)
    #expect(!Self.programs.isEmpty)
  }
}
