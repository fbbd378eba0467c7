import TesseraIR

/// Why a tensor is computed before it is read.
enum FusionObstacle: Error, Equatable {
  case isNotRead
  case isUsedWhole
  case mayFail
  case isLarge
  case isReadTwice
  case reduces
  case repeats
  /// It costs more, for this reason.
  case costs(String)

  /// The obstacle in words.
  var reason: String {
    switch self {
    case .isNotRead: "no statement reads its elements"
    case .isUsedWhole: "it is used as a whole as well"
    case .mayFail: "making an element is not plain arithmetic, or may fail"
    case .isLarge: "its elements take many operations and are read in many places"
    case .isReadTwice: "its elements are read in several places"
    case .reduces:
      "an element is a reduction, and what reads it is not made of such elements one to one"
    case .repeats: "each element would be computed several times"
    case .costs(let reason): reason
    }
  }
}

/// The decision to compute the elements of a tensor where they are read.
struct Fusion {
  /// The region that lists the `compute`.
  let home: ID<Region>
  /// The reads, and the region that lists each.
  private(set) var sites: [(read: ID<Operation>, home: ID<Region>)]

  /// Decides about the `compute` called `producer`.
  ///
  /// - Throws: why its tensors stay.
  init(
    _ producer: ID<Operation>, in function: Function, _ tree: RegionTree, _ uses: Uses,
    on target: TargetDescription
  ) throws(FusionObstacle) {
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
    let readSites = sites.map { ReadSite($0.read, $0.home, from: home, tree, function) }
    guard var work = ElementWork(producer, in: function) else { throw .mayFail }
    if work.hasRepetitions {
      var neighbours = NeighbourReads(function)
      let goAlong = neighbours.makesRuns(content) && readSites.allSatisfy { $0.goesAlong(function) }
      if !goAlong { work.countRepetitions() }
      for site in readSites where goAlong {
        let woven = WovenPacking(site, of: content, in: function, on: target)
        if let reason = woven?.reasonAgainst { throw .costs(reason) }
      }
    }
    if work.mayFail {
      guard readSites.count == 1, readSites[0].isElementwise(in: function),
        readSites[0].hasExtents(of: content, function)
      else { throw .mayFail }
    }
    if sites.count * work.operations > Fusion.growthLimit { throw .isLarge }
    if work.isMovement { return }

    if work.isOneStep, sites.count <= Fusion.repeatedSites,
      readSites.allSatisfy({ $0.readsEachOnce(function) })
    {
      return
    }
    guard sites.count == 1 else { throw .isReadTwice }
    let site = readSites[0]
    if work.reduces {
      guard
        site.isElementwise(in: function)
          || Rearrangement(site, of: content, in: function) != nil
      else { throw .reduces }
    } else if !site.readsEachOnce(function),
      work.repeatedCost > Fusion.repeatedCost || site.isInLoop
    {
      guard !site.isInLoop,
        let packed = PackedRead(site, of: content, in: function, on: target)
      else { throw .repeats }
      let bytes = function.type(of: content.results[0]).element.byteCount
      if let reason = PackingCost(work, packed, bytes: bytes, on: target).reasonAgainst {
        throw .costs(reason)
      }
    }
  }

  /// The most operations that one tensor's going may add.
  private static var growthLimit: Int { 400 }
  /// The most places that each repeat one step rather than read what was stored.
  private static var repeatedSites: Int { 2 }
  /// The most arithmetic and reads that are repeated rather than one element stored.
  private static var repeatedCost: Int { 3 }
}
