import TesseraCodeGen

/// A form in which a program can be written out.
public enum Emission: String, Sendable, CaseIterable {
  case tokens, ast, types, tir, llvm, asm, obj
  case staticLibrary = "static"
  case sharedLibrary = "shared"
  case header, manifest

  /// What the name of a file of this form ends in.
  public var fileExtension: String {
    switch self {
    case .tokens: "tokens"
    case .ast: "ast"
    case .types: "types"
    case .tir: "tir"
    case .llvm: "ll"
    case .asm: "s"
    case .obj: "o"
    case .staticLibrary: "a"
    case .sharedLibrary: "so"
    case .header: "h"
    case .manifest: "json"
    }
  }

  /// `true` iff it is of use only for the functions that a program exports.
  public var isForHosts: Bool {
    switch self {
    case .tokens, .ast, .types, .tir, .llvm, .asm: false
    case .obj, .staticLibrary, .sharedLibrary, .header, .manifest: true
    }
  }

  /// The form of code that it is or is made of; `nil` for forms before code.
  var codeForm: CodeForm? {
    switch self {
    case .llvm: .llvm
    case .asm: .assembly
    case .obj, .staticLibrary, .sharedLibrary: .object
    case .tokens, .ast, .types, .tir, .header, .manifest: nil
    }
  }
}
