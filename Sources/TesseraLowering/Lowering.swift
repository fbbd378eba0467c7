import TesseraIR
import TesseraSemantics

/// Translates a typed program to IR of the tensor stage.
///
/// Exported functions, tests, benches, functions that no other calls, and `entries` check the
/// obligations of all that they call when they are entered.
///
/// - Requires: `program` was checked without errors.
public func lower(_ program: Program, entries: [ID<TypedFunction>] = []) -> Module {
  let names = FunctionNames(program)
  let entries = program.entryPoints.union(entries)
  let functions = program.functions.ids.map { id in
    var lowering = FunctionLowering(program, id, names: names)
    return lowering.run(isEntry: entries.contains(id))
  }
  return Module(
    functions: functions,
    exports: program.exports.map { exportSignature(of: $0, in: program, names: names) })
}

/// Translates `function` of `program`, which stands first in the module, and what it calls.
///
/// - Requires: these functions were checked without errors; others need not be finished.
public func lower(_ function: ID<TypedFunction>, in program: Program) -> Module {
  var reached = [function]
  var seen: Set<ID<TypedFunction>> = [function]
  var next = 0
  while next < reached.count {
    var visitor = Visitor()
    visitor.visit(program.functions[reached[next]].body)
    reached += visitor.callees.filter { seen.insert($0).inserted }.sorted()
    next += 1
  }
  let names = FunctionNames(program)
  return Module(
    functions: reached.map { id in
      var lowering = FunctionLowering(program, id, names: names)
      return lowering.run(isEntry: id == function)
    })
}

/// The names that functions have in the IR.
struct FunctionNames {
  private var names: [String]

  /// Gives `test.N` and `bench.N` to tests and benches, its own name to all else.
  init(_ program: Program) {
    names = program.functions.map(\.name)
    for (number, id) in program.tests.enumerated() { names[Int(id.index)] = "test.\(number)" }
    for (number, id) in program.benches.enumerated() { names[Int(id.index)] = "bench.\(number)" }
  }

  /// The name of `function`.
  subscript(function: ID<TypedFunction>) -> String { names[Int(function.index)] }
}

extension Program {
  /// The functions that a host may call: exported ones, tests, benches, and those that no other
  /// function calls. They check the obligations of all that they call.
  var entryPoints: Set<ID<TypedFunction>> {
    var called: Set<ID<TypedFunction>> = []
    for id in functions.ids {
      var visitor = Visitor()
      visitor.visit(functions[id].body)
      called.formUnion(visitor.callees.subtracting([id]))
    }
    return Set(functions.ids.filter { !called.contains($0) })
      .union(exports).union(tests).union(benches)
  }
}

/// The translation of one function.
///
/// Tuples, structs and sequences are trees of values (`Lowered`); variables are in SSA form from
/// the start: `locals` holds what each local is at the present place, and constructs of control
/// flow join what their regions assigned.
struct FunctionLowering {
  /// The typed program.
  let program: Program
  /// The function in it.
  let id: ID<TypedFunction>
  /// The same function.
  let source: TypedFunction
  /// The names of functions in the IR.
  let names: FunctionNames
  /// The function that is made.
  var builder: Builder
  /// What each local is here.
  var locals: [ID<Local>: Lowered] = [:]
  /// What each index is here.
  var indices: [ID<IndexInfo>: Value] = [:]
  /// The numbers and dimensions that were computed already, by region from the outermost inwards.
  var computed: [[ComputedKey: Value]] = [[:]]
  /// The constructs of index notation around, outermost first.
  var indexScopes: [IndexScope] = []
  /// How many branches are around that may not run.
  var conditionDepth = 0
  /// The locals that a dimension stands for.
  let dimensionLocals: Set<ID<Local>>
  /// What a kernel writes: the programs of its grid share it, so that numbers are tensors of rank 0
  /// that are read and written where they are used.
  let sharedLocals: Set<ID<Local>>
  /// `true` iff there is a `return` in the body.
  let bodyMayLeave: Bool

  /// Creates the translation of function `id` of `program`.
  init(_ program: Program, _ id: ID<TypedFunction>, names: FunctionNames) {
    self.program = program
    self.id = id
    self.names = names
    source = program.functions[id]
    builder = Builder(
      Function(name: names[id], isExported: source.isExported, span: source.span))
    builder.span = source.span
    dimensionLocals = Set(
      source.symbols.compactMap { symbol in
        switch symbol.origin {
        case .local(let local), .tileLength(let local): local
        case .axis, .constant: nil
        }
      })
    if source.kind.isKernel {
      sharedLocals = Set(source.parameters.filter { $0.passing != .value }.map(\.local))
    } else {
      sharedLocals = []
    }
    var visitor = Visitor()
    visitor.visit(source.body)
    bodyMayLeave = visitor.hasReturn
  }

  /// Translates the function; `isEntry` asks for the checks of its obligations.
  mutating func run(isEntry: Bool) -> Function {
    addParameters()
    if isEntry { checkObligations() }
    switch source.kind {
    case .function, .test, .bench:
      lowerTail(source.body.statements[...], value: source.body.value)
    case .kernel(let grid):
      lowerKernel(grid)
    }
    builder.function.removeUnusedNumbers()
    return builder.function
  }

  /// Adds the leaves of the parameters, named by field path, and the results.
  private mutating func addParameters() {
    for parameter in source.inputs {
      let local = source.locals[parameter.local]
      let isInout = parameter.passing == .inout
      let isConstant = !isInout && source.isExported && isConstant(local.type)
      let values = leaves(of: local.type, prefix: local.name).map { leaf in
        let type = isInout ? leaf.type.boxed : leaf.type
        let role: Function.ParameterRole =
          isInout ? .inout : isConstant ? .constant : .input
        return builder.function.addParameter(leaf.key, type, role: role)
      }
      let isBoxed = isInout && !sharedLocals.contains(parameter.local)
      locals[parameter.local] = lowered(local.type, isBoxed ? unboxed(values) : values)
    }
    for leaf in resultLeaves {
      builder.function.resultNames.append(leaf.key)
      builder.function.resultTypes.append(leaf.type)
    }
  }

  /// The algorithms that reductions of the function permit.
  var permittedAlgorithms: Algorithms {
    source.algorithms.reduce(into: []) { $0.formUnion(Algorithms($1)) }
  }

  /// What the IR function gives: the leaves of `inout` parameters, then those of the results.
  var resultLeaves: [Leaf] {
    source.parameters.filter { $0.passing == .inout }.flatMap {
      leaves(of: source.locals[$0.local].type, prefix: source.locals[$0.local].name)
        .map { Leaf(key: $0.key, type: $0.type.boxed) }
    } + source.results.flatMap { leaves(of: $0.type, prefix: $0.name) }
  }
}

extension Algorithms {
  /// The algorithm that the program calls `name`.
  fileprivate init(_ name: NamedAlgorithm) {
    switch name {
    case .winograd2: self = .winograd2
    case .winograd4: self = .winograd4
    case .onlineSoftmax: self = .onlineSoftmax
    case .foldedNorm: self = .foldedNorm
    case .flash: self = .flash
    }
  }
}
