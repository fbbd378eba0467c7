import TesseraIR

/// Neighbouring `compute`s that can be done row by row, a row being one tuple of the first indices
/// that they have in common: what one of them makes in a row, the others read in that row alone.
///
///     top[i]  = max[j] x[i, j]                   for each row i
///     e[i, j] = exp(x[i, j] - top[i])       →      top, then all e of the row, then their sum,
///     sum[i]  = sum[j] e[i, j]                     then all y of the row
///     y[i, j] = e[i, j] / sum[i]
///
/// So one pass over memory does it: tensors that only members read shrink to one row, which stays in
/// the nearest cache, or to a number.
struct Stream {
  /// One of the `compute`s.
  struct Member {
    let operation: ID<Operation>
    /// Where the last index of a row stands for several indices c of the member, those with
    /// c / divisor equal to it: the divisor.
    let divisor: Divisor?
  }

  /// What indices are divided by: a number, or a value of the source.
  enum Divisor: Hashable {
    case number(Int64)
    case value(Value)
  }

  /// How many indices a row has.
  let rank: Int
  /// The extents of the rows, in the source.
  private(set) var extents: [Value] = []
  /// The members in program order.
  private(set) var members: [Member] = []
  /// What stands between the members and does not need them: it comes first.
  private(set) var before: [ID<Operation>] = []
  /// The tensors that others than members read, or that members make in other pieces than rows.
  private(set) var kept: Set<Value> = []
  /// Where those of them are put of which nothing else is done.
  private(set) var relocations: [Value: Relocation] = [:]

  /// The function, and the machine that it is made for.
  let function: Function
  let target: TargetDescription
  /// `true` iff contractions may be members.
  private let admitsContractions: Bool
  /// The tensors that members make.
  private var made: [Value: Member] = [:]

  /// Finds the best stream that begins with the `compute` at `start`; `nil` if there is none.
  static func beginning(
    at start: Int, in operations: ArraySlice<ID<Operation>>, of function: Function,
    _ uses: Uses, _ tree: RegionTree, for target: TargetDescription, contractions: Bool = false
  ) -> Stream? {
    let first = function.operations[operations[start]]
    guard first.opcode == .compute,
      contractions == (Contraction(first, in: function) != nil)
    else { return nil }
    var best: Stream?
    for rank in (1...max(1, first.operands.count)).reversed() where rank <= first.operands.count {
      var stream = Stream(
        rank: rank, function: function, target: target, admitsContractions: contractions)
      stream.grow(operations[start...])
      stream.settleKept(uses, tree)
      if stream.isWorthIt, stream.members.count > best?.members.count ?? 1 { best = stream }
    }
    return best
  }

  private init(
    rank: Int, function: Function, target: TargetDescription, admitsContractions: Bool
  ) {
    self.rank = rank
    self.function = function
    self.target = target
    self.admitsContractions = admitsContractions
  }

  // MARK: Growing

  /// How many operations are looked at after the last one that joined.
  private static var reach: Int { 32 }

  /// Takes in members from `operations`, of which the first one is a `compute`.
  private mutating func grow(_ operations: ArraySlice<ID<Operation>>) {
    // What comes after the stream gives.
    var later: Set<Value> = []
    // What stands between the last member and the place at hand.
    var between: [ID<Operation>] = []
    var distance = 0
    for id in operations {
      let content = function.operations[id]
      let isWindow =
        content.opcode == .compute || content.opcode == .dimension
        || content.opcode.info.family == .scalar
      guard isWindow, function.isPure(id), distance < Stream.reach else { break }
      distance += 1
      guard let sources = ownResults(usedBy: id, besides: later) else {
        later.formUnion(content.results)
        continue
      }
      if content.opcode == .compute, let divisor = admits(content, sources) {
        let member = Member(operation: id, divisor: divisor.value)
        if members.isEmpty { extents = content.operands[..<rank].map { resolved($0) } }
        members.append(member)
        for result in content.results { made[result] = member }
        before += between
        between = []
        distance = 0
      } else if members.isEmpty {
        return
      } else if content.opcode != .dimension, !sources.isEmpty {
        later.formUnion(content.results)
      } else {
        between.append(id)
      }
    }
  }

