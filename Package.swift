// swift-tools-version: 6.1
import PackageDescription

// Imports go one way, from the top of this list to the bottom; ARCHITECTURE.md says what each target is for.
let package = Package(
  name: "Tessera",
  products: [
    .library(name: "Tessera", targets: ["Tessera", "TesseraSource"]),
    .library(name: "TesseraData", targets: ["TesseraData"]),
    .executable(name: "tess", targets: ["tess"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
  ],
  targets: [
    .systemLibrary(
      name: "CLLVM", pkgConfig: "llvm-22", providers: [.apt(["llvm-22-dev"])]),
    .systemLibrary(name: "CMalloc"),
    .systemLibrary(name: "CEdit", pkgConfig: "libedit", providers: [.apt(["libedit-dev"])]),
    .systemLibrary(name: "CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"])]),
    .target(name: "TesseraRuntime", path: "Runtime/C"),
    .target(
      name: "TesseraStandardLibrary", path: "Runtime/Library",
      resources: [
        .embedInCode("math.tess"), .embedInCode("nn.tess"), .embedInCode("linalg.tess"),
        .embedInCode("image.tess"),
        // The C runtime travels with the compiler, which puts it into libraries.
        .embedInCode("../C/calls.c"), .embedInCode("../C/checks.c"), .embedInCode("../C/print.c"),
        .embedInCode("../C/run.c"), .embedInCode("../C/runtime.c"), .embedInCode("../C/sort.c"),
        .embedInCode("../C/threads.c"), .embedInCode("../C/runtime.h"),
        .embedInCode("../C/include/tessera.h"),
        .embedInCode("../C/include/tessera_compiled.h"),
      ]),

    .target(name: "TesseraSource"),
    .target(name: "TesseraTables"),
    .target(name: "TesseraNumbers"),
    .target(
      name: "TesseraSyntax", dependencies: ["TesseraSource", "TesseraTables", "TesseraNumbers"]),
    .target(name: "TesseraSemantics", dependencies: ["TesseraSyntax"]),
    .target(
      name: "TesseraIR", dependencies: ["TesseraSource", "TesseraTables", "TesseraNumbers"],
      exclude: ["Text/README.md"]),
    .target(name: "TesseraLowering", dependencies: ["TesseraSemantics", "TesseraIR"]),
    .target(name: "TesseraPasses", dependencies: ["TesseraIR"]),
    .target(name: "TesseraInterpreter", dependencies: ["TesseraIR", "TesseraRuntime"]),
    .target(name: "TesseraLLVM", dependencies: ["CLLVM"]),
    .target(
      name: "TesseraCodeGen", dependencies: ["TesseraIR", "TesseraLLVM", "TesseraRuntime"]),
    .target(
      name: "TesseraData",
      dependencies: ["TesseraSource", "TesseraNumbers", "TesseraRuntime", "CPNG"]),
    .target(
      name: "Tessera",
      dependencies: [
        "TesseraSource", "TesseraSyntax", "TesseraSemantics", "TesseraIR", "TesseraLowering",
        "TesseraPasses", "TesseraInterpreter", "TesseraCodeGen", "TesseraData", "TesseraRuntime",
        "TesseraStandardLibrary",
      ]),
    .target(
      name: "TesseraCLI",
      dependencies: [
        "Tessera", "TesseraIR", "TesseraPasses", "TesseraData", "TesseraSource",
        "TesseraRuntime", "CEdit", "CMalloc",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    .executableTarget(name: "tess", dependencies: ["TesseraCLI"]),

    .executableTarget(
      name: "reference",
      dependencies: [
        "Tessera", "TesseraData",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ], path: "Examples/reference",
      exclude: [
        "host.c", "reference_ops.tess", "sampling.tess", "unet.tess", "unet_blocks.tess",
      ]),
    .executableTarget(
      name: "first-results", dependencies: ["Tessera", "TesseraData"],
      path: "Examples/bench/first-results"),
    .executableTarget(
      name: "embed-swift", dependencies: ["Tessera", "TesseraData"], path: "Examples/embed-swift"),
    .executableTarget(
      name: "adapter-full-size", dependencies: ["Tessera", "TesseraData"],
      path: "Examples/adapter/full-size", exclude: ["pytorch.py"]),

    .target(name: "TesseraTesting", path: "Tests/TesseraTesting"),
    .target(name: "GuardPages", dependencies: ["TesseraRuntime"], path: "Tests/GuardPages"),
    .target(
      name: "TesseraProgramTesting", dependencies: ["Tessera", "TesseraTesting", "GuardPages"],
      path: "Tests/TesseraProgramTesting"),
    .testTarget(name: "TesseraSyntaxTests", dependencies: ["TesseraSyntax", "TesseraTesting"]),
    .testTarget(
      name: "TesseraSemanticsTests", dependencies: ["TesseraSemantics", "TesseraTesting"]),
    .testTarget(name: "TesseraIRTests", dependencies: ["TesseraIR", "TesseraTesting"]),
    .testTarget(name: "TesseraLoweringTests", dependencies: ["TesseraLowering", "TesseraTesting"]),
    .testTarget(
      name: "TesseraInterpreterTests", dependencies: ["TesseraInterpreter", "TesseraTesting"]),
    .testTarget(
      name: "TesseraPassesTests",
      dependencies: ["TesseraPasses", "TesseraInterpreter", "TesseraTesting"]),
    .testTarget(name: "TesseraCodeGenTests", dependencies: ["TesseraCodeGen", "TesseraTesting"]),
    .testTarget(name: "TesseraRuntimeTests", dependencies: ["TesseraRuntime"]),
    .testTarget(name: "TesseraDataTests", dependencies: ["TesseraData", "TesseraTesting"]),
    .testTarget(
      name: "CommandTests", dependencies: ["tess", "reference", "TesseraData", "TesseraTesting"]),
    .testTarget(name: "GoldenTests", dependencies: ["TesseraCLI", "TesseraTesting"]),
    .testTarget(
      name: "NumericTests",
      dependencies: ["Tessera", "TesseraTesting", "TesseraProgramTesting"],
      exclude: ["in-place.tess", "Guarded/operations.tess", "Programs", "Samples"]),
    .testTarget(name: "TesseraTests", dependencies: ["Tessera", "TesseraTesting"]),
    .testTarget(
      name: "FuzzTests", dependencies: ["Tessera", "TesseraTesting", "TesseraProgramTesting"]),
  ],
  swiftLanguageModes: [.v6]
)
