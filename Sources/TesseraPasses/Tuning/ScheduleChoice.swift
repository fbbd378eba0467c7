/// A number of the scheduler that a lock may set for a function, in place of the one that fits most.
///
/// None of them is part of what a program computes: a sum keeps its order whatever its blocks are.
/// The exception is `transforms`, which takes one of the algorithms that the function permits.
public enum ScheduleKnob: String, Hashable, Sendable, CaseIterable {
  /// The most reduced indices between two packings of a product.
  case blockDepth = "block_depth"
  /// The most rows of a block of a product.
  case blockRows = "block_rows"
  /// The panels of columns that a thread takes at a time.
  case groupPanels = "group_panels"
  /// The vectors of columns of a tile of a product that is kept in registers, with as many rows as
  /// then fit.
  case tileVectors = "tile_vectors"
  /// The vectors of rows that attention takes at a time.
  case columnVectors = "column_vectors"
  /// The points of a row that attention computes at once, which share what they read.
  case columnPoints = "column_points"
  /// The elements from which on a row is computed wherever it is read.
  case longRow = "long_row"
  /// About how many operations a thread is given at least.
  case threadWork = "thread_work"
  /// The tiles of a convolution that are transformed at a time.
  case transformedTiles = "transformed_tiles"
  /// Whether convolutions go by transforms of tiles where they may: 0 or 1.
  case transforms
  /// Whether filters that are prepared are transformed ahead, or kept and transformed where they are
  /// used: 1 or 0.
  case filtersAhead = "filters_ahead"

  /// The numbers that make sense.
  public var range: ClosedRange<Int> {
    switch self {
    case .blockDepth: 16...1 << 16
    case .blockRows: 1...1 << 16
    case .groupPanels: 1...1 << 12
    case .tileVectors: 1...6
    case .columnVectors: 1...2
    case .columnPoints: 1...32
    case .longRow, .threadWork: 1...1 << 30
    case .transformedTiles: 1...1 << 16
    case .transforms, .filtersAhead: 0...1
    }
  }

  /// The numbers that `tess tune` tries.
  public var candidates: [Int] {
    switch self {
    case .blockDepth: [256, 384, 512, 768, 1280, 2048]
    case .blockRows: [60, 120, 240, 480, 960]
    case .groupPanels: [4, 8, 16, 32, 64]
    case .tileVectors: [1, 2, 3, 4, 6]
    case .columnVectors: [1]
    case .columnPoints: [4, 6, 8, 10, 12, 14, 20]
    case .longRow: [1 << 16, 1 << 20]
    case .threadWork: [1 << 14, 1 << 18, 1 << 20, 1 << 22]
    case .transformedTiles: [32, 64, 128, 256]
    case .transforms: [0]
    case .filtersAhead: [0, 1]
    }
  }

  /// `true` iff results may differ in their last bits with the number.
  public var choosesAlgorithm: Bool { self == .transforms }
}

/// What a lock says of one function.
public struct ScheduleChoice: Hashable, Sendable {
  private var numbers: [ScheduleKnob: Int] = [:]

  /// Creates a choice that leaves everything to the scheduler.
  public init() {}

  /// The number for `knob`; `nil` where the scheduler takes its own.
  public subscript(knob: ScheduleKnob) -> Int? {
    get { numbers[knob] }
    set { numbers[knob] = newValue }
  }

  /// The number for `knob`, or the one that the scheduler takes usually.
  func number(_ knob: ScheduleKnob, usually usual: Int64) -> Int64 {
    numbers[knob].map { Int64($0) } ?? usual
  }
}
