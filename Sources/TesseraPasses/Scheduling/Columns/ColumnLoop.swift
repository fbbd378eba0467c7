import TesseraIR

/// A loop whose turns are a stream with rows as lanes, and that carries what such rows hold.
///
///     for each block of keys
///       s[i, j]   = sum[d] q[first + i, d] * k[j, d]
///       new[i]    = max(top[i], max[j] s[i, j])
///       …
///       acc[i, d] = acc[i, d] * keep[i] + sum[j] e[i, j] * v[j, d]
///
/// No row needs another one, so a block of rows goes through the whole loop before the next one does:
/// what the loop carries stays in registers and the nearest cache, and what is read across the rows
/// is packed once.
struct ColumnLoop {
  /// What a turn does.
  let columns: ColumnStream
  /// The tensors that a turn is given, and those that it gives, all of them made by members.
  let parameters: [Value]
  let yielded: [Value]

  /// Plans the `for` that `content` is; `nil` if its turns are something else.
  init?(
    _ content: Operation, in function: Function, _ uses: Uses, _ tree: RegionTree,
    for target: TargetDescription
  ) {
    guard target.vectorByteCount > 0, !content.results.isEmpty else { return nil }
    let body = content.regions[0]
    let operations = function.regions[body].operations[...]
    let contractions = operations.indices.filter {
      function.operations[operations[$0]].opcode == .compute
        && Contraction(function.operations[operations[$0]], in: function) != nil
    }
    guard contractions.count > 1,
      let stream = Stream.beginning(
        at: contractions[0], in: operations, of: function, uses, tree, for: target,
        contractions: true),
      stream.rank == 1, stream.members.allSatisfy({ $0.divisor == nil })
    else { return nil }

    // Whatever a turn does is a member, or a number that members need.
    let members = Set(stream.members.map(\.operation))
    let numbers = operations.dropLast().filter { !members.contains($0) }
    let isNumber = numbers.allSatisfy { id in
      let number = function.operations[id]
      return number.opcode.info.family == .scalar && number.regions.isEmpty
        && !number.operands.contains(where: { stream.makes($0) })
    }
    guard isNumber, stream.extents.allSatisfy({ Self.isOutside($0, body, function, tree) }) else {
      return nil
    }
    parameters = Array(function.regions[body].parameters.dropFirst())
    yielded = function.operations[operations.last!].operands
    guard Set(yielded).count == yielded.count,
      zip(parameters, yielded).allSatisfy({ parameter, value in
        function.type(of: parameter).element == .scalar(.f32) && stream.makes(value)
          && function.type(of: parameter).rank > 0
          && function.type(of: parameter).rank == function.type(of: value).rank
      })
    else { return nil }

    var plans: [ColumnPlan] = []
    var sites: [Value: ColumnStream.Site] = [:]
    for member in stream.members {
      let compute = function.operations[member.operation]
      guard let plan = ColumnPlan(compute, rank: 1, function, target),
        Self.note(&sites, plan, stream, body, parameters, function, tree)
      else { return nil }
      plans.append(plan)
    }
    self.numbers = numbers
    columns = ColumnStream(stream.keepingNothing(), plans, function, sites: sites)
  }

  /// What a turn computes before its members.
  let numbers: [ID<Operation>]

  /// Notes where the rows are of what `plan` reads across them; `false` if they have no one place
  /// that stays the same from turn to turn.
  private static func note(
    _ sites: inout [Value: ColumnStream.Site], _ plan: ColumnPlan, _ stream: Stream,
    _ body: ID<Region>, _ parameters: [Value], _ function: Function, _ tree: RegionTree
  ) -> Bool {
    let row = function.regions[plan.region].parameters[0]
    var fits = true
    func site(_ indices: [Value]) -> ColumnStream.Site? {
      guard let place = indices.firstIndex(where: { plan.analysis.kind($0) == .consecutive })
      else { return nil }
      var site = ColumnStream.Site(prefix: Array(indices[..<place]))
      if indices[place] != row {
        guard let sum = function.definition(of: indices[place]).map({ function.operations[$0] }),
          sum.opcode == .add, sum.operands.contains(row),
          let offset = sum.operands.first(where: { $0 != row })
        else { return nil }
        site.offset = offset
      }
      let fixed = site.prefix + [site.offset].compactMap(\.self)
      return fixed.allSatisfy { isOutside($0, body, function, tree) } ? site : nil
    }
    function.forEachOperation(in: plan.region) { id in
      let read = function.operations[id]
      guard read.opcode == .read, let tensor = read.operands.first, !stream.makes(tensor) else {
        return
      }
      let isCarried = parameters.contains(tensor)
      guard plan.analysis.kind(read.results[0]) == .varying else {
        if isCarried { fits = false }
        return
      }
      guard let site = site(Array(read.operands.dropFirst())), sites[tensor] ?? site == site,
        !isCarried || site == ColumnStream.Site()
      else {
        fits = false
        return
      }
      sites[tensor] = site
    }
    return fits
  }

  /// `true` iff `value` is defined outside of `body` and of what is in it.
  private static func isOutside(
    _ value: Value, _ body: ID<Region>, _ function: Function, _ tree: RegionTree
  ) -> Bool {
    guard let home = tree.home(of: value, in: function) else { return false }
    return tree.depth(of: home) < tree.depth(of: body)
  }
}
