import TesseraSource
import TesseraSyntax

/// `@algorithm(.winograd2, …)`: which functions permit which named algorithms.
///
/// An attribute of the program's own functions and exports goes for what they call as well, where
/// that permits any algorithm; an attribute in the library goes for its function alone.
extension Checker {
  /// The algorithms that `attributes` name; diagnoses what names none.
  func algorithms(_ attributes: [Attribute]) -> Set<NamedAlgorithm> {
    var found: Set<NamedAlgorithm> = []
    for attribute in attributes where attribute.isAlgorithm {
      if attribute.arguments.isEmpty { diagnose(.algorithmNames(at: attribute.span)) }
      for argument in attribute.arguments {
        guard argument.label == nil, case .option(let name) = argument.value.kind else {
          diagnose(.algorithmNames(at: argument.span))
          continue
        }
        if let algorithm = NamedAlgorithm(rawValue: name.text) {
          found.insert(algorithm)
        } else {
          diagnose(.unknownAlgorithm(name.text, at: name.span))
        }
      }
    }
    return found
  }

  /// Settles what `inner`, an instance of `callable`, permits and asks for when callers ask for
  /// `requested`.
  func permit(
    _ callable: Callable, _ requested: Set<NamedAlgorithm>, in inner: FunctionChecker
  ) {
    let own = callable.algorithms
    if !own.isEmpty { inner.function.algorithms = own.union(requested) }
    inner.requestedAlgorithms =
      modules[callable.module].isLibrary ? requested : requested.union(own)
  }

  /// Diagnoses `@algorithm` before what is neither a function nor an export of one.
  func refuseMisplacedAlgorithms(in id: ID<ModuleInfo>) {
    for declaration in modules[id].source.declarations {
      switch declaration.kind {
      case .function, .exportAlias, .error: continue
      case .kernel, .structure, .combiner, .constant, .test, .bench, .table, .query: break
      }
      for attribute in declaration.attributes where attribute.isAlgorithm {
        diagnose(.algorithmNeedsFunction(at: attribute.span))
      }
    }
  }
}

extension Attribute {
  /// `true` iff the attribute names algorithms.
  var isAlgorithm: Bool { name.text == "algorithm" }
}
