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

  /// How often the elements of a row are computed at most.
  private static var limit: Int { 3 }

  /// Takes the rows out of `stream` that nobody needs whole; `nil` if there are none.
  init?(_ stream: Stream) {
    var function = stream.function
    var kept: [Stream.Member] = []
    for member in stream.members {
      let content = function.operations[member.operation]
      guard LongRows.isRow(content, member, of: stream) else {
        kept.append(member)
        continue
      }
      let reads = function.reads(of: content.results, in: stream.members)
      guard reads.count <= LongRows.limit else { return nil }
      for (region, read) in reads { function.compute(content, at: read, in: region) }
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
    _ producer: Operation, at read: ID<Operation>, in region: ID<Region>
  ) {
    let content = operations[read]
    let body = producer.regions[0]
    var cloner = Cloner(
      Dictionary(
        uniqueKeysWithValues: zip(regions[body].parameters, content.operands.dropFirst())))
    let copies = regions[body].operations.dropLast().map { cloner.copy($0, into: &self) }
    let elements = operations[regions[body].operations.last!].operands
    let element = cloner[elements[producer.results.firstIndex(of: content.operands[0])!]]
    let position = regions[region].operations.firstIndex(of: read)!
    regions[region].operations.replaceSubrange(position...position, with: copies)
    replaceUses(of: content.results[0], with: element)
  }
}
