import TesseraSource

extension Parser {
  /// Parses a whole file.
  mutating func module() -> Module {
    var module = Module(
      span: SourceSpan(file: file.id, start: 0, end: UInt32(file.bytes.count)), name: nil,
      imports: [], declarations: [])
    while take(.semicolon) {}
    if at(word: "module"), peek().isWord { module.name = moduleLine() }
    // Each round consumes a token: declarations that are none are skipped.
    while !at(.endOfFile) {
      if take(.semicolon) { continue }
      let count = diagnostics.count
      if at(.import) {
        module.imports += importLine()
      } else {
        module.declarations.append(declaration())
      }
      endLine(diagnosticsBefore: count)
    }
    return module
  }

  /// Parses `module name`.
  mutating func moduleLine() -> Name {
    let count = diagnostics.count
    layout.starts.insert(current.start)
    advance()
    let name = declaredName("a module")
    endLine(diagnosticsBefore: count)
    return name
  }

  /// Parses `import a, b as c`.
  mutating func importLine() -> [Import] {
    context.newlinesEndStatements = true
    layout.starts.insert(current.start)
    advance()
    var imports = [importItem()]
    while take(.comma) { imports.append(importItem()) }
    return imports
  }

  /// Parses one module of an import, with its alias.
  mutating func importItem() -> Import {
    let start = position
    let module = declaredName("a module")
    let alias = take(.as) ? declaredName("an alias") : nil
    return Import(span: span(from: start), module: module, alias: alias)
  }

  /// Parses a declaration with its attributes and modifiers.
  mutating func declaration() -> Declaration {
    let start = position
    context.newlinesEndStatements = false
    layout.starts.insert(current.start)
    var declaration = Declaration(
      span: spanOfCurrent, attributes: [], isPrivate: false, isExported: false,
      documentation: documentation(ofTokenAt: position), kind: .error)
    while at(.at) { declaration.attributes.append(attribute()) }
    let modifiers = position
    while at(.private) || at(.export) {
      layout.starts.insert(current.start)
      let isRepeated = at(.private) ? declaration.isPrivate : declaration.isExported
      if isRepeated { diagnose(.repeatedModifier(text(current), at: span(of: current))) }
      if advance().kind == .private {
        declaration.isPrivate = true
      } else {
        declaration.isExported = true
      }
    }
    let modifierSpan = span(from: modifiers)
    let isAlias = at(.identifier) && !current.beginsLine && !beginsDeclaration
    if declaration.isExported, isAlias || current.kind.isWord && peek() == .assign {
      declaration.kind = .exportAlias(exportAlias())
    } else {
      declaration.kind = declarationKind()
    }
    declaration.span = span(from: start)
    checkModifiers(of: declaration, at: modifierSpan)
    return declaration
  }

  private mutating func declarationKind() -> Declaration.Kind {
    layout.starts.insert(current.start)
    switch current.kind {
    case .fn: return .function(functionDeclaration())
    case .kernel: return .kernel(kernelDeclaration())
    case .struct: return .structure(structDeclaration())
    case .combiner: return .combiner(combinerDeclaration())
    case .const where peek().isWord && peek() != .if && peek() != .for:
      return .constant(constantDeclaration())
    case .identifier where beginsDeclaration:
      switch text(current) {
      case "test": return .test(testDeclaration())
      case "bench": return .bench(benchDeclaration())
      case "table": return .table(tableDeclaration())
      default: return .query(queryDeclaration())
      }
    default:
      diagnose(.expectedDeclaration(found: found, kind: current.kind, at: spanOfCurrent))
      if !at(.endOfFile), !beginsDeclarationForCertain { skipDeclaration() }
      return .error
    }
  }

  private mutating func checkModifiers(of declaration: Declaration, at span: SourceSpan) {
    let mayExport: Bool
    let mayBePrivate: Bool
    switch declaration.kind {
    case .function, .kernel, .exportAlias: (mayExport, mayBePrivate) = (true, true)
    case .structure, .combiner, .constant, .table, .query: (mayExport, mayBePrivate) = (false, true)
    case .test, .bench: (mayExport, mayBePrivate) = (false, false)
    case .error: return
    }
    if declaration.isExported, !mayExport {
      diagnose(.misplacedModifier("export", at: span))
    } else if declaration.isPrivate, !mayBePrivate {
      diagnose(.misplacedModifier("private", at: span))
    } else if declaration.isPrivate, declaration.isExported {
      diagnose(.misplacedModifier("private", at: span))
    }
  }

  /// Parses `@name(…)`.
  mutating func attribute() -> Attribute {
    let start = position
    layout.starts.insert(current.start)
    advance()
    let name: Name
    if current.kind.isWord {
      let word = advance()
      name = Name(text(word), at: span(of: word))
    } else {
      name = declaredName("an attribute")
    }
    let hasArguments = at(.leftParenthesis) && !current.beginsLine
    let values = hasArguments ? arguments() : []
    return Attribute(span: span(from: start), name: name, arguments: values)
  }

