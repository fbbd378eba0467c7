import TesseraSource
import TesseraSyntax

extension FunctionChecker {
  /// `f32(x)`: conversion to a scalar type, elementwise on tensors.
  func checkConversion(
    to type: ValueType, _ name: Name, _ arguments: [Argument], at span: SourceSpan
  ) -> TypedExpression {
    guard let scalar = type.scalar, arguments.count == 1, arguments[0].label == nil else {
      return fail(.conversionArguments(name.text, at: span))
    }
    let argument = arguments[0].value
    // A literal is of the type itself, so that nothing is rounded twice.
    let adopts =
      isFlexible(argument) && scalar != .bool && (scalar.isFloat || !hasFraction(argument))
    let value = asValue(check(argument, expecting: adopts ? type : nil))
    if value.type.isError { return error(at: span) }
    guard value.type.scalarElement != nil else {
      return fail(.cannotConvert(describe(value.type), to: describe(type), at: span))
    }
    if value.type.scalarElement == scalar {
      return TypedExpression(value.kind, value.type, at: span)
    }
    return TypedExpression(.convert(value), .makeTensor(type, value.type.dimensions), at: span)
  }

  private func hasFraction(_ expression: Expression) -> Bool {
    var found = false
    ExpressionWalk.visit(expression) { part in
      switch part.kind {
      case .float: found = true
      case .name(let name): if name.text == "inf" || name.text == "nan" { found = true }
      default: break
      }
    }
    return found
  }

  /// `Conv(weight: w, bias: b)`: a struct from its fields.
  func checkConstruction(
    of id: ID<StructureDeclared>, _ name: Name, _ arguments: [Argument],
    expecting expected: ValueType?, at span: SourceSpan
  ) -> TypedExpression {
    guard let type = constructedType(id, name, arguments, expecting: expected, at: span),
      case .structure(let instance) = type
    else { return error(at: span) }
    let fields = checker.program.structures[instance].fields
    var values: [TypedExpression?] = Array(repeating: nil, count: fields.count)
    var isFine = true
    for (order, argument) in arguments.enumerated() {
      let position: Int?
      if let label = argument.label {
        position = fields.firstIndex { $0.name == label.text }
        if position == nil {
          diagnose(
            .unknownField(
              label.text, of: describe(type), fields: fields.map(\.name), at: label.span))
          isFine = false
        }
      } else {
        position = order < fields.count ? order : nil
        if position == nil {
          diagnose(
            .tooManyArguments(
              name.text, expected: fields.count, given: arguments.count,
              declared: checker.structures[id].declaration.name.span, at: span))
          isFine = false
        }
      }
      guard let position else { continue }
      if values[position] != nil {
        diagnose(.argumentGivenTwice(fields[position].name, of: name.text, at: argument.span))
        isFine = false
      }
      let value = asValue(check(argument.value, expecting: fields[position].type))
      values[position] = value
      if value.type.isError
        || !agree(value.type, with: fields[position].type, at: argument.value.span)
      {
        isFine = false
      }
    }
    for (field, value) in zip(fields, values) where value == nil {
      diagnose(
        .missingArgument(
          field.name, of: name.text, declared: checker.structures[id].declaration.name.span,
          at: span))
      isFine = false
    }
    if !isFine { return error(at: span) }
    return TypedExpression(.aggregate(values.compactMap { $0 }), type, at: span)
  }

  /// The instance that a construction makes: that of the context, or what the fields say.
  private func constructedType(
    _ id: ID<StructureDeclared>, _ name: Name, _ arguments: [Argument],
    expecting expected: ValueType?, at span: SourceSpan
  ) -> ValueType? {
    if case .structure(let instance)? = expected,
      checker.structureOrigins[Int(instance.index)].structure == id
    {
      return expected
    }
    let declared = checker.structures[id]
    if declared.declaration.generics.isEmpty {
      let type = checker.instance(of: id, [], in: self, at: span)
      return type.isError ? nil : type
    }
    guard let parameters = fieldParameters(declared.declaration, arguments),
      let prepared = prepare(arguments)
    else { return nil }
    // A function with the fields as parameters would infer the same.
    let signature = Signature(
      span: span, generics: declared.declaration.generics, parameters: parameters,
      result: ResultClause(span: span, broughtDimensions: [], kind: .inferred), facts: [])
    let maker = checker.callables.append(
      Callable(
        kind: .function, module: declared.module, name: declared.declaration.name,
        signature: signature, body: nil, isExported: false, isPrivate: true, span: declared.span))
    let matcher = SignatureMatcher(maker, caller: self)
    if let failure = matcher.match(prepared) {
      report(failure, of: matcher, named: name, at: span)
      return nil
    }
    var values: [GenericArgument] = []
    for parameter in declared.declaration.generics {
      guard let value = matcher.bindings[parameter.name.text] else {
        diagnose(
          .notInferred(parameter.name.text, of: name.text, declared: parameter.span, at: span))
        return nil
      }
      values.append(value)
    }
    let type = checker.instance(of: id, values, in: self, at: span)
    return type.isError ? nil : type
  }

  /// The fields of `declaration` that `arguments` give by their labels, as parameters; `nil` after a
  /// diagnostic, or where a field is given twice.
  private func fieldParameters(
    _ declaration: StructDeclaration, _ arguments: [Argument]
  ) -> [Parameter]? {
    var parameters: [Parameter] = []
    for field in declaration.fields {
      guard arguments.contains(where: { $0.label?.text == field.name.text }),
        !parameters.contains(where: { $0.name.text == field.name.text })
      else { continue }
      parameters.append(
        Parameter(
          span: field.span, passing: .value, name: field.name, type: field.type, defaultValue: nil))
    }
    if parameters.count == arguments.count { return parameters }
    for argument in arguments {
      guard let label = argument.label else {
        diagnose(.fieldNeedsLabel(declaration.name.text, at: argument.span))
        return nil
      }
      let fields = declaration.fields.map(\.name.text)
      if !fields.contains(label.text) {
        diagnose(
          .unknownField(label.text, of: declaration.name.text, fields: fields, at: label.span))
        return nil
      }
    }
    return nil
  }
}
