import Foundation
import TesseraIR
import TesseraRuntime
import TesseraSource
import TesseraTesting
import Testing

@testable import TesseraCodeGen

/// Objects, headers and archives, used as a C programmer would.
@Suite struct ArtifactTests {
  private let text = """
    func @scale(%x: buffer f32[?, ?], %n: i64, %bias: buffer f32[?], %y: output buffer f32[?, ?])
        -> (%count: i64) export {
      %zero = constant {0} : i64
      %one = constant {1} : i64
      %rows = dimension %x {0} : i64
      %columns = dimension %x {1} : i64
      parallel %zero, %rows {
      ^(%i: i64):
        for %zero, %columns, %one {
        ^(%j: i64):
          %v = load %x, %i, %j : f32
          %b = load %bias, %j : f32
          %w = multiply_add %v, %v, %b : f32
          store %w, %y, %i, %j
          yield
        }
        yield
      }
      %total = multiply %rows, %columns : i64
      %q = divide %total, %n : i64
      return %q
    }
    """

  private func module() throws -> (module: Module, sources: SourceMap) {
    var (module, sources) = try parse(text)
    func leaf(_ shape: [DimensionExpression]?, _ text: String, key: String = "")
      -> ExportSignature.Leaf
    {
      ExportSignature.Leaf(
        key: key, element: .scalar(shape == nil ? .i64 : .f32), shape: shape, typeText: text)
    }
    let matrix = leaf([.symbol(0), .symbol(1)], "f32[M, N]")
    module.exports = [
      ExportSignature(
        name: "scale", function: "scale", text: "fn scale<M, N>(x: f32[M, N], …) /* tricky */",
        documentation: "Scales.\n\nTwice /* over */.",
        symbols: [
          .init(name: "M", origin: .axis(leaf: 0, axis: 0)),
          .init(name: "N", origin: .axis(leaf: 0, axis: 1)),
        ],
        parameters: [
          .init(name: "x", typeText: "f32[M, N]", leaves: [matrix]),
          .init(name: "double", typeText: "int", leaves: [leaf(nil, "int")]),
          .init(
            name: "p", typeText: "Bias<N>", isAggregate: true,
            leaves: [leaf([.symbol(1)], "f32[N]", key: "body.0.bias")]),
        ],
        results: [
          .init(name: "y", typeText: "f32[M, N]", leaves: [matrix]),
          .init(name: "count", typeText: "int", leaves: [leaf(nil, "int")]),
        ],
        facts: [
          .init(.remainder(.symbol(1), .constant(2)), .equal, .constant(0), names: ["M", "N"])
        ])
    ]
    return (module, sources)
  }

  private func object(
    _ target: TargetDescription = .x86_64v3, hasDebugInformation: Bool = false
  ) throws -> [UInt8] {
    let (module, sources) = try module()
    let options = CodeGenOptions(
      target: target, sources: sources, hasDebugInformation: hasDebugInformation)
    return try #require(try generateCode(module, options)[.object])
  }

