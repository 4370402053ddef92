public import Foundation

/// The size of the grid of image tokens, in cells.
public struct GridSize: Sendable, Hashable, Codable {
  /// From top to bottom.
  public var rows: Int
  /// From left to right.
  public var columns: Int

  /// Memberwise.
  public init(rows: Int, columns: Int) {
    self.rows = rows
    self.columns = columns
  }

  /// Cells.
  public var count: Int { rows * columns }
}

/// A panoptic map as the language model is shown it (CoLLaVO, arXiv 2402.11248, section 3): for every image
/// token what is there, and which one of its kind, and the same in words.
public struct CrayonPrompt: Sendable, Equatable, Codable {
  /// A segment that has a number and a place in the listing.
  public struct Object: Sendable, Equatable, Codable {
    /// The segment's id in the map.
    public let id: Int32
    /// The name in the map's own vocabulary.
    public let category: String
    /// The name as it is spoken: "table" for "table-merged".
    public let name: String
    /// Counts the segments of a class from 1, in ascending order of id; not limited.
    public let number: Int
    /// Index into the semantic table; 0 where the model has no word for the class.
    public let semantic: Int
    /// In fractions of the picture.
    public let box: FrameBox

    package init(
      id: Int32, category: String, name: String, number: Int, semantic: Int, box: FrameBox
    ) {
      self.id = id
      self.category = category
      self.name = name
      self.number = number
      self.semantic = semantic
      self.box = box
    }
  }

  /// Of the patches that the language model sees.
  public let grid: GridSize
  /// The segment of each cell, row-major; 0 where there is none.
  public let ids: [Int32]
  /// Indices into the semantic table, row-major: 1 for the first category of the model's vocabulary; 0 for
  /// nothing, and for what the model has no word for.
  public let semantic: [Int]
  /// Indices into the numbering table, row-major: which segment of its class a cell shows, from 1; 0 for
  /// nothing, and from the 21st on ("unknown").
  public let numbering: [Int]
  /// In ascending order of id.
  public let objects: [Object]
  /// What is said before the question, a sentence that ends in a full stop; empty where nothing is said.
  public let listing: String
  /// Classes of the map for which the model has no word.
  public let unmatched: [String]

  /// - Precondition: the grids have `grid.count` entries.
  package init(
    grid: GridSize, ids: [Int32], semantic: [Int], numbering: [Int], objects: [Object], listing: String,
    unmatched: [String]
  ) {
    precondition([ids.count, semantic.count, numbering.count].allSatisfy { $0 == grid.count })
    self.grid = grid
    self.ids = ids
    self.semantic = semantic
    self.numbering = numbering
    self.objects = objects
    self.listing = listing
    self.unmatched = unmatched
  }
}

extension CrayonPrompt: Artifact {
  /// The exact values, and the words alone; the grids as pictures are drawn by the stage.
  public static var fileNames: [String] { ["3-crayon.json", "3-listing.txt"] }

  /// - Throws: `AtomicFileError`, or what encoding throws
  public func write(to folder: URL) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    try AtomicFile.write(
      try encoder.encode(self), to: folder.appendingPathComponent(Self.fileNames[0]))
    try AtomicFile.write(
      Data((listing + "\n").utf8), to: folder.appendingPathComponent(Self.fileNames[1]))
  }

  /// - Throws: ``ArtifactError``
  public init(readingFrom folder: URL) throws {
    let file = folder.appendingPathComponent(Self.fileNames[0])
    self = try ArtifactError.decoding(CrayonPrompt.self, from: file)
    guard grid.rows > 0, grid.columns > 0, grid.rows <= 1024, grid.columns <= 1024,
      [ids.count, semantic.count, numbering.count].allSatisfy({ $0 == grid.count })
    else {
      throw ArtifactError.inconsistent(file: file.path, reason: "its grids have other sizes than it says")
    }
    let known = Set(objects.map { $0.id })
    guard ids.allSatisfy({ $0 == PanopticMap.void || known.contains($0) }),
      (semantic + numbering).allSatisfy({ $0 >= 0 })
    else {
      throw ArtifactError.inconsistent(file: file.path, reason: "its grids name segments that it does not list")
    }
  }
}
