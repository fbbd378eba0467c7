import TesseraIR

/// Lengths of different parameters that are one dimension of the program.
///
///     fn f<M, N>(a: f32[M, N], b: f32[M, N])        dimension %a {1}  =  dimension %b {1}
///
/// Whoever calls an exported function has proved them equal, or its entry checks that they are.
struct PromisedLengths {
  private var lengths: [Value: [DimensionExpression]] = [:]

  /// Nothing is promised.
  init() {}

  /// The lengths that `signature` gives the parameters of `function`.
  init(_ function: Function, _ signature: ExportSignature) {
    let leaves = signature.parameters.flatMap(\.leaves)
    let inputs = zip(function.parameters, function.roles).filter { $0.1 != .output }.map(\.0)
    guard inputs.count == leaves.count else { return }
    for (input, leaf) in zip(inputs, leaves) where function.type(of: input).isTensor {
      lengths[input] = leaf.shape
    }
  }

  /// `true` iff it is promised that axes of two tensors are equally long.
  func areEqual(_ a: (tensor: Value, axis: Int), _ b: (tensor: Value, axis: Int)) -> Bool {
    guard let first = lengths[a.tensor], let second = lengths[b.tensor], a.axis < first.count,
      b.axis < second.count
    else { return false }
    return first[a.axis] == second[b.axis]
  }
}
