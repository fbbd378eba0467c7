import TesseraCLI
import TesseraTesting
import Testing

/// Every golden file that states a command: it is run in this process and its output checked.
@Test(arguments: GoldenFile.all)
func golden(file: GoldenFile) {
  let result = Tess.run(arguments: file.arguments, directory: GoldenFile.directory.path)
  let outcome = GoldenFile.Outcome(
    output: result.output, errors: result.errors, exitCode: result.exitCode)
  let problems = file.problems(with: outcome)
  #expect(problems.isEmpty, "\(file)\n\(problems.joined(separator: "\n"))")
}
