import TesseraData

extension HostFunction.Parameter {
  /// The leaves of this parameter from the tensors of `file` whose keys begin with `prefix`.
  ///
  /// The key of a leaf is the prefix, a point, and its field path. Loading is exact: keys that are
  /// wrong, missing or left over come in one error. f16 and bf16 widen to the type of the field;
  /// nothing narrows.
  public func load(from file: Safetensors, prefix: String) throws(DataError) -> [Tensor] {
    let head = prefix.isEmpty ? "" : prefix + "."
    var problems: [String] = []
    var result: [Tensor] = []
    var used: Set<String> = []
    for leaf in leaves {
      let key = isAggregate ? head + leaf.key : prefix
      used.insert(key)
      guard let tensor = try file.tensor(key) else {
        problems.append("'\(key)' is missing; expected \(leaf.typeDescription)")
        continue
      }
      if let fitting = leaf.fitted(tensor) {
        result.append(fitting)
      } else {
        problems.append(
          "'\(key)' is \(tensor.typeDescription); expected \(leaf.typeDescription)")
      }
    }
    if isAggregate {
      for entry in file.entries where entry.name.hasPrefix(head) && !used.contains(entry.name) {
        problems.append("'\(entry.name)' has no field in '\(name)'")
      }
    }
    guard problems.isEmpty else {
      let shown = problems.prefix(20).joined(separator: "\n  ")
      let more = problems.count > 20 ? "\n  and \(problems.count - 20) more" : ""
      throw DataError("\(problems.count) keys do not fit '\(name)':\n  \(shown)\(more)")
    }
    return result
  }
}

extension HostFunction.Leaf {
  /// `tensor` as this leaf takes it: widened to the element type where that loses nothing, a single
  /// element as a scalar; `nil` if it does not fit.
  public func fitted(_ tensor: Tensor) -> Tensor? {
    guard var tensor = tensor.widened(to: elementType) else { return nil }
    if isScalar, tensor.elementCount == 1 { tensor = tensor.reshaped([]) }
    return accepts(tensor) ? tensor : nil
  }
}
