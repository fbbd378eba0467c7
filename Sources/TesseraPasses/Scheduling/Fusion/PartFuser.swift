import TesseraIR
import TesseraSource

/// Computes sums of products where parts of them are read that have nothing in common.
///
///     %h = compute %m, %2n : f32[?, ?] {             %y = compute %m, %n : f32[?, ?] {
///     ^(%i: i64, %c: i64):                           ^(%i: i64, %j: i64):
///       %s = reduce … {sum} : f32 { … %x … %w }        %c = add %j, %n : i64
///       yield %s                                       %a = reduce … {sum} : f32 { … %x … %w, %j }
///     }                                                %b = reduce … {sum} : f32 { … %x … %w, %c }
///     %y = compute %m, %n : f32[?, ?] {        →       %z = multiply %a, %b : f32
///     ^(%i: i64, %j: i64):                             yield %z
///       %c = add %j, %n : i64                        }
///       %a = read %h, %i, %j : f32
///       %b = read %h, %i, %c : f32
///       %z = multiply %a, %b : f32
///       yield %z
///     }
///
/// What reads several parts becomes one contraction with as many sums, which share their rows; what
/// reads one part, a contraction of its own. `PartCost` tells whether that pays.
struct PartFuser {
  /// `true` iff something was fused.
  private(set) var changed = false
  private let target: TargetDescription
  /// Where operations stand and who uses what; `nil` if that has to be found out again.
  private var analyses: (tree: RegionTree, uses: Uses)?

  /// Fuses nothing yet.
  init(_ target: TargetDescription) { self.target = target }

  /// Fuses the `compute` called `producer`, which stays for `obstacle` otherwise.
  mutating func visit(
    _ producer: ID<Operation>, _ obstacle: FusionObstacle, in function: inout Function
  ) -> FusionOutcome {
    let content = function.operations[producer]
    guard obstacle == .isReadTwice || obstacle == .reduces, content.results.count == 1,
      let contraction = Contraction(content, in: function),
      let readers = readers(of: producer, in: function), !readers.isEmpty
    else { return FusionOutcome(obstacle) }
    var parts: [PartRead] = []
    for (reader, reads) in readers {
      for read in reads {
        guard let part = PartRead(read, in: reader, function),
          parts.allSatisfy({ $0.isApart(from: part) })
        else { return FusionOutcome(obstacle) }
        parts.append(part)
      }
    }
    let regions = readers.map { function.operations[$0.reader].regions[0] }
    let before = readers.map { Contraction(function.operations[$0.reader], in: function) }
    let old = regions.map { function.regions[$0].operations }
    for ((_, reads), region) in zip(readers, regions) {
      let made = inlined(producer, at: Set(reads), of: region, in: &function)
      function.regions[region].operations = made
    }
    let outcome = outcome(
      producer, contraction, obstacle, readers.map(\.reader), before, in: function)
    guard case .fused(_, let notes) = outcome else {
      for (region, operations) in zip(regions, old) {
        function.regions[region].operations = operations
      }
      return outcome
    }
    let home = analyses!.tree.home(of: producer)!
    function.regions[home].operations.removeAll { $0 == producer }
    (analyses, changed) = (nil, true)
    return .fused(readers.flatMap { $0.reads }.map { function.operations[$0].span }, notes: notes)
  }

  /// Whether `readers`, which make their elements of the product now, do well to.
  private func outcome(
    _ producer: ID<Operation>, _ contraction: Contraction, _ obstacle: FusionObstacle,
    _ readers: [ID<Operation>], _ before: [Contraction?], in function: Function
  ) -> FusionOutcome {
    let content = function.operations[producer]
    var products: [PartCost.Reader] = []
    for (reader, before) in zip(readers, before) {
      let content = function.operations[reader]
      guard let after = Contraction(content, in: function) else { return FusionOutcome(obstacle) }
      products.append(PartCost.Reader(content: content, before: before, after: after))
    }
    let packsColumns = !FixedValues(function).determine(
      contraction.columnFactor, of: contraction, content, in: function)
    let cost = PartCost(
      content, contraction, packsColumns: packsColumns, products, in: function, on: target)
    if let reason = cost.reasonAgainst { return .kept(reason) }
    let most = products.map(\.after.sums.count).max() ?? 1
    let notes =
      most == 1 ? [] : ["parts: \(most) sums of each element side by side, of the same rows"]
    return .fused([], notes: notes)
  }

  /// The `compute`s that read elements of the tensor, and their reads; `nil` if something else is done
  /// with it, or reads stand in loops or branches of their own.
  private mutating func readers(
    of producer: ID<Operation>, in function: Function
  ) -> [(reader: ID<Operation>, reads: [ID<Operation>])]? {
    let (tree, uses) = analyses ?? (RegionTree(function), Uses(function))
    analyses = (tree, uses)
    var readers: [(reader: ID<Operation>, reads: [ID<Operation>])] = []
    for user in uses.users(of: function.operations[producer].results[0]) {
      guard function.operations[user].opcode == .read, let region = tree.home(of: user),
        let reader = tree.owner(of: region), function.operations[reader].opcode == .compute,
        tree.home(of: reader) == tree.home(of: producer)
      else { return nil }
      if readers.last?.reader == reader {
        readers[readers.count - 1].reads.append(user)
      } else {
        readers.append((reader, [user]))
      }
    }
    return readers
  }

  /// A copy of the operations of `region`, with what makes an element in place of each of `reads`; so
  /// `region` can be what it was.
  private func inlined(
    _ producer: ID<Operation>, at reads: Set<ID<Operation>>, of region: ID<Region>,
    in function: inout Function
  ) -> [ID<Operation>] {
    var cloner = Cloner()
    var made: [ID<Operation>] = []
    for id in function.regions[region].operations {
      guard reads.contains(id) else {
        made.append(cloner.copy(id, into: &function))
        continue
      }
      let read = function.operations[id]
      let copy = ElementCopy(
        of: read.operands[0], madeBy: producer, at: read.operands.dropFirst().map { cloner[$0] },
        in: &function)
      made += copy.operations
      cloner.values[read.results[0]] = copy.element
    }
    return made
  }
}
