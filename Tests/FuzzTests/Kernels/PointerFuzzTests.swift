import TesseraCodeGen
import TesseraIR
import TesseraInterpreter
import TesseraNumbers
import TesseraPasses
import TesseraProgramTesting
import Testing

/// Random kernels of pointers and atomics leave in memory what the interpreter leaves, at every level
/// and by several threads, and touch nothing beside it.
@Suite struct PointerFuzzTests {
  @Test func everyWayToRunAgrees() throws {
    let session = try JITSession()
    for seed in FuzzRun.seeds(short: 40, long: 5_000) {
      let generated = PointerKernelGenerator(seed: seed)
      FuzzRun.check(seed, generated.text, of: generated.sizes) {
        try problems(generated, session)
      }
    }
  }

  private func problems(
    _ generated: PointerKernelGenerator, _ session: JITSession
  ) throws -> [String] {
    let compiled = try CompiledProgram(generated.text, name: "pointers.tess")
    let meant = try interpreted(compiled.module, generated)
    var problems: [String] = []
    func check(_ found: [[UInt8]], _ way: String) {
      for (memory, (bytes, other)) in zip(generated.memories, zip(meant, found))
      where bytes != other {
        problems.append("\(way) leaves \(other) in \(memory.name), not \(bytes)")
      }
    }
    for level in [OptimizationLevel.none, .standard] {
      var module = compiled.module
      var options = PipelineOptions()
      options.verify = { verify($0) }
      _ = try run(Pipeline.standard(level), on: &module, options: options)
      check(try interpreted(module, generated), "the interpreter, scheduled at \(level),")
      let code = try session.compile(
        module, optimization: level == .none ? .none : .standard, sources: compiled.sources)
      check(try executed(code, generated), "machine code at \(level)")
    }
    return problems
  }

  /// The bytes of all memory after a run by the interpreter.
  private func interpreted(
    _ module: Module, _ generated: PointerKernelGenerator
  ) throws -> [[UInt8]] {
    let tensors = generated.memories.map {
      TensorValue($0.type, shape: [$0.values.count], values: $0.values)
    }
    let sizes = generated.sizes.map { InterpreterValue.integer(Int64($0), .i32) }
    _ = try Interpreter(module).run(
      "f", tensors.map { .address(memory: $0, byteOffset: 0) } + sizes)
    return tensors.map { $0.bytes() }
  }

  /// The bytes of all memory after a run by machine code, with what lies around it.
  private func executed(
    _ code: CompiledModule, _ generated: PointerKernelGenerator
  ) throws -> [[UInt8]] {
    let margin = 256
    var blocks = generated.memories.map { memory in
      let bytes = TensorValue(memory.type, shape: [memory.values.count], values: memory.values)
      let around = [UInt8](repeating: 0xA5, count: margin)
      return around + bytes.bytes() + around
    }
    let function = try #require(code["f"])
    let addresses = blocks.map { block in
      let address = UnsafeMutableRawPointer.allocate(byteCount: block.count, alignment: 64)
      block.withUnsafeBytes { address.copyMemory(from: $0.baseAddress!, byteCount: block.count) }
      return address
    }
    defer { for address in addresses { address.deallocate() } }
    try function.call(
      addresses.map { .address($0 + margin) }
        + generated.sizes.map { .scalar(ScalarValue(Int64($0), .i32)) })
    for (position, address) in addresses.enumerated() {
      let count = blocks[position].count
      let bytes = Array(UnsafeRawBufferPointer(start: address, count: count))
      let isWhole = (bytes.prefix(margin) + bytes.suffix(margin)).allSatisfy { $0 == 0xA5 }
      blocks[position] = isWhole ? Array(bytes[margin..<count - margin]) : bytes
    }
    return blocks
  }
}
