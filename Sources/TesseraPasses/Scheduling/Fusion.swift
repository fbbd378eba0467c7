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
/// - an element is made by moving numbers around alone, or
/// - each element is read once, in one place, or
/// - it takes a few operations, and is read in one place, however often, or
/// - it takes one step from one other element, such as a row less its mean, and is read in two places.
/// What holds a reduction moves only to where its elements stand one to one, and where there is
/// no other reduction, so that it stays a contraction with something done to its elements.
///
/// Nothing else is duplicated. What may fail moves only to where it is done for the same elements, once
/// each.
extension Pass {
  public static let fusion = Pass(
    name: "fuse", summary: "compute elements where they are read instead of storing them"
  ) { (function: inout Function, context: inout PassContext) in
    var fuser = Fuser(function)
    // In program order, so that chains collapse from their beginning.
    for producer in function.producers { fuser.visit(producer, in: &function, &context) }
    return fuser.removeFused(from: &function)
  }
}

/// Fuses one tensor after the other.
///
/// Where operations stood, and who used what, is found out once. That stays true for all tensors that
/// are still to come: what was copied reads earlier tensors only, and no operation moves.
private struct Fuser {
  private let tree: RegionTree
  private let uses: Uses
  /// The users that values got by what was copied.
  private var newUsers: [Value: [ID<Operation>]] = [:]
  /// The tensors that went, by the region that lists them.
  private var fused: [ID<Region>: Set<ID<Operation>>] = [:]

  init(_ function: Function) {
    tree = RegionTree(function)
    uses = Uses(function)
  }

