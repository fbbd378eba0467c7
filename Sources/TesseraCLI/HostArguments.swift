import Tessera
import TesseraData
import TesseraNumbers

/// Turns the words after `tess run FILE FUNCTION` into what a function takes.
///
/// A word stands for the next parameter, or `NAME=WORD` for the one of that name. It is a number,
/// `true`, `false`, a list `[[1, 2], [3, 4]]`, a file `x.npy` or `x.png`, or `x.safetensors#KEY`: a
/// tensor, or for a struct all tensors whose keys begin with KEY.
struct HostArguments {
  let function: HostFunction
  let console: Console
  private var files: [String: Safetensors] = [:]

  /// Prepares to read words for `function`; files are found by way of `console`.
  init(_ function: HostFunction, _ console: Console) {
    self.function = function
    self.console = console
  }

  /// The leaves of all parameters in order.
  mutating func bind(_ words: [String]) throws -> [Tensor] {
    var bound: [String: String] = [:]
    var positional: [String] = []
    for word in words {
      let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
      if parts.count == 2, function.parameters.contains(where: { $0.name == parts[0] }) {
        guard bound.updateValue(parts[1], forKey: parts[0]) == nil else {
          throw UsageError("'\(parts[0])' is given twice")
        }
      } else {
        positional.append(word)
      }
    }
    let open = function.parameters.filter { bound[$0.name] == nil }
    guard open.count == positional.count else {
      let wanted = function.parameters.map { "\($0.name): \($0.typeDescription)" }
      throw UsageError(
        "\(words.count) argument\(words.count == 1 ? "" : "s") for '\(function.name)'; expected "
          + "\(function.parameters.count): \(wanted.joined(separator: ", "))")
    }
    for (parameter, word) in zip(open, positional) { bound[parameter.name] = word }
    return try function.parameters.flatMap { try leaves(of: $0, bound[$0.name]!) }
  }

  private mutating func leaves(
    of parameter: HostFunction.Parameter, _ word: String
  ) throws -> [Tensor] {
    if let mark = word.firstRange(of: ".safetensors") {
      let path = String(word[..<mark.upperBound])
      let key = word[mark.upperBound...]
      guard key.isEmpty || key.hasPrefix("#") else { throw UsageError("no file '\(word)'") }
      let file = try safetensors(path)
      do throws(DataError) {
        return try parameter.load(from: file, prefix: String(key.dropFirst()))
      } catch { throw error.inside("'\(path)'") }
    }
    guard !parameter.isAggregate, let leaf = parameter.leaves.first else {
      throw UsageError(
        "'\(parameter.name)' has \(parameter.leaves.count) leaves; expected FILE.safetensors#PREFIX"
      )
    }
    let tensor: Tensor
    switch word.split(separator: ".").last {
    case "npy": tensor = try console.readData(word, NPY.decode)
    case "png": tensor = try picture(word, for: leaf)
    default:
      tensor = try literal(word, for: leaf, of: parameter.name)
      guard leaf.accepts(tensor) else {
        throw UsageError(mismatch(parameter, tensor, leaf).description)
      }
    }
    guard let fitting = leaf.fitted(tensor) else { throw mismatch(parameter, tensor, leaf) }
    return [fitting]
  }

  private func mismatch(
    _ parameter: HostFunction.Parameter, _ tensor: Tensor, _ leaf: HostFunction.Leaf
  ) -> DataError {
    DataError(
      "'\(parameter.name)' is \(tensor.typeDescription)", expected: leaf.typeDescription)
  }

  private mutating func safetensors(_ path: String) throws -> Safetensors {
    if let file = files[path] { return file }
    let file = try console.readData(path) { bytes throws(DataError) in try Safetensors(bytes) }
    files[path] = file
    return file
  }

  /// The image in the file at `path` in the layout that `leaf` asks for by type and rank.
  private func picture(_ path: String, for leaf: HostFunction.Leaf) throws -> Tensor {
    let image = try console.readData(path, PNG.decode)
    var tensor = leaf.elementType == .u8 ? image.tensor : image.planes
    if image.channels == 1, leaf.shape.count == 2 {
      tensor = tensor.reshaped([image.height, image.width])
    } else if leaf.elementType != .u8, leaf.shape.count == 3 {
      tensor = tensor.reshaped(Array(tensor.shape.dropFirst()))
    }
    return tensor
  }

