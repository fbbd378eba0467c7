import TesseraSource
import TesseraSyntax

/// Finds what the generic and `const` parameters of a callable stand for when labelled arguments and
/// defaults are all that is given.
private struct ConstantBinder {
  /// Reads the arguments, in the module that gives them.
  let caller: FunctionChecker
  /// Reads types and defaults, in the module of the callable; parameters that are bound are in its
  /// scope.
  let context: FunctionChecker
  let callable: Callable
  let arguments: [Argument]
  /// `true` iff it is a mistake that something is not given.
  let isExport: Bool
  private(set) var bindings = Bindings()

  /// Prepares to bind the parameters of `callable` to `arguments`, which `caller` reads.
  init(
    _ caller: FunctionChecker, _ callable: Callable, _ arguments: [Argument], isExport: Bool
  ) {
    self.caller = caller
    context = FunctionChecker(checker: caller.checker, module: callable.module)
    self.callable = callable
    self.arguments = arguments
    self.isExport = isExport
  }

  /// Binds all parameters that are known while compiling; `false` if one is not given or wrong.
  mutating func bindAll() -> Bool {
    for parameter in callable.signature.generics {
      guard bind(parameter) else { return false }
    }
    for parameter in callable.signature.parameters where parameter.passing == .const {
      guard bind(parameter) else { return false }
    }
    return true
  }

  private func given(_ name: Name) -> Expression? {
    arguments.first { $0.label?.text == name.text }?.value
  }

  /// `false`, after a diagnostic if that is a mistake.
  private func missing(_ name: Name) -> Bool {
    if isExport {
      caller.diagnose(
        .exportNotFixed(
          name.text, of: callable.name.text, declared: name.span, at: callable.name.span))
    }
    return false
  }

  private mutating func bind(_ parameter: GenericParameter) -> Bool {
    let name = parameter.name
    switch parameter.kind {
    case .dimension:
      // One that is not given stays free.
      return given(name).map { bindDimension(name, to: $0) } ?? true
    case .pack: return missing(name)
    case .type, .constant:
      let argument: GenericArgument?
      if let value = given(name) {
        argument = caller.resolveArgument(value, for: parameter, typesIn: context)
      } else if let value = parameter.defaultValue {
        argument = context.resolveArgument(value, for: parameter, typesIn: context)
      } else {
        return missing(name)
      }
      guard let argument else { return false }
      bind(name, to: argument)
      return true
    }
  }

  private mutating func bindDimension(_ name: Name, to value: Expression) -> Bool {
    guard
      let size = caller.constantInt(
        value, describing: "the argument for dimension '\(name.text)'")
    else { return false }
    if size < 0 {
      caller.diagnose(.negativeDimension(caller.text(value), size, at: value.span))
      return false
    }
    bindings.fixedDimensions[name.text] = size
    context.rebind(name, .dimension(Dimension(size)))
    return true
  }

  private mutating func bind(_ parameter: Parameter) -> Bool {
    let name = parameter.name
    let argument = given(name)
    if case .function = parameter.type.kind {
      guard let function = argument.flatMap({ caller.functionValue($0) }) else {
        return missing(name)
      }
      bindings.functions[name.text] = function
      return true
    }
    guard argument != nil || parameter.defaultValue != nil else { return missing(name) }
    let type = context.resolve(parameter.type)
    if type.isError { return false }
    let what = "the argument for 'const \(name.text)'"
    let constant =
      argument.map { caller.constant($0, as: type, describing: what) }
      ?? parameter.defaultValue.flatMap {
        context.constant($0, as: type, describing: "the default of '\(name.text)'")
      }
    guard let constant else { return false }
    bind(name, to: .constant(constant))
    return true
  }

  private mutating func bind(_ name: Name, to argument: GenericArgument) {
    bindings.bind(name, to: argument)
    context.rebind(name, context.checker.entity(for: argument))
  }
}

extension FunctionChecker {
  /// What the generic and `const` parameters of `callable` stand for when `arguments` and defaults
  /// are all that is given; `nil` if they are not enough, which is diagnosed for exports.
  func bindings(
    of callable: Callable, from arguments: [Argument], isExport: Bool
  ) -> Bindings? {
    var binder = ConstantBinder(self, callable, arguments, isExport: isExport)
    return binder.bindAll() ? binder.bindings : nil
  }
}
