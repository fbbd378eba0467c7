internal import CLLVM

/// What happens when LLVM meets something that it cannot go on with.
public enum LLVMFatalErrors {
  /// Calls `handler` with the reason, in place of ending the process with exit code 1.
  ///
  /// LLVM ends the process if the handler comes back.
  public static func handle(by handler: @escaping @convention(c) (UnsafePointer<CChar>?) -> Void) {
    LLVMResetFatalErrorHandler()
    LLVMInstallFatalErrorHandler(handler)
  }
}
