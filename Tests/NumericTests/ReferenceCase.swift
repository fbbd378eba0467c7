import Foundation
import TesseraData
import TesseraProgramTesting
import TesseraTesting

/// A case of the reference data: weights, inputs and outputs of an original model.
struct ReferenceCase {
  /// How far a result may be from the reference: |got - ref| <= absolute + relative * |ref|.
  struct Tolerance {
    var absolute: Double
    var relative: Double
  }

  let name: String
  let kind: String
  let configuration: JSON
  let tolerances: [String: Tolerance]
  let tensors: Safetensors

  /// The case called `name`, or `nil` where there is no reference data.
  init?(_ name: String) throws {
    guard let directory = PackageFiles.shared("golden") else { return nil }
    let manifest = try JSON(
      parsing: Array(Data(contentsOf: directory.appendingPathComponent("manifest.json"))))
    guard
      let entry = manifest["cases"]?.elements?.first(where: { $0["name"]?.text == name }),
      let file = entry["file"]?.text, let kind = entry["kind"]?.text,
      let configuration = entry["config"]
    else { return nil }
    self.name = name
    self.kind = kind
    self.configuration = configuration
    var tolerances: [String: Tolerance] = [:]
    for member in entry["tolerance"]?.members ?? [] {
      tolerances[member.key] = Tolerance(
        absolute: member.value["atol"]?.double ?? 0, relative: member.value["rtol"]?.double ?? 0)
    }
    self.tolerances = tolerances
    tensors = try Safetensors(Array(Data(contentsOf: directory.appendingPathComponent(file))))
  }

  /// A number of the configuration.
  func integer(_ key: String) -> Int { configuration[key]?.integer ?? 0 }

  /// A truth of the configuration.
  func boolean(_ key: String) -> Bool { configuration[key]?.boolean ?? false }

  /// A list of numbers of the configuration, as the language writes it.
  func list(_ key: String) -> String {
    let numbers = configuration[key]?.elements?.compactMap(\.integer) ?? []
    return "[\(numbers.map(String.init).joined(separator: ", "))]"
  }

  /// The largest excess of `got` over the tolerance of the output `key`; at most 0 iff it passes.
  func excess(_ got: [Double], _ key: String) throws -> Double {
    guard let expected = try tensors.tensor("out.\(key)")?.doubles(),
      let tolerance = tolerances["out.\(key)"], expected.count == got.count
    else { return .infinity }
    return zip(got, expected).map { got, expected in
      let bound = tolerance.absolute + tolerance.relative * abs(expected)
      let error = abs(got - expected) - bound
      return error.isNaN ? .infinity : error
    }.max() ?? 0
  }
}
