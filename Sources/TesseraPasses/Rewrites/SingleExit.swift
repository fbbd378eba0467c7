import TesseraIR

// Before:                          After:
//   if %c {                          %r = if %c : i64 {
//     return %a                        yield %a
//   } {                              } {
//     yield                            %b = add %a, %a : i64
//   }                                  yield %b
//   %b = add %a, %a : i64            }
//   return %b                        return %r

extension Function {
  /// Moves what follows a branch that leaves the function into the other branch, so that there is
  /// one `return`, at the end of the body; a `tailCall` goes on ending its region.
  ///
  /// - Returns: `false` if what follows would be needed twice, or nesting would grow too deep; then
  ///   the function is still the same program.
  mutating func makeSingleExit() -> Bool {
    return makeSingleExit(body, depth: 0)
  }

  private mutating func makeSingleExit(_ region: ID<Region>, depth: Int) -> Bool {
    guard let position = regions[region].operations.firstIndex(where: leaves) else { return true }
    let branch = regions[region].operations[position]
    let branches = operations[branch].regions
    guard depth < 64 else { return false }
    var isDone = true
    if isResult(of: region, branch, at: position) {
      for inner in branches {
        if !makeSingleExit(inner, depth: depth + 1) { isDone = false }
        returnToYield(inner)
      }
      return isDone
    }
    let ends = branches.map { endsFunction($0) }
    guard ends.contains(true) else { return false }
    if let open = ends.firstIndex(of: false) {
      append(regions[region].operations[(position + 1)...], to: branches[open], of: branch)
    }
    regions[region].operations.removeSubrange((position + 1)...)
    for inner in branches {
      if !makeSingleExit(inner, depth: depth + 1) { isDone = false }
      returnToYield(inner)
    }
    finish(region, with: branch)
    return isDone
  }

  /// `true` iff `region` gives what `branch` gives, and does nothing after it.
  private func isResult(of region: ID<Region>, _ branch: ID<Operation>, at position: Int) -> Bool {
    let listed = regions[region].operations
    guard position + 2 == listed.count, let last = terminator(of: region) else { return false }
    return operations[last].opcode != .tailCall
      && operations[last].operands == operations[branch].results
  }

  /// `true` iff the operation is an `if` in which the function may end.
  private func leaves(_ operation: ID<Operation>) -> Bool {
    operations[operation].opcode == .if
      && operations[operation].regions.contains { region in
        endsFunction(region) || regions[region].operations.contains { leaves($0) }
      }
  }

  private func endsFunction(_ region: ID<Region>) -> Bool {
    terminator(of: region).map { operations[$0].opcode.endsFunction } ?? false
  }

  /// Lets the branch `region` go on with `rest`, what it yields being the results of `branch`.
  private mutating func append(
    _ rest: ArraySlice<ID<Operation>>, to region: ID<Region>, of branch: ID<Operation>
  ) {
    let yielded = regions[region].operations.removeLast()
    regions[region].operations += rest
    var replacements = Replacements()
    for (result, value) in zip(operations[branch].results, operations[yielded].operands) {
      replacements.replace(result, with: value)
    }
    for operation in rest { replace(replacements, within: operation) }
  }

  private mutating func replace(_ replacements: Replacements, within operation: ID<Operation>) {
    replacements.apply(to: &operations[operation].operands)
    for region in operations[operation].regions {
      for inner in regions[region].operations { replace(replacements, within: inner) }
    }
  }

  private mutating func returnToYield(_ region: ID<Region>) {
    guard let last = terminator(of: region), operations[last].opcode == .return else { return }
    operations[last].opcode = .yield
  }

  /// Ends `region` with `branch`, its last operation, whose branches give what the function does.
  private mutating func finish(_ region: ID<Region>, with branch: ID<Operation>) {
    let content = operations[branch]
    let giving = makeOperation(
      .if, content.operands, results: resultTypes, regions: content.regions, span: content.span)
    let end = makeOperation(.return, operations[giving].results, span: content.span)
    regions[region].operations.removeLast()
    regions[region].operations += [giving, end]
  }
}
