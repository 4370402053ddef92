import CrayonCore
public import Foundation
public import Panoptic

/// Where the maps of a run come from.
public enum MapSource: Sendable {
  /// A model, and the name of everything that its maps depend on.
  case model(any PanopticSegmenter, fingerprint: String)
  /// Maps that exist.
  case given(GivenMaps)

  var categories: CategoryTable {
    switch self {
    case .model(let segmenter, _): segmenter.categories
    case .given(let maps): maps.categories
    }
  }

  /// The segmenter for one picture, and its name.
  func segmenter(
    for input: AnnotationInput
  ) throws -> (segmenter: any PanopticSegmenter, fingerprint: String) {
    switch self {
    case .model(let segmenter, let fingerprint): (segmenter, fingerprint)
    case .given(let maps): try maps.segmenter(for: input)
    }
  }
}

/// Maps in the COCO panoptic format that take the place of a model's: one PNG, or a folder of them.
public struct GivenMaps: Sendable {
  private enum Place: Sendable {
    case map(URL)
    /// A JSON beside each map.
    case folder(URL)
    case dataset(PanopticFolder)
  }

  private let place: Place
  private let json: URL?
  let categories: CategoryTable

  /// - Parameters:
  ///   - url: a PNG, or a folder in which each picture's map has the picture's name
  ///   - json: the dataset file that lists the segments; nil where each map has a JSON beside it
  /// - Throws: `COCOPanopticError`, or ``AnnotationError/noSuchPath(_:)``
  public init(_ url: URL, json: URL?) throws {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) else {
      throw AnnotationError.noSuchPath(url.path)
    }
    self.json = json
    if let json, isFolder.boolValue {
      let dataset = try PanopticFolder(url, json: json)
      place = .dataset(dataset)
      categories = dataset.categories
    } else {
      place = isFolder.boolValue ? .folder(url) : .map(url)
      categories = .coco
    }
  }

  func segmenter(
    for input: AnnotationInput
  ) throws -> (segmenter: any PanopticSegmenter, fingerprint: String) {
    switch place {
    case .map(let png):
      return (try PrecomputedSegmenter(png: png, json: json, categories: categories), fingerprint(png))
    case .folder(let folder):
      let png = try map(of: input, in: folder)
      return (try PrecomputedSegmenter(png: png, categories: categories), fingerprint(png))
    case .dataset(let dataset):
      let png = try map(of: input, in: dataset.folder)
      return (try dataset.segmenter(named: input.name(withExtension: "png")), fingerprint(png))
    }
  }

  private func map(of input: AnnotationInput, in folder: URL) throws -> URL {
    let png = folder.appendingPathComponent(input.name(withExtension: "png"))
    guard FileManager.default.fileExists(atPath: png.path) else {
      throw AnnotationError.noMap(picture: input.name, folder: folder.path)
    }
    return png
  }

  /// A given map depends on its own bytes and on the list of its segments.
  private func fingerprint(_ png: URL) -> String {
    let list = json ?? png.deletingPathExtension().appendingPathExtension("json")
    let digests = [png, list].map { AnnotationFolder.digest(of: $0) ?? "" }
    return "given:" + AnnotationFolder.digest(Data(digests.joined().utf8)).prefix(32)
  }
}
