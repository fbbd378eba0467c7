import TesseraSource
import TesseraSyntax

/// Checks one program: owns what all functions share.
///
/// A class, because instances of functions are made while others are checked and all of them add
/// to the same tables. It lives for one call of `check` on one thread.
final class Checker {
  /// What is made.
  var program = Program()
  /// What is wrong so far.
  private(set) var diagnostics: [Diagnostic] = []
  private var reported: Set<Diagnostic> = []
  /// Greater than 0 while something is tried of which no diagnostics should come.
  var quietDepth = 0
  /// `true` iff something was diagnosed while quiet.
  var failedQuietly = false

  /// The modules, those of the library among them.
  var modules = Table<ModuleInfo>()
  /// The functions, kernels and combiners of all modules.
  var callables = Table<Callable>()
  /// The structs of all modules.
  var structures = Table<StructureDeclared>()
  /// The constants of all modules.
  var constants = Table<ConstantDeclared>()
  /// The module whose names are visible everywhere.
  var prelude: ID<ModuleInfo>?

  /// The instances of functions, finished or being checked.
  var instances: [InstanceKey: Instance] = [:]
  /// The instances being checked, outermost first.
  var instanceChain: [InstanceStep] = []
  /// The names of instances; no two are equal.
  var usedNames: Set<String> = []
  /// The last number with which `uniqueName` made a name of each.
  private var lastNumbers: [String: Int] = [:]
  /// Where the C symbols of exports are declared.
  var exportedNames: [String: SourceSpan] = [:]
  /// The declarations that use what is not compiled yet, and were diagnosed for it.
  var unsupportedDeclarations: Set<SourceSpan> = []
  /// The lambdas that were met.
  var lambdas = Table<LambdaValue>()
  /// The instances of lambdas.
  var lambdaInstances: [LambdaKey: Instance] = [:]

  /// Where struct instances come from, in parallel with `program.structures`.
  var structureOrigins: [StructureKey] = []
  /// How many parts a value of each struct instance has, in parallel with `program.structures`.
  var structurePartCounts: [Int] = []
  /// The instances of structs.
  var structureInstances: [StructureKey: ID<StructureInstance>] = [:]
  /// The structs whose fields are being resolved.
  var structuresInProgress: Set<StructureKey> = []
  /// How many uses of structs with arguments are being resolved within each other.
  var structureDepth = 0

  /// Runs functions of constants that the checker leaves alone.
  let evaluator: (any ConstantEvaluator)?
  /// Reads the data of tests and benches.
  let data: (any DataSource)?

  /// Creates a checker of one program.
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
    while !usedNames.insert(name).inserted {
      // Numbers that were tried before are not tried again.
      let number = lastNumbers[declared, default: 1] + 1
      lastNumbers[declared] = number
      name = "\(declared)_\(number)"
    }
    return name
  }
}