  /// A member's divisor, or none.
  private struct Admission { var value: Divisor? }

  /// Whether, and how, `content`, which reads `sources` of the stream, fits the rows; `nil` if it does
  /// not.
  private func admits(_ content: Operation, _ sources: Set<Value>) -> Admission? {
    guard content.operands.count >= rank,
      admitsContractions || Contraction(content, in: function) == nil,
      content.results.allSatisfy({ function.type(of: $0).element != .scalar(.bool) })
    else { return nil }
    let region = content.regions[0]
    var divisor: Divisor?
    if members.isEmpty {
      // A single row leaves nothing to share out.
      let lengths = content.operands[..<rank].map { function.integerConstant($0) }
      if lengths.allSatisfy({ $0 == 1 || $0 == 0 }) { return nil }
    } else {
      guard
        zip(content.operands.dropLast(content.operands.count - rank + 1), extents)
          .allSatisfy({ isSame($0, $1) })
      else { return nil }
      if !isSame(content.operands[rank - 1], extents[rank - 1]) || sources.isEmpty {
        guard !sources.isEmpty, let found = commonDivisor(content, sources) else { return nil }
        divisor = found
      }
      guard readsRows(content, sources, divisor) else { return nil }
    }
    if content.operands.count == rank, !admitsContractions, !fitsOneNumber(content, region) {
      return nil
    }
    return Admission(value: divisor)
  }

  /// `true` iff the member, one number a row, is better done row by row than along the rows.
  private func fitsOneNumber(_ content: Operation, _ region: ID<Region>) -> Bool {
    var reduces = false
    var readsOthers = false
    function.forEachOperation(in: region) { id in
      let inner = function.operations[id]
      switch inner.opcode {
      case .reduce: reduces = true
      case .read where made[inner.operands[0]] == nil: readsOthers = true
      default: break
      }
    }
    if reduces { return TilePlan(content, function, target) == nil }
    return !members.isEmpty && !readsOthers
  }

  /// `true` iff each use of `sources` reads an element of the row at hand, or a length.
  private func readsRows(
    _ content: Operation, _ sources: Set<Value>, _ divisor: Divisor?
  ) -> Bool {
    let parameters = function.regions[content.regions[0]].parameters
    var fits = true
    function.forEachOperation(in: content.regions[0]) { id in
      let inner = function.operations[id]
      guard inner.operands.contains(where: { sources.contains($0) }), inner.opcode != .dimension
      else { return }
      guard inner.opcode == .read, made[inner.operands[0]]?.divisor == nil else {
        fits = false
        return
      }
      let row = inner.operands[1...rank]
      for (axis, index) in row.enumerated() {
        if axis == rank - 1, let divisor {
          if self.divisor(index, of: parameters[axis]) != divisor { fits = false }
        } else if index != parameters[axis] {
          fits = false
        }
      }
    }
    return fits && !content.operands.contains { sources.contains($0) }
  }

  /// The number by which `content` divides its index to tell the row, in reads that each of its
  /// elements does: then the rows cover all of its elements.
  private func commonDivisor(_ content: Operation, _ sources: Set<Value>) -> Divisor? {
    let region = content.regions[0]
    for id in function.regions[region].operations {
      let inner = function.operations[id]
      if inner.opcode == .read, sources.contains(inner.operands[0]) {
        return divisor(inner.operands[rank], of: function.regions[region].parameters[rank - 1])
      }
    }
    return nil
  }

  /// The divisor if `quotient` is `index / divisor`.
  private func divisor(_ quotient: Value, of index: Value) -> Divisor? {
    guard let definition = function.definition(of: quotient) else { return nil }
    let content = function.operations[definition]
    guard content.opcode == .divide, content.operands[0] == index else { return nil }
    if let number = function.integerConstant(content.operands[1]) {
      return number > 0 ? .number(number) : nil
    }
    // What the region makes itself is not at hand outside.
    return isDefinedOutside(content.operands[1]) ? .value(content.operands[1]) : nil
  }

