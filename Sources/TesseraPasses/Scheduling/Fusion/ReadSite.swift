import TesseraIR

/// A place where elements are read, as seen from where their tensor is made.
struct ReadSite {
  /// The operation that reads.
  let read: ID<Operation>
  private let home: ID<Region>
  /// The operations around the read, innermost first, up to where the tensor is made.
  private(set) var around: [ID<Operation>] = []
  /// The indices of the loops around the read.
  private var indices: [Value] = []
  /// `true` iff something around goes round without an index.
  private var hasOtherLoop = false
  /// `true` iff a loop of the program, not of a tensor, is around the read.
  private(set) var isInLoop = false

  /// Looks at `read`, which the region `home` lists, from where the region `outer` lists its
  /// tensor.
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

  /// `true` iff neighbours of what reads, along its last index, or that of its terms if the read has
  /// nothing to do with that one, read neighbours along the last axis, perhaps some places apart.
  func goesAlong(_ function: Function) -> Bool {
    let content = function.operations[read]
    var neighbours = NeighbourReads(function)
    for owner in around.reversed() {
      let loop = function.operations[owner]
      guard [.compute, .reduce, .update].contains(loop.opcode),
        let index = function.regions[loop.regions[0]].parameters.last,
        neighbours.depends(content, on: index)
      else { continue }
      return neighbours.goesAlong(content, index, steps: [1, 2, 4, 8])
    }
    return true
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
  /// those of the tensor one by one.
  func isElementwise(in function: Function) -> Bool {
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
