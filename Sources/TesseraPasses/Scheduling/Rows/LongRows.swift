import TesseraIR

/// A stream without the rows that others of it read, which are computed where they are read.
///
///     e[i, j] = exp(x[i, j] - top[i])        sum[i]  = sum[j] exp(x[i, j] - top[i])
///     sum[i]  = sum[j] e[i, j]          →    y[i, j] = exp(x[i, j] - top[i]) / sum[i]
///     y[i, j] = e[i, j] / sum[i]
///
/// A row that the nearest caches do not hold takes longer to be stored and read again than its
/// elements take to be computed again. They are the same each time, so nothing else changes.
struct LongRows {
  /// The function, with elements computed where members read them.
  let function: Function
  /// The members that remain.
  let members: [Stream.Member]

  /// How often the elements of a row are computed at most, but for rows that others of these are made of.
  private static var limit: Int { 3 }
  /// The most operations that are repeated: of rows that are each made of several before, the first is
  /// computed on each way to the last.
  private static var mostRepeated: Int { 256 }

  /// Takes the rows out of `stream` that nobody needs whole; `nil` if there are none.
  init?(_ stream: Stream) {
    var function = stream.function
    var kept: [Stream.Member] = []
    var repeated = 0
    for member in stream.members {
      let content = function.operations[member.operation]
      guard LongRows.isRow(content, member, of: stream) else {
        kept.append(member)
        continue
      }
      let reads = function.reads(of: content.results, in: stream.members)
      let length = function.regions[content.regions[0]].operations.count - 1
      repeated += reads.count * length
      guard reads.count <= LongRows.limit, repeated <= LongRows.mostRepeated else { return nil }
      for (region, read) in reads { function.compute(member.operation, at: read, in: region) }
    }
    guard kept.count < stream.members.count else { return nil }
    self.function = function
    members = kept
  }

  /// `true` iff the member makes rows for others of the stream, out of single elements.
  private static func isRow(
    _ content: Operation, _ member: Stream.Member, of stream: Stream
  ) -> Bool {
    content.operands.count == stream.rank + 1 && member.divisor == nil
      && !content.results.contains { stream.kept.contains($0) }
      && stream.function.regions[content.regions[0]].operations
        .allSatisfy { stream.function.operations[$0].regions.isEmpty }
  }
}

extension Function {
  /// The reads of `tensors` in the regions of `members`, each with the region that lists it.
  fileprivate func reads(
    of tensors: [Value], in members: [Stream.Member]
  ) -> [(region: ID<Region>, read: ID<Operation>)] {
    var found: [(ID<Region>, ID<Operation>)] = []
    var regions = members.flatMap { operations[$0.operation].regions }
    // Ends since each region stands within one that was looked at.
    while let region = regions.popLast() {
      for id in self.regions[region].operations {
        regions += operations[id].regions
        if operations[id].opcode == .read, tensors.contains(operations[id].operands[0]) {
          found.append((region, id))
        }
      }
    }
    return found
  }

  /// Puts what makes an element of `producer` in the place of `read`, which `region` lists.
  fileprivate mutating func compute(
    _ producer: ID<Operation>, at read: ID<Operation>, in region: ID<Region>
  ) {
    let content = operations[read]
    let copy = ElementCopy(
      of: content.operands[0], madeBy: producer, at: content.operands.dropFirst(), in: &self)
    let position = regions[region].operations.firstIndex(of: read)!
    regions[region].operations.replaceSubrange(position...position, with: copy.operations)
    replaceUses(of: content.results[0], with: copy.element)
  }
}
