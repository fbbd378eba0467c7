import TesseraSource
import TesseraSyntax

/// Checks one program: owns what all functions share.
///
/// A class, because instances of functions are made while others are checked and all of them add
/// to the same tables. It lives for one call of `check` on one thread.
final class Checker {
  var program = Program()
  private(set) var diagnostics: [Diagnostic] = []
  private var reported: Set<Diagnostic> = []
  /// Greater than 0 while something is tried of which no diagnostics should come.
  var quietDepth = 0
  /// `true` iff something was diagnosed while quiet.
  var failedQuietly = false

  var modules = Table<ModuleInfo>()
  var callables = Table<Callable>()
  var structures = Table<StructureDeclared>()
  var constants = Table<ConstantDeclared>()
  /// The module whose names are visible everywhere.
  var prelude: ID<ModuleInfo>?

  var instances: [InstanceKey: Instance] = [:]
  /// The instances being checked, outermost first.
  var instanceChain: [InstanceStep] = []
  /// The names of instances; no two are equal.
  var usedNames: Set<String> = []
  /// Where the C symbols of exports are declared.
  var exportedNames: [String: SourceSpan] = [:]
  /// The declarations that use what is not compiled yet, and were diagnosed for it.
  var unsupportedDeclarations: Set<SourceSpan> = []
  var lambdas = Table<LambdaValue>()
  var lambdaInstances: [LambdaKey: Instance] = [:]

  /// Where struct instances come from, in parallel with `program.structures`.
  var structureOrigins: [StructureKey] = []
  var structureInstances: [StructureKey: ID<StructureInstance>] = [:]
  var structuresInProgress: Set<StructureKey> = []

  let evaluator: (any ConstantEvaluator)?
  let data: (any DataSource)?

  init(evaluator: (any ConstantEvaluator)?, data: (any DataSource)? = nil) {
    self.evaluator = evaluator
    self.data = data
  }

  /// Adds `diagnostic`, unless the same text was diagnosed in the same way.
  func diagnose(_ diagnostic: Diagnostic) {
    guard quietDepth == 0 else {
      if diagnostic.severity == .error { failedQuietly = true }
      return
    }
    var key = diagnostic
    key.notes = []
    key.labels = []
    if reported.insert(key).inserted { diagnostics.append(diagnostic) }
  }

  /// Runs `body` without diagnostics; the result is `nil` if there would have been errors.
  func quietly<Result>(_ body: () -> Result) -> Result? {
    let before = failedQuietly
    failedQuietly = false
    quietDepth += 1
    defer {
      quietDepth -= 1
      failedQuietly = before
    }
    let result = body()
    return failedQuietly ? nil : result
  }

  /// A name for an instance of `declared` that no other instance has.
  func uniqueName(_ declared: String) -> String {
    var name = declared
    var number = 2
    while !usedNames.insert(name).inserted {
      name = "\(declared)_\(number)"
      number += 1
    }
    return name
  }
}
