import ArgumentParser
import Tessera

/// `tess explain`: what a diagnostic means.
struct ExplainCommand: TessCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain", abstract: "Explains a diagnostic by its identifier.",
    discussion: "Without an identifier it lists all of them.")

  @Argument(help: "The identifier, such as the 'shape-mismatch' of error[shape-mismatch].")
  var identifier: String?

  func run(on console: Console) throws -> ExitStatus {
    guard let identifier else {
      console.write(table(Explanation.all.map { [$0.identifier, $0.summary] }))
      return .success
    }
    guard let explanation = Explanation.all.first(where: { $0.identifier == identifier }) else {
      let near = Explanation.all.map(\.identifier).filter { candidate in
        identifier.split(separator: "-").contains { candidate.contains($0) }
      }
      let hint = near.isEmpty ? "" : "; there is \(near.prefix(4).joined(separator: ", "))"
      throw UsageError("no diagnostic is called '\(identifier)'\(hint)")
    }
    console.write("\(explanation.identifier): \(explanation.text)\n")
    return .success
  }
}
