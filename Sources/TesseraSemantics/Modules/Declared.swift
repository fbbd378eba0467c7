import TesseraSource
import TesseraSyntax

/// A function, kernel, combiner, test or bench as it is declared.
struct Callable {
  enum Kind {
    case function
    case kernel([GridAxis])
    case combiner(identity: Expression?)
    case test(title: String)
    case bench(title: String)
  }

  var kind: Kind
  var module: ID<ModuleInfo>
  var name: Name
  var signature: Signature
  var body: Block?
  var attributes: [Attribute]
  var isExported: Bool
  var isPrivate: Bool
  var span: SourceSpan
  /// The first construct in it that is not compiled yet; diagnosed when it was found.
  var isUnsupported = false

  /// `true` iff it is a kernel, whose `out` parameters are results.
  var isKernel: Bool { if case .kernel = kind { true } else { false } }

  /// The parameters that an argument can be given for.
  var inputs: [Parameter] { signature.parameters.filter { $0.passing != .out } }
}

/// A struct as it is declared.
struct StructureDeclared {
  var module: ID<ModuleInfo>
  var declaration: StructDeclaration
  var isPrivate: Bool
  var span: SourceSpan
}

/// A constant at the top level.
struct ConstantDeclared {
  enum State {
    case unevaluated
    case evaluating
    case done(TypedExpression)
  }

  var module: ID<ModuleInfo>
  var declaration: ConstantDeclaration
  var isPrivate: Bool
  var span: SourceSpan
  var state = State.unevaluated
}

/// A module with the names that it declares.
struct ModuleInfo {
  var name: String
  var source: Module
  var isLibrary: Bool
  var callables: [String: [ID<Callable>]] = [:]
  var structures: [String: ID<StructureDeclared>] = [:]
  var constants: [String: ID<ConstantDeclared>] = [:]
  /// Tables and queries, which are not compiled yet.
  var unsupported: [String: SourceSpan] = [:]
  /// Modules by the name under which they are known here.
  var imports: [(name: String, module: ID<ModuleInfo>, span: SourceSpan)] = []

  /// Where `name` is declared first, if it is.
  func declares(_ name: String) -> Bool {
    callables[name] != nil || structures[name] != nil || constants[name] != nil
      || unsupported[name] != nil
  }
}

/// What a name at the top level stands for.
enum Declared {
  case callables([ID<Callable>])
  case structure(ID<StructureDeclared>)
  case constant(ID<ConstantDeclared>)
  case unsupported
}
