import TesseraSource
import TesseraSyntax

/// A function, kernel, combiner, test or bench as it is declared.
struct Callable {
  /// What it is declared as.
  enum Kind {
    case function
    case kernel([GridAxis])
    case combiner(identity: Expression?)
    case test(title: String)
    case bench(title: String)
  }

  /// What it is declared as.
  var kind: Kind
  /// The module that declares it.
  var module: ID<ModuleInfo>
  /// Its name.
  var name: Name
  /// What stands between name and body.
  var signature: Signature
  /// What it does; `nil` if that is wrong.
  var body: Block?
  /// `true` iff it is a C symbol.
  var isExported: Bool
  /// `true` iff only its module sees it.
  var isPrivate: Bool
  /// The whole declaration.
  var span: SourceSpan
  /// `true` iff it uses a construct that is not compiled yet, which was diagnosed.
  var isUnsupported = false
  /// The algorithms that `@algorithm` names.
  var algorithms: Set<NamedAlgorithm> = []

  /// `true` iff it is a kernel, whose `out` parameters are results.
  var isKernel: Bool { if case .kernel = kind { true } else { false } }

  /// The parameters that an argument can be given for.
  var inputs: [Parameter] { signature.parameters.filter { $0.passing != .out } }
}

/// A struct as it is declared.
struct StructureDeclared {
  /// The module that declares it.
  var module: ID<ModuleInfo>
  /// The declaration.
  var declaration: StructDeclaration
  /// `true` iff only its module sees it.
  var isPrivate: Bool
  /// The whole declaration.
  var span: SourceSpan
}

/// A constant at the top level.
struct ConstantDeclared {
  /// How far its value is known.
  enum State {
    case unevaluated
    case evaluating
    case done(TypedExpression)
  }

  /// The module that declares it.
  var module: ID<ModuleInfo>
  /// The declaration.
  var declaration: ConstantDeclaration
  /// `true` iff only its module sees it.
  var isPrivate: Bool
  /// The whole declaration.
  var span: SourceSpan
  /// How far its value is known.
  var state = State.unevaluated
}

/// A module with the names that it declares.
struct ModuleInfo {
  /// The name under which it is imported.
  var name: String
  /// Its tree.
  var source: Module
  /// `true` iff only what is used of it is checked.
  var isLibrary: Bool
  /// Its functions, kernels and combiners by name.
  var callables: [String: [ID<Callable>]] = [:]
  /// Its structs by name.
  var structures: [String: ID<StructureDeclared>] = [:]
  /// Its constants by name.
  var constants: [String: ID<ConstantDeclared>] = [:]
  /// Tables and queries, which are not compiled yet.
  var unsupported: [String: SourceSpan] = [:]
  /// Modules by the name under which they are known here.
  var imports: [(name: String, module: ID<ModuleInfo>, span: SourceSpan)] = []
}

/// What a name at the top level stands for.
enum Declared {
  case callables([ID<Callable>])
  case structure(ID<StructureDeclared>)
  case constant(ID<ConstantDeclared>)
  case unsupported
}
