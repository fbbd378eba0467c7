import Foundation
import TesseraTesting
import Testing

@testable import TesseraSemantics

@Suite struct CheckedProgramTests {
  /// Programs made of several samples that name each other, with what is not compiled yet.
  static let samples: [(files: [String], unsupported: Int)] = [
    (["afno"], 2), (["layers", "attention"], 0), (["combiners"], 1), (["dft"], 1), (["flash"], 0),
    (["gathers"], 0), (["layers"], 0), (["layers", "moving-data"], 0), (["pointer-kernels"], 0),
    (["queries"], 6), (["recursion"], 0), (["tile-kernels"], 0),
    (["layers", "attention", "unet-blocks", "unet", "unet2", "moving-data"], 0),
    (["layers", "moving-data", "adapter"], 0),
    // Derivatives and maps over trees.
    (
      [
        "layers", "attention", "unet-blocks", "unet", "unet2", "moving-data", "adapter", "ddim",
        "training",
      ], 2
    ),
    (
      [
        "layers", "attention", "unet-blocks", "moving-data", "tile-kernels", "combiners", "rules",
      ], 6
    ),
  ]

  @Test(arguments: samples)
  func sampleChecks(files: [String], unsupported: Int) throws {
    let directory = Programs.golden("parse/samples")
    let lines = try files.flatMap {
      try Programs.text($0, in: directory).split(
        separator: "\n", omittingEmptySubsequences: false)
    }
    // One file has no module line and needs no imports of itself.
    let own = lines.filter { !$0.hasPrefix("module ") && !$0.hasPrefix("import nn") }
    let checked = Programs.check(own.joined(separator: "\n") + "\n")
    // Data that is not there is a warning.
    let errors = checked.diagnostics.filter { $0.severity == .error }
    #expect(
      errors.map(\.identifier)
        == Array(repeating: "not-supported-yet", count: unsupported), "\(checked.rendering)")
  }

  @Test func everySampleIsChecked() {
    let checked = Set(Self.samples.flatMap(\.files))
    #expect(checked == Set(Programs.names(in: Programs.golden("parse/samples"))))
  }

  /// The programs that come with the package, below its root.
  static let programs = ["Runtime/Library", "Examples"].flatMap { folder in
    let root = PackageFiles.root
    return PackageFiles.files(below: root.appending(path: folder), extensions: ["tess"])
      .map { String($0.path.dropFirst(root.path.count + 1)) }
  }

  @Test(arguments: programs)
  func programOfThePackageChecks(path: String) throws {
    let url = PackageFiles.root.appending(path: path)
    var text = try String(contentsOf: url, encoding: .utf8)
    // Modules beside the program come with it.
    var seen: Set<String> = []
    while let name = text.matches(of: /(?m)^import (\w+)/).map({ String($0.1) })
      .first(where: { seen.insert($0).inserted })
    {
      let module = url.deletingLastPathComponent().appending(path: name + ".tess")
      if path.hasPrefix("Examples"), let more = try? String(contentsOf: module, encoding: .utf8) {
        text += "\n// file: \(name)\n\(more)"
      }
    }
    #expect(Programs.check(text).rendering == "")
  }
}
