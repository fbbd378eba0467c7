import Foundation

/// A thread on which LLVM may work: its stack is deep, and once joined nothing of it is left, so that
/// the process may end.
public struct WorkerThread: @unchecked Sendable {
  // A number of the system's, which means nothing once `join()` was called.
  private let thread: pthread_t

  /// The bytes of its stack.
  private static let stackByteCount = 8 << 20

  /// The bytes at the beginning of its heap that it has from the start.
  private static let heapByteCount = 2 << 20

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
        WorkerThread.populateHeap()
        Unmanaged<Work>.fromOpaque(argument!).takeRetainedValue().body()
        return nil
      }, work.toOpaque())
    guard status == 0 else {
      work.release()
      return nil
    }
    self.thread = thread
  }

  /// Has the system give this thread's heap its first pages at once, as many as LLVM takes for a short
  /// function: one by one, as they are touched, each interrupts the thread.
  private static func populateHeap() {
    #if canImport(Glibc)
      guard let place = malloc(1) else { return }
      defer { free(place) }
      let start = Int(bitPattern: place) & -Int(getpagesize())
      // Older systems do not know how, and a heap may be shorter: nothing depends on it but the time.
      madvise(UnsafeMutableRawPointer(bitPattern: start), heapByteCount, MADV_POPULATE_WRITE)
    #endif
  }

  /// Waits until the thread has ended; once for each.
  public func join() { pthread_join(thread, nil) }
}
