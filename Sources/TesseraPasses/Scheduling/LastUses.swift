import TesseraIR

/// Where values are used for the last time, so that their memory may be written again.
///
/// Valid as long as the function does not change.
struct LastUses {
  /// The regions of the function, and who uses what.
  let tree: RegionTree
  let uses: Uses
  /// The position of each operation in program order.
  private var positions: [Int]
  /// The position of the last operation inside each operation; its own where it has no regions.
  private var ends: [Int]

  /// Numbers the operations of `function`.
  init(_ function: Function) {
    tree = RegionTree(function)
    uses = Uses(function)
    positions = Array(repeating: 0, count: function.operations.count)
    ends = positions
    var next = 0
    number(function.body, &next, function)
  }

  private mutating func number(_ region: ID<Region>, _ next: inout Int, _ function: Function) {
    for operation in function.regions[region].operations {
      positions[Int(operation.index)] = next
      next += 1
      for inner in function.operations[operation].regions { number(inner, &next, function) }
      ends[Int(operation.index)] = next - 1
    }
  }

  /// `true` iff nobody can see `value` once `operation`, which may use it, has run.
  func isDead(_ value: Value, after operation: ID<Operation>, in function: Function) -> Bool {
    guard let home = tree.home(of: value, in: function) else { return false }
    // A loop between definition and operation brings the earlier uses round again.
    var region = tree.home(of: operation)
    while let inner = region, inner != home {
      guard let owner = tree.owner(of: inner) else { return false }
      if function.operations[owner].opcode != .if { return false }
      region = tree.home(of: owner)
    }
    let end = ends[Int(operation.index)]
    return uses.users(of: value).allSatisfy { user in
      positions[Int(user.index)] <= end || areExclusive(operation, user, function)
    }
  }

  /// `true` iff the regions of `operation` use `value`.
  func isUsed(_ value: Value, inside operation: ID<Operation>) -> Bool {
    let start = positions[Int(operation.index)]
    let end = ends[Int(operation.index)]
    return uses.users(of: value).contains {
      start < positions[Int($0.index)] && positions[Int($0.index)] <= end
    }
  }

  /// `true` iff the two stand in different branches of one `if`.
  private func areExclusive(
    _ a: ID<Operation>, _ b: ID<Operation>, _ function: Function
  ) -> Bool {
    var branches: [ID<Operation>: ID<Region>] = [:]
    var region = tree.home(of: a)
    while let inner = region, let owner = tree.owner(of: inner) {
      branches[owner] = inner
      region = tree.home(of: owner)
    }
    region = tree.home(of: b)
    while let inner = region, let owner = tree.owner(of: inner) {
      if let branch = branches[owner] {
        return function.operations[owner].opcode == .if && branch != inner
      }
      region = tree.home(of: owner)
    }
    return false
  }

  /// The region in which `value` is defined.
  func home(of value: Value, in function: Function) -> ID<Region>? {
    tree.home(of: value, in: function)
  }

  /// `true` iff `value` is defined in `region` or a region within.
  func isDefined(_ value: Value, within region: ID<Region>, in function: Function) -> Bool {
    var home = tree.home(of: value, in: function)
    while let current = home {
      if current == region { return true }
      home = tree.owner(of: current).flatMap { tree.home(of: $0) }
    }
    return false
  }

  /// Where two operations meet: the innermost region that lists or holds both.
  struct Meeting {
    let region: ID<Region>
    let kind: Kind

    /// How the second one stands to the first.
    enum Kind {
      /// It holds the first one.
      case around
      /// It is the first one, or the first one holds it.
      case within
      /// This operation holds them in different regions.
      case branches(of: ID<Operation>)
      /// The region lists this operation, which is or holds the second one, and another for the first.
      case apart(ID<Operation>)
    }
  }

  /// Where `operation` and `other` meet; `nil` if one of them is not listed.
  func meeting(_ operation: ID<Operation>, _ other: ID<Operation>) -> Meeting? {
    var around: [ID<Region>: ID<Operation>] = [:]
    var regions: [ID<Operation>: ID<Region>] = [:]
    var inner: ID<Operation>? = operation
    // Ends since each step goes one region out.
    while let current = inner, let region = tree.home(of: current) {
      around[region] = current
      inner = tree.owner(of: region)
      if let owner = inner { regions[owner] = region }
    }
    inner = other
    var branch: ID<Region>?
    while let current = inner, let region = tree.home(of: current) {
      if current == operation { return Meeting(region: region, kind: .within) }
      if regions[current] != nil {
        return Meeting(region: region, kind: branch == nil ? .around : .branches(of: current))
      }
      if around[region] != nil { return Meeting(region: region, kind: .apart(current)) }
      branch = region
      inner = tree.owner(of: region)
    }
    return nil
  }

  /// `true` iff `region`, which lies in `home` or is it, runs at most once for each time that `home` does.
  func isReachedOnce(
    _ region: ID<Region>, from home: ID<Region>, in function: Function
  ) -> Bool {
    var region = region
    // Ends since each step goes one region out.
    while region != home {
      guard let owner = tree.owner(of: region), function.operations[owner].opcode == .if,
        let outer = tree.home(of: owner)
      else { return false }
      region = outer
    }
    return true
  }
}
