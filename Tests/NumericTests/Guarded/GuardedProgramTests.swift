import Foundation
import TesseraProgramTesting
import TesseraTesting
import Testing

/// The numeric programs touch no memory but their own.
@Suite struct GuardedProgramTests {
  private static let forms: [GuardedProgram.Form] = [.unplanned, .separate]

  /// Every test declaration holds with each temporary against a page that cannot be touched.
  @Test(arguments: programs, forms)
  func program(file: URL, form: GuardedProgram.Form) throws {
    try check(String(contentsOf: file, encoding: .utf8), name: file.lastPathComponent, form)
  }

  @Test(arguments: samplePrograms, forms)
  func sample(file: URL, form: GuardedProgram.Form) throws {
    try check(sampleProgram(file), name: file.lastPathComponent, form)
  }

  private func check(_ text: String, name: String, _ form: GuardedProgram.Form) throws {
    let program = try GuardedProgram(text, name: name, form, runsTests: true)
    #expect(!program.tests.isEmpty)
    for test in program.tests {
      for placement in GuardPlacement.allCases {
        do {
          _ = try program.call(test.name, [], GuardedCallStyle(placement: placement))
        } catch {
          Issue.record("\(name), \(test.title): \(error)")
        }
      }
    }
  }
}
