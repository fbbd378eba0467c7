import TesseraIR
import TesseraSource

/// Writes the scheduled form of one function, operation by operation.
///
/// Invariants:
/// - `values` maps each value of `source` that is visible at the place of writing; a tensor maps to
///   the buffer that holds it;
/// - a buffer holds at most one value that is still needed.
struct Scheduler {
  /// The function as it was; where rows are long, as `LongRows` says.
  var source: Function
  let signatures: [String: TensorSignature]
  let target: TargetDescription
  let lastUses: LastUses
  /// What depends on constant parameters alone.
  let fixed: FixedValues

  /// What appends operations to the scheduled function.
  var builder: Builder
  /// What stands for each value of the source.
  var values = ScheduledValues()
  /// The buffers that may be written.
  var writable: Set<Value> = []
  /// The extents of buffers, as they were allocated.
  var extents: [Value: [Value]] = [:]
  /// The buffer in which a tensor of the source should be made.
  var destinations: [Value: Value] = [:]
  /// The buffers of `destinations` that show the elements of others in another shape, and these.
  var renumbered: [Value: Value] = [:]
  /// The buffer that a tensor of the source takes over in the end, see `lead`.
  var homes: [Value: Value] = [:]
  /// The tensors that are made over what they are made of.
  var madeInPlace: Set<Value> = []
  /// The operations that are emitted, as far as what they gave is visible.
  var emitted = ScopedTable<ID<Operation>, Void>()
  /// `true` iff operations are emitted before it is their turn, maybe not for the last time.
  var isDemanding = false
  /// The buffers that several programs of a grid write at once.
  var sharedBuffers: Set<Value> = []
  /// What a row holds of the tensors of the stream that is emitted.
  var rowPlaces: [Value: RowPlace] = [:]
  /// How the rows of the stream that is emitted lie in registers, if they do.
  var registerRow: RegisterRow?
  /// The row before, of which each vector is computed beside one of the row at hand, if it is.
  var lateRow: LateRow?
  /// The tensors whose last axes are taken as one in the loops that are emitted.
  var joinedPlaces: [Value: JoinedPlace] = [:]
  /// What is asked for while the row of the stream that is emitted is reduced.
  var prefetchedRow: PrefetchedRow?
  /// What a block of rows holds of tensors, with the rows along the last axis.
  var columnPlaces: [Value: RowPlace] = [:]
  /// What reductions gave that went along with another loop.
  var finishedReductions: [Value: Value] = [:]
  /// Between which ends numbers lie in the branch that is emitted, see `choose`.
  var bounds: [Value: Range<Int>] = [:]
  /// The constants that are visible, by number.
  var constants = ScopedTable<Int64, Value>()
  /// Which lengths of parameters are equal.
  var promisedLengths = PromisedLengths()
  /// What a lock says of the function.
  var choice = ScheduleChoice()
  /// What is said of each statement; `nil` if nobody wants to know.
  var remarks: [Diagnostic]?
  /// The lengths that remarks speak of.
  let writtenLengths: WrittenLengths
  /// `true` iff iterations around may already run in several threads.
  var isParallel = false

  /// Prepares to schedule `source`, which calls functions of these `signatures`.
  init(
    _ source: Function, _ signatures: [String: TensorSignature], _ target: TargetDescription,
    exportedAs export: ExportSignature? = nil
  ) {
    self.source = source
    writtenLengths = WrittenLengths(source, export)
    self.signatures = signatures
    self.target = target
    lastUses = LastUses(source)
    fixed = FixedValues(source)
    builder = Builder(
      Function(name: source.name, isExported: source.isExported, span: source.span))
  }

  /// The scheduled function.
  mutating func run() -> Function {
    addParameters()
    let signature = signatures[source.name]!
    var outputs: [Value?] = []
    for (index, type) in source.resultTypes.enumerated() {
      if let reused = signature.reusedParameters[index] {
        outputs.append(builder.function.parameters[reused])
      } else if type.isTensor {
        let name = source.resultNames[index]
        let output = builder.function.addParameter(
          name.isEmpty ? nil : name, type.scheduled, role: .output)
        writable.insert(output)
        outputs.append(output)
      } else {
        builder.function.resultTypes.append(type)
        builder.function.resultNames.append(source.resultNames[index])
        outputs.append(nil)
      }
    }
    self.outputs = outputs
    if let end = source.terminator(of: source.body), source.operations[end].opcode == .return {
      for (index, value) in source.operations[end].operands.enumerated() {
        guard let output = outputs[index] else { continue }
        if let reused = signature.reusedParameters[index] {
          lead(value, home: output, of: source.parameters[reused], within: source.body)
        } else {
          request(value, in: output, within: source.body)
        }
      }
    }
    emitOperations(of: source.body)
    return builder.function
  }

  /// The buffer for each result; `nil` for scalars.
  private(set) var outputs: [Value?] = []

  /// Adds the parameters of the source, tensors as buffers.
  mutating func addParameters() {
    for (parameter, role) in zip(source.parameters, source.roles) {
      let info = source.values[parameter]
      let value = builder.function.addParameter(info.name, info.type.scheduled, role: role)
      if role.isWritten { writable.insert(value) }
      values.insert(value, for: parameter)
    }
  }

