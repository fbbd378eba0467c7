import Foundation

/// A thread on which LLVM may work: its stack is deep, and once joined nothing of it is left, so that
/// the process may end.
public struct WorkerThread: @unchecked Sendable {
  // A number of the system's, which means nothing once `join()` was called.
  private let thread: pthread_t

  /// The bytes of its stack.
  private static let stackByteCount = 8 << 20

  /// What the thread is given to do.
  private final class Work {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }

  /// Starts a thread that does `body`; `nil` if the system has none.
  public init?(_ body: @escaping @Sendable () -> Void) {
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setstacksize(&attributes, WorkerThread.stackByteCount)
    let work = Unmanaged.passRetained(Work(body))
    var thread = pthread_t()
    let status = pthread_create(
      &thread, &attributes,
      { argument in
        Unmanaged<Work>.fromOpaque(argument!).takeRetainedValue().body()
        return nil
      }, work.toOpaque())
    guard status == 0 else {
      work.release()
      return nil
    }
    self.thread = thread
  }

  /// Waits until the thread has ended; once for each.
  public func join() { pthread_join(thread, nil) }
}