  mutating func visit(
    _ producer: ID<Operation>, in function: inout Function, _ context: inout PassContext
  ) {
    let span = function.operations[producer].span
    let fusion: Fusion
    do throws(Obstacle) {
      fusion = try Fusion(producer, in: function, tree, uses)
    } catch {
      if context.wantsRemarks, error != .isNotRead {
        context.remark(.computedBeforeRead(error.rawValue, at: span))
      }
      return
    }
    if context.wantsRemarks {
      let readers = fusion.sites.map { function.operations[$0.read].span }
      context.remark(.computedWhereRead(readers.filter { $0 != span }, at: span))
    }
    for site in fusion.sites { inlineElement(of: producer, at: site, in: &function) }
    fused[fusion.home, default: []].insert(producer)
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
    let content = function.operations[producer]
    let region = content.regions[0]
    let read = function.operations[site.read]
    let parameters = function.regions[region].parameters
    var cloner = Cloner(
      Dictionary(uniqueKeysWithValues: zip(parameters, read.operands.dropFirst())))
    var copies: [ID<Operation>] = []
    for operation in function.regions[region].operations.dropLast() {
      copies.append(cloner.copy(operation, into: &function))
    }
    for copy in copies { noteOperands(of: copy, in: function) }
    let end = function.operations[function.regions[region].operations.last!]
    let element = cloner[end.operands[content.results.firstIndex(of: read.operands[0])!]]
    replace(read.results[0], by: element, in: &function)
    let position = function.regions[site.home].operations.firstIndex(of: site.read)!
    function.regions[site.home].operations.replaceSubrange(position...position, with: copies)
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

/// Why a tensor is computed before it is read.
private enum Obstacle: String, Error {
  case isNotRead = "no statement reads its elements"
  case isUsedWhole = "it is used as a whole as well"
  case mayFail = "making an element is not plain arithmetic, or may fail"
  case isLarge = "its elements take many operations and are read in many places"
  case isReadTwice = "its elements are read in several places"
  case reduces =
    "an element is a reduction, and what reads it is not made of such elements one to one"
  case repeats = "each element would be computed several times"
}

/// The decision to compute the elements of a tensor where they are read.
private struct Fusion {
  /// The region that lists the `compute`.
  let home: ID<Region>
  /// The reads, and the region that lists each.
  private(set) var sites: [(read: ID<Operation>, home: ID<Region>)]

  /// Decides about the `compute` called `producer`.
  ///
  /// - Throws: why its tensors stay.
  init(
    _ producer: ID<Operation>, in function: Function, _ tree: RegionTree, _ uses: Uses
  ) throws(Obstacle) {
    let content = function.operations[producer]
    guard let home = tree.home(of: producer) else { throw .isNotRead }
    self.home = home
    sites = []
    var isUsedWhole = false
    for result in content.results {
      for user in uses.users(of: result) {
        if function.operations[user].opcode == .read, let region = tree.home(of: user) {
          sites.append((user, region))
        } else {
          isUsedWhole = true
        }
      }
    }
    if sites.isEmpty { throw .isNotRead }
    if isUsedWhole { throw .isUsedWhole }
    guard let work = ElementWork(content.regions[0], in: function) else { throw .mayFail }
    if work.mayFail {
      guard sites.count == 1 else { throw .mayFail }
      let site = Site(sites[0].read, sites[0].home, from: home, tree, function)
      guard site.isElementwise(of: content.results[0], function),
        site.hasExtents(of: content, function)
      else { throw .mayFail }
    }
    if sites.count * work.operations > Fusion.growthLimit { throw .isLarge }
    if work.isMovement { return }

    if work.isOneStep, sites.count <= Fusion.repeatedSites,
      sites.allSatisfy({ site in
        Site(site.read, site.home, from: home, tree, function).readsEachOnce(function)
      })
    {
      return
    }
    guard sites.count == 1 else { throw .isReadTwice }
    let site = Site(sites[0].read, sites[0].home, from: home, tree, function)
    if work.reduces {
      if !site.isElementwise(of: content.results[0], function) { throw .reduces }
    } else if !site.readsEachOnce(function),
      work.repeatedCost > Fusion.repeatedCost || site.isInLoop
    {
      throw .repeats
    }
  }

  /// The most operations that one tensor's going may add.
  private static var growthLimit: Int { 400 }
  /// The most places that each repeat one step rather than read what was stored.
  private static var repeatedSites: Int { 2 }
  /// The most arithmetic and reads that are repeated rather than one element stored.
  private static var repeatedCost: Int { 3 }
}

/// What it takes to make one element.
private struct ElementWork {
  /// The operations, counted once each.
  var operations = 0
  /// The arithmetic on elements; mathematical functions count for many.
  var cost = 0
  /// The reads of elements.
  var reads = 0
  /// `true` iff there is a reduction or a loop.
  var reduces = false
  /// `true` iff it divides by a number that may be 0.
  var mayFail = false
  /// `true` iff elements are only picked, converted and put elsewhere.
  var isMovement: Bool { cost == 0 && !reduces }

  /// `true` iff an element is one step from one other element, and from what fewer indices tell:
  /// reading that again costs no more than reading what would be stored.
  private(set) var isOneStep = false

  /// What it costs to do it again.
  var repeatedCost: Int { cost + reads }

  /// Weighs what `region` does; `nil` if it must stay where it is.
  init?(_ region: ID<Region>, in function: Function) {
    guard add(region, function) else { return nil }
    let rank = function.regions[region].parameters.count
    let wholeReads = function.regions[region].operations.count { id in
      let content = function.operations[id]
      return content.opcode == .read && content.operands.count > rank
    }
    isOneStep = cost <= 1 && !reduces && !mayFail && wholeReads <= 1
  }

  private mutating func add(_ region: ID<Region>, _ function: Function) -> Bool {
    function.regions[region].operations.allSatisfy { id in
      let content = function.operations[id]
      operations += 1
      switch content.opcode {
      case .yield, .constant, .dimension, .convert, .bitcast, .select, .if: break
      case .read: reads += 1
      case .reduce, .for: reduces = true
      case .divide, .remainder, .divideTruncating, .remainderTruncating:
        guard let type = function.type(of: content.results[0]).scalarType else { return false }
        if type.isFloat {
          cost += 8
        } else {
          if function.integerConstant(content.operands[1]) ?? 0 == 0 { mayFail = true }
          cost += 3
        }
      default:
        guard content.opcode.isPure, content.opcode.info.traits.contains(.elementwise) else {
          return false
        }
        cost += Self.cost(content, function)
      }
      return content.regions.allSatisfy { add($0, function) }
    }
  }

  /// The weight of a scalar operation; arithmetic on indices and conditions has none.
  private static func cost(_ content: Operation, _ function: Function) -> Int {
    let type = function.type(of: content.results[0])
    if type == .index || type == .bool { return 0 }
    return switch content.opcode {
    case .squareRoot, .reciprocalSquareRoot: 8
    case .exponential, .exponential2, .logarithm, .logarithm2, .sine, .cosine, .tangent,
      .hyperbolicTangent, .errorFunction, .power, .sigmoid:
      30
    default: 1
    }
  }
}

/// A place where elements are read, as seen from where their tensor is made.
private struct Site {
  private let read: ID<Operation>
  private let home: ID<Region>
  /// The operations around the read, innermost first, up to where the tensor is made.
  private var around: [ID<Operation>] = []
  /// The indices of the loops around the read.
  private var indices: [Value] = []
  /// `true` iff something around goes round without an index.
  private var hasOtherLoop = false
  /// `true` iff a loop of the program, not of a tensor, is around the read.
  private(set) var isInLoop = false

  init(
    _ read: ID<Operation>, _ home: ID<Region>, from outer: ID<Region>, _ tree: RegionTree,
    _ function: Function
  ) {
    self.read = read
    self.home = home
    var region = home
    while region != outer, let owner = tree.owner(of: region) {
      around.append(owner)
      let content = function.operations[owner]
      let parameters = function.regions[region].parameters
      switch content.opcode {
      case .if: break
      case .compute: indices += parameters
      case .reduce, .scan, .update:
        // What combines accumulators has no index to tell the elements apart.
        if region == content.regions[0] { indices += parameters } else { hasOtherLoop = true }
      default:
        hasOtherLoop = true
        isInLoop = true
      }
      guard let next = tree.home(of: owner) else { break }
      region = next
    }
  }

  /// `true` iff each element is read at most once.
  func readsEachOnce(_ function: Function) -> Bool {
    let place = function.operations[read].operands.dropFirst()
    return !hasOtherLoop && indices.allSatisfy { place.contains($0) }
  }

  /// `true` iff what is around the read is a `compute` of as many elements as `producer`.
  func hasExtents(of producer: Operation, _ function: Function) -> Bool {
    let consumer = function.operations[around[0]]
    return zip(consumer.operands, producer.operands).allSatisfy { a, b in
      a == b
        || function.integerConstant(a) != nil
          && function.integerConstant(a) == function.integerConstant(b)
    }
  }

  /// `true` iff the read stands directly in a `compute` without a reduction, whose elements are
  /// those of `tensor` one by one.
  func isElementwise(of tensor: Value, _ function: Function) -> Bool {
    guard around.count == 1 else { return false }
    let consumer = function.operations[around[0]]
    guard consumer.opcode == .compute, consumer.results.count == 1,
      Array(function.operations[read].operands.dropFirst()) == function.regions[home].parameters
    else { return false }
    var hasReduction = false
    function.forEachOperation(in: home) { id in
      switch function.operations[id].opcode {
      case .reduce, .scan, .for, .while, .compute, .call: hasReduction = true
      default: break
      }
    }
    return !hasReduction
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
