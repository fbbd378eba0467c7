import TesseraSource
import TesseraSyntax

/// What makes an instance of a function the same as another: never its dimensions.
struct InstanceKey: Hashable {
  enum Argument: Hashable {
    case type(ValueType)
    case constant(ConstantValue)
    case function(FunctionValue)
    case rank(Int)
    case none
  }

  var callable: ID<Callable>
  var arguments: [Argument]
  /// The C symbol, where an export asks for an instance of its own.
  var symbol: String?
}

/// An instance of a function, finished or being checked.
final class Instance {
  let id: ID<TypedFunction>
  /// What is known of it: the signature first, the body when it is complete.
  var function: TypedFunction
  var isComplete = false
  var hasKnownResults = false
  /// `true` iff calling it makes no sense because of errors in its signature.
  var hasErrors = false

  init(id: ID<TypedFunction>, function: TypedFunction) {
    self.id = id
    self.function = function
  }
}

/// One step of the chain of instances being checked.
struct InstanceStep {
  /// The function with its types and constants: `conv for R = 3`.
  var title: String
  /// The sentence that diagnostics inside it carry, if it is an instance among several.
  var note: String?
}

extension SignatureMatcher {
  /// The values around the lambdas that are passed, in the order of their parameters.
  var captures: [LambdaValue.Capture] {
    callable.signature.parameters.flatMap { parameter -> [LambdaValue.Capture] in
      guard case .lambda(let id)? = bindings.functions[parameter.name.text] else { return [] }
      return context.checker.lambdas[id].captures
    }
  }
}
