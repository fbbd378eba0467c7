import TesseraIR
import TesseraPasses
import TesseraSource
import TesseraSyntax

/// A program on its way from text to code, with what was found wrong on the way.
///
/// Stages follow one another: a `.tess` file is parsed, a `.tir` file is a module at once.
public struct Compilation: Sendable {
  /// The files that diagnostics point into.
  public private(set) var sources = SourceMap()
  /// What was found so far, in order of the stages.
  public private(set) var diagnostics: [Diagnostic] = []
  /// The IR, once there is some.
  public private(set) var module: TesseraIR.Module?
  private let root: SourceFile
  private var parsed: ParsedFile?

  /// Parses `bytes`, which diagnostics call `name`: IR text if the name ends in `.tir`.
  public init(name: String, bytes: [UInt8]) {
    root = sources.add(name: name, bytes: bytes)
    if name.hasSuffix(".tir") {
      (module, diagnostics) = parseModule(root)
      if let module { diagnostics += verify(module) }
    } else {
      let parsed = parse(root)
      diagnostics = parsed.diagnostics
      self.parsed = parsed
    }
  }

  /// `true` iff something makes the program wrong.
  public var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }

  /// The bytes of the file that the program begins with.
  public var bytes: [UInt8] { root.bytes }

  /// The text of the file in the usual layout.
  public var formattedText: String { format(root) }

  /// The tokens of the file, a line each: place, kind, text.
  public var tokenLines: String { dumpTokens(root) }

  /// The syntax tree of the file as nested lists; empty for IR text.
  public var treeLines: String { parsed.map { dumpAST($0.module) } ?? "" }

  /// Runs `pipeline` on the module, if there is one and nothing is wrong with it.
  ///
  /// - Throws: if a pass leaves IR that the verifier refuses, which is our mistake.
  public mutating func run(
    _ pipeline: Pipeline, options: PipelineOptions = PipelineOptions()
  ) throws(InvalidPassResult) -> PipelineReport {
    guard var module, !hasErrors else { return PipelineReport() }
    self.module = nil
    let report = try TesseraPasses.run(pipeline, on: &module, options: options)
    self.module = module
    diagnostics += report.diagnostics
    return report
  }
}
