import TesseraIR

// Before:                                      After:
//   func @square(%x: f32) -> (f32) {             func @f(%a: f32) -> (f32) {
//     %y = multiply %x, %x : f32                   %y = multiply %a, %a : f32
//     return %y                                    return %y
//   }                                            }
//   func @f(%a: f32) -> (f32) {
//     %b = call %a {@square} : f32
//     return %b
//   }
//
// Small functions, those called once, and all that speak of tensors, so that what follows sees a
// whole network. Never recursive ones, those that end in calls that must use no stack, and those
// that have a schedule of their own, which was found for them alone.

extension Pass {
  /// Puts the bodies of functions in place of calls.
  static let inlining = Pass(
    name: "inline", summary: "put function bodies in place of calls",
    onModule: { module, context in
      var inliner = Inliner(module, keeping: Set(context.schedules.keys))
      return inliner.run(on: &module)
    })

  /// Removes functions that nothing reaches from those that a host sees.
  ///
  /// Does nothing where a module does not say which these are, since a host may call any then.
  static let unusedFunctionRemoval = Pass(
    name: "prune", summary: "remove functions that nothing exported calls",
    onModule: { module, _ in
      let roots = Set(module.exports.map(\.function))
      guard !roots.isEmpty || module.functions.contains(where: \.isExported) else { return false }
      let graph = CallGraph(module)
      var reached = WorkList(
        module.functions.indices.filter {
          module.functions[$0].isExported || roots.contains(module.functions[$0].name)
        })
      var isReached = [Bool](repeating: false, count: module.functions.count)
      while let function = reached.pop() {
        isReached[function] = true
        for callee in graph.callees[function] { reached.push(callee) }
      }
      if isReached.allSatisfy({ $0 }) { return false }
      module.functions = module.functions.kept(isReached)
      return true
    })
}

private struct Inliner {
  private let graph: CallGraph
  /// The names of functions that stay where they are.
  private let kept: Set<String>
  /// The bodies that may be put in place of calls, by name.
  private var bodies: [String: Function] = [:]
  private var counts: [String: Int] = [:]

  /// The most operations of a function that is copied to every call.
  private static let smallCount = 60
  /// The most operations that a function may grow to by copies of others.
  private static let largestCount = 200_000

  init(_ module: Module, keeping kept: Set<String>) {
    graph = CallGraph(module)
    self.kept = kept
  }

  /// Puts functions in place of their calls, callees first; `true` iff there were some.
  mutating func run(on module: inout Module) -> Bool {
    var changed = false
    for index in graph.components.joined() {
      let isCalling = graph.callees[index].contains { bodies[module.functions[$0].name] != nil }
      if isCalling, inlineCalls(in: &module.functions[index]) { changed = true }
      offer(module.functions[index], index)
    }
    return changed
  }

  /// Notes `function` as one to be put in place of calls, if it is.
  private mutating func offer(_ function: Function, _ index: Int) {
    if graph.callCounts[index] == 0 || graph.isRecursive(index) { return }
    if kept.contains(function.name) { return }
    let count = function.operationCount
    let isOnlyHere = graph.callCounts[index] == 1
    guard count <= Inliner.smallCount || isOnlyHere || function.speaksOfTensorValues else {
      return
    }
    var body = function
    guard body.makeSingleExit(), !body.hasTailCall else { return }
    bodies[function.name] = body
    counts[function.name] = count
  }

  private func inlineCalls(in function: inout Function) -> Bool {
    let (bodies, counts) = (bodies, counts)
    var room = Inliner.largestCount - function.operationCount
    var chosen: Set<ID<Operation>> = []
    function.forEachOperation(in: function.body) { operation in
      guard function.operations[operation].opcode == .call,
        case .symbol(let name) = function.operations[operation].attribute,
        let count = counts[name], count <= room
      else { return }
      room -= count
      chosen.insert(operation)
    }
    if chosen.isEmpty { return false }
    let selected = chosen
    return RegionEditor.edit(&function) { editor, operation in
      let content = editor.function.operations[operation]
      guard selected.contains(operation), case .symbol(let name) = content.attribute,
        let body = bodies[name]
      else { return editor.keep(operation) }
      var cloner = Cloner(
        Dictionary(uniqueKeysWithValues: zip(body.parameters, content.operands)))
      for inner in body.regions[body.body].operations.dropLast() {
        editor.place(cloner.copy(inner, of: body, into: &editor.function))
      }
      let returned = body.terminator(of: body.body).map { body.operations[$0].operands } ?? []
      for (value, result) in zip(returned, content.results) {
        guard body.definition(of: value) != nil, let name = editor.function.values[result].name
        else { continue }
        // Whoever calls knows it by this name.
        editor.function.values[cloner[value]].name = name
      }
      editor.replaceResults(of: operation, by: returned.map { cloner[$0] })
    }
  }
}

extension Function {
  /// How many operations the function lists, inner ones included.
  var operationCount: Int {
    var count = 0
    forEachOperation(in: body) { _ in count += 1 }
    return count
  }

  /// `true` iff some call must use no stack.
  fileprivate var hasTailCall: Bool {
    var found = false
    forEachOperation(in: body) { if operations[$0].opcode == .tailCall { found = true } }
    return found
  }

  /// `true` iff tensors go in or come out.
  fileprivate var speaksOfTensorValues: Bool {
    (parameters.map { type(of: $0) } + resultTypes).contains {
      if case .tensor = $0 { return true }
      return false
    }
  }
}
