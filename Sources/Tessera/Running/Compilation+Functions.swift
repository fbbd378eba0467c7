import TesseraCodeGen
import TesseraIR
import TesseraLowering
import TesseraPasses
import TesseraSemantics

extension Compilation {
  /// The names by which a host may ask for functions: exports first, then what else is declared in
  /// the program and has an instance; for IR text all of its functions.
  public var functionNames: [String] {
    guard let program else { return module?.functions.map(\.name) ?? [] }
    var names = exportNames
    for id in program.functions.ids {
      let function = program.functions[id]
      if function.isHostFunction, function.span.file == root.id,
        !names.contains(function.declaredName)
      {
        names.append(function.declaredName)
      }
    }
    return names
  }

  /// `true` iff no function of the program can be called by a host.
  public var exportsNothing: Bool { module != nil && hostFunctions.isEmpty && !hasPointerExports }

  private var hasPointerExports: Bool { module?.exports.isEmpty == false }

  /// `true` iff the instances of the checked program called `name` take or give addresses, so that
  /// only compiled code can call them.
  public func takesPointers(_ name: String) -> Bool {
    guard let program else { return false }
    return functions(called: name).contains { id in
      HostFunction(exportSignature(of: id, in: program)) == nil
    }
  }

  /// The names of the functions that the program exports.
  public var exportNames: [String] {
    program.map { program in program.exports.map { program.functions[$0].name } } ?? []
  }

  /// The instances of the checked program that are called `name`: the exported one, or those that
  /// were declared so.
  public func functions(called name: String) -> [ID<TypedFunction>] {
    guard let program else { return [] }
    let exported = program.exports.filter { program.functions[$0].name == name }
    if !exported.isEmpty { return exported }
    return program.functions.ids.filter {
      let function = program.functions[$0]
      return function.declaredName == name && function.isHostFunction
    }
  }

  /// The `test` declarations of the program: what they are called, and by what name to run them.
  public var tests: [Declared] { declared(program?.tests ?? []) }

  /// The `bench` declarations of the program.
  public var benches: [Declared] { declared(program?.benches ?? []) }

  /// A `test` or `bench` of a program.
  public struct Declared: Sendable {
    /// The words after `test` or `bench`.
    public var title: String
    /// The function that runs it.
    public var function: ID<TypedFunction>
    /// The name under which an executable has it.
    public var name: String
  }

  private func declared(_ ids: [ID<TypedFunction>]) -> [Declared] {
    guard let program else { return [] }
    return ids.map { id in
      let function = program.functions[id]
      switch function.kind {
      case .test(let title), .bench(let title):
        return Declared(title: title, function: id, name: function.name)
      case .function, .kernel: return Declared(title: "", function: id, name: function.name)
      }
    }
  }

  /// The functions of the IR that a host can call: exported ones, or all of IR text.
  public var hostFunctions: [HostFunction] {
    guard let module else { return [] }
    let signatures =
      parsed == nil ? module.functions.compactMap(ExportSignature.init(of:)) : module.exports
    return signatures.compactMap(HostFunction.init)
  }

  /// The program ready to run; exported functions, those called `entries` and tests or benches can
  /// be called, of a closed program only the last two. `nil` if something is wrong with it.
  public mutating func executable(
    _ options: SessionOptions, entries: [String] = [], declared: [Declared] = [],
    isClosed: Bool = false
  ) throws(InternalFailure) -> Executable? {
    let preparation = MachineCodePreparation(for: options)
    defer { preparation.finish() }
    check()
    lower(
      entries: entries.flatMap { functions(called: $0) } + declared.map(\.function),
      isClosed: isClosed)
    guard var module, !hasErrors else { return nil }
    let callable = hostFunctions
    switch options.engine {
    case .interpreter:
      if options.pipeline != nil {
        return try transformedModule(options, for: .host).map {
          .interpreting($0, functions: callable, sources: sources)
        }
      }
      // Calls in tail position use no stack, in whatever way a program runs.
      do throws(InvalidPassResult) {
        _ = try TesseraPasses.run(Pipeline([.tailCalls]), on: &module, options: PipelineOptions())
      } catch {
        throw InternalFailure(error)
      }
      return .interpreting(module, functions: callable, sources: sources)
    case .jit:
      guard let scheduled = try scheduledModule(options, for: .host) else { return nil }
      return try machineCode(of: scheduled, callable, options)
    }
  }

  private mutating func machineCode(
    of module: TesseraIR.Module, _ functions: [HostFunction], _ options: SessionOptions
  ) throws(InternalFailure) -> Executable {
    var stages: [Timing] = []
    defer { timings += stages }
    do throws(CodeGenError) {
      return try .compiling(module, functions: functions, sources: sources, options) {
        stages.append(Timing(stage: $0, duration: $1))
      }
    } catch {
      throw failure(error)
    }
  }
}

extension TypedFunction {
  /// `true` iff a host may ask for it by name: no test or bench.
  fileprivate var isHostFunction: Bool {
    switch kind {
    case .function, .kernel: true
    case .test, .bench: false
    }
  }
}
