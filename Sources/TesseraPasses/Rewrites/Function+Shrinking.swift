import TesseraIR

extension Function {
  /// Leaves out the results of `operation` for which `isKept` is false.
  mutating func keepResults(of operation: ID<Operation>, where isKept: [Bool]) {
    let kept = operations[operation].results.kept(isKept)
    for (index, value) in kept.enumerated() {
      values[value].definition = .result(of: operation, index: index)
    }
    operations[operation].results = kept
  }

  /// Leaves out the parameters of `region` for which `isKept` is false.
  mutating func keepParameters(of region: ID<Region>, where isKept: [Bool]) {
    let kept = regions[region].parameters.kept(isKept)
    for (index, value) in kept.enumerated() {
      values[value].definition = .parameter(of: region, index: index)
    }
    regions[region].parameters = kept
  }

  /// Leaves out the operands of `operation`, from the one at `first` on, for which `isKept` is
  /// false.
  mutating func keepOperands(of operation: ID<Operation>, from first: Int, where isKept: [Bool]) {
    let operands = operations[operation].operands
    operations[operation].operands =
      operands[..<first] + Array(operands[first...]).kept(isKept)
  }
}

extension Array {
  /// The elements for which `isKept`, as long as the array, is true.
  func kept(_ isKept: [Bool]) -> [Element] {
    zip(self, isKept).compactMap { $1 ? $0 : nil }
  }
}