  /// The number, truth value or list that `word` writes, with elements of the leaf's type.
  private func literal(
    _ word: String, for leaf: HostFunction.Leaf, of name: String
  ) throws -> Tensor {
    let text = leaf.elementType.isFloat ? quotingSpecialNumbers(word) : word
    let refusal = UsageError(
      "'\(word)' for '\(name)'; expected \(leaf.typeDescription), such as a number, a list or a file"
    )
    guard let json = try? JSON(parsing: Array(text.utf8)) else { throw refusal }
    var shape: [Int] = []
    var level = json
    while let elements = level.elements {
      shape.append(elements.count)
      guard let first = elements.first else { break }
      level = first
    }
    var scalars: [JSON] = []
    guard collect(json, shape[...], &scalars) else {
      throw UsageError(
        "'\(name)' is a list whose rows differ in length; expected \(leaf.typeDescription)")
    }
    if let tensor = Self.tensor(scalars, leaf.elementType, shape) { return tensor }
    if let range = leaf.elementType.integerRange,
      let digits = scalars.lazy.compactMap(\.digits).first(where: { !range.holds($0) })
    {
      throw UsageError(
        "\(digits) for '\(name)' is no \(leaf.elementType.rawValue), which is a whole number from "
          + "\(range.least) to \(range.greatest)")
    }
    throw refusal
  }

  /// `word` with the numbers that JSON lacks as its strings, as which `tensor` reads them.
  private func quotingSpecialNumbers(_ word: String) -> String {
    word.replacing(/-?\b(inf|nan)\b/) { "\"\($0.output.0)\"" }
  }

  /// Collects the scalars of a list that is regular; `false` if it is not.
  private func collect(
    _ json: JSON, _ shape: ArraySlice<Int>, _ scalars: inout [JSON]
  ) -> Bool {
    guard let size = shape.first else {
      scalars.append(json)
      return json.elements == nil
    }
    guard let elements = json.elements, elements.count == size else { return false }
    return elements.allSatisfy { collect($0, shape.dropFirst(), &scalars) }
  }

  private static func tensor(_ scalars: [JSON], _ type: ScalarType, _ shape: [Int]) -> Tensor? {
    func integers<T: TensorElement & FixedWidthInteger>(_: T.Type) -> Tensor? {
      let values = scalars.compactMap { json -> T? in
        if case .number(let digits) = json { T(digits) } else { nil }
      }
      return values.count == scalars.count ? Tensor(values, shape: shape) : nil
    }
    switch type {
    case .bool:
      let values = scalars.compactMap(\.boolean)
      return values.count == scalars.count ? Tensor(values, shape: shape) : nil
    case .i8: return integers(Int8.self)
    case .i16: return integers(Int16.self)
    case .i32: return integers(Int32.self)
    case .i64: return integers(Int64.self)
    case .u8: return integers(UInt8.self)
    case .u16: return integers(UInt16.self)
    case .u32: return integers(UInt32.self)
    case .u64: return integers(UInt64.self)
    case .f16, .bf16, .f32, .f64:
      let digits = scalars.compactMap { $0.digits ?? $0.special }
      guard digits.count == scalars.count else { return nil }
      // Read in its own type, so that it is rounded once.
      if type == .f32 { return Tensor(digits.compactMap(Float.init), shape: shape) }
      return Tensor(digits.compactMap(Double.init), shape: shape).converted(to: type)
    }
  }
}

extension JSON {
  /// The digits of a number, as they are written.
  fileprivate var digits: String? { if case .number(let digits) = self { digits } else { nil } }

  /// A number that JSON lacks, in quotes.
  fileprivate var special: String? {
    text.flatMap { ["nan", "inf", "-inf", "-nan"].contains($0) ? $0 : nil }
  }
}

extension ScalarType {
  /// The least and the greatest number of an integer type; `nil` for other types.
  fileprivate var integerRange: (least: String, greatest: String, holds: (String) -> Bool)? {
    func range<T: FixedWidthInteger>(_: T.Type) -> (String, String, (String) -> Bool) {
      ("\(T.min)", "\(T.max)", { T($0) != nil })
    }
    return switch self {
    case .i8: range(Int8.self)
    case .i16: range(Int16.self)
    case .i32: range(Int32.self)
    case .i64: range(Int64.self)
    case .u8: range(UInt8.self)
    case .u16: range(UInt16.self)
    case .u32: range(UInt32.self)
    case .u64: range(UInt64.self)
    case .bool, .f16, .bf16, .f32, .f64: nil
    }
  }
}
