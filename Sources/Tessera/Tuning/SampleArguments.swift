import Foundation
import TesseraData
import TesseraIR

/// Data for a function whose sizes are told by the names of its dimensions.
struct SampleArguments {
  /// One tensor a leaf of the parameters.
  private(set) var tensors: [Tensor] = []

  /// Makes data without a pattern: floats between -1 and 1, whole numbers from 0 to 3; a number that
  /// a dimension comes from is that dimension.
  init(_ function: HostFunction, _ dimensions: [String: Int]) throws(Tuner.Failure) {
    let signature = function.signature
    let names = Set(signature.symbols.map(\.name)).sorted()
    var numbers: [Int] = []
    for symbol in signature.symbols {
      if case .constant(let number) = symbol.origin {
        numbers.append(number)
      } else if let number = dimensions[symbol.name] {
        numbers.append(number)
      } else {
        throw Tuner.Failure(
          description: "the length of \(symbol.name) is not told; expected one for each of "
            + names.joined(separator: ","))
      }
    }
    if let other = dimensions.keys.sorted().first(where: { !names.contains($0) }) {
      let known = names.isEmpty ? "" : "; there are \(names.joined(separator: ","))"
      throw Tuner.Failure(description: "there is no dimension \(other)\(known)")
    }
    var bytesLeft = ProcessInfo.processInfo.physicalMemory / 4
    for (position, leaf) in signature.parameters.flatMap(\.leaves).enumerated() {
      let symbol = signature.symbols.indices.first { place in
        if case .scalar(position) = signature.symbols[place].origin { true } else { false }
      }
      let shape = leaf.shape?.map { $0.value(numbers) } ?? []
      let type = function.parameterLeaves[position].elementType
      guard let byteCount = try? Tensor.byteCount(type, shape) else {
        throw Tuner.Failure(description: "there is no tensor of the shape \(shape)")
      }
      guard byteCount <= bytesLeft else {
        throw Tuner.Failure(
          description: "data of the shape \(shape) would fill the memory of this machine")
      }
      bytesLeft -= UInt64(byteCount)
      let values = (0..<shape.reduce(1, *)).map { place -> Float in
        if let symbol { return Float(numbers[symbol]) }
        let mixed = (place &* 7919 &+ position &* 104_729 &+ 13) % 1009
        return type.isFloat ? Float(mixed) / 505 - 1 : Float(mixed % (type == .bool ? 2 : 4))
      }
      tensors.append(Tensor(values, shape: shape).converted(to: type))
    }
  }
}
