public import TesseraIR

/// The C header of the exported functions, valid as C11 and C++17.
///
/// - Parameters:
///   - source: the name of the program.
///   - interface: the text of `tessera.h`, where the header shall stand alone; else it is included.
public func cHeader(
  _ exports: [ExportSignature], source: String, interface: String? = nil
) -> String {
  let guardName = "TESS_" + cIdentifier(source).uppercased() + "_H"
  var text = """
    /* Made from \(commentText(source)) by tess.
     *
     * A caller fills the argument struct of a function and keeps all memory. Tensors are row-major
     * without gaps; a result is written to memory of its shape, which NAME_shapes tells. Memory for
     * temporaries may be passed as `workspace`: NAME_workspace bytes or more, aligned to 64; with NULL
     * it is taken from the system for the time of the call. Link with the runtime, -lm and -lpthread.
     */
    #ifndef \(guardName)
    #define \(guardName)

    \(interface ?? "#include \"tessera.h\"\n")
    #ifdef __cplusplus
    extern "C" {
    #endif


    """
  for signature in exports { text += declarations(signature) }
  text += """
    #ifdef __cplusplus
    }
    #endif

    #endif

    """
  return text
}

/// Everything about one function.
private func declarations(_ signature: ExportSignature) -> String {
  let name = signature.name
  var text = "/* \(commentText(signature.text.isEmpty ? name : signature.text))\n"
  for line in signature.documentation.split(separator: "\n", omittingEmptySubsequences: false)
  where !signature.documentation.isEmpty {
    text += line.isEmpty ? " *\n" : " * \(commentText(String(line)))\n"
  }
  if !signature.facts.isEmpty {
    let facts = signature.facts.map(\.text).joined(separator: "; ")
    text += " *\n * Requires: \(commentText(facts)).\n"
  }
  text += " */\ntypedef struct \(name)_args {\n"
  let layout = ArgumentLayout(signature)
  for field in layout.fields { text += member(field) }
  if layout.packedByteOffset != nil {
    text += """
        const void *packed; /* what \(name)_prepare wrote, or NULL: then the call prepares by itself */
        size_t packed_bytes;

      """
  }
  if layout.fields.isEmpty { text += "  uint8_t unused; /* there are no arguments */\n" }
  text += "} \(name)_args;\n\n"
  for field in layout.fields { text += leafNames(field, name) }
  text += """
    int32_t \(name)(const \(name)_args *args, void *workspace, size_t workspace_bytes,
        tess_error *error);

    /* The memory for temporaries of a call with arguments of these shapes, in bytes; 0 if `args` or
     * a shape is NULL. Data may be NULL. */
    size_t \(name)_workspace(const \(name)_args *args, int32_t threads);

    /* Writes the element type, rank and sizes of each result, whose `shape` must point to memory for
     * them, from the sizes of the other arguments. */
    int32_t \(name)_shapes(\(name)_args *args, tess_error *error);

    const tess_info *\(name)_info(void);

    """
  if layout.packedByteOffset != nil { text += preparation(signature) }
  return text + plainCall(signature, layout) + "\n"
}

/// The functions that pack the constant parameters.
private func preparation(_ signature: ExportSignature) -> String {
  let (name, constants) = (signature.name, signature.parameters.filter(\.isConstant))
  let names = constants.map { "'\($0.name)'" }.joined(separator: ", ")
  return """

    /* The memory that \(commentText(names)) takes when packed, in bytes; 0 if there is nothing to pack,
     * `args` is NULL, or a shape is. */
    size_t \(name)_packed(const \(name)_args *args);

    /* Packs \(commentText(names)) for many calls into memory of \(name)_packed bytes or more, aligned to
     * 64. Nothing else of `args` is looked at; calls are still given all of it, though they read the data
     * of few tensors: tess_set_released tells which ones they do not. */
    int32_t \(name)_prepare(const \(name)_args *args, void *packed, size_t packed_bytes,
        tess_error *error);

    """
}

/// A call with plain arguments for a function of numbers alone.
private func plainCall(_ signature: ExportSignature, _ layout: ArgumentLayout) -> String {
  var parameters: [String] = []
  for field in layout.fields {
    let name = cIdentifier(field.parameter.name)
    switch field.kind {
    case .scalar(let type): parameters.append("\(type.cType) \(name)")
    case .scalarAddress(let type): parameters.append("\(type.cType) *\(name)")
    case .tensors, .pointer: return ""
    }
  }
  if parameters.isEmpty { return "" }
  let values = layout.fields.map { cIdentifier($0.parameter.name) }.joined(separator: ", ")
  return """

    static inline int32_t \(signature.name)_call(\(parameters.joined(separator: ", ")),
        tess_error *error) {
      const \(signature.name)_args args = {\(values)};
      return \(signature.name)(&args, NULL, 0, error);
    }

    """
}

/// The member of the argument struct, with what it is.
private func member(_ field: ArgumentLayout.Field) -> String {
  let parameter = field.parameter
  let name = cIdentifier(parameter.name)
  let use = field.isResult ? "written" : parameter.isInout ? "read and written" : "read"
  let comment = "/* \(commentText(parameter.typeText)), \(use) */"
  switch field.kind {
  case .tensors where parameter.isAggregate:
    // An array may not be empty; one place that is not looked at stands in.
    return "  tess_tensor \(name)[\(max(1, parameter.leaves.count))]; \(comment)\n"
  case .tensors: return "  tess_tensor \(name); \(comment)\n"
  case .scalar(let type): return "  \(type.cType) \(name); \(comment)\n"
  case .scalarAddress(let type), .pointer(let type):
    return "  \(type.cType) *\(name); \(comment)\n"
  }
}

/// The positions of the leaves of an array, by key.
private func leafNames(_ field: ArgumentLayout.Field, _ function: String) -> String {
  guard field.parameter.isAggregate, !field.parameter.leaves.isEmpty else { return "" }
  let prefix = "\(function)_\(cIdentifier(field.parameter.name))"
  var text = "/* The leaves of '\(commentText(field.parameter.name))'. */\nenum {\n"
  for (index, leaf) in field.parameter.leaves.enumerated() {
    let key = leaf.key.isEmpty ? "\(index)" : leaf.key
    text += "  \(prefix)_\(leafIdentifier(key)) = \(index), /* \(commentText(leaf.typeText)) */\n"
  }
  return text + "  \(prefix)_count = \(field.parameter.leaves.count)\n};\n\n"
}

/// A key as the rest of an identifier, where digits and reserved words do no harm.
private func leafIdentifier(_ key: String) -> String {
  String(cIdentifier("x_" + key).dropFirst(2))
}

/// `text` without what would end a comment.
private func commentText(_ text: String) -> String {
  var result = ""
  var previous: Character = " "
  for character in text {
    if (previous == "*" && character == "/") || (previous == "/" && character == "*") {
      result.append(" ")
    }
    result.append(character == "\n" ? " " : character)
    previous = character
  }
  return result
}
