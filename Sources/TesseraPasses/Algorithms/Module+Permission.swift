import TesseraIR

extension Module {
  /// Adds `algorithms` to what each reduction permits that permits some algorithm already; what
  /// permits none keeps the algebra of the program.
  public mutating func permit(_ algorithms: Algorithms) {
    guard !algorithms.isEmpty else { return }
    for index in functions.indices {
      for id in functions[index].operations.ids {
        guard
          case .reduction(let combiner, let order, let permitted) =
            functions[index].operations[id].attribute, !permitted.isEmpty
        else { continue }
        functions[index].operations[id].attribute = .reduction(
          combiner, order, permits: permitted.union(algorithms))
      }
    }
  }
}