  @Test(arguments: [TargetDescription.x86_64v3, .aarch64])
  func sameInputGivesSameBytes(_ target: TargetDescription) throws {
    #expect(
      try object(target, hasDebugInformation: true)
        == object(target, hasDebugInformation: true))
  }

  @Test func manifestListsLeaves() throws {
    let module = try module().module
    let text = manifest(module.exports, source: "scale.tess", target: .x86_64v3)
    let json = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
    let functions = try #require(json?["functions"] as? [[String: Any]])
    let arguments = try #require(functions.first?["args"] as? [[String: Any]])
    #expect(arguments.map { $0["offset"] as? Int } == [0, 48, 56, 104, 152])
    #expect(arguments.map { $0["member"] as? String } == ["x", "double_", "p", "y", "count"])
    #expect(text.contains("body.0.bias"))
  }

  @Test func archiveListsSymbols() throws {
    let object = try object()
    #expect(
      definedSymbols(object).sorted() == [
        "scale", "scale_info", "scale_shapes", "scale_workspace",
      ])
    let members = [
      ArchiveMember(name: "a.o", bytes: object),
      ArchiveMember(name: "a-name-that-is-long.o", bytes: [1, 2, 3]),
    ]
    let library = staticLibrary(members)
    #expect(library == staticLibrary(members))
    try Tool.inFolder { folder in
      try Data(library).write(to: folder.appendingPathComponent("lib.a"))
      guard let listing = Tool.run("ar", ["t", "lib.a"], in: folder) else { return }
      #expect(listing == "a.o\na-name-that-is-long.o\n")
    }
  }

  /// Links an object with the runtime alone and runs it from C.
  @Test func linksAndRunsFromC() throws {
    guard Tool.run("cc", ["--version"]) != nil else { return }
    try Tool.inFolder { folder in
      try build(folder, target: .x86_64v3, compiler: "cc", flags: [])
      #if arch(x86_64)
        #expect(Tool.run("./main", [], in: folder) == expectedOutput)
      #endif
      // What the object asks for is the runtime's, or the C library's for copying memory.
      let undefined = try #require(Tool.run("nm", ["-u", "scale.o"], in: folder))
        .split(whereSeparator: \.isWhitespace).filter { $0 != "U" }.map(String.init)
      for symbol in undefined { #expect(symbol.hasPrefix("tess_"), "\(symbol)") }
      #expect(
        Tool.run(
          "c++",
          [
            "-std=c++17", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", "-x", "c++", "scale.h",
            "-I", include,
          ], in: folder) != nil)
    }
  }

  /// The same for AArch64 under an emulator; without a cross compiler the object is made and no
  /// more, since nothing here could run it.
  @Test func linksAndRunsOnAArch64() throws {
    let object = try object(.aarch64)
    #expect(definedSymbols(object).contains("scale"))
    guard Tool.run("aarch64-linux-gnu-gcc", ["--version"]) != nil,
      Tool.run("qemu-aarch64", ["--version"]) != nil
    else { return }
    try Tool.inFolder { folder in
      try build(
        folder, target: .aarch64, compiler: "aarch64-linux-gnu-gcc", flags: ["-static"])
      #expect(Tool.run("qemu-aarch64", ["./main"], in: folder) == expectedOutput)
    }
  }

  /// Rows of arguments and results may lie apart, and what lies between them stays as it is.
  @Test(arguments: [[5, 1], [-5, 1], [4, 1]] as [[Int64]])
  func takesRowsThatLieApart(strides: [Int64]) throws {
    let compiled = try JITSession().compile(try module().module)
    let scale = try #require(compiled["scale"])
    // Rows of four in memory for five, the first row at the end if they go backwards.
    let start = strides[0] < 0 ? 5 : 0
    var x = (0..<10).map(Float.init)
    var bias: [Float] = [1, 2, 3, 4]
    var y = [Float](repeating: -1, count: 10)
    var (shape, length, strides, count) = ([2, 4] as [Int64], 4 as Int64, strides, 0 as Int64)
    let arguments = UnsafeMutableRawPointer.allocate(byteCount: 160, alignment: 8)
    defer { arguments.deallocate() }
    try x.withUnsafeMutableBytes { x in
      try bias.withUnsafeMutableBytes { bias in
        try y.withUnsafeMutableBytes { y in
          try shape.withUnsafeMutableBufferPointer { shape in
            try strides.withUnsafeMutableBufferPointer { strides in
              try withUnsafeMutablePointer(to: &length) { length in
                try withUnsafeMutablePointer(to: &count) { count in
                  func tensor(_ data: UnsafeMutableRawBufferPointer) -> tess_tensor {
                    tess_tensor(
                      data: data.baseAddress, device: tess_device(type: 1, id: 0), ndim: 2,
                      dtype: tess_dtype(code: 2, bits: 32, lanes: 1), shape: shape.baseAddress,
                      strides: strides.baseAddress, byte_offset: UInt64(4 * start))
                  }
                  var vector = tensor(bias)
                  (vector.ndim, vector.shape, vector.strides) = (1, length, nil)
                  vector.byte_offset = 0
                  arguments.storeBytes(of: tensor(x), as: tess_tensor.self)
                  arguments.storeBytes(of: 2, toByteOffset: 48, as: Int64.self)
                  arguments.storeBytes(of: vector, toByteOffset: 56, as: tess_tensor.self)
                  arguments.storeBytes(of: tensor(y), toByteOffset: 104, as: tess_tensor.self)
                  arguments.storeBytes(
                    of: count, toByteOffset: 152, as: UnsafeMutablePointer<Int64>.self)
                  try scale.call(arguments)
                }
              }
            }
          }
        }
      }
    }
    var expected = [Float](repeating: -1, count: 10)
    for row in 0..<2 {
      for column in 0..<4 {
        let place = start + row * Int(strides[0]) + column
        expected[place] = x[place] * x[place] + bias[column]
      }
    }
    #expect(y == expected)
    #expect(count == 4)
  }

  @Test func placesAreInDebugInformation() throws {
    try Tool.inFolder { folder in
      let bytes = try object(hasDebugInformation: true)
      try Data(bytes).write(to: folder.appendingPathComponent("scale.o"))
      guard
        let lines = Tool.run("readelf", ["--debug-dump=decodedline", "scale.o"], in: folder)
      else { return }
      // The product stands in the line that the text has it in.
      #expect(lines.contains("test.tir"))
      #expect(lines.contains { $0.isNewline })
      #expect(!lines.contains(folder.path))
    }
  }

  // MARK: A C program

  private let expectedOutput = """
    shape 2 x 4
    ok 3.5 66.5, count 4
    wrong shape: 'p.body.0.bias' is f32[3]; expected f32[N], where dimension 0 is 4
    fact does not hold: N % 2 == 0 does not hold with N = 3
    division by zero: division by zero in line 20
    info scale 5

    """

  private let program = """
    #include "scale.h"
    #include <stdio.h>
    static tess_tensor tensor(float *data, int32_t rank, int64_t *shape) {
      tess_tensor t = {data, {TESS_CPU, 0}, rank, {TESS_FLOAT, 32, 1}, shape, NULL, 0};
      return t;
    }
    static float x[8] = {1, 2, 3, 4, 5, 6, 7, 8}, bias[4] = {2.5f, 2.5f, 2.5f, 2.5f}, y[8];
    int main(void) {
      int64_t xs[] = {2, 4}, bs[] = {4}, ys[2], count = 0;
      tess_error e = {0};
      scale_args a = {.x = tensor(x, 2, xs), .double_ = 2, .count = &count};
      a.p[scale_p_body_0_bias] = tensor(bias, 1, bs);
      a.y.shape = ys;
      if (scale_shapes(&a, &e)) return puts(e.message), 1;
      printf("shape %d x %d\\n", (int)ys[0], (int)ys[1]);
      a.y.data = y;
      if (scale(&a, NULL, scale_workspace(&a, 1), &e)) return puts(e.message), 1;
      printf("ok %g %g, count %d\\n", y[0], y[7], (int)count);
      bs[0] = 3;
      int32_t status = scale(&a, NULL, 0, &e);
      printf("%s: %s\\n", tess_status_text(status), e.message);
      xs[1] = bs[0] = ys[1] = 3;
      status = scale(&a, NULL, 0, &e);
      printf("%s: %s\\n", tess_status_text(status), e.message);
      xs[1] = bs[0] = ys[1] = 4;
      a.double_ = 0;
      status = scale(&a, NULL, 0, &e);
      printf("%s: %s in line %d\\n", tess_status_text(status), e.message, (int)e.line);
      printf("info %s %d\\n", scale_info()->name, (int)scale_info()->argument_count);
      return 0;
    }
    """

  private var runtime: URL {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("Runtime/C")
  }

  private var include: String { runtime.appendingPathComponent("include").path }

  /// Writes object, header and program, and links them to `main`.
  private func build(
    _ folder: URL, target: TargetDescription, compiler: String, flags: [String]
  ) throws {
    try Data(object(target)).write(to: folder.appendingPathComponent("scale.o"))
    let header = cHeader(try module().module.exports, source: "scale.tess")
    try Data(header.utf8).write(to: folder.appendingPathComponent("scale.h"))
    try Data(program.utf8).write(to: folder.appendingPathComponent("main.c"))
    let sources = try FileManager.default.contentsOfDirectory(atPath: runtime.path)
      .filter { $0.hasSuffix(".c") }.sorted().map { runtime.appendingPathComponent($0).path }
    let arguments =
      ["-std=c11", "-Wall", "-Wextra", "-Werror", "main.c"]
      + ["scale.o"] + sources + ["-I", include, "-o", "main", "-lm", "-lpthread"] + flags
    #expect(Tool.run(compiler, arguments, in: folder) != nil)
  }
}