  private func isDefinedOutside(_ value: Value) -> Bool {
    switch function.values[value].definition {
    case .parameter(let region, _): region == function.body
    case .result(let operation, _):
      function.regions[function.body].operations.contains(operation)
    }
  }

  // MARK: Values

  /// What members give and `operation` or its regions use; `nil` if they use any of `others`.
  private func ownResults(
    usedBy operation: ID<Operation>, besides others: Set<Value>
  ) -> Set<Value>? {
    var found: Set<Value> = []
    func visit(_ operation: ID<Operation>) -> Bool {
      for operand in function.operations[operation].operands {
        if others.contains(operand) { return false }
        if made[operand] != nil { found.insert(operand) }
      }
      return function.operations[operation].regions.allSatisfy { region in
        function.regions[region].operations.allSatisfy(visit)
      }
    }
    return visit(operation) ? found : nil
  }

  /// The same stream where nothing is kept whole.
  func keepingNothing() -> Stream {
    var stream = self
    stream.kept = []
    return stream
  }

  /// `true` iff a member makes `tensor`.
  func makes(_ tensor: Value) -> Bool { made[tensor] != nil }

  /// `true` iff the two numbers are known to be equal.
  func isSame(_ a: Value, _ b: Value) -> Bool {
    let (a, b) = (resolved(a), resolved(b))
    if a == b { return true }
    guard let number = function.integerConstant(a) else { return false }
    return number == function.integerConstant(b)
  }

  /// The number that a length stands for: what the `compute` of its tensor was given.
  private func resolved(_ length: Value) -> Value {
    var length = length
    // Ends since each step goes to an earlier operation.
    while let definition = function.definition(of: length) {
      let content = function.operations[definition]
      guard content.opcode == .dimension, case .integer(let axis) = content.attribute,
        let maker = function.definition(of: content.operands[0]),
        function.operations[maker].opcode == .compute
      else { break }
      length = function.operations[maker].operands[Int(axis)]
    }
    return length
  }

  // MARK: Judging

  private mutating func settleKept(_ uses: Uses, _ tree: RegionTree) {
    let operations = Set(members.map(\.operation))
    for (result, member) in made {
      let isOwn = uses.users(of: result).allSatisfy { user in
        isInside(user, operations, tree)
      }
      if !isOwn || member.divisor != nil { kept.insert(result) }
      if !isOwn { relocations[result] = relocation(of: result, madeBy: member, uses, tree) }
    }
  }

  /// The relocations, in the order of what they move.
  var movers: [Relocation] {
    members.flatMap { function.operations[$0.operation].results }.compactMap { relocations[$0] }
  }

  /// The one statement that reads `tensor`, if all it does is to move its elements.
  private func relocation(
    of tensor: Value, madeBy member: Member, _ uses: Uses, _ tree: RegionTree
  ) -> Relocation? {
    let maker = function.operations[member.operation]
    guard let user = uses.users(of: tensor).first, uses.count(of: tensor) == 1,
      maker.operands.count > rank, let home = tree.home(of: user), let mover = tree.owner(of: home),
      tree.home(of: mover) == tree.home(of: member.operation)
    else { return nil }
    let relocation = Relocation(mover, of: tensor, madeBy: maker, in: self)
    return relocation?.keeps(axis: rank - 1) == true ? relocation : nil
  }

  /// `true` iff `user` stands in a region of one of `operations`.
  private func isInside(
    _ user: ID<Operation>, _ operations: Set<ID<Operation>>, _ tree: RegionTree
  ) -> Bool {
    var home = tree.home(of: user)
    // Ends since each step goes one region out.
    while let region = home, let owner = tree.owner(of: region) {
      if operations.contains(owner) { return true }
      home = tree.home(of: owner)
    }
    return false
  }

  /// `true` iff rows have more than one element, and something need not be kept whole.
  private var isWorthIt: Bool {
    members.count > 1 && kept.count < made.count
      && members.contains { function.operations[$0.operation].operands.count > rank }
  }
}
