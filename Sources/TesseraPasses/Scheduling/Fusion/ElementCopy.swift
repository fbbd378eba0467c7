import TesseraIR

/// What makes one element of a tensor, copied for where the element is read.
struct ElementCopy {
  /// The copied operations, which no region lists yet.
  private(set) var operations: [ID<Operation>] = []
  /// The element that they make.
  let element: Value

  /// Copies what the `compute` called `producer` does for the element of `tensor`, one of its results,
  /// at `place`.
  init(
    of tensor: Value, madeBy producer: ID<Operation>, at place: some Sequence<Value>,
    in function: inout Function
  ) {
    let content = function.operations[producer]
    let maker = function.regions[content.regions[0]]
    var cloner = Cloner(Dictionary(uniqueKeysWithValues: zip(maker.parameters, place)))
    for operation in maker.operations.dropLast() {
      operations.append(cloner.copy(operation, into: &function))
    }
    let end = function.operations[maker.operations.last!]
    element = cloner[end.operands[content.results.firstIndex(of: tensor)!]]
  }
}
