import TesseraIR

/// Walks the regions of a function from top to bottom and lists anew what stands in each.
///
/// For passes that dissolve an operation into what its regions hold, drop it, or put others before
/// it: the visitor appends what is to stand at the place of the operation it is shown.
struct RegionEditor {
  /// The function, moved in while the walk lasts.
  var function: Function
  /// Values that were found to stand for others; operands are replaced before the visitor looks.
  var replacements = Replacements()
  /// `true` iff anything was changed.
  var changed = false
  /// What conditions are in the branches around the walk.
  var assumed: [Value: Bool] = [:]
  /// Indices around the walk that stay below a number, so that the next one is a number too.
  var indices: Set<Value> = []
  /// The operations listed so far in the region of the walk.
  private var placed: [ID<Operation>] = []
  private let visit: @Sendable (inout RegionEditor, ID<Operation>) -> Void

  /// Shows `visit` each operation of `function`, and tells whether it changed anything.
  static func edit(
    _ function: inout Function,
    _ visit: @escaping @Sendable (inout RegionEditor, ID<Operation>) -> Void
  ) -> Bool {
    var editor = RegionEditor(visit: visit)
    swap(&function, &editor.function)
    editor.enter(editor.function.body)
    swap(&function, &editor.function)
    return editor.changed
  }

  private init(visit: @escaping @Sendable (inout RegionEditor, ID<Operation>) -> Void) {
    function = Function(name: "")
    self.visit = visit
  }

  /// Lists `operation` at the place of the walk.
  mutating func place(_ operation: ID<Operation>) { placed.append(operation) }

  /// Lists `operation` at the place of the walk, which does not enter its regions: what they hold uses what
  /// was found to stand for others all the same.
  mutating func placeUnvisited(_ operation: ID<Operation>) {
    replaceOperands(inside: operation)
    place(operation)
  }

  private mutating func replaceOperands(inside operation: ID<Operation>) {
    for region in function.operations[operation].regions {
      for inner in function.regions[region].operations {
        replacements.apply(to: &function.operations[inner].operands)
        replaceOperands(inside: inner)
      }
    }
  }

  /// Walks `region` and lists anew what it holds.
  mutating func enter(_ region: ID<Region>) {
    let outer = placed
    placed = []
    placed.reserveCapacity(function.regions[region].operations.count)
    inline(region)
    function.regions[region].operations = placed
    placed = outer
  }

  /// Walks the regions of `operation`, then lists it.
  mutating func keep(_ operation: ID<Operation>) {
    for region in function.operations[operation].regions { enter(region) }
    place(operation)
  }

  /// Walks `region` as if its operations stood at the place of the walk, its terminator included.
  private mutating func inline(_ region: ID<Region>) {
    for operation in function.regions[region].operations {
      replacements.apply(to: &function.operations[operation].operands)
      visit(&self, operation)
      // What follows the end of the function is never reached.
      if let last = placed.last, function.operations[last].opcode.endsFunction { break }
    }
  }

  /// Puts what `region` holds at the place of the walk, its parameters being `arguments`, and
  /// returns what its terminator gives.
  mutating func dissolve(_ region: ID<Region>, _ arguments: [Value] = []) -> [Value] {
    for (parameter, argument) in zip(function.regions[region].parameters, arguments) {
      replacements.replace(parameter, with: argument)
    }
    changed = true
    inline(region)
    guard let last = placed.last, !function.operations[last].opcode.endsFunction else { return [] }
    placed.removeLast()
    return function.operations[last].operands
  }

  /// Lets `values` stand for the results of `operation`, which goes.
  mutating func replaceResults(of operation: ID<Operation>, by values: [Value]) {
    for (result, value) in zip(function.operations[operation].results, values) {
      replacements.replace(result, with: value)
    }
    changed = true
  }
}

extension Opcode {
  /// `true` iff the function ends here.
  var endsFunction: Bool { self == .return || self == .tailCall }
}
