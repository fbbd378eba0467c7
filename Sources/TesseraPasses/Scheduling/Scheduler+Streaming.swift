import TesseraIR

/// Whether what is stored to a result goes past the caches.
enum Streaming: Hashable {
  case never, always
  /// From so many elements on.
  case fromCount(Int)
}

/// Stores past the caches, which spare a large result's lines from being read before they are
/// written, and what is in the caches from being driven out.
///
///     vector_store %v, %y, %i      →      %past = less_or_equal %limit, %n : bool
///                                         …
///                                         stream_store %v, %y, %i, %past
///
/// The one place that decides it: results of the function that are larger than the caches, on
/// machines that store whole lines.
extension Scheduler {
  /// Whether vectors that are stored to `result` go past the caches.
  func streaming(to result: Value) -> Streaming {
    guard target.architecture == .x86_64,
      !madeInPlace.contains(result), let buffer = destinations[result], outputs.contains(buffer),
      case .buffer(.scalar(let scalar), let extents) = builder.type(of: buffer)
    else { return .never }
    let least = target.streamedByteCount / scalar.byteCount
    var count = 1
    for extent in extents {
      guard case .constant(let length) = extent else { return .fromCount(least) }
      let product = count.multipliedReportingOverflow(by: length)
      count = product.overflow ? .max : product.partialValue
    }
    return count >= least ? .always : .never
  }

  /// Where `result` is stored, in its `buffer` of `extents`.
  mutating func destination(_ result: Value, _ buffer: Value, _ extents: [Value]) -> Destination {
    var destination = Destination(buffer: buffer)
    destination.isInPlace = madeInPlace.contains(result)
    switch streaming(to: result) {
    case .never: break
    case .always: destination.isPastCaches = builder.constant(Int64(1), .bool)
    case .fromCount(let least):
      destination.isPastCaches = builder.compare(
        .lessOrEqual, integer(least), product(extents))
    }
    return destination
  }

  /// Whether what is stored to `buffer`, once for many calls, goes past the caches; `nil` if it never
  /// does.
  mutating func preparedIsPastCaches(_ buffer: Value) -> Value? {
    guard target.architecture == .x86_64 else { return nil }
    let least = target.cacheByteCounts[1] / 4
    let count = product(bufferExtents(buffer))
    guard let known = knownNumber(count) else {
      return builder.compare(.lessOrEqual, integer(least), count)
    }
    return known >= least ? builder.constant(Int64(1), .bool) : nil
  }

  /// What remarks say of the stores of results; `nil` if they are ordinary.
  func streamingNote(_ results: [Value]) -> String? {
    let kinds = results.map { streaming(to: $0) }
    if kinds.contains(.always) { return "stores: past the caches" }
    let isPossible = kinds.contains { if case .fromCount = $0 { true } else { false } }
    return isPossible
      ? "stores: past the caches from \(target.streamedByteCount >> 20) MiB on" : nil
  }
}
