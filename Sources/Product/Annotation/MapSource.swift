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
    case folder(URL)
  }

  private let place: Place
  private let json: URL?
  private let dataset: [String: COCOPanoptic.Annotation]
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
    place = isFolder.boolValue ? .folder(url) : .map(url)
    self.json = json
    if let json, isFolder.boolValue {
      let dataset = try COCOPanoptic(readingJSON: json)
      categories = try dataset.categoryTable()
      self.dataset = Dictionary(
        dataset.annotations.map { ($0.file_name, $0) }, uniquingKeysWith: { first, _ in first })
    } else {
      categories = .coco
      dataset = [:]
    }
  }

  func segmenter(
    for input: AnnotationInput
  ) throws -> (segmenter: any PanopticSegmenter, fingerprint: String) {
    switch place {
    case .map(let png):
      return (try PrecomputedSegmenter(png: png, json: json, categories: categories), fingerprint(png))
    case .folder(let folder):
      let name = input.name(withExtension: "png")
      let png = folder.appendingPathComponent(name)
      guard FileManager.default.fileExists(atPath: png.path) else {
        throw AnnotationError.noMap(picture: input.name, folder: folder.path)
      }
      guard json != nil else {
        return (try PrecomputedSegmenter(png: png, categories: categories), fingerprint(png))
      }
      guard let annotation = dataset[name] ?? dataset[png.lastPathComponent] else {
        throw COCOPanopticError.noAnnotation(file: json?.path ?? "", map: name)
      }
      let map = try PanopticMap(png: png, annotation, categories: categories)
      return (PrecomputedSegmenter(map, name: png.path, categories: categories), fingerprint(png))
    }
  }

  /// A given map depends on its own bytes and on the list of its segments.
  private func fingerprint(_ png: URL) -> String {
    let list = json ?? png.deletingPathExtension().appendingPathExtension("json")
    let digests = [png, list].map { AnnotationFolder.digest(of: $0) ?? "" }
    return "given:" + AnnotationFolder.digest(Data(digests.joined().utf8)).prefix(32)
  }
}
