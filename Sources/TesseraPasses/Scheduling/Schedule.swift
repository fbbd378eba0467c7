import TesseraIR
import TesseraSource

/// Turns whole tensors into buffers and loops.
///
///     func @twice(%x: f32[?]) -> (%y: f32[?]) {       func @twice(%x: buffer f32[?],
///       %n = dimension %x {0} : i64                             %y: output buffer f32[?]) {
///       %y = compute %n : f32[?] {                      %n = dimension %x {0} : i64
///       ^(%i: i64):                                     …
///         %v = read %x, %i : f32              →         for %lower, %upper, %one {
///         %w = add %v, %v : f32                         ^(%i: i64):
///         yield %w                                        %v = load %x, %i : f32
///       }                                                 %w = add %v, %v : f32
///       return %y                                         store %w, %y, %i
///     }                                                   yield
///                                                       }
///                                                       return
///                                                     }
///
/// - A tensor parameter becomes a buffer; a tensor result becomes a buffer parameter after all
///   others, of role `output`, in the order of the results. An `inout` tensor stays one parameter:
///   the first results of a function are what its `inout` tensors became, and need none of their
///   own.
/// - A function with tensor results gets a companion `@NAME.shapes`, see `makeShapeFunction`.
/// - A buffer lives until the region that allocates it ends, and never leaves it.
/// - Only memory that the function allocated, or may write by its role, is written.
extension Pass {
  public static let schedule = Pass(
    name: "schedule", summary: "turn whole tensors into buffers and loops"
  ) { (module: inout Module, context: inout PassContext) in
    var remarks: [Diagnostic]? = context.wantsRemarks ? [] : nil
    let changed = TesseraPasses.schedule(
      &module, for: context.target, context.schedules, &remarks)
    context.diagnostics.removeWhatRowsSay(remarks ?? [])
    context.diagnostics += remarks ?? []
    return changed
  }
}

/// Schedules every function of `module` that speaks of tensors for `target`; `true` iff there was
/// one.
@discardableResult
public func schedule(
  _ module: inout Module, for target: TargetDescription = .x86_64v3
) -> Bool {
  var remarks: [Diagnostic]?
  return schedule(&module, for: target, [:], &remarks)
}

/// The same, functions that `choices` names by what it says; what is done with each statement is
/// added to `remarks`, if there are any to add to.
private func schedule(
  _ module: inout Module, for target: TargetDescription, _ choices: [String: ScheduleChoice],
  _ remarks: inout [Diagnostic]?
) -> Bool {
  for signature in module.exports {
    guard let index = module.index(of: signature.function) else { continue }
    module.functions[index].takeLengthsFromConstants(signature)
  }
  let old = module.functions
  var signatures: [String: TensorSignature] = [:]
  for function in old { signatures[function.name] = TensorSignature(function) }

  // Remarks alone speak of lengths as the program does.
  var exports: [String: ExportSignature] = [:]
  for export in module.exports { exports[export.function] = export }
  module.functions = []
  var changed = false
  for function in old {
    guard function.speaksOfTensors else {
      module.functions.append(function)
      continue
    }
    changed = true
    var scheduler = Scheduler(
      function, signatures, target, exportedAs: remarks == nil ? nil : exports[function.name])
    if let export = exports[function.name] {
      scheduler.promisedLengths = PromisedLengths(function, export)
    }
    scheduler.choice = choices[function.name] ?? ScheduleChoice()
    scheduler.remarks = remarks
    module.functions.append(scheduler.run())
    remarks = scheduler.remarks
    if signatures[function.name]!.resultTypes.contains(where: \.isTensor) {
      module.functions.append(makeShapeFunction(of: function, signatures))
    }
  }
  return changed
}

/// How a function is called while tensors are values.
struct TensorSignature {
  var parameterTypes: [Type]
  var roles: [Function.ParameterRole]
  var resultTypes: [Type]

  /// Reads the signature of `function`.
  init(_ function: Function) {
    parameterTypes = function.parameters.map { function.type(of: $0) }
    roles = function.roles
    resultTypes = function.resultTypes
  }

  /// The parameter whose memory each result takes over; `nil` for a fresh result.
  var reusedParameters: [Int?] {
    let reused = parameterTypes.indices.filter {
      roles[$0] == .inout && parameterTypes[$0].isTensor
    }
    return resultTypes.indices.map { $0 < reused.count ? reused[$0] : nil }
  }
}

extension Type {
  /// The type of the memory that holds a tensor; any other type stays.
  var scheduled: Type {
    if case .tensor(let element, let extents) = self { return .buffer(element, extents) }
    return self
  }
}

extension Function {
  /// `true` iff there is something to schedule: a tensor, or a reduction of scalars.
  var speaksOfTensors: Bool {
    if resultTypes.contains(where: \.isTensor) { return true }
    if parameters.contains(where: { type(of: $0).isTensor }) { return true }
    var found = false
    forEachOperation(in: body) { operation in
      let content = operations[operation]
      if content.opcode.info.family == .tensor, content.opcode != .dimension { found = true }
      if content.results.contains(where: { type(of: $0).isTensor }) { found = true }
    }
    return found
  }
}
