import TesseraIR

/// Which operation holds each region, and how deep regions are nested.
///
/// Valid as long as no operation with regions is added or moved.
public struct RegionTree: Sendable {
  private var owners: [ID<Operation>?]
  private var homes: [ID<Region>?]
  private var depths: [Int]

  /// Finds the owners of all regions of `function`.
  public init(_ function: Function) {
    owners = Array(repeating: nil, count: function.regions.count)
    depths = Array(repeating: 0, count: function.regions.count)
    homes = Array(repeating: nil, count: function.operations.count)
    enter(function.body, depth: 0, function)
  }

  private mutating func enter(_ region: ID<Region>, depth: Int, _ function: Function) {
    depths[Int(region.index)] = depth
    for operation in function.regions[region].operations {
      homes[Int(operation.index)] = region
      for inner in function.operations[operation].regions {
        owners[Int(inner.index)] = operation
        enter(inner, depth: depth + 1, function)
      }
    }
  }

  /// The operation that holds `region`; `nil` for the body of the function.
  public func owner(of region: ID<Region>) -> ID<Operation>? { owners[Int(region.index)] }

  /// The region that lists `operation`; `nil` if none does.
  public func home(of operation: ID<Operation>) -> ID<Region>? { homes[Int(operation.index)] }

  /// How many regions are around `region`.
  public func depth(of region: ID<Region>) -> Int { depths[Int(region.index)] }

  /// The region in which `value` is defined; `nil` if its operation is not listed.
  public func home(of value: Value, in function: Function) -> ID<Region>? {
    switch function.values[value].definition {
    case .result(let operation, _): home(of: operation)
    case .parameter(let region, _): region
    }
  }
}
