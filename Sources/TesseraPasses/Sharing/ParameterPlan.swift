import TesseraIR

/// Which values from outside become parameters of the function that equal loops share.
struct ParameterPlan {
  /// For each leaf: what stands for it in the shared function.
  enum Stand {
    case parameter(Int)
    /// The same number in all loops.
    case constant(Attribute)
  }

  /// What stands for each leaf.
  private(set) var stands: [Stand] = []
  /// For each parameter, the position of the first leaf that it stands for.
  private(set) var parameters: [Int] = []
  /// Their types.
  private(set) var types: [Type] = []
  /// Whether the memory of a parameter is only read.
  private(set) var isRead: [Bool] = []

  /// Compares the leaves of equal loops.
  init(_ members: [[LoopLeaf]]) {
    var known: [[LoopLeaf.Origin]: Int] = [:]
    for position in members[0].indices {
      let column = members.map { $0[position].origin }
      if case .constant(let attribute) = column[0], column.allSatisfy({ $0 == column[0] }) {
        stands.append(.constant(attribute))
        continue
      }
      let isRead = members[0][position].isRead
      if let parameter = known[column] {
        stands.append(.parameter(parameter))
        if !isRead { self.isRead[parameter] = false }
        continue
      }
      known[column] = parameters.count
      stands.append(.parameter(parameters.count))
      parameters.append(position)
      let types = members.map { $0[position].type }
      self.types.append(types.dropFirst().reduce(types[0]) { $0.joined(with: $1) })
      self.isRead.append(isRead)
    }
  }
}

extension Type {
  /// The type of buffers of either type, which differ in extents at most.
  fileprivate func joined(with other: Type) -> Type {
    guard case .buffer(let element, let extents) = self else { return self }
    return .buffer(element, zip(extents, other.extents).map { $0 == $1 ? $0 : .dynamic })
  }
}
