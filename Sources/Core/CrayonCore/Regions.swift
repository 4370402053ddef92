public import Foundation

/// A place in the picture that an answer points at.
public struct Region: Sendable, Hashable, Codable {
  /// What decided on a region's box and mask.
  public enum Source: String, Sendable, Hashable, Codable {
    /// The model's own heads: its decoders drew them, or its trigger points at the segment that has them.
    case heads
    /// A segment of the map has them, the first that the answer's words leave, wherever the model points.
    case words
    /// A segment of the map has them, the one that the model's decoded box overlaps most.
    case box
  }

  /// In pixels of the original picture, cut at its edges.
  public var box: PictureBox
  /// Of the original picture's size.
  public var mask: RunLengthMask?
  /// The words of the answer that the region belongs to.
  public var phrase: String
  /// How well the mask fits, in 0…1 as the mask decoder judges it, or the segment's score; nil where there is none.
  public var score: Float?
  /// Which of the reply's triggers made it.
  public var trigger: Int
  /// The map's segment that is meant; nil where a box alone is.
  public var segment: Int32?
  /// What decided where it is.
  public var via: Source
  /// Whether the answer's words can mean this segment; nil where there is none, or the words name nothing that the map
  /// knows. A check: it decides on nothing.
  public var agrees: Bool?

  /// By which the answer's text speaks of it, from 1.
  public var number: Int { trigger + 1 }

  /// Memberwise.
  public init(
    box: PictureBox, mask: RunLengthMask? = nil, phrase: String, score: Float? = nil, trigger: Int,
    segment: Int32? = nil, via: Source = .heads, agrees: Bool? = nil
  ) {
    self.box = box
    self.mask = mask
    self.phrase = phrase
    self.score = score
    self.trigger = trigger
    self.segment = segment
    self.via = via
    self.agrees = agrees
  }
}

/// What stage 7 hands on: the regions of a reply, in the order of its triggers, and what was wrong with others.
public struct Regions: Sendable, Equatable, Codable {
  /// Something about a trigger that a person should know.
  public struct Note: Sendable, Hashable, Codable {
    /// What was found amiss.
    public enum Kind: String, Sendable, Codable {
      /// The box decoder's numbers are no numbers: there is no region.
      case boxNotFinite
      /// The box has no area within the picture: there is no region.
      case boxWithoutArea
      /// No pixel is inside of the mask: the region has a box alone.
      case maskEmpty
      /// The mask decoder's numbers are no numbers: the region has a box alone.
      case maskNotFinite
    }

    /// Which of the reply's triggers.
    public var trigger: Int
    /// What was found amiss.
    public var kind: Kind
    /// That the answer points with.
    public var phrase: String

    /// Memberwise.
    public init(trigger: Int, kind: Kind, phrase: String) {
      self.trigger = trigger
      self.kind = kind
      self.phrase = phrase
    }

    /// A sentence for a person.
    public var sentence: String {
      let place = phrase.isEmpty ? "the answer's region \(trigger + 1)" : "\"\(phrase)\""
      switch kind {
      case .boxNotFinite: return "the box of \(place) is not made of numbers and was dropped"
      case .boxWithoutArea: return "the box of \(place) has no area within the picture and was dropped"
      case .maskEmpty: return "the mask of \(place) is empty; its box is kept"
      case .maskNotFinite: return "the mask of \(place) is not made of numbers; its box is kept"
      }
    }
  }

  /// Of the original picture.
  public var width: Int
  /// Of the picture, in pixels.
  public var height: Int
  /// In the order of the answer.
  public var regions: [Region]
  /// Of what became no region, or only a part of one.
  public var notes: [Note]

  /// Memberwise.
  public init(width: Int, height: Int, regions: [Region], notes: [Note] = []) {
    self.width = width
    self.height = height
    self.regions = regions
    self.notes = notes
  }
}

extension Regions {
  /// Writes the masks into a folder, which is made where there is none: `1.png` for the region of the answer's first
  /// trigger, and so on; a region without a mask has no file.
  /// - Throws: `OutputError`, `PNGError` or `AtomicFileError`
  public func writeMasks(to folder: URL) throws {
    try OutputFolder.make(folder)
    for region in regions {
      try region.mask?.writePNG(to: folder.appendingPathComponent("\(region.number).png"))
    }
  }
}

/// The picture with the regions drawn over it is made by whoever has the picture: `7-overlay.png`.
extension Regions: Artifact {
  /// In a folder of artifacts.
  public static var fileNames: [String] { ["7-regions.json"] }

  /// - Throws: `AtomicFileError`, or what encoding throws
  public func write(to folder: URL) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    try AtomicFile.write(
      try encoder.encode(self), to: folder.appendingPathComponent(Self.fileNames[0]))
  }

  /// - Throws: ``ArtifactError``
  public init(readingFrom folder: URL) throws {
    let file = folder.appendingPathComponent(Self.fileNames[0])
    self = try ArtifactError.decoding(Regions.self, from: file)
    for region in regions {
      guard region.box.hasArea else {
        throw ArtifactError.inconsistent(file: file.path, reason: "a box has no area")
      }
      if let mask = region.mask, mask.width != width || mask.height != height {
        throw ArtifactError.inconsistent(file: file.path, reason: "a mask has another size than the picture")
      }
    }
  }
}
