public import TesseraIR
public import TesseraSource

/// How code is generated.
public struct CodeGenOptions: Sendable {
  /// How hard LLVM works on the code.
  public enum Optimization: Int, Sendable, CaseIterable, Comparable {
    case none, less, standard, aggressive

    public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
  }

  /// The machine that runs the code.
  public var target: TargetDescription
  /// How hard LLVM works.
  public var optimization: Optimization
  /// The files that spans speak of; places in errors and debug information come from here.
  public var sources: SourceMap
  /// `true` iff debuggers are told which line each instruction stands for.
  public var hasDebugInformation: Bool
  /// What is added to the names of exported functions, so that several versions can live in one
  /// process.
  public var symbolSuffix: String
  /// `true` iff each exported function has its companions `_workspace`, `_shapes` and `_info`.
  public var hasCompanions: Bool
  /// The functions that get code, where several objects together are the module.
  var share: EmissionShare? = nil

  /// Creates options.
  public init(
    target: TargetDescription, optimization: Optimization = .standard,
    sources: SourceMap = SourceMap(), hasDebugInformation: Bool = false, symbolSuffix: String = "",
    hasCompanions: Bool = true
  ) {
    self.target = target
    self.optimization = optimization
    self.sources = sources
    self.hasDebugInformation = hasDebugInformation
    self.symbolSuffix = symbolSuffix
    self.hasCompanions = hasCompanions
  }
}

/// A reason for which no code was generated.
public enum CodeGenError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The target cannot do what the program asks for.
  case unsupported(String, SourceSpan)
  /// The IR is not of the scheduled stage, or breaks its rules: a mistake of a pass.
  case malformed(String, SourceSpan)
  /// LLVM or another tool failed.
  case tool(String)

  public var description: String {
    switch self {
    case .unsupported(let text, _), .tool(let text): text
    case .malformed(let text, _): "malformed IR: \(text)"
    }
  }
}
