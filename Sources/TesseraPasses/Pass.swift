import TesseraIR
import TesseraSource

/// A step from valid IR to valid IR.
///
/// A pass lives in one file named for what it does, as a static value in an extension of this
/// type, and is registered by its row in `Pass.all`.
public struct Pass: Sendable {
  /// What a pass works on; a pass tells whether it changed anything.
  enum Body: Sendable {
    case function(@Sendable (inout Function, inout PassContext) -> Bool)
    case module(@Sendable (inout Module, inout PassContext) -> Bool)
  }

  /// The name on the command line.
  public let name: String
  /// What it does, as one clause.
  public let summary: String

  /// What runs it.
  let body: Body

  /// Creates a pass that works on one function at a time, all by itself.
  public init(
    name: String, summary: String, _ body: @escaping @Sendable (inout Function) -> Bool
  ) {
    self.init(name: name, summary: summary) { (function, _: inout PassContext) in body(&function) }
  }

  /// Creates a pass that works on one function at a time and asks or tells its context something.
  public init(
    name: String, summary: String,
    _ body: @escaping @Sendable (inout Function, inout PassContext) -> Bool
  ) {
    self.name = name
    self.summary = summary
    self.body = .function(body)
  }

  /// Creates a pass that looks at all functions together.
  public init(
    name: String, summary: String,
    onModule body: @escaping @Sendable (inout Module, inout PassContext) -> Bool
  ) {
    self.name = name
    self.summary = summary
    self.body = .module(body)
  }

  /// Runs the pass on every function of `module` and tells whether anything changed.
  @discardableResult
  public func run(on module: inout Module, _ context: inout PassContext) -> Bool {
    switch body {
    case .module(let body): return body(&module, &context)
    case .function(let body):
      var changed = false
      for index in module.functions.indices {
        if body(&module.functions[index], &context) { changed = true }
      }
      return changed
    }
  }
}

/// What passes are told, and what they have to say.
public struct PassContext: Sendable {
  /// `true` iff floats may be treated as real numbers.
  public var allowsRelaxedFloats = false
  /// The machine that code is made for.
  public var target = TargetDescription.x86_64v3
  /// What a lock says of functions, by their names in the IR.
  public var schedules: [String: ScheduleChoice] = [:]
  /// `true` iff passes are to say what they do with each statement, and why.
  public var wantsRemarks = false
  /// What the passes found wrong in the program, or think worth a remark.
  public var diagnostics: [Diagnostic] = []

  /// Creates a context in which floats keep their order.
  public init() {}
}
