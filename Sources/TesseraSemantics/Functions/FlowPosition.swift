/// Where a checker stands in what is decided only when the function runs.
///
/// What is entered is left by `goBack`, which leaves alone what a `return` on the way has made of it.
struct FlowPosition {
  /// Loops around.
  private(set) var loopDepth = 0
  /// `if`s around that decide whether a statement of the function runs at all; inside a loop, index
  /// notation or a kernel none counts, since statements there run any number of times anyway.
  private(set) var branchDepth = 0
  /// `if`s and loops around.
  private var decisionDepth = 0
  /// `true` while an index-notation body is checked.
  var isInsideIndexNotation = false
  /// `true` iff the function may have ended before the statement being checked.
  private var mayHaveReturned = false
  /// `true` iff the program of a kernel may have ended before the statement being checked.
  private var mayHaveLeftProgram = false

  /// `true` iff what is checked may run many times for one run of the statement around.
  var repeats: Bool { loopDepth > 0 || isInsideIndexNotation }

  /// `true` iff the function may be entered without the statement being run.
  var mayBeSkipped: Bool { branchDepth > 0 || mayHaveReturned && loopDepth == 0 }

  /// `true` iff something is decided around.
  var isConditional: Bool { decisionDepth > 0 }

  /// `true` iff every program of a kernel runs the statement, once.
  var isInEveryProgram: Bool { !isConditional && !mayHaveLeftProgram }

  /// The start of the body of a lambda: what it demands of shapes is checked where it runs.
  static let lambda = FlowPosition(branchDepth: 1)

  /// Goes into the condition or body of a loop.
  mutating func enterLoop() {
    loopDepth += 1
    decisionDepth += 1
  }

  /// Goes into a branch of an `if`.
  mutating func enterBranch(ofKernel isKernel: Bool) {
    decisionDepth += 1
    if !repeats, !isKernel { branchDepth += 1 }
  }

  /// Goes back to where `outer` stood; what may have ended since then has.
  mutating func goBack(to outer: FlowPosition) {
    loopDepth = outer.loopDepth
    branchDepth = outer.branchDepth
    decisionDepth = outer.decisionDepth
    isInsideIndexNotation = outer.isInsideIndexNotation
  }

  /// Notes a `return`, which ends the function or one program of a kernel.
  mutating func noteReturn(ofKernel isKernel: Bool) {
    if isKernel {
      mayHaveLeftProgram = true
    } else if isConditional {
      mayHaveReturned = true
    }
  }
}
