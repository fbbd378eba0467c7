import TesseraIR

/// Lays the buffers of a function out in one piece of memory, its arena.
///
///     %a = allocate %n : buffer f32[?]            %arena = allocate %bytes : buffer u8[?]
///     …                                           %a = place %arena, %zero, %n : buffer f32[?]
///     copy %a, %x                            →    …
///     %b = allocate %m : buffer f32[?]            copy %a, %x
///     …                                           %b = place %arena, %zero, %m : buffer f32[?]
///     copy %b, %y                                 …
///
/// A buffer whose size can be computed when the function is entered gets a place; buffers that are
/// never needed at the same time share bytes, and the arena is as large as all need. An exported
/// function gets a companion `@NAME.workspace` that gives the arena's bytes for its parameters, and
/// so do the functions of its preparation.
///
/// Left as they are: small buffers that the stack holds, buffers of iterations that may run at one
/// time, buffers that a loop or branch hands on, and those of branches of which only the run tells
/// whether they are taken.
extension Pass {
  public static let memoryPlan = Pass(
    name: "memory-plan", summary: "lay buffers out in one piece of memory"
  ) { (module: inout Module, _: inout PassContext) in
    var companions: [Function] = []
    var changed = false
    let entered = Set(
      module.functions.filter(\.isExported).flatMap {
        [$0.name, prepareFunctionName($0.name), preparedFunctionName($0.name)]
      })
    for index in module.functions.indices {
      let plan = ArenaPlan(module.functions[index])
      if plan.placed.isEmpty { continue }
      changed = true
      if entered.contains(module.functions[index].name) {
        companions.append(makeWorkspaceFunction(of: module.functions[index], plan))
      }
      module.functions[index].place(plan)
    }
    module.functions += companions
    return changed
  }
}

extension Function {
  /// Allocates the arena at the entry, and takes the buffers of the plan from it.
  fileprivate mutating func place(_ plan: ArenaPlan) {
    buildAtEntry { builder in
      var code = EntryNumberCode(plan.numbers, parameters: builder.function.parameters)
      let byteCount = code.emit(plan.byteCount, &builder)
      let arena = builder.emit(
        .allocate, [byteCount], results: [.buffer(.scalar(.u8), [.dynamic])], names: ["arena"])[0]
      for placed in plan.placed {
        let offset = code.emit(placed.byteOffset, &builder)
        builder.function.operations[placed.operation].opcode = .place
        builder.function.operations[placed.operation].operands
          .insert(contentsOf: [arena, offset], at: 0)
      }
    }
  }
}

extension Function {
  /// Runs `body` with a builder that stands before all operations.
  mutating func buildAtEntry(_ body: (inout Builder) -> Void) {
    let old = regions[self.body].operations
    var builder = Builder(Function(name: ""))
    swap(&builder.function, &self)
    builder.region = builder.function.body
    builder.span = builder.function.span
    builder.function.regions[builder.region].operations = []
    body(&builder)
    swap(&builder.function, &self)
    regions[self.body].operations += old
  }
}

/// The companion `@NAME.workspace`: the bytes of the arena, by the parameters of the function.
private func makeWorkspaceFunction(of function: Function, _ plan: ArenaPlan) -> Function {
  var builder = Builder(Function(name: workspaceFunctionName(function.name), span: function.span))
  for (parameter, role) in zip(function.parameters, function.roles) {
    let info = function.values[parameter]
    builder.function.addParameter(info.name, info.type, role: role)
  }
  builder.function.resultTypes = [.index]
  builder.function.resultNames = ["bytes"]
  builder.span = function.span
  var code = EntryNumberCode(plan.numbers, parameters: builder.function.parameters)
  let byteCount = code.emit(plan.byteCount, &builder)
  builder.emit(.return, [byteCount])
  return builder.function
}
