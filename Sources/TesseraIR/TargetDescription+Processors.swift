extension TargetDescription {
  /// The names of the processors, as LLVM spells them, that have all that this level asks for.
  public var processors: [String] {
    switch (architecture, vectorByteCount) {
    case (.x86_64, 64): TargetDescription.processorsWithAVX512
    case (.x86_64, _):
      TargetDescription.processorsWithAVX2 + TargetDescription.processorsWithAVX512
    case (.aarch64, _): TargetDescription.processorsWithNEON
    }
  }

  /// This level, tuned for a processor of it, with those of its extensions that the processor has.
  public func tuned(for processor: String) -> TargetDescription {
    let features = TargetDescription.processorsByExtension.filter { $0.value.contains(processor) }
    var tuned = extended(with: Set(features.keys))
    tuned.processor = processor
    return tuned
  }

  private static let processorsByExtension: [String: Set<String>] = [
    "avxvnni": [
      "alderlake", "raptorlake", "meteorlake", "arrowlake", "arrowlake-s", "lunarlake",
      "pantherlake", "gracemont", "sierraforest", "grandridge", "clearwaterforest",
      "sapphirerapids", "emeraldrapids", "graniterapids", "graniterapids-d", "diamondrapids",
      "novalake", "znver5",
    ],
    "avxvnniint8": [
      "arrowlake", "arrowlake-s", "lunarlake", "pantherlake", "sierraforest", "grandridge",
      "clearwaterforest", "diamondrapids", "novalake",
    ],
    "avx512vnni": Set(processorsWithAVX512).subtracting([
      "x86-64-v4", "skylake-avx512", "cannonlake",
    ]),
    "avx512bf16": [
      "cooperlake", "sapphirerapids", "emeraldrapids", "graniterapids", "graniterapids-d",
      "diamondrapids", "novalake", "znver4", "znver5",
    ],
    "dotprod": Set(processorsWithNEON).subtracting([
      "generic", "cortex-a53", "cortex-a57", "cortex-a72", "cortex-a73", "a64fx", "thunderx2t99",
      "thunderx3t110",
    ]),
  ]

  private static let processorsWithAVX2 = [
    "x86-64-v3", "haswell", "broadwell", "skylake", "alderlake", "raptorlake", "meteorlake",
    "arrowlake", "arrowlake-s", "lunarlake", "pantherlake", "gracemont", "sierraforest",
    "grandridge", "clearwaterforest", "bdver4", "znver1", "znver2", "znver3",
  ]

  private static let processorsWithAVX512 = [
    "x86-64-v4", "skylake-avx512", "cascadelake", "cooperlake", "cannonlake", "icelake-client",
    "icelake-server", "tigerlake", "rocketlake", "sapphirerapids", "emeraldrapids",
    "graniterapids", "graniterapids-d", "diamondrapids", "novalake", "znver4", "znver5",
  ]

  private static let processorsWithNEON = [
    "generic", "cortex-a53", "cortex-a55", "cortex-a57", "cortex-a72", "cortex-a73", "cortex-a75",
    "cortex-a76", "cortex-a77", "cortex-a78", "cortex-a510", "cortex-a520", "cortex-a710",
    "cortex-a715", "cortex-a720", "cortex-a725", "cortex-x1", "cortex-x2", "cortex-x3",
    "cortex-x4", "cortex-x925", "neoverse-n1", "neoverse-n2", "neoverse-n3", "neoverse-v1",
    "neoverse-v2", "neoverse-v3", "neoverse-512tvb", "a64fx", "ampere1", "ampere1a", "ampere1b",
    "apple-m1", "apple-m2", "apple-m3", "apple-m4", "apple-m5", "cobalt-100", "grace", "gb10",
    "oryon-1", "thunderx2t99", "thunderx3t110",
  ]
}
