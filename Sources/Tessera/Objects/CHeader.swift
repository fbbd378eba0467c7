import Foundation
import TesseraIR
import TesseraStandardLibrary

/// The C header of exported functions; it holds all that a caller needs, and is valid as C11 and as
/// C++17.
struct CHeader {
  let signatures: [ExportSignature]
  /// The file that the functions were compiled from.
  let source: String

  /// The text of the header.
  var text: String {
    let interface = String(decoding: RuntimeSources.header, as: UTF8.self)
    let functions = signatures.map(Self.declaration).joined(separator: "\n")
    return """
      /* Made from \(source) by tess. First what all compiled functions share, then those of the file. */
      \(interface)
      #ifdef __cplusplus
      extern "C" {
      #endif

      \(functions)
      #ifdef __cplusplus
      }
      #endif

      """
  }

  /// The argument structure and the function of one export.
  private static func declaration(_ signature: ExportSignature) -> String {
    let name = signature.name
    var text = "/* \(commented(signature.text))\n"
    for line in signature.documentation.split(separator: "\n") { text += " * \(commented(line))\n" }
    text += " */\n"
    for parameter in signature.parameters + signature.results where parameter.isAggregate {
      text += positions(of: parameter, in: name)
    }
    text += "typedef struct \(name)_args {\n"
    for parameter in signature.parameters { text += member(parameter, isResult: false) }
    for result in signature.results { text += member(result, isResult: true) }
    if signature.parameters.isEmpty, signature.results.isEmpty {
      text += "  void *unused; /* C knows no empty structure */\n"
    }
    text += "} \(name)_args;\n\n"
    text += """
      /* Returns a tess_status. The caller owns all memory; `workspace` is for temporaries and may be
       * NULL, what it does not hold is taken from the system for the time of the call. */
      int32_t \(name)(const \(name)_args *args, void *workspace, size_t workspace_bytes,
      \(String(repeating: " ", count: 9 + name.count))tess_error *error);

      """
    return text + (plainCall(signature) ?? "")
  }

  /// One number a leaf, by which it is found in the array of its parameter.
  private static func positions(
    of parameter: ExportSignature.Parameter, in function: String
  ) -> String {
    let names = parameter.leaves.map { leaf in
      "  \(function)_\(parameter.name)_\(identifier(leaf.key)), /* \(commented(leaf.typeText)) */\n"
    }
    let count = "  \(function)_\(parameter.name)_count\n"
    return "enum { /* the leaves of \(parameter.name) by key */\n\(names.joined())\(count)};\n"
  }

  private static func member(_ parameter: ExportSignature.Parameter, isResult: Bool) -> String {
    let name = identifier(parameter.name)
    let role = isResult ? "out: " : parameter.isInout ? "inout: " : ""
    let comment = "/* \(role)\(commented(parameter.typeText)) */"
    guard let scalar = parameter.scalar else {
      let count = parameter.isAggregate ? "[\(max(1, parameter.leaves.count))]" : ""
      return "  tess_tensor \(name)\(count); \(comment)\n"
    }
    let isAddress = isResult || parameter.isInout || scalar.isPointer
    return "  \(scalar.type) \(isAddress ? "*" : "")\(name); \(comment)\n"
  }

  /// A call with plain arguments for a function of scalars alone.
  private static func plainCall(_ signature: ExportSignature) -> String? {
    var arguments: [String] = []
    var values: [String] = []
    for (parameter, isResult) in signature.parameters.map({ ($0, false) })
      + signature.results.map({ ($0, true) })
    {
      guard let scalar = parameter.scalar, !scalar.isPointer else { return nil }
      let isAddress = isResult || parameter.isInout
      arguments.append("\(scalar.type) \(isAddress ? "*" : "")\(identifier(parameter.name))")
      values.append(identifier(parameter.name))
    }
    guard !arguments.isEmpty else { return nil }
    return """

      static inline int32_t \(signature.name)_call(\(arguments.joined(separator: ", ")), tess_error *error) {
        const \(signature.name)_args args = {\(values.joined(separator: ", "))};
        return \(signature.name)(&args, NULL, 0, error);
      }

      """
  }

  /// `text` without what would end a comment.
  private static func commented(_ text: some StringProtocol) -> String {
    String(text).replacingOccurrences(of: "*/", with: "* /")
      .replacingOccurrences(of: "\n", with: " ")
  }

  /// `name` as a C identifier.
  private static func identifier(_ name: String) -> String {
    let plain = name.unicodeScalars.map { scalar in
      scalar.isASCII && scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
        ? String(scalar) : "_"
    }.joined()
    return reserved.contains(plain) ? plain + "_" : plain
  }

  /// The words of C and C++ that a program may use as names.
  private static let reserved: Set<String> = [
    "alignas", "alignof", "and", "asm", "auto", "bool", "break", "case", "catch", "char", "class",
    "const", "constexpr", "continue", "default", "delete", "do", "double", "else", "enum",
    "explicit", "export", "extern", "false", "float", "for", "friend", "goto", "if", "inline",
    "int",
    "long", "mutable", "namespace", "new", "not", "operator", "or", "private", "protected",
    "public",
    "register", "restrict", "return", "short", "signed", "sizeof", "static", "struct", "switch",
    "template", "this", "throw", "true", "try", "typedef", "typename", "union", "unsigned", "using",
    "virtual", "void", "volatile", "while", "xor",
  ]
}

extension ExportSignature.Parameter {
  /// The C type of a parameter that travels as a number or address; `nil` for tensors.
  fileprivate var scalar: (type: String, isPointer: Bool)? {
    guard !isAggregate, let leaf = leaves.first, leaf.shape == nil else { return nil }
    switch leaf.element {
    case .scalar(let type): return (type.cType, false)
    case .pointer(let type): return (type.cType, true)
    }
  }
}

extension ScalarType {
  /// The type in C; f16 and bf16 travel as their bits.
  var cType: String {
    switch self {
    case .bool: "uint8_t"
    case .i8: "int8_t"
    case .i16: "int16_t"
    case .i32: "int32_t"
    case .i64: "int64_t"
    case .u8: "uint8_t"
    case .u16, .f16, .bf16: "uint16_t"
    case .u32: "uint32_t"
    case .u64: "uint64_t"
    case .f32: "float"
    case .f64: "double"
    }
  }
}