  // MARK: Regions

  /// Emits all operations that `region` lists.
  mutating func emitOperations(of region: ID<Region>) {
    emitOperations(source.regions[region].operations[...])
  }

  /// Builds a region with these parameters; `body` ends it.
  mutating func region(
    _ parameters: [(name: String?, type: Type)] = [],
    _ body: (inout Scheduler, [Value]) -> Void
  ) -> ID<Region> {
    let outer = builder.region
    let region = builder.function.makeRegion()
    let arguments = parameters.map { builder.function.addParameter($0.name, $0.type, to: region) }
    builder.region = region
    inScope { body(&$0, arguments) }
    builder.region = outer
    return region
  }

  /// Runs `body`, after which the values that it made are forgotten.
  mutating func inScope<Result>(_ body: (inout Scheduler) -> Result) -> Result {
    values.push()
    constants.push()
    emitted.push()
    defer {
      values.pop()
      constants.pop()
      emitted.pop()
    }
    return body(&self)
  }

  /// Emits the region of the source as part of the present one, with `arguments` for its
  /// parameters, and returns what it yields; the values stay visible.
  mutating func inline(_ region: ID<Region>, _ arguments: [Value]) -> [Value] {
    for (parameter, argument) in zip(source.regions[region].parameters, arguments) {
      values.insert(argument, for: parameter)
    }
    emitOperations(source.regions[region].operations.dropLast())
    return yielded(region).map { value(of: $0) }
  }

  /// The values of the source that `region` yields.
  func yielded(_ region: ID<Region>) -> [Value] {
    source.terminator(of: region).map { source.operations[$0].operands } ?? []
  }

  /// What stands for `value`.
  func value(of value: Value) -> Value {
    guard let scheduled = values[value] else {
      preconditionFailure("a value of @\(source.name) is used before it is scheduled")
    }
    return scheduled
  }

  // MARK: Operations

  /// Emits what `operation` does.
  mutating func emit(_ operation: ID<Operation>) {
    let content = source.operations[operation]
    let span = builder.span
    builder.span = content.span
    defer { builder.span = span }
    switch content.opcode.info.family {
    case .scalar, .pointer, .memory, .vector: emitSame(content)
    case .control: emitControl(operation, content)
    case .tensor: emitTensor(operation, content)
    }
    emitted.insert((), for: operation)
  }

  /// Emits the operation as it is, with buffers for tensors.
  mutating func emitSame(_ content: Operation) {
    let results = builder.emit(
      content.opcode, content.operands.map { value(of: $0) },
      results: content.results.map { source.type(of: $0).scheduled },
      attribute: content.attribute, names: content.results.map { source.values[$0].name })
    for (old, new) in zip(content.results, results) { values.insert(new, for: old) }
  }

  private mutating func emitTensor(_ operation: ID<Operation>, _ content: Operation) {
    switch content.opcode {
    case .dimension:
      guard case .integer(let axis) = content.attribute else { return }
      let length = extent(of: content.operands[0], Int(axis))
      values.insert(length, for: content.results[0])
    case .read:
      let tensor = content.operands[0]
      let element =
        rowNumber(read: tensor)
        ?? builder.emit(
          .load,
          place(ofRead: tensor, at: content.operands.dropFirst().map { value(of: $0) }),
          results: [source.type(of: content.results[0])],
          names: [source.values[content.results[0]].name])[0]
      values.insert(element, for: content.results[0])
    case .compute:
      if !emitRenumbering(operation, content) { emitCompute(operation) }
    case .blank:
      let extents = content.operands.map { value(of: $0) }
      values.insert(memory(for: content.results[0], extents), for: content.results[0])
    case .reduce:
      if isStatement(operation) { remarkReduction(content) }
      emitReduce(content)
    case .scan:
      remarkScan(content)
      emitScan(content)
    case .update: emitUpdate(operation, content)
    case .sort: emitSort(content)
    case .launch: emitLaunch(operation, content)
    default: preconditionFailure("'\(content.opcode.info.spelling)' is of no tensor")
    }
  }

  /// `true` iff `operation` makes no part of a tensor's element.
  private func isStatement(_ operation: ID<Operation>) -> Bool {
    var region = lastUses.tree.home(of: operation)
    while let home = region, let owner = lastUses.tree.owner(of: home) {
      switch source.operations[owner].opcode {
      case .for, .if, .while, .launch: region = lastUses.tree.home(of: owner)
      default: return false
      }
    }
    return region != nil
  }

  private mutating func emitControl(_ operation: ID<Operation>, _ content: Operation) {
    switch content.opcode {
    case .if: emitIf(operation, content)
    case .for: emitFor(operation, content)
    case .while: emitWhile(operation, content)
    case .call: emitCall(operation, content)
    case .tailCall: emitTailCall(content)
    case .return: emitReturn(content.operands.map { value(of: $0) })
    case .yield, .condition, .assert, .print: emitSame(content)
    default: preconditionFailure("'\(content.opcode.info.spelling)' is no control flow")
    }
  }
}
