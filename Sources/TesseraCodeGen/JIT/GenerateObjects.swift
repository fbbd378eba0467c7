import Synchronization
import TesseraIR

/// Translates a module of the scheduled stage into one or more objects that are linked together,
/// each by a thread of its own.
///
/// Every thread emits its share of the functions, and has LLVM work on it; what the code of a function
/// is does not depend on how many threads there are.
///
/// - Parameters:
///   - threads: how many there may be; short modules take fewer.
///   - onStage: is told what was done and how long the slowest thread took.
func generateObjects(
  _ module: Module, _ options: CodeGenOptions, threads: Int,
  onStage: (_ stage: String, _ duration: Duration) -> Void
) throws(CodeGenError) -> [[UInt8]] {
  let count = min(threads, 1 + module.operationCount / operationsPerThread)
  let source = EmissionSource(module)
  let shares = source.shares(count)
  let parts = Mutex<[Int: Result<Part, CodeGenError>]>([:])
  onThreads(count) { index in
    let part = Result { () throws(CodeGenError) in
      var options = options
      options.share = shares[index]
      return try Part(source, options)
    }
    parts.withLock { $0[index] = part }
  }
  let found = parts.withLock { $0 }
  var objects: [[UInt8]] = []
  var stages: [(stage: String, duration: Duration)] = []
  for index in 0..<count {
    let part = try found[index]!.get()
    if let object = part.object { objects.append(object) }
    for stage in part.stages.list {
      if let known = stages.firstIndex(where: { $0.stage == stage.stage }) {
        stages[known].duration = max(stages[known].duration, stage.duration)
      } else {
        stages.append(stage)
      }
    }
  }
  for stage in stages { onStage(stage.stage, stage.duration) }
  return objects
}

/// Translates `module` for this machine as `generateObjects` would, and throws the code away: what LLVM
/// does but once in a process is done then.
package func prepareCodeGeneration(_ module: Module) throws(CodeGenError) {
  var options = CodeGenOptions(target: .host, hasCompanions: false)
  let source = EmissionSource(module)
  options.share = source.shares(1)[0]
  _ = try generateShare(source, options) { _, _ in }
}

/// The operations for which a further thread pays.
private let operationsPerThread = 80

/// What one thread made.
private struct Part: Sendable {
  /// `nil` where there was nothing left for it.
  let object: [UInt8]?
  let stages: Stages

  /// Makes the object that is this thread's share of `source`.
  init(_ source: EmissionSource, _ options: CodeGenOptions) throws(CodeGenError) {
    let stages = Stages()
    object = try generateShare(source, options) { stages.list.append(($0, $1)) }
    self.stages = stages
  }

  /// The times of one thread's stages; no other thread looks before that one has ended.
  final class Stages: @unchecked Sendable {
    var list: [(stage: String, duration: Duration)] = []
  }
}

/// Calls `body` with each of `0..<count` at once: 0 on this thread, the others on new ones.
private func onThreads(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
  let others = (1..<max(1, count)).map { index in (index, WorkerThread { body(index) }) }
  body(0)
  for (index, thread) in others {
    if let thread { thread.join() } else { body(index) }
  }
}

extension Module {
  /// How many operations its functions have.
  fileprivate var operationCount: Int {
    functions.reduce(0) { sum, function in
      var count = sum
      function.forEachOperation(in: function.body) { _ in count += 1 }
      return count
    }
  }
}
