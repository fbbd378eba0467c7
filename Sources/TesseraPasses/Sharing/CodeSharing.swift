import TesseraIR

extension Pass {
  /// Makes one function of loops that do the same to other buffers and other numbers.
  ///
  ///     for %zero, %n, %one {           call %n, %x {@f.shared.0}
  ///     ^(%i: i64):                     call %m, %y {@f.shared.0}
  ///       … %x, %i …                    …
  ///     }                          →    func @f.shared.0(%0: i64, %1: buffer f32[?]) {
  ///     for %zero, %m, %one {             %2 = constant {0} : i64
  ///     ^(%j: i64):                       %3 = constant {1} : i64
  ///       … %y, %j …                      for %2, %0, %3 { … }
  ///     }                                 return
  ///                                     }
  ///
  /// The layers of a network are instances of a few functions; this is what makes the size of its
  /// code, and the time that the code generator takes, follow the program and not the depth of the
  /// network.
  ///
  /// Loops are equal if their operations are, but for values from outside, whole numbers and the
  /// extents of buffers: those become parameters where they differ. A number that something is
  /// divided by, or that a loop steps by, is part of what a loop does. So is the place in the source
  /// of what may stop a run, so that errors name the right one; other operations keep the place of
  /// the first of the equal loops.
  ///
  /// What occurs once stays where it is, as do the insides of loops that run in several threads, but
  /// for very long ones: those are whole networks, computed for one sample in each thread.
  static let codeSharing = Pass(
    name: "share", summary: "make one function of loops that do the same to other buffers",
    onModule: { module, _ in
      var sharing = CodeSharing(module)
      return sharing.run(on: &module)
    })
}

private struct CodeSharing {
  /// The fewest operations that a call is worth.
  private static let fewestOperations = 16
  /// The most operations that a loop in several threads may hold and stay whole: its insides keep
  /// their accumulators in registers.
  private static let mostThreadedOperations = 4096

  /// A loop, or a branch that holds loops, that may become a call.
  private struct Candidate {
    var function: Int
    var operation: ID<Operation>
    /// The position of its class.
    var number: Int
    var operationCount: Int
    var leaves: [LoopLeaf]
    /// The position of the innermost candidate around it.
    var parent: Int?
  }

  private var candidates: [Candidate] = []
  /// The positions of equal candidates.
  private var classes: [[Int]] = []
  private var known: [[LoopToken]: Int] = [:]
  private var names: Set<String>
  private var shared: [Function] = []
  /// The constants that a call needs before it, by the call.
  private var constants: [Int: [ID<Operation>: [ID<Operation>]]] = [:]

  /// What tells most loops apart without spelling out what they do.
  private struct Outline: Hashable {
    var opcode: Opcode
    var operandCount: Int
    var resultCount: Int
    /// The operations in it and itself, constants apart.
    var operationCount: Int
  }

  /// The outlines of loops by function, and how many loops have each.
  private var outlines: [[ID<Operation>: Outline]] = []
  private var occurrences: [Outline: Int] = [:]

  /// A region in which loops are looked for.
  private struct Place {
    var function: Int
    var region: ID<Region>
    /// The position of the innermost candidate around it.
    var parent: Int?
  }

  init(_ module: Module) {
    names = Set(module.functions.map(\.name))
    for function in module.functions {
      outlines.append([:])
      if !function.speaksOfTensors { _ = outline(function.body, of: function) }
    }
    var places = module.functions.indices.filter { !module.functions[$0].speaksOfTensors }
      .map { Place(function: $0, region: module.functions[$0].body) }
    // Ends since what is looked at next lies within what was looked at.
    while !places.isEmpty {
      let first = candidates.count
      var inner = places.flatMap { collect($0, of: module.functions[$0.function]) }
      // What has an equal already need not be taken apart.
      for index in first..<candidates.count where classes[candidates[index].number].count == 1 {
        let candidate = candidates[index]
        let function = module.functions[candidate.function]
        let isLong = candidate.operationCount > Self.mostThreadedOperations
        let regions =
          isLong
          ? function.operations[candidate.operation].regions
          : function.openRegions(of: candidate.operation)
        inner += regions.map { Place(function: candidate.function, region: $0, parent: index) }
      }
      places = inner
    }
  }

  /// Notes the outlines of the loops in `region`, and of the branches that hold loops; gives how many
  /// operations there are, constants apart, and whether there is a loop.
  private mutating func outline(
    _ region: ID<Region>, of function: Function
  ) -> (operationCount: Int, holdsLoop: Bool) {
    var (count, holdsLoop) = (0, false)
    for id in function.regions[region].operations where !function.isLeafConstant(id) {
      count += 1
      let operation = function.operations[id]
      if operation.regions.isEmpty { continue }
      var own = Outline(
        opcode: operation.opcode, operandCount: operation.operands.count,
        resultCount: operation.results.count, operationCount: 1)
      var isCandidate = [.for, .while, .parallel].contains(operation.opcode)
      for inner in operation.regions {
        let found = outline(inner, of: function)
        own.operationCount += found.operationCount
        if found.holdsLoop { isCandidate = true }
      }
      count += own.operationCount - 1
      if !isCandidate { continue }
      holdsLoop = true
      outlines[outlines.count - 1][id] = own
      occurrences[own, default: 0] += 1
    }
    return (count, holdsLoop)
  }

