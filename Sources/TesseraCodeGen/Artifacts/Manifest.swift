public import TesseraIR
import TesseraSource

/// What a program exports, as JSON: functions, their parameters and results with the keys, element
/// types and shapes of all leaves, and where each lies in the argument struct.
public func manifest(
  _ exports: [ExportSignature], source: String, target: TargetDescription
) -> String {
  JSONText.object([
    ("abi_version", .number(1)), ("source", .string(source)),
    ("target", .string(target.name)),
    ("triple", .string(target.triple)), ("functions", .array(exports.map(describe))),
  ]).lines(indent: 0) + "\n"
}

/// What is said of one function, without line ends.
func manifestLine(_ signature: ExportSignature) -> String { describe(signature).line }

private func describe(_ signature: ExportSignature) -> JSONText {
  let layout = ArgumentLayout(signature)
  return .object([
    ("name", .string(signature.name)), ("signature", .string(signature.text)),
    ("documentation", .string(signature.documentation)),
    ("dimensions", .array(signature.symbols.map { .string($0.name) })),
    ("facts", .array(signature.facts.map { .string($0.text) })),
    ("args_bytes", .number(layout.byteCount)),
    ("packed_offset", layout.packedByteOffset.map { .number($0) } ?? .null),
    ("args", .array(layout.fields.map(describe))),
  ])
}

private func describe(_ field: ArgumentLayout.Field) -> JSONText {
  let passing = field.isResult ? "out" : field.parameter.isInout ? "inout" : "in"
  let kind =
    switch field.kind {
    case .tensors: field.parameter.isAggregate ? "tensors" : "tensor"
    case .scalar: "scalar"
    case .scalarAddress: "scalar address"
    case .pointer: "pointer"
    }
  return .object([
    ("name", .string(field.parameter.name)), ("member", .string(cIdentifier(field.parameter.name))),
    ("type", .string(field.parameter.typeText)), ("passing", .string(passing)),
    ("kind", .string(kind)), ("constant", .bool(field.parameter.isConstant)),
    ("offset", .number(field.byteOffset)),
    ("leaves", .array(field.parameter.leaves.map(describe))),
  ])
}

private func describe(_ leaf: ExportSignature.Leaf) -> JSONText {
  .object([
    ("key", .string(leaf.key)), ("element", .string(leaf.element.description)),
    ("rank", leaf.shape.map { .number($0.count) } ?? .null), ("type", .string(leaf.typeText)),
  ])
}

/// A JSON value whose members keep their order, so that the same program gives the same bytes.
private indirect enum JSONText {
  case null
  case bool(Bool)
  case number(Int)
  case string(String)
  case array([JSONText])
  case object([(String, JSONText)])

  /// The value on one line.
  var line: String {
    switch self {
    case .null: return "null"
    case .bool(let value): return value ? "true" : "false"
    case .number(let value): return "\(value)"
    case .string(let text): return text.quotedAsJSON
    case .array(let items): return "[" + items.map(\.line).joined(separator: ",") + "]"
    case .object(let members):
      return "{" + members.map { "\($0.quotedAsJSON):\($1.line)" }.joined(separator: ",") + "}"
    }
  }

  /// The value on several lines, those after the first indented by `indent` and more.
  func lines(indent: Int) -> String {
    let margin = String(repeating: " ", count: indent)
    switch self {
    case .null, .bool, .number, .string: return line
    case .array(let items) where items.isEmpty: return "[]"
    case .array(let items):
      return "[\n"
        + items.map { margin + "  " + $0.lines(indent: indent + 2) }.joined(separator: ",\n")
        + "\n\(margin)]"
    case .object(let members):
      return "{\n"
        + members.map {
          "\(margin)  \($0.quotedAsJSON): \($1.lines(indent: indent + 2))"
        }.joined(separator: ",\n") + "\n\(margin)}"
    }
  }
}
