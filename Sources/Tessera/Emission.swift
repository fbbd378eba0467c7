import TesseraLowering
import TesseraPasses
import TesseraSemantics

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
}
