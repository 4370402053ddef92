public import CrayonCore
import Vocabulary

/// How much of the map the prompt lists in words before the question.
public enum ListingStyle: String, Sendable, CaseIterable {
  /// "The image includes (#1 cup) [0.10, 0.20, 0.30, 0.40], (#1 bowl) [0.50, 0.20, 0.70, 0.40]."
  case full
  /// "The image includes (#1 cup), (#1 bowl)."
  case names
  /// Nothing.
  case none
}

/// Stage 3: a map to what the language model is shown of it (CoLLaVO, arXiv 2402.11248; the authors'
/// `make_seg_prompt` and `classesboxes2string`).
public struct CrayonPrompter: Stage {
  /// Which segments of a map are numbered and listed.
  public enum Membership: String, Sendable, CaseIterable {
    /// All, each with a cell of the grid where there is room; boxes are those of the pixels.
    case map
    /// Those that have at least one cell of the grid; boxes are those of the cells, as CoLLaVO has it.
    case grid
  }

  /// Numbers up to this have a row in the numbering table.
  public static let largestNumber = 20

  /// The grid of patches that the language model sees.
  public let grid: GridSize
  /// How much of the map is listed in words.
  public let listing: ListingStyle
  /// Which segments are numbered and listed.
  public let membership: Membership
  private let semanticByName: [String: Int]

  /// - Parameters:
  ///   - grid: of the patches that the language model sees
  ///   - listing: how much of the map is put into words
  ///   - membership: which segments are numbered and listed
  ///   - vocabulary: the categories behind the rows of the semantic table, from row 1 on
  /// - Precondition: the grid has cells.
  public init(
    grid: GridSize, listing: ListingStyle = .full, membership: Membership = .grid,
    vocabulary: CategoryTable = .coco
  ) {
    precondition(grid.rows > 0 && grid.columns > 0)
    self.grid = grid
    self.listing = listing
    self.membership = membership
    semanticByName = Dictionary(
      vocabulary.categories.enumerated().map { ($1.name, $0 + 1) }, uniquingKeysWith: { first, _ in first })
  }

  /// The prompt of a map of any size.
  public func run(_ map: PanopticMap) -> CrayonPrompt {
    let cells = SegmentGrid(map, size: grid, aCellForEverySegment: membership == .map)
    let objects = objects(of: map, cells)
    let byID = Dictionary(objects.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    let unmatched = Set(objects.filter { $0.semantic == 0 }.map { $0.category })
    return CrayonPrompt(
      grid: grid, ids: cells.ids,
      semantic: cells.ids.map { byID[$0]?.semantic ?? 0 },
      numbering: cells.ids.map { byID[$0]?.numbering ?? 0 },
      objects: objects, listing: text(of: objects), unmatched: unmatched.sorted())
  }

  private func objects(of map: PanopticMap, _ cells: SegmentGrid) -> [CrayonPrompt.Object] {
    let cellBoxes = cells.boxes
    var numbers: [String: Int] = [:]
    return map.segments.compactMap { segment in
      let box: FrameBox
      switch membership {
      case .map: box = segment.box.fractions(width: map.width, height: map.height)
      case .grid:
        guard let cellBox = cellBoxes[segment.id] else { return nil }
        box = cellBox.fractions(width: grid.columns, height: grid.rows)
      }
      let name = segment.category.name
      numbers[name, default: 0] += 1
      return CrayonPrompt.Object(
        id: segment.id, category: name, name: Noun.listed(name), number: numbers[name] ?? 1,
        semantic: semanticByName[name] ?? 0, box: box)
    }
  }

  private func text(of objects: [CrayonPrompt.Object]) -> String {
    guard listing != .none else { return "" }
    guard !objects.isEmpty else { return "None of detailed object information for image." }
    // Counted by the name in the listing: "door-stuff" and a thing called "door" would share their numbers.
    var numbers: [String: Int] = [:]
    let words = objects.map { object in
      numbers[object.name, default: 0] += 1
      let name = "(#\(numbers[object.name] ?? 1) \(object.name))"
      return listing == .full ? "\(name) \(Self.text(of: object.box))" : name
    }
    return "The image includes \(words.joined(separator: ", "))."
  }

  /// "[0.10, 0.20, 0.30, 0.40]"
  private static func text(of box: FrameBox) -> String {
    "[" + box.edges.map(twoDecimals).joined(separator: ", ") + "]"
  }

  /// 0…1 with two decimals, to the even neighbour where two are equally near, as Python rounds.
  private static func twoDecimals(_ value: Double) -> String {
    let hundredths = Int((value * 100).rounded(.toNearestOrEven))
    return "\(hundredths / 100).\(hundredths % 100 / 10)\(hundredths % 10)"
  }
}

extension CrayonPrompt.Object {
  /// Index into the numbering table; 0 for numbers that it does not have.
  var numbering: Int { number <= CrayonPrompter.largestNumber ? number : 0 }
}

extension PixelBox {
  /// In single precision from the reciprocal, as the reference scales its boxes.
  fileprivate func fractions(width: Int, height: Int) -> FrameBox {
    func fraction(_ position: Int, of length: Int) -> Double { Double(Float(position) * (1 / Float(length))) }
    return FrameBox(
      x0: fraction(x0, of: width), y0: fraction(y0, of: height), x1: fraction(x1, of: width),
      y1: fraction(y1, of: height))
  }
}
