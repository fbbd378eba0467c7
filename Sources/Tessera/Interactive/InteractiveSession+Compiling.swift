extension InteractiveSession {
  /// The program of `input` in this session, up to IR, with the function `entry` for hosts.
  func compile(_ input: InputProgram, entry: String) -> Compilation {
    let program = input.program(in: self)
    var compilation = Compilation(name: "input", bytes: program.bytes, modules: finder)
    compilation.check()
    compilation.lower(entries: compilation.functions(called: entry))
    compilation.speakOfInputs(program, input.input)
    return compilation
  }
}
