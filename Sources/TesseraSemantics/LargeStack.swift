#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// What a thread runs and what it leaves.
private final class Job<Result>: @unchecked Sendable {
  let body: () -> Result
  var result: Result?

  init(_ body: @escaping () -> Result) { self.body = body }
}

/// Runs `body` on a thread of its own with room for deep recursion and waits for it.
///
/// The checker recurses over expressions, types and instances, all of bounded depth, but the
/// caller's stack may be as small as 512 KB.
func withLargeStack<Result>(_ body: () -> Result) -> Result {
  withoutActuallyEscaping(body) { body in
    let job = Job(body)
    let start: () -> Void = { job.result = job.body() }
    let box = Job<Void>(start)
    let argument = Unmanaged.passRetained(box).toOpaque()
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    pthread_attr_setstacksize(&attributes, 512 << 20)
    defer { pthread_attr_destroy(&attributes) }
    #if canImport(Darwin)
      var thread: pthread_t?
    #else
      var thread = pthread_t()
    #endif
    let status = pthread_create(
      &thread, &attributes,
      { argument in
        #if canImport(Darwin)
          let pointer: UnsafeMutableRawPointer? = argument
        #else
          let pointer = argument
        #endif
        if let pointer { Unmanaged<Job<Void>>.fromOpaque(pointer).takeRetainedValue().body() }
        return nil
      }, argument)
    guard status == 0 else {
      // Without a thread the caller's stack has to do.
      Unmanaged<Job<Void>>.fromOpaque(argument).release()
      return job.body()
    }
    #if canImport(Darwin)
      if let thread { pthread_join(thread, nil) }
    #else
      pthread_join(thread, nil)
    #endif
    if let result = job.result { return result }
    return job.body()
  }
}
