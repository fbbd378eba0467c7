internal import CMalloc
import Foundation

/// The memory of this process that `malloc` hands out.
enum Heap {
  /// How far it grows at a time.
  private static let step = 8 << 20
  private static let hugePage = 2 << 20

  /// Has the heaps of all threads grow by megabytes, that of this one in huge pages if the system is
  /// willing; to be called before there are other threads.
  ///
  /// By default a heap grows by what is asked for, a few pages. Pages that are touched for the first
  /// time, and pages made accessible while several threads run, which interrupts the others, took a
  /// sixth of the time to compile a short program.
  static func growInLargeSteps() {
    #if canImport(Glibc)
      mallopt(M_TOP_PAD, Int32(step))
      // What is left of the present step, and what lies below the first huge page of the next, stays
      // unused: memory that nobody touches costs nothing.
      let piece = 64 << 10
      let end = sbrk(0)
      for _ in 0..<2 * hugePage / piece {
        guard let unused = malloc(piece) else { return }
        let place = Int(bitPattern: unused)
        if sbrk(0) != end, place & (hugePage - 1) >= hugePage - 2 * piece {
          let start = (place + 2 * piece) & -hugePage
          madvise(UnsafeMutableRawPointer(bitPattern: start), step - hugePage, MADV_HUGEPAGE)
          return
        }
      }
    #endif
  }
}
