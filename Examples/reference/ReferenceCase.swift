import Tessera
import TesseraData

/// A case of a manifest.
struct ReferenceCase {
  let entry: JSON
  let name: String
  let directory: String
  let files: FileAccess

  init(_ entry: JSON, name: String, directory: String, _ files: FileAccess) {
    self.entry = entry
    self.name = name
    self.directory = directory
    self.files = files
  }

  /// `true` iff the program runs as an object linked with C, not in this process.
  var isAheadOfTime = false

  /// Runs the case and compares.
  func run(_ options: SessionOptions) -> CaseResult {
    var result = CaseResult(
      name: name, kind: entry["kind"]?.text ?? "", verdict: .unsupported)
    do {
      let data = try Safetensors(try files.mapped("\(directory)/\(entry["file"]?.text ?? "")"))
      guard
        let program = ReferenceProgram(kind: result.kind, config: entry["config"] ?? .null, data)
      else {
        result.reason = "no program for cases of kind '\(result.kind)'"
        return result
      }
      result.verdict = .failed
      try run(program, data, options, &result)
      let grads = (entry["tolerance"]?.members ?? []).filter { $0.key.hasPrefix("grad.") }.count
      if grads > 0 { result.reason = "\(grads) gradients cannot be expressed yet" }
    } catch {
      result.reason = "\(error)"
    }
    return result
  }

  private func run(
    _ program: ReferenceProgram, _ data: Safetensors, _ options: SessionOptions,
    _ result: inout CaseResult
  ) throws {
    let clock = ContinuousClock()
    let start = clock.now
    let modules = ModuleFinder.directories(ReferenceProgram.moduleDirectories, files)
    let source = "case \(name).tess"
    var ownOptions = options
    var aheadOfTime: AheadOfTime?
    if isAheadOfTime {
      // The interpreter's executable only tells what the function takes.
      ownOptions.engine = .interpreter
      aheadOfTime = try AheadOfTime(
        program.source, name: source, modules: modules, options: options)
    }
    defer { aheadOfTime?.remove() }
    let executable = try Session(options: ownOptions, modules: modules)
      .compile(program.source, name: source)
    result.compileTime = clock.now - start
    guard let function = executable["run"] else {
      throw DataError("the program has no function 'run'")
    }
    // Some cases borrow the weights of another.
    var weights = data
    if let lender = entry["params_from"]?["file"]?.text {
      weights = try Safetensors(try files.mapped("\(directory)/\(lender)"))
    }
    var arguments: [Tensor] = []
    for parameter in function.parameters {
      guard let key = program.inputs[parameter.name] else {
        throw DataError("no input for '\(parameter.name)'")
      }
      arguments += try parameter.load(
        from: key.hasPrefix("param") ? weights : data, prefix: key)
    }
    if let aheadOfTime {
      let (outputs, time) = try aheadOfTime.call(arguments)
      result.runTime = time
      result.outputs = try compare(outputs, function, program, data)
    } else {
      let begin = clock.now
      let outputs = try executable.call("run", arguments)
      result.runTime = clock.now - begin
      result.outputs = try compare(outputs, function, program, data)
    }
    let expected = data.entries.filter { $0.name.hasPrefix("out.") }.map(\.name)
    let missing = Set(expected).subtracting(result.outputs.map(\.key))
    if !missing.isEmpty {
      throw DataError("no output \(missing.sorted().joined(separator: ", "))")
    }
    result.verdict = result.outputs.allSatisfy(\.isFine) ? .passed : .failed
  }

  /// Compares what `function` gave with the outputs of the case.
  func compare(
    _ outputs: [Tensor], _ function: HostFunction, _ program: ReferenceProgram, _ data: Safetensors
  ) throws -> [CaseResult.Output] {
    try zip(function.resultLeaves, outputs).map { leaf, output in
      try compare(output, with: data, program.outputs[leaf.path] ?? "out.\(leaf.path)")
    }
  }

  /// Compares `output` with the tensor of `key`: every element within atol + rtol * |reference|.
  private func compare(
    _ output: Tensor, with data: Safetensors, _ key: String
  ) throws -> CaseResult.Output {
    guard let reference = try data.tensor(key) else { throw DataError("no '\(key)' in the file") }
    guard reference.shape == output.shape else {
      throw DataError(
        "'\(key)' is \(output.typeDescription)", expected: reference.typeDescription)
    }
    let tolerance = entry["tolerance"]?[key]
    let isExact = tolerance?["exact"]?.boolean == true
    let absolute = tolerance?["atol"]?.double ?? 0
    let relative = tolerance?["rtol"]?.double ?? 0
    var greatest = 0.0
    var isFine = true
    for (got, wanted) in zip(output.doubles(), reference.doubles()) {
      if got == wanted || got.isNaN && wanted.isNaN { continue }
      let error = abs(got - wanted)
      if !(error <= greatest) { greatest = error }
      if isExact || !(error <= absolute + relative * abs(wanted)) { isFine = false }
    }
    return CaseResult.Output(
      key: key, error: greatest,
      tolerance: isExact ? "exact" : "atol \(absolute), rtol \(relative)", isFine: isFine)
  }
}
