import Foundation
import TesseraRuntime
import Testing

/// Runs `body` over ranges of `0..<count` on the runtime's pool.
private func parallelFor(
  _ count: Int64, threads: Int32, _ body: @escaping @Sendable (Range<Int64>) -> Void
) {
  final class Box {
    let body: @Sendable (Range<Int64>) -> Void
    init(_ body: @escaping @Sendable (Range<Int64>) -> Void) { self.body = body }
  }
  let box = Unmanaged.passRetained(Box(body))
  defer { box.release() }
  tess_parallel_for(
    count, threads,
    { context, begin, end in
      Unmanaged<Box>.fromOpaque(context!).takeUnretainedValue().body(begin..<end)
    }, box.toOpaque())
}

/// A buffer that several threads write at different places.
private final class Counts: @unchecked Sendable {
  let values: UnsafeMutableBufferPointer<Int32>
  init(_ count: Int) {
    values = .allocate(capacity: count)
    values.initialize(repeating: 0)
  }
  deinit { values.deallocate() }
}

@Suite(.serialized) struct ThreadPoolTests {
  @Test(arguments: [0, 1, 2, 7, 64, 1009], [1, 2, 3, 16] as [Int32])
  func visitsEveryIndexOnce(count: Int, threads: Int32) {
    let counts = Counts(count)
    parallelFor(Int64(count), threads: threads) { range in
      for i in range { counts.values[Int(i)] += 1 }
    }
    #expect(counts.values.allSatisfy { $0 == 1 })
  }

  @Test func runsNestedLoopsInline() {
    let counts = Counts(64)
    parallelFor(8, threads: 4) { outer in
      for i in outer {
        parallelFor(8, threads: 4) { inner in
          for j in inner { counts.values[Int(8 * i + j)] += 1 }
        }
      }
    }
    #expect(counts.values.allSatisfy { $0 == 1 })
  }

  @Test func handsOutAscendingRangesThatMayWaitForEarlierOnes() {
    // Each program waits for the one before it; any other order of handing out would hang.
    let done = Counts(65)
    let flag = UnsafeMutablePointer<Int32>(done.values.baseAddress!)
    nonisolated(unsafe) let flags = flag
    parallelFor(64, threads: 4) { range in
      for i in range {
        if i > 0 { while flags[Int(i) - 1] == 0 { sched_yield() } }
        flags[Int(i)] = 1
      }
    }
    #expect(done.values[63] == 1)
  }

  @Test func wakesWorkersThatSleep() {
    let met = Counts(2)
    nonisolated(unsafe) let flags = met.values.baseAddress!
    for _ in 0..<3 {
      met.values.update(repeating: 0)
      Thread.sleep(forTimeInterval: 0.02)
      // Each index waits for the other one; a single thread would hang.
      parallelFor(2, threads: 2) { range in
        for i in range {
          flags[Int(i)] = 1
          while flags[1 - Int(i)] == 0 { sched_yield() }
        }
      }
      #expect(met.values.allSatisfy { $0 == 1 })
    }
  }

  @Test func sleepsUntilTheLastWorkerHasLeft() {
    let counts = Counts(2)
    for _ in 0..<3 {
      counts.values.update(repeating: 0)
      parallelFor(2, threads: 2) { range in
        for i in range {
          // Whoever has it, the other thread is done long before.
          if i == 0 { Thread.sleep(forTimeInterval: 0.02) }
          counts.values[Int(i)] = 1
        }
      }
      #expect(counts.values.allSatisfy { $0 == 1 })
    }
  }

  @Test func handsOutShorterRangesAsLessIsLeft() {
    let lengths = Counts(1000)
    parallelFor(1000, threads: 2) { range in
      lengths.values[Int(range.lowerBound)] = Int32(range.count)
    }
    let inOrder = lengths.values.filter { $0 > 0 }
    #expect(inOrder.first == 250)
    #expect(inOrder.last == 1)
    #expect(zip(inOrder, inOrder.dropFirst()).allSatisfy { $0 >= $1 })
    #expect(inOrder.reduce(0, +) == 1000)
  }

  // An interrupt stops all runs of a process, so these have one of their own.

  @Test func stopsHandingOutAfterAnInterrupt() async {
    await #expect(processExitsWith: .success) {
      let counts = Counts(1000)
      tess_set_interrupt(1)
      parallelFor(1000, threads: 2) { range in for i in range { counts.values[Int(i)] += 1 } }
      precondition(counts.values.allSatisfy { $0 == 0 })
    }
  }

  @Test func tellsWhatAPartOfARunCameTo() async {
    await #expect(processExitsWith: .success) {
      let cases: [(failure: Int32, interrupt: Int32, expected: Int32)] = [
        (0, 0, 0), (33, 0, 33), (0, 1, 39), (33, 1, 33),
      ]
      for (failure, interrupt, expected) in cases {
        var (error, run, interrupted) = (tess_error(), tess_run(), tess_failure())
        interrupted.status = 39
        let status = withUnsafeMutablePointer(to: &error) { error in
          tess_run_begin(&run, error, nil, 0)
          error.pointee.status = failure
          tess_set_interrupt(interrupt)
          return "interrupted".withCString { text in
            interrupted.message = text
            return tess_run_parallel(&run, 10, { _, _, _ in }, nil, &interrupted)
          }
        }
        precondition(status == expected && error.status == expected)
      }
    }
  }

  @Test func printsLinesOfAGridInProgramOrder() {
    final class Lines { var text = "" }
    let lines = Lines()
    tess_set_print(
      { context, text, length in
        let bytes = UnsafeRawBufferPointer(start: text, count: Int(length))
        Unmanaged<Lines>.fromOpaque(context!).takeUnretainedValue().text +=
          String(decoding: bytes, as: UTF8.self)
      }, Unmanaged.passUnretained(lines).toOpaque())
    parallelFor(100, threads: 4) { range in
      for i in range.reversed() {
        tess_print_i64(i)
        tess_print_end(i)
      }
    }
    tess_set_print(nil, nil)
    #expect(lines.text == (0..<100).map { "\($0)\n" }.joined())
  }

  @Test func threadsFollowWhatWasSet() {
    tess_set_threads(3)
    #expect(tess_threads() == 3)
    tess_set_threads(0)
    #expect(tess_threads() >= 1)
  }
}
