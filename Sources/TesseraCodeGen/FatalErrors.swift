import TesseraLLVM

/// Calls `handler` with the reason when LLVM cannot go on, for the whole process; it must not come
/// back.
public func handleFatalErrors(
  by handler: @escaping @convention(c) (UnsafePointer<CChar>?) -> Void
) {
  LLVMFatalErrors.handle(by: handler)
}
