import TesseraRuntime

/// Constant parameters of a function as its code wants them; calls may share them.
public final class PackedConstants: @unchecked Sendable {
  // Written before it is handed out, and only read then.
  let bytes: UnsafeMutableRawBufferPointer

  /// Takes memory for so many bytes; none if there is none, which preparing refuses.
  init(byteCount: Int) {
    let memory = tess_allocate(byteCount)
    bytes = UnsafeMutableRawBufferPointer(start: memory, count: memory == nil ? 0 : byteCount)
  }

  deinit { tess_release(bytes.baseAddress) }
}
