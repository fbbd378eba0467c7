extension InteractiveSession {
  /// The program of `input` in this session, up to IR, with the function `entry` for hosts.
  func compile(_ input: InputProgram, entry: String) -> Compilation {
    var compilation = Compilation(
      name: "input", bytes: Array(input.text(in: self).utf8), modules: finder)
    compilation.check()
    compilation.lower(entries: compilation.functions(called: entry))
    return compilation
  }
}
