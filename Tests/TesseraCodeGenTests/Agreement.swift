import TesseraCodeGen
import TesseraIR
import TesseraInterpreter
import TesseraNumbers
import TesseraSource
import Testing

/// An argument of a test, for the interpreter and for compiled code.
enum TestArgument {
  case scalar(ScalarValue)
  case buffer(ScalarType, shape: [Int], [ScalarValue])

  /// A buffer of floats or integers given as doubles.
  static func numbers(_ type: ScalarType, _ values: [Double], shape: [Int]? = nil) -> Self {
    let numbers = values.map {
      type.isFloat ? ScalarValue(rounding: $0, type) : ScalarValue(Int64($0), type)
    }
    return .buffer(type, shape: shape ?? [values.count], numbers)
  }

  /// A buffer of zeros.
  static func zeros(_ type: ScalarType, _ shape: Int...) -> Self {
    .buffer(
      type, shape: shape, Array(repeating: .zero(type), count: shape.reduce(1, *)))
  }

  static func int(_ value: Int64, _ type: ScalarType = .i64) -> Self {
    .scalar(ScalarValue(value, type))
  }
}

/// What a run leaves: the contents of buffers, then the scalar results; or how it failed.
struct Outcome: Equatable, CustomStringConvertible {
  var buffers: [[ScalarValue]] = []
  var results: [ScalarValue] = []
  var status: Int32 = 0
  var message = ""
  var line = 0

  var description: String {
    status == 0 ? "\(buffers) \(results)" : "status \(status) \(message) in line \(line)"
  }
}

/// The session that all tests share, from many threads.
let session = try! JITSession()

/// Parses and verifies a module.
func parse(
  _ text: String, at location: Testing.SourceLocation = #_sourceLocation
) throws -> (module: Module, sources: SourceMap) {
  var sources = SourceMap()
  let file = sources.add(name: "test.tir", text: text)
  let (module, diagnostics) = parseModule(file)
  let found = diagnostics + verify(module ?? Module())
  #expect(found.map(\.message) == [], sourceLocation: location)
  return (try #require(module, sourceLocation: location), sources)
}

/// Runs `function` in compiled code.
func runCompiled(_ compiled: CompiledFunction, _ arguments: [TestArgument]) -> Outcome {
  var outcome = Outcome()
  var blocks: [UnsafeMutableRawBufferPointer] = []
  defer { for block in blocks { block.deallocate() } }
  func block(_ byteCount: Int) -> UnsafeMutableRawPointer {
    let block = UnsafeMutableRawBufferPointer.allocate(
      byteCount: max(byteCount, 1), alignment: 64)
    block.initializeMemory(as: UInt8.self, repeating: 0)
    blocks.append(block)
    return block.baseAddress!
  }
  var passed: [CompiledFunction.Argument] = []
  var written: [(address: UnsafeMutableRawPointer, type: ScalarType, count: Int)] = []
  for argument in arguments {
    switch argument {
    case .scalar(let value): passed.append(.scalar(value))
    case .buffer(let type, let shape, let values):
      let address = block(values.count * type.byteCount)
      for (index, value) in values.enumerated() {
        withUnsafeBytes(of: value.bits.littleEndian) {
          (address + index * type.byteCount).copyMemory(
            from: $0.baseAddress!, byteCount: type.byteCount)
        }
      }
      written.append((address, type, values.count))
      passed.append(.tensor(data: address, type, shape: shape))
    }
  }
  let scalarResults = compiled.layout.fields.compactMap { field -> ScalarType? in
    if field.isResult, case .scalarAddress(let type) = field.kind { return type }
    return nil
  }
  let slots = scalarResults.map { _ in block(8) }
  passed += slots.map { .address($0) }
  do {
    try compiled.call(passed)
  } catch {
    outcome.status = error.status
    outcome.message = error.message
    outcome.line = error.line
    return outcome
  }
  func read(_ address: UnsafeMutableRawPointer, _ type: ScalarType) -> ScalarValue {
    var bits: UInt64 = 0
    withUnsafeMutableBytes(of: &bits) {
      $0.copyMemory(from: UnsafeRawBufferPointer(start: address, count: type.byteCount))
    }
    return canonical(ScalarValue(bits: bits, type))
  }
  outcome.buffers = written.map { buffer in
    (0..<buffer.count).map {
      read(buffer.address + $0 * buffer.type.byteCount, buffer.type)
    }
  }
  outcome.results = zip(slots, scalarResults).map { read($0, $1) }
  return outcome
}

/// Runs `name` of `module` in the interpreter.
func runInterpreted(
  _ module: Module, _ name: String, _ arguments: [TestArgument], _ sources: SourceMap
) -> Outcome {
  var outcome = Outcome()
  var tensors: [TensorValue] = []
  let values = arguments.map { argument -> InterpreterValue in
    switch argument {
    case .scalar(let value): return .scalar(value)
    case .buffer(let type, let shape, let values):
      let tensor = TensorValue(type, shape: shape, values: values)
      tensors.append(tensor)
      return .tensor(tensor)
    }
  }
  do {
    outcome.results = try Interpreter(module).run(name, values)
      .compactMap { $0.scalar.map(canonical) }
    outcome.buffers = tensors.map { $0.values().map(canonical) }
  } catch {
    outcome.status = error.status.rawValue
    outcome.message = error.message
    outcome.line = sources[error.span.file]?.location(of: error.span.start).line ?? 0
  }
  return outcome
}

/// The value with any NaN as the one that arithmetic makes.
private func canonical(_ value: ScalarValue) -> ScalarValue {
  value.isNaN ? ScalarValue(rounding: .nan, value.type) : value
}

/// Expects that compiled code, with and without optimisation, leaves what the interpreter leaves;
/// returns that.
@discardableResult
func agree(
  _ text: String, _ function: String = "f", _ arguments: TestArgument...,
  at location: Testing.SourceLocation = #_sourceLocation
) throws -> Outcome {
  let (module, sources) = try parse(text, at: location)
  let expected = runInterpreted(module, function, arguments, sources)
  for optimization in [CodeGenOptions.Optimization.none, .standard] {
    let compiled = try session.compile(module, optimization: optimization, sources: sources)
    let entry = try #require(compiled[function], sourceLocation: location)
    let found = runCompiled(entry, arguments)
    #expect(found.buffers == expected.buffers, sourceLocation: location)
    #expect(found.results == expected.results, sourceLocation: location)
    #expect(found.status == expected.status, "\(found)", sourceLocation: location)
    if expected.line > 0 { #expect(found.line == expected.line, sourceLocation: location) }
  }
  return expected
}