  /// Notes the loops that `place` lists; gives the insides of those that cannot be functions.
  private mutating func collect(_ place: Place, of function: Function) -> [Place] {
    var inner: [Place] = []
    for operation in function.regions[place.region].operations {
      guard let outline = outlines[place.function][operation],
        outline.operationCount >= Self.fewestOperations
      else { continue }
      var encoder = LoopEncoder(function)
      // What is alone of its length has no equal, but its insides may.
      let isAlone =
        occurrences[outline] == 1 && outline.operationCount <= Self.mostThreadedOperations
      guard !isAlone, encoder.encode(operation) else {
        inner += function.openRegions(of: operation)
          .map { Place(function: place.function, region: $0, parent: place.parent) }
        continue
      }
      let number = known[encoder.tokens, default: classes.count]
      known[encoder.tokens] = number
      if number == classes.count { classes.append([]) }
      classes[number].append(candidates.count)
      candidates.append(
        Candidate(
          function: place.function, operation: operation, number: number,
          operationCount: encoder.operationCount, leaves: encoder.leaves, parent: place.parent))
    }
    return inner
  }

  mutating func run(on module: inout Module) -> Bool {
    // Large ones first, so that whatever holds a candidate was looked at before it.
    let order = classes.indices.sorted { a, b in
      let (first, second) = (candidates[classes[a][0]], candidates[classes[b][0]])
      return (-first.operationCount, a) < (-second.operationCount, b)
    }
    var isGone = [Bool](repeating: false, count: candidates.count)
    for number in order {
      let members = classes[number].filter { member in
        var around = candidates[member].parent
        while let candidate = around, !isGone[candidate] { around = candidates[candidate].parent }
        return around == nil
      }
      if members.count < 2 { continue }
      for member in members { isGone[member] = true }
      share(members.map { candidates[$0] }, in: &module)
    }
    if shared.isEmpty { return false }
    for (index, insertions) in constants { module.functions[index].insert(before: insertions) }
    module.functions += shared
    return true
  }

  /// Makes one function of `members`, which are equal, and calls of them.
  private mutating func share(_ members: [Candidate], in module: inout Module) {
    let plan = ParameterPlan(members.map(\.leaves))
    let first = members[0]
    let name = unusedName(module.functions[first.function].name)
    shared.append(
      SharedLoopBuilder.build(
        name, from: first.operation, of: module.functions[first.function], plan, first.leaves))
    for member in members {
      let arguments = plan.parameters.map {
        value(of: member.leaves[$0], for: member, in: &module.functions[member.function])
      }
      module.functions[member.function].operations[member.operation].becomeCall(name, arguments)
    }
  }

  /// The value that stands for `leaf` at the place of `member`.
  private mutating func value(
    of leaf: LoopLeaf, for member: Candidate, in function: inout Function
  ) -> Value {
    switch leaf.origin {
    case .value(let value): return value
    case .constant(let attribute):
      let constant = function.makeOperation(
        .constant, results: [leaf.type], attribute: attribute,
        span: function.operations[member.operation].span)
      constants[member.function, default: [:]][member.operation, default: []].append(constant)
      return function.operations[constant].results[0]
    }
  }

  private mutating func unusedName(_ base: String) -> String {
    var number = shared.count
    while names.contains("\(base).shared.\(number)") { number += 1 }
    names.insert("\(base).shared.\(number)")
    return "\(base).shared.\(number)"
  }
}

extension Function {
  /// The regions of `operation` in which loops are looked for: not those that run in several threads.
  fileprivate func openRegions(of operation: ID<Operation>) -> [ID<Region>] {
    operations[operation].opcode == .parallel ? [] : operations[operation].regions
  }

  /// Lists operations before those that are the keys of `insertions`.
  fileprivate mutating func insert(before insertions: [ID<Operation>: [ID<Operation>]]) {
    for region in regions.ids
    where regions[region].operations.contains(where: { insertions[$0] != nil }) {
      regions[region].operations = regions[region].operations.flatMap {
        (insertions[$0] ?? []) + [$0]
      }
    }
  }
}

extension Operation {
  /// Makes it a call of the function called `name` that gives the same results.
  fileprivate mutating func becomeCall(_ name: String, _ arguments: [Value]) {
    opcode = .call
    operands = arguments
    attribute = .symbol(name)
    regions = []
  }
}
