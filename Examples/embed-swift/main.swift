// Compiles a program and calls its function from Swift, from four threads at once.
import Dispatch
import Tessera
import TesseraData

let source = """
  /// The rows of x, each scaled so that its largest element is 1.
  export fn scaled<M, N>(x: f32[M, N]) -> (y: f32[M, N]) where N >= 1 {
    let top[i] = max[j] x[i, j]
    y[i, j] = x[i, j] / top[i]
  }
  """

do {
  let program = try Session().compile(source, name: "scaled.tess")
  DispatchQueue.concurrentPerform(iterations: 4) { row in
    let x = Tensor([1, 2, Float(row + 3)], shape: [1, 3])
    let y = try? program.call("scaled", [x])
    precondition(y?.first?.values(as: Float.self)?.last == 1)
  }
  let x = Tensor([1, 2, 4, 3, 6, 12] as [Float], shape: [2, 3])
  print(try program.call("scaled", [x])[0])
} catch let failure as CompilationFailure {
  print(failure)
}
