import TesseraIR
import TesseraLLVM

/// Lengths of parameters that entry checks have found to be equal, of which one value stands for all.
///
///     fn f<N, C>(x: f32[N, C], weight: f32[C]) -> (y: f32[N, C])      C: the second extent of x
///
/// LLVM does not know that they are, and would keep a register for each.
struct CheckedLengths {
  /// The length of each axis of each parameter, as the signature has it; `nil` for what is no tensor.
  private var shapes: [[DimensionExpression]?] = []
  /// What stands for a length, if a parameter had it before.
  private var values: [DimensionExpression: LLVMValue] = [:]

  /// The lengths of the parameters of `target`; `nil` if others than an entry call it, or if it has
  /// parameters that its signature does not name.
  init?(_ target: ModuleEmitter.EmittedFunction, in module: Module) {
    let (source, roles) = (target.source, target.source.roles)
    guard target.isEntered,
      let signature = module.exports.first(where: { $0.function == source.name })
    else { return nil }
    var inputs = signature.parameters.flatMap(\.leaves)[...]
    var outputs = signature.results.flatMap(\.leaves).filter { $0.shape != nil }[...]
    for (parameter, role) in zip(source.parameters, roles) {
      let leaf = role == .output ? outputs.popFirst() : inputs.popFirst()
      // What is packed ahead comes last, and of that alone the signature says nothing.
      let shape = source.type(of: parameter).isBuffer ? leaf?.shape : nil
      shapes.append(shape)
    }
    if !inputs.isEmpty || !outputs.isEmpty { return nil }
  }

  /// Puts what stands for its lengths already into `flat`, the values of the parameter at `position`,
  /// which is of `type`, and remembers the others.
  mutating func unify(_ flat: inout [LLVMValue], _ type: Type, of position: Int) {
    guard let shape = shapes[position], shape.count == type.extents.count else { return }
    var next = 1
    for (axis, extent) in type.extents.enumerated() where extent == .dynamic {
      if let known = values[shape[axis]] {
        flat[next] = known
      } else {
        values[shape[axis]] = flat[next]
      }
      next += 1
    }
  }
}
