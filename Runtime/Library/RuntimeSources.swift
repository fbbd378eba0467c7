/// The C runtime as text, so that libraries can be made where only the compiler is.
public enum RuntimeSources {
  /// The interface that callers include.
  public static let header = PackageResources.tessera_h

  /// Every file with its path below one directory.
  public static let files: [(path: String, bytes: [UInt8])] = [
    ("include/tessera.h", PackageResources.tessera_h),
    ("include/tessera_compiled.h", PackageResources.tessera_compiled_h),
    ("runtime.h", PackageResources.runtime_h),
    ("calls.c", PackageResources.calls_c),
    ("checks.c", PackageResources.checks_c),
    ("print.c", PackageResources.print_c),
    ("run.c", PackageResources.run_c),
    ("runtime.c", PackageResources.runtime_c),
    ("sort.c", PackageResources.sort_c),
    ("threads.c", PackageResources.threads_c),
  ]
}
