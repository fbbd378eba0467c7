import TesseraSource
import TesseraSyntax
@_exported import TesseraTables

/// A program whose names, types and shapes are settled: what lowering and translation start from.
///
/// Every function is an instance: types, constants, functions and ranks are given, so that only
/// dimensions remain symbols. `const if` and `const for` are gone, overloads are chosen, sugar
/// (`x.f(y)`, labels, defaults, lambdas) is resolved.
public struct Program: Sendable {
  /// The instances, callees before or after callers.
  public var functions = Table<TypedFunction>()
  /// The struct instances that types name.
  public var structures = Table<StructureInstance>()
  /// The functions that have a C symbol, in order of declaration.
  public var exports: [ID<TypedFunction>] = []
  /// The `test` declarations, as functions without parameters.
  public var tests: [ID<TypedFunction>] = []
  /// The `bench` declarations, as functions without parameters.
  public var benches: [ID<TypedFunction>] = []

  /// Creates an empty program.
  public init() {}
}

/// One instance of a function, kernel, combiner, lambda, test or bench.
public struct TypedFunction: Sendable {
  /// What an instance was declared as.
  public enum Kind: Sendable {
    case function
    /// A kernel; programs run over the product of the axes.
    case kernel(grid: [GridAxis])
    case test(title: String)
    case bench(title: String)

    /// `true` iff this is a kernel.
    public var isKernel: Bool { if case .kernel = self { true } else { false } }
  }

  /// One axis of a kernel's grid.
  public struct GridAxis: Sendable {
    /// The index (`int`) or tile of indices that a program has on this axis.
    public var local: ID<Local>
    /// What the axis runs over: `extent` single indices, or tiles of up to `capacity` indices.
    public var extent: TypedExpression
    /// The greatest length of a tile; `nil` for single indices.
    public var capacity: TypedExpression?
  }

  /// A parameter.
  public struct Parameter: Sendable {
    /// How an argument reaches the body.
    public enum Passing: Hashable, Sendable { case value, `inout`, out }
    /// The local that holds it.
    public var local: ID<Local>
    /// How it is passed.
    public var passing: Passing
    /// `true` iff an `out` parameter is filled with zeros before the programs run, because it was
    /// not proved that they write every element and read none.
    public var startsAtZero = false
  }

  /// A result.
  public struct Result: Sendable {
    /// The name, for the ABI and for named results.
    public var name: String
    /// The local that the body defines; `nil` where the body's value is the result.
    public var local: ID<Local>?
    /// The type.
    public var type: ValueType
  }

  /// A name that no other instance has; that of the declaration plus a number where needed.
  public var name: String
  /// The declared name.
  public var declaredName: String
  /// What it was declared as.
  public var kind: Kind
  /// `true` iff it has a C symbol.
  public var isExported = false
  /// The algorithms that its reductions permit.
  public var algorithms: Set<NamedAlgorithm> = []
  /// The dimension symbols of signature and body.
  public var symbols = Table<DimensionSymbol>()
  /// What its names hold.
  public var locals = Table<Local>()
  /// The indices of its statements.
  public var indices = Table<IndexInfo>()
  /// The parameters, captured values last.
  public var parameters: [Parameter] = []
  /// The results in order.
  public var results: [Result] = []
  /// What must hold when the outermost function is entered; checked once there.
  public var obligations: [Obligation] = []
  /// What it does.
  public var body = TypedBlock(statements: [], value: nil)
  /// The declaration.
  public var span: SourceSpan

  /// The parameters for which a call gives a value.
  public var inputs: [Parameter] { parameters.filter { $0.passing != .out } }

  /// The type of what a call gives: of one result its own, of several a tuple with their names.
  public var resultType: ValueType {
    results.count == 1
      ? results[0].type : .tuple(results.map { .init(name: $0.name, type: $0.type) })
  }
}

/// A parameter, `let`, `var`, named result or loop variable.
public struct Local: Sendable {
  /// The name in the source.
  public var name: String
  /// The type where it is declared; that of a `var` tensor may have other dimensions later, and
  /// each use carries its own.
  public var type: ValueType
  /// `true` iff assignments may change it.
  public var isVariable: Bool
  /// Where it is declared.
  public var span: SourceSpan
}

/// An index of index notation.
public struct IndexInfo: Hashable, Sendable {
  /// The name in the source.
  public var name: String
  /// Where it is declared.
  public var span: SourceSpan
}

/// A comparison of dimensions that could not be decided while compiling.
public struct Obligation: Sendable {
  /// How two dimensions are compared.
  public enum Relation: Hashable, Sendable { case equal, notEqual, less, lessOrEqual }
  /// What is compared.
  public var left: Dimension
  /// How it is compared.
  public var relation: Relation
  /// What it is compared with.
  public var right: Dimension
  /// The headline of the error if it does not hold; both shapes as the user wrote them.
  public var message: String
  /// Where it is declared.
  public var span: SourceSpan
}
