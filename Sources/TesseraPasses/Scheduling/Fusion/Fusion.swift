import TesseraIR
import TesseraSource

/// Computes elements where they are read instead of making a tensor of them.
///
///     %t = compute %n : f32[?] {                %y = compute %n : f32[?] {
///     ^(%i: i64):                               ^(%j: i64):
///       %v = read %x, %i : f32                    %v = read %x, %j : f32
///       %w = exponential %v : f32        →        %w = exponential %v : f32
///       yield %w                                  %z = add %w, %a : f32
///     }                                           yield %z
///     %y = compute %n : f32[?] {                }
///     ^(%j: i64):
///       %u = read %t, %j : f32
///       %z = add %u, %a : f32
///       yield %z
///     }
///
/// A tensor goes if all that is done with it is to read its elements, and
/// - an element is made by moving numbers around alone, also so that neighbours are the same if what
///   reads them goes along them and `WovenPacking` has nothing against it, or
/// - each element is read once, in one place, or
/// - it takes a few operations, and is read in one place, however often, or
/// - a contraction packs it, and `PackingCost` says that this takes less than storing it, or
/// - it takes one step from one other element, such as a row less its mean, and is read in two places.
/// What holds a reduction moves only to where its elements stand one to one, and where there is
/// no other reduction, so that it stays a contraction with something done to its elements; or to where
/// they are put elsewhere (`Rearrangement`).
///
/// Nothing else is duplicated, but see `PartFuser` for sums of products of which parts are read. What
/// may fail moves only to where it is done for the same elements, once each.
extension Pass {
  public static let fusion = Pass(
    name: "fuse", summary: "compute elements where they are read instead of storing them"
  ) { (function: inout Function, context: inout PassContext) in
    var fuser = Fuser(function, context.target)
    // In program order, so that chains collapse from their beginning.
    for producer in function.producers { fuser.visit(producer, in: &function) }
    let changed = fuser.removeFused(from: &function)
    // What only moved elements is gone, so that reads of parts stand where the parts are used.
    var parts = PartFuser(context.target)
    for (producer, obstacle) in fuser.kept {
      let result = parts.visit(producer, obstacle, in: &function)
      fuser.outcomes[producer] = result
    }
    if context.wantsRemarks { fuser.remark(function, &context) }
    return changed || parts.changed
  }
}

/// Fuses one tensor after the other.
///
/// Where operations stood, and who used what, is found out once. That stays true for all tensors that
/// are still to come: what was copied reads earlier tensors only, and no operation moves.
private struct Fuser {
  private let target: TargetDescription
  private let tree: RegionTree
  private let uses: Uses
  /// The users that values got by what was copied.
  private var newUsers: [Value: [ID<Operation>]] = [:]
  /// The tensors that stay, in program order, and why.
  private(set) var kept: [(producer: ID<Operation>, obstacle: FusionObstacle)] = []
  /// All tensors that were looked at, and what is to be said of each.
  private var visited: [ID<Operation>] = []
  var outcomes: [ID<Operation>: FusionOutcome] = [:]
  /// The tensors that went, by the region that lists them.
  private var fused: [ID<Region>: Set<ID<Operation>>] = [:]

  /// Prepares to look at the tensors of `function`.
  init(_ function: Function, _ target: TargetDescription) {
    self.target = target
    tree = RegionTree(function)
    uses = Uses(function)
  }

  /// Fuses the `compute` called `producer`, or notes why it stays.
  mutating func visit(_ producer: ID<Operation>, in function: inout Function) {
    visited.append(producer)
    let fusion: Fusion
    do throws(FusionObstacle) {
      fusion = try Fusion(producer, in: function, tree, uses, on: target)
    } catch {
      kept.append((producer, error))
      return
    }
    outcomes[producer] = .fused(fusion.sites.map { function.operations[$0.read].span }, notes: [])
    for site in fusion.sites { inlineElement(of: producer, at: site, in: &function) }
    fused[fusion.home, default: []].insert(producer)
  }

  /// Says what became of each tensor, in program order.
  func remark(_ function: Function, _ context: inout PassContext) {
    for producer in visited {
      let span = function.operations[producer].span
      switch outcomes[producer] ?? .notRead {
      case .fused(let readers, let notes):
        context.remark(.computedWhereRead(readers.filter { $0 != span }, notes, at: span))
      case .kept(let reason): context.remark(.computedBeforeRead(reason, at: span))
      case .notRead: break
      }
    }
  }

  /// Takes what was fused out of its region; `true` iff there was something.
  func removeFused(from function: inout Function) -> Bool {
    for (region, operations) in fused {
      function.regions[region].operations.removeAll { operations.contains($0) }
    }
    return !fused.isEmpty
  }

  /// Puts what makes an element in place of a read.
  private mutating func inlineElement(
    of producer: ID<Operation>, at site: (read: ID<Operation>, home: ID<Region>),
    in function: inout Function
  ) {
    let read = function.operations[site.read]
    let copy = ElementCopy(
      of: read.operands[0], madeBy: producer, at: read.operands.dropFirst(), in: &function)
    for operation in copy.operations { noteOperands(of: operation, in: function) }
    replace(read.results[0], by: copy.element, in: &function)
    let position = function.regions[site.home].operations.firstIndex(of: site.read)!
    function.regions[site.home].operations.replaceSubrange(
      position...position, with: copy.operations)
  }

  private mutating func noteOperands(of operation: ID<Operation>, in function: Function) {
    let content = function.operations[operation]
    for operand in content.operands { newUsers[operand, default: []].append(operation) }
    for region in content.regions {
      for inner in function.regions[region].operations { noteOperands(of: inner, in: function) }
    }
  }

  private mutating func replace(
    _ old: Value, by new: Value, in function: inout Function
  ) {
    let users = Array(uses.users(of: old)) + (newUsers.removeValue(forKey: old) ?? [])
    for user in users {
      for index in function.operations[user].operands.indices
      where function.operations[user].operands[index] == old {
        function.operations[user].operands[index] = new
      }
    }
    newUsers[new, default: []] += users
  }
}

extension PassContext {
  /// Adds a remark, unless it was made before.
  fileprivate mutating func remark(_ remark: Diagnostic) {
    if !diagnostics.contains(remark) { diagnostics.append(remark) }
  }
}

/// What became of a tensor that might have been computed where it is read.
enum FusionOutcome {
  /// It is computed there; and how, if there is something to say.
  case fused(_ readers: [SourceSpan], notes: [String])
  /// It is computed before, for this reason.
  case kept(_ reason: String)
  /// Nothing reads its elements.
  case notRead

  /// What an obstacle leads to.
  init(_ obstacle: FusionObstacle) {
    self = obstacle == .isNotRead ? .notRead : .kept(obstacle.reason)
  }
}

extension Function {
  /// The `compute`s that may dissolve into what reads them, in order.
  fileprivate var producers: [ID<Operation>] {
    var found: [ID<Operation>] = []
    forEachOperation(in: body) { id in
      if operations[id].opcode == .compute { found.append(id) }
    }
    return found
  }
}
