import TesseraIR

/// Lets what depends on the constant parameters of an exported function alone be computed once for
/// many calls.
///
///     func @f(%w: constant buffer f32[?],         func @f.prepare(%w: constant …, %packed: …) {
///             %x: buffer f32[?], …) export {        %p = overlay %packed, %zero, %n : buffer f32[?]
///       %n = dimension %w {0} : i64                 parallel … { fills %p from %w }
///       %p = allocate %n : buffer f32[?]            return
///       parallel … { fills %p from %w }           }
///       for … { reads %p and %x }            →    func @f.prepared(%w: …, %x: …, %packed: …) {
///       return                                      %p = overlay %packed, %zero, %n : buffer f32[?]
///     }                                             for … { reads %p and %x }
///                                                   return
///                                                 }
///
/// `@f` itself prepares into memory of its own and goes on; `@f.packed` tells how many bytes are
/// prepared. Functions of which nothing can be prepared, or that were prepared before, stay as they are.
extension Pass {
  public static let prepare = Pass(
    name: "prepare", summary: "compute apart what depends on constant parameters alone"
  ) { (module: inout Module, _: inout PassContext) in
    var made: [Function] = []
    for index in module.functions.indices where module.functions[index].isExported {
      guard let preparation = Preparation(module.functions[index]) else { continue }
      let parts = [
        preparation.packedFunction(), preparation.prepareFunction(),
        preparation.preparedFunction(),
      ]
      if parts.contains(where: { module.index(of: $0.name) != nil }) { continue }
      made += parts
      module.functions[index] = preparation.wholeFunction()
    }
    module.functions += made
    return !made.isEmpty
  }
}

/// How a function falls apart.
private struct Preparation {
  private let function: Function
  private let work: FixedWork
  private var numbers: EntryNumbers
  /// Where each buffer that is kept lies in the packed bytes.
  private var byteOffsets: [(allocation: ID<Operation>, offset: EntryNumbers.Number)] = []
  private var byteCount: EntryNumbers.Number

  private static let bytes = Type.buffer(.scalar(.u8), [.dynamic])

  /// Plans what `function` prepares; `nil` if that is nothing.
  init?(_ function: Function) {
    self.function = function
    work = FixedWork(function)
    numbers = work.numbers
    byteCount = numbers.constant(0)
    for allocation in work.neededAllocations() {
      let content = function.operations[allocation]
      let type = function.type(of: content.results[0])
      let extents = content.operands.map { numbers.number($0)! }
      byteOffsets.append((allocation, byteCount))
      var own = numbers.byteCount(type.element, extents)
      for condition in work.guards[allocation] ?? [] {
        own = numbers.operation(.select, [condition, own, numbers.constant(0)])
      }
      byteCount = numbers.operation(.add, [byteCount, own])
    }
    if byteOffsets.isEmpty { return nil }
  }

  // MARK: The parts

  /// `@f.packed`.
  func packedFunction() -> Function {
    var (builder, parameters) = begin(packedFunctionName(function.name))
    builder.function.resultTypes = [.index]
    builder.function.resultNames = ["bytes"]
    var code = EntryNumberCode(numbers, parameters: parameters)
    let total = code.emit(byteCount, &builder)
    builder.emit(.return, [total])
    return builder.function
  }

  /// `@f.prepare`.
  func prepareFunction() -> Function {
    var (builder, parameters) = begin(prepareFunctionName(function.name))
    let packed = builder.function.addParameter("packed", Self.bytes, role: .inout)
    var copy = PartialCopy(function, EntryNumberCode(numbers, parameters: parameters))
    for (index, parameter) in function.parameters.enumerated() {
      if let new = parameters[index] { copy.cloner.values[parameter] = new }
    }
    for (allocation, offset) in byteOffsets {
      if work.guards[allocation]?.isEmpty ?? true {
        copy.overlay(allocation, in: packed, at: offset, &builder)
      } else {
        // Where its condition fails there is no memory for it.
        copy.guarded[function.operations[allocation].results[0]] = { copy, builder in
          copy.overlay(allocation, in: packed, at: offset, &builder)
        }
      }
    }
    let (released, shared) = (releases(), sharedPositions())
    var waiting: [Value] = []
    for (position, operation) in work.moved.enumerated() {
      copy.append(operation, where: work.guards[operation] ?? [], &builder)
      waiting += released[position] ?? []
      if shared.contains(position) { continue }
      copy.leaveConditions(&builder)
      for parameter in waiting { builder.emit(.release, [copy.cloner[parameter]]) }
      waiting = []
    }
    builder.emit(.return)
    return builder.function
  }

