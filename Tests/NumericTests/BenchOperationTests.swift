import Foundation
import Tessera
import TesseraData
import TesseraNumbers
import TesseraTesting
import Testing

/// What `make bench` times computes the same as machine code and in the interpreter, on shapes that
/// fill no register.
@Suite struct BenchOperationTests {
  /// Each function with the shapes of its arguments.
  static let functions: [(file: String, function: String, shapes: [[Int]])] = [
    ("add", "add", [[19], [19]]),
    ("add", "add_tiles", [[19], [19]]),
    ("saxpy", "saxpy", [[19], [19]]),
    ("saxpy", "saxpy_tiles", [[19], [19]]),
    ("silu", "silu", [[21]]),
    ("silu", "silu_tiles", [[21]]),
    ("gelu", "gelu", [[21]]),
    ("gelu", "gelu_bf16", [[21]]),
    ("gelu", "gelu_tiles", [[21]]),
    ("softmax", "softmax", [[3, 13]]),
    ("softmax", "softmax_tiles", [[3, 13]]),
    ("layernorm", "layernorm", [[3, 13], [13], [13]]),
    ("layernorm", "layernorm_tiles", [[3, 13], [13], [13]]),
    ("gnsilu", "gnsilu", [[1, 64, 3, 2], [64], [64]]),
    ("gnsilu", "gnsilu_tiles", [[1, 64, 3, 19], [64], [64]]),
    ("geglu", "geglu", [[3, 22]]),
    ("geglu", "geglu_tiles", [[3, 38]]),
    ("matmul", "matmul", [[7, 18], [18, 19]]),
    ("matmul", "matmul_bf16", [[7, 18], [18, 19]]),
    ("matmul", "matmul_f16", [[7, 18], [18, 19]]),
    ("matmul", "matmul_i8", [[7, 18], [18, 19]]),
    ("matmul", "matmul_tiles", [[7, 18], [18, 19]]),
    ("matmul", "matmul_tiles", [[70, 67], [67, 130]]),
    ("linear", "linear", [[5, 18], [7, 18], [7]]),
    ("linear", "linear_tiles", [[5, 18], [7, 18], [7]]),
    ("qkt", "qkt", [[2, 5, 11], [2, 7, 11]]),
    ("qkt", "qkt_tiles", [[2, 70, 11], [2, 67, 11]]),
    ("conv", "conv3x3", [[1, 3, 5, 6], [4, 3, 3, 3], [4]]),
    ("conv", "conv3x3", [[2, 3, 2, 16], [17, 3, 3, 3], [17]]),
    ("conv", "conv1x1", [[1, 3, 5, 6], [4, 3, 1, 1], [4]]),
    ("conv", "conv3x3f4", [[1, 17, 5, 6], [16, 17, 3, 3], [16]]),
    ("conv", "conv3x3s2", [[1, 3, 5, 6], [4, 3, 3, 3], [4]]),
    ("conv", "conv3x3s2", [[2, 3, 5, 32], [4, 3, 3, 3], [4]]),
    ("attn", "attn", [[1, 2, 5, 11], [1, 2, 7, 11], [1, 2, 7, 11]]),
    ("attn", "attn_tiles", [[1, 2, 5, 11], [1, 2, 70, 11], [1, 2, 70, 11]]),
    ("attn", "attn_tiles", [[1, 2, 70, 11], [1, 2, 70, 11], [1, 2, 70, 11]]),
  ]

  @Test(arguments: functions)
  func machineCodeAgreesWithTheInterpreter(file: String, function: String, shapes: [[Int]]) throws {
    let url = PackageFiles.root.appending(path: "Examples/bench/operations/\(file).tess")
    let text = try String(contentsOf: url, encoding: .utf8)
    var results: [[Double]] = []
    for engine in [SessionOptions.Engine.interpreter, .jit] {
      var options = SessionOptions()
      options.engine = engine
      let executable = try Session(options: options).compile(text, name: "\(file).tess")
      let arguments = zip(shapes, executable[function]?.parameterLeaves ?? []).map {
        Self.argument($0, $1.elementType)
      }
      results.append(try executable.call(function, arguments).flatMap { $0.doubles() })
    }
    #expect(!results[0].isEmpty && results[0].count == results[1].count)
    // A narrow sum may round to the neighbour: 8 bits, or 11. Tiles of 4×4 lose four bits.
    let tolerance =
      function.hasSuffix("bf16")
      ? 0x1p-7 : function.hasSuffix("f16") ? 0x1p-10 : function.hasSuffix("f4") ? 0x1p-13 : 0x1p-18
    for (interpreted, compiled) in zip(results[0], results[1]) {
      #expect(abs(interpreted - compiled) <= tolerance * max(1, abs(interpreted)))
    }
  }

  /// Every file of the bench stands in the table above.
  @Test func everyFileIsRun() {
    let folder = PackageFiles.root.appending(path: "Examples/bench/operations")
    let files = PackageFiles.files(below: folder, extensions: ["tess"])
    #expect(
      Set(files.map { $0.deletingPathExtension().lastPathComponent })
        == Set(Self.functions.map(\.file)))
  }

  /// Values between -2 and 2 without a pattern.
  private static func argument(_ shape: [Int], _ type: ScalarType) -> Tensor {
    let count = shape.reduce(1, *)
    let values = (0..<count).map { Float(($0 &* 2_654_435_761) % 1021) / 255 - 2 }
    return Tensor(values, shape: shape).converted(to: type)
  }
}
