import CrayonCore
public import Foundation

/// Where a run's results go:
///
///     panoptic.json            the maps, in the COCO panoptic format
///     panoptic/NNNNNN.png
///     images/NNNNNN.png        not for layouts
///     questions.jsonl          written last: where it is, the run is done
///     .crayon/plan.json        by which a run that was stopped is known again
///     .crayon/PART-*.jsonl     what is finished so far, until all is
public struct SynthesisFolder: Sendable {
  /// The folder.
  public let url: URL

  /// The COCO panoptic file of all maps.
  public var datasetFile: URL { url.appendingPathComponent("panoptic.json") }
  /// All questions, written when all pictures are there.
  public var questionsFile: URL { url.appendingPathComponent("questions.jsonl") }
  private var notes: URL { url.appendingPathComponent(".crayon") }
  private var planFile: URL { notes.appendingPathComponent("plan.json") }

  /// Whether there is nothing left to make.
  public var isFinished: Bool { FileManager.default.fileExists(atPath: questionsFile.path) }

  /// Opens a folder that is new, empty, or holds a part of the same run.
  /// - Throws: ``SynthesisError``
  public init(opening url: URL, for plan: SynthesisPlan) throws {
    self.url = url
    let files = FileManager.default
    if let data = files.contents(atPath: planFile.path) {
      guard (try? JSONDecoder().decode(SynthesisPlan.self, from: data)) == plan else {
        throw SynthesisError.anotherRun(folder: url.path)
      }
    } else if let names = try? files.contentsOfDirectory(atPath: url.path), !names.isEmpty {
      throw SynthesisError.notEmpty(folder: url.path)
    }
    do {
      var folders = [notes, url.appendingPathComponent("panoptic")]
      if plan.kind == .scenes { folders.append(url.appendingPathComponent("images")) }
      for folder in folders { try OutputFolder.make(folder) }
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
      try AtomicFile.write(try encoder.encode(plan), to: planFile)
    } catch let error as AtomicFileError {
      throw SynthesisError.cannotWrite(folder: url.path, reason: error.description)
    } catch let error as OutputError {
      throw SynthesisError.cannotWrite(folder: url.path, reason: error.reason)
    }
  }

  static func name(of id: UInt64) -> String { String(format: "%06d.png", Int(id)) }
  static func map(of id: UInt64) -> String { "panoptic/" + name(of: id) }
  static func image(of id: UInt64) -> String { "images/" + name(of: id) }

  func write(_ data: Data, to path: String) throws {
    try AtomicFile.write(data, to: url.appendingPathComponent(path))
  }

  // MARK: Parts

  /// What a part of the pictures adds to the files that list all: a JSON value a line.
  enum Listing: String, CaseIterable {
    case images, annotations, questions
  }

  private func file(_ listing: Listing, part: Int) -> URL {
    notes.appendingPathComponent(String(format: "%06d-", part) + listing.rawValue + ".jsonl")
  }

  /// A part is finished when the last of its listings is there.
  func hasPart(_ part: Int) -> Bool {
    FileManager.default.fileExists(atPath: file(.questions, part: part).path)
  }

  func writePart(_ part: Int, _ lines: [Listing: Data]) throws {
    for listing in Listing.allCases {
      try AtomicFile.write(lines[listing] ?? Data(), to: file(listing, part: part))
    }
  }

  /// Puts the parts together, and takes them away.
  func finish(parts: Int, categories: CategoryTable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    try AtomicFile.write(to: datasetFile) { output in
      try output.append(Data("{\"categories\": ".utf8))
      try output.append(try encoder.encode(categories.categories.map(COCOPanoptic.Entry.init)))
      for listing in [Listing.images, .annotations] {
        try output.append(Data(",\n\"\(listing.rawValue)\": [\n".utf8))
        for part in 0..<parts {
          let lines = try Data(contentsOf: file(listing, part: part)).split(separator: UInt8(ascii: "\n"))
          try output.append(Data(lines.joined(separator: Data(",\n".utf8))))
          if part < parts - 1 { try output.append(Data(",\n".utf8)) }
        }
        try output.append(Data("]".utf8))
      }
      try output.append(Data("}\n".utf8))
    }
    try AtomicFile.write(to: questionsFile) { output in
      for part in 0..<parts { try output.append(try Data(contentsOf: file(.questions, part: part))) }
    }
    for part in 0..<parts {
      for listing in Listing.allCases { try? FileManager.default.removeItem(at: file(listing, part: part)) }
    }
  }
}