  /// After which moved operations a buffer is still to be read that is filled under conditions and not
  /// kept: it is seen while those are entered.
  private func sharedPositions() -> Set<Int> {
    let own = Set(
      work.ownAllocations().filter { !(work.guards[$0] ?? []).isEmpty }
        .flatMap { function.operations[$0].results })
    if own.isEmpty { return [] }
    var first: [Value: Int] = [:]
    var shared: Set<Int> = []
    for (position, operation) in work.moved.enumerated() {
      for value in function.freeValues(of: operation) {
        let buffer = shownBuffer(value)
        guard own.contains(buffer) else { continue }
        let start = first[buffer] ?? position
        first[buffer] = start
        shared.formUnion(start..<position)
      }
    }
    return shared
  }

  /// The buffer of which `value` shows a part, if it is a view; itself otherwise.
  private func shownBuffer(_ value: Value) -> Value {
    var value = value
    // Ends since a view is defined after what it shows.
    while let definition = function.definition(of: value),
      [.view, .reshape].contains(function.operations[definition].opcode)
    {
      value = function.operations[definition].operands[0]
    }
    return value
  }

  /// After which moved operation each constant parameter is not read any more, nor in the rest.
  private func releases() -> [Int: [Value]] {
    let constants = function.parameters.indices.filter {
      function.roles[$0] == .constant && function.type(of: function.parameters[$0]).isBuffer
    }.map { function.parameters[$0] }
    let moved = Set(work.moved)
    var readers = BufferReaders(constants)
    for operation in function.regions[function.body].operations where !moved.contains(operation) {
      readers.visit(operation, at: work.moved.count, besides: moved, in: function)
    }
    for (position, operation) in work.moved.enumerated() {
      readers.visit(operation, at: position, in: function)
    }
    var released: [Int: [Value]] = [:]
    for parameter in constants {
      if let last = readers.last[parameter], last < work.moved.count {
        released[last, default: []].append(parameter)
      }
    }
    return released
  }

  /// `@f.prepared`.
  func preparedFunction() -> Function {
    var rest = function
    rest.name = preparedFunctionName(function.name)
    rest.isExported = false
    let dropped = Set(work.moved).union(work.ownAllocations())
    let lost = Set(dropped.flatMap { function.operations[$0].results })
    rest.removeOperations { id, content in
      dropped.contains(id)
        || (content.opcode == .view || content.opcode == .reshape)
          && content.operands.contains(where: lost.contains)
    }
    let packed = rest.addParameter("packed", Self.bytes)
    rest.buildAtEntry { builder in
      var code = EntryNumberCode(numbers, parameters: builder.function.parameters)
      for (allocation, offset) in byteOffsets {
        let place = code.emit(offset, &builder)
        builder.function.operations[allocation].opcode = .overlay
        builder.function.operations[allocation].operands.insert(
          contentsOf: [packed, place], at: 0)
      }
    }
    return rest
  }

  /// `@f`, which prepares and goes on.
  func wholeFunction() -> Function {
    var builder = Builder(
      Function(name: function.name, isExported: true, span: function.span))
    for (parameter, role) in zip(function.parameters, function.roles) {
      let info = function.values[parameter]
      builder.function.addParameter(info.name, info.type, role: role)
    }
    builder.function.resultTypes = function.resultTypes
    builder.function.resultNames = function.resultNames
    builder.span = function.span
    let parameters = builder.function.parameters
    var code = EntryNumberCode(numbers, parameters: parameters)
    let total = code.emit(byteCount, &builder)
    let packed = builder.emit(.allocate, [total], results: [Self.bytes], names: ["packed"])[0]
    let constants = parameters.indices.filter { function.roles[$0] == .constant }
    builder.emit(
      .call, constants.map { parameters[$0] } + [packed],
      attribute: .symbol(prepareFunctionName(function.name)))
    let results = builder.emit(
      .call, parameters + [packed], results: function.resultTypes,
      attribute: .symbol(preparedFunctionName(function.name)))
    builder.emit(.return, results)
    return builder.function
  }

  /// Begins a function of the constant parameters; those stand at their positions in the list.
  private func begin(_ name: String) -> (Builder, [Value?]) {
    var builder = Builder(Function(name: name, span: function.span))
    builder.span = function.span
    let parameters = zip(function.parameters, function.roles).map { parameter, role -> Value? in
      guard role == .constant else { return nil }
      let info = function.values[parameter]
      return builder.function.addParameter(info.name, info.type, role: role)
    }
    return (builder, parameters)
  }
}

/// Which operations read buffers, or what views show of them.
private struct BufferReaders {
  /// What each value shows: the buffer that is asked for.
  private var roots: [Value: Value]
  /// The greatest position of an operation that reads each of them.
  private(set) var last: [Value: Int] = [:]

