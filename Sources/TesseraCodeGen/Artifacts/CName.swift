import TesseraIR
import TesseraNumbers

/// Words that C or C++ keep for themselves.
private let reservedWords: Set<String> = [
  "alignas", "alignof", "and", "and_eq", "asm", "auto", "bitand", "bitor", "bool", "break", "case",
  "catch", "char", "class", "compl", "const", "const_cast", "constexpr", "continue", "decltype",
  "default", "delete", "do", "double", "dynamic_cast", "else", "enum", "explicit", "export",
  "extern", "false", "float", "for", "friend", "goto", "if", "inline", "int", "long", "mutable",
  "namespace", "new", "noexcept", "not", "not_eq", "nullptr", "operator", "or", "or_eq", "private",
  "protected", "public", "register", "reinterpret_cast", "restrict", "return", "short", "signed",
  "sizeof", "static", "static_assert", "static_cast", "struct", "switch", "template", "this",
  "thread_local", "throw", "true", "try", "typedef", "typeid", "typename", "typeof", "union",
  "unsigned", "using", "virtual", "void", "volatile", "wchar_t", "while", "xor", "xor_eq",
  // Names that the header itself uses.
  "args", "workspace", "workspace_bytes", "error",
]

/// `name` as C and C++ accept it: `_` after a word that they keep, letters beyond ASCII by their
/// number.
func cIdentifier(_ name: String) -> String {
  var result = ""
  for scalar in name.unicodeScalars {
    switch scalar {
    case "a"..."z", "A"..."Z", "_": result.unicodeScalars.append(scalar)
    case "0"..."9":
      if result.isEmpty { result = "_" }
      result.unicodeScalars.append(scalar)
    case ".", "-": result += "_"
    default: result += "_u" + String(scalar.value, radix: 16)
    }
  }
  return reservedWords.contains(result) || result.isEmpty ? result + "_" : result
}

extension ScalarType {
  /// The C type of one element; f16 and bf16 are their bits.
  var cType: String {
    switch self {
    case .bool: "uint8_t"
    case .i8, .i16, .i32, .i64: "int\(bitWidth)_t"
    case .u8, .u16, .u32, .u64: "uint\(bitWidth)_t"
    case .f16, .bf16: "uint16_t"
    case .f32: "float"
    case .f64: "double"
    }
  }
}