  /// Parses `fn name … { … }`.
  mutating func functionDeclaration() -> FunctionDeclaration {
    advance()
    let name = declaredName("a function")
    let signature = signature()
    return FunctionDeclaration(name: name, signature: signature, body: body("the function"))
  }

  /// Parses `struct name … { … }`.
  mutating func structDeclaration() -> StructDeclaration {
    advance()
    let name = declaredName("a struct")
    let generics = at(.less) ? genericParameters() : []
    let facts = at(.where) ? whereClause() : []
    return StructDeclaration(name: name, generics: generics, facts: facts, fields: fields())
  }

  /// Parses `const NAME: Type = value`.
  mutating func constantDeclaration() -> ConstantDeclaration {
    advance()
    context.newlinesEndStatements = true
    let name = declaredName("a constant")
    let type = take(.colon) ? self.type() : nil
    guard expect(.assign, "and the value of the constant") else {
      return ConstantDeclaration(
        name: name, type: type, value: Expression(.error, at: spanAfterPrevious))
    }
    return ConstantDeclaration(name: name, type: type, value: expression())
  }

  /// Parses `name = f(…)` after `export`.
  mutating func exportAlias() -> ExportAlias {
    context.newlinesEndStatements = true
    let name = declaredName("an exported function")
    guard expect(.assign, "and a function with its constants") else {
      return ExportAlias(name: name, value: Expression(.error, at: spanAfterPrevious))
    }
    return ExportAlias(name: name, value: expression())
  }

  /// Parses `test "title" { … }`.
  mutating func testDeclaration() -> TestDeclaration { titledBlock("the test") }

  /// Parses `bench "title" { … }`.
  mutating func benchDeclaration() -> TestDeclaration { titledBlock("the bench") }

  private mutating func titledBlock(_ owner: String) -> TestDeclaration {
    advance()
    let title = advance()
    return TestDeclaration(
      title: unescaped(text(title)), titleSpan: span(of: title), body: block(owner))
  }

  /// Parses the body of a declaration, or says that it is missing.
  mutating func body(_ owner: String) -> Block? {
    guard at(.leftBrace) else {
      diagnose(.expectedBlock(owner, found: found, at: spanOfCurrent))
      return nil
    }
    return block(owner)
  }

  /// Parses `{ name: Type if condition, … }`; a new line separates like a comma.
  mutating func fields() -> [FieldDeclaration] {
    guard at(.leftBrace) else {
      diagnose(.expectedBlock("the declaration", found: found, at: spanOfCurrent))
      return []
    }
    let opening = advance()
    context.newlinesEndStatements = true
    var fields: [FieldDeclaration] = []
    // Each round consumes a separator or ends.
    while !at(.rightBrace), !at(.endOfFile), !beginsDeclarationForCertain {
      let count = diagnostics.count
      fields.append(fieldDeclaration())
      if take(.comma) || at(.rightBrace) { continue }
      if !current.beginsLine {
        if diagnostics.count == count {
          expect(.comma, "between fields")
          if current.kind.isWord { continue }
        }
        skipStatement()
        if !current.beginsLine, !take(.semicolon) { break }
      }
    }
    close(.rightBrace, opening)
    return fields
  }

  /// Parses `name: Type if condition`.
  mutating func fieldDeclaration() -> FieldDeclaration {
    let start = position
    layout.starts.insert(current.start)
    let documentation = documentation(ofTokenAt: position)
    let name = declaredName("a field")
    guard expect(.colon, "and the type of the field") else {
      if start == position { advance() }
      return FieldDeclaration(
        span: span(from: start), documentation: documentation, name: name,
        type: TypeNode(.error, at: spanAfterPrevious), condition: nil)
    }
    let type = type()
    let condition = take(.if) ? expression() : nil
    return FieldDeclaration(
      span: span(from: start), documentation: documentation, name: name, type: type,
      condition: condition)
  }

  /// The text of the `///` lines before the token at `index`, joined by line ends.
  func documentation(ofTokenAt index: Int) -> String? {
    let token = tokens[index]
    // The first comment that does not end before the trivia begins.
    var low = 0
    var high = comments.count
    while low < high {
      let middle = (low + high) / 2
      if comments[middle].span.start < token.triviaStart { low = middle + 1 } else { high = middle }
    }
    var lines: [String] = []
    for comment in comments[low...].prefix(while: { $0.span.end <= token.start }) {
      guard comment.isDocumentation else {
        lines = []
        continue
      }
      let line = file.text(comment.span).dropFirst(3)
      lines.append(String(line.first == " " ? line.dropFirst() : line))
    }
    return lines.isEmpty ? nil : lines.joined(separator: "\n")
  }
}
