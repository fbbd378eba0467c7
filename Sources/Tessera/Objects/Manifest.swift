import TesseraData
import TesseraIR

/// What an object holds, as JSON for tools: the exported functions with all leaves by key.
struct Manifest {
  let signatures: [ExportSignature]
  let source: String
  let target: TargetDescription

  /// The text, one line a function.
  var text: String {
    let functions = signatures.map { "    \(Self.json($0))" }.joined(separator: ",\n")
    return """
      {
        "abi": 1,
        "source": \(JSON.quoted(source)),
        "target": \(JSON.quoted(target.name)),
        "functions": [
      \(functions)
        ]
      }

      """
  }

  private static func json(_ signature: ExportSignature) -> JSON {
    .object([
      .init("name", .string(signature.name)), .init("signature", .string(signature.text)),
      .init("documentation", .string(signature.documentation)),
      .init("parameters", .array(signature.parameters.map { json($0, signature) })),
      .init("results", .array(signature.results.map { json($0, signature) })),
      .init("facts", .array(signature.facts.map { .string($0.text) })),
    ])
  }

  private static func json(
    _ parameter: ExportSignature.Parameter, _ signature: ExportSignature
  ) -> JSON {
    .object([
      .init("name", .string(parameter.name)), .init("type", .string(parameter.typeText)),
      .init("inout", .bool(parameter.isInout)), .init("aggregate", .bool(parameter.isAggregate)),
      .init(
        "leaves",
        .array(
          parameter.leaves.map { leaf in
            .object([
              .init("key", .string(leaf.key)), .init("dtype", .string(leaf.element.description)),
              .init("type", .string(leaf.typeText)),
              .init("rank", leaf.shape.map { .number("\($0.count)") } ?? .null),
            ])
          })),
    ])
  }
}