  /// Prepares to watch reads of `buffers`.
  init(_ buffers: [Value]) {
    roots = Dictionary(uniqueKeysWithValues: buffers.map { ($0, $0) })
  }

  /// Notes what `operation` and its regions read, but for the operations `others`.
  mutating func visit(
    _ operation: ID<Operation>, at position: Int, besides others: Set<ID<Operation>> = [],
    in function: Function
  ) {
    let content = function.operations[operation]
    switch content.opcode {
    case .dimension: return
    case .view, .reshape: roots[content.results[0]] = roots[content.operands[0]]
    default:
      // What is handed on may be read anywhere.
      let place = content.opcode == .yield ? .max : position
      for root in content.operands.compactMap({ roots[$0] }) {
        last[root] = max(last[root] ?? 0, place)
      }
    }
    for region in content.regions {
      for inner in function.regions[region].operations where !others.contains(inner) {
        visit(inner, at: position, besides: others, in: function)
      }
    }
  }
}

/// Copies operations with all that they need.
private struct PartialCopy {
  private let source: Function
  private var code: EntryNumberCode
  var cloner = Cloner()
  /// What makes the buffers that are filled under conditions, for operations that run under them.
  var guarded: [Value: (inout PartialCopy, inout Builder) -> Void] = [:]

  /// The conditions under which operations are appended, outermost first, and what stood outside.
  private var entered:
    [(
      condition: EntryNumbers.Number,
      outer: (region: ID<Region>, code: EntryNumberCode, values: [Value: Value])
    )] = []

  init(_ source: Function, _ code: EntryNumberCode) {
    self.source = source
    self.code = code
  }

  /// Lets the buffer that `allocation` made be one in `packed`.
  mutating func overlay(
    _ allocation: ID<Operation>, in packed: Value, at offset: EntryNumbers.Number,
    _ builder: inout Builder
  ) {
    let content = source.operations[allocation]
    for operand in content.operands { require(operand, &builder) }
    let place = code.emit(offset, &builder)
    let info = source.values[content.results[0]]
    cloner.values[content.results[0]] =
      builder.emit(
        .overlay, [packed, place] + content.operands.map { cloner[$0] }, results: [info.type],
        names: [info.name])[0]
  }

  /// Appends a copy of `operation` that runs where all `conditions` hold, beside what was appended
  /// under the same ones and not left since.
  mutating func append(
    _ operation: ID<Operation>, where conditions: FixedWork.Guards, _ builder: inout Builder
  ) {
    let common = zip(entered, conditions).prefix { $0.condition == $1 }.count
    leaveConditions(&builder, downTo: common)
    for condition in conditions.dropFirst(common) {
      let holds = code.emit(condition, &builder)
      let outer = (region: builder.region, code: code, values: cloner.values)
      let (then, otherwise) = (builder.function.makeRegion(), builder.function.makeRegion())
      builder.emit(.if, [holds], regions: [then, otherwise])
      builder.region = otherwise
      builder.emit(.yield)
      builder.region = then
      entered.append((condition, outer))
    }
    append(operation, &builder)
  }

  /// Goes on without all conditions but the first `count`. What was made under them is not seen any
  /// more.
  mutating func leaveConditions(_ builder: inout Builder, downTo count: Int = 0) {
    while entered.count > count {
      builder.emit(.yield)
      (builder.region, code, cloner.values) = entered.removeLast().outer
    }
  }

  /// Appends a copy of `operation`.
  private mutating func append(_ operation: ID<Operation>, _ builder: inout Builder) {
    for value in source.freeValues(of: operation) { require(value, &builder) }
    let copy = cloner.copy(operation, of: source, into: &builder.function)
    builder.function.regions[builder.region].operations.append(copy)
  }

  /// Makes sure that something stands for `value`: whole numbers are computed from the parameters,
  /// all else is copied.
  private mutating func require(_ value: Value, _ builder: inout Builder) {
    if cloner.values[value] != nil { return }
    if let make = guarded[value] { return make(&self, &builder) }
    if let number = code.emit(numberOf: value, &builder) {
      cloner.values[value] = number
    } else if let definition = source.definition(of: value) {
      append(definition, &builder)
    }
  }
}

extension Function {
  /// Takes the operations for which `isRemoved` holds out of the regions that list them.
  fileprivate mutating func removeOperations(_ isRemoved: (ID<Operation>, Operation) -> Bool) {
    for region in regions.ids {
      regions[region].operations.removeAll { isRemoved($0, operations[$0]) }
    }
  }
}
