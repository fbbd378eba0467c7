import TesseraSource
import TesseraSyntax

/// What makes an instance of a function the same as another: never its dimensions.
struct InstanceKey: Hashable {
  /// What one generic or const parameter stands for.
  enum Argument: Hashable {
    case type(ValueType)
    case constant(ConstantValue)
    case function(FunctionValue)
    case rank(Int)
    case none
  }

  /// The declaration.
  var callable: ID<Callable>
  /// What its generic and const parameters stand for, dimensions left out.
  var arguments: [Argument]
  /// The C symbol, where an export asks for an instance of its own.
  var symbol: String?
  /// The algorithms that callers ask for.
  var requested: Set<NamedAlgorithm>
}

/// An instance of a function, finished or being checked.
final class Instance {
  /// Its place in the program.
  let id: ID<TypedFunction>
  /// What is known of it: the signature first, the body when it is complete.
  var function: TypedFunction
  /// `true` iff the body is checked.
  var isComplete = false
  /// `true` iff the types of its results are known.
  var hasKnownResults = false
  /// `true` iff calling it makes no sense because of errors in its signature.
  var hasErrors = false

  /// Creates an instance of which checking begins.
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
