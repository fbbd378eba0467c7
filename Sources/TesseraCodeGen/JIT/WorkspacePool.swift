import Synchronization
import TesseraRuntime

/// Memory for temporaries that is kept from one call to the next, so that its pages are touched for
/// the first time but once. Several threads may take from it.
public final class WorkspacePool: Sendable {
  /// Memory that a call may use.
  public struct Workspace: @unchecked Sendable {
    // Whoever holds it is the only one to use it.
    let bytes: UnsafeMutableRawBufferPointer?
  }

  private let idle = Mutex<[Workspace]>([])
  /// How many are kept while nobody uses them.
  private let mostIdle = 4

  /// Creates a pool that holds nothing.
  public init() {}

  deinit { idle.withLock { $0.forEach(WorkspacePool.release) } }

  /// Memory of at least `byteCount` bytes; without bytes if there is none, and then the call will
  /// say so.
  func take(_ byteCount: Int) -> Workspace {
    let kept = idle.withLock { idle -> Workspace? in
      guard let place = idle.firstIndex(where: { $0.bytes!.count >= byteCount }) else {
        // One that was too small is not worth its memory any more.
        if let small = idle.popLast() { WorkspacePool.release(small) }
        return nil
      }
      return idle.remove(at: place)
    }
    if let kept { return kept }
    return Workspace(
      bytes: tess_allocate(byteCount).map {
        UnsafeMutableRawBufferPointer(start: $0, count: byteCount)
      })
  }

  /// Keeps `workspace` for later calls.
  func giveBack(_ workspace: Workspace) {
    guard workspace.bytes != nil else { return }
    let isKept = idle.withLock { idle in
      guard idle.count < mostIdle else { return false }
      idle.append(workspace)
      return true
    }
    if !isKept { WorkspacePool.release(workspace) }
  }

  private static func release(_ workspace: Workspace) {
    tess_release(workspace.bytes?.baseAddress)
  }
}
