import CrayonCore
public import Foundation
public import Panoptic

/// Where the maps of a run come from.
public enum MapSource: Sendable {
  /// A model, and the name of everything that its maps depend on.
  case model(any PanopticSegmenter, fingerprint: String)
  /// Maps that exist.
  case given(GivenMaps)

  /// What is known to be the vocabulary of all maps; empty where each has its own.
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

  /// The same for a run over all these pictures: no map is taken for two of them.
  public func prepared(for inputs: [AnnotationInput]) -> MapSource {
    switch self {
    case .model: self
    case .given(let maps): .given(maps.prepared(for: inputs))
    }
  }
}

/// Maps in the COCO panoptic format that take the place of a model's: one PNG, or a folder of them.
public struct GivenMaps: Sendable {
  private enum Place: Sendable {
    case map(URL, json: URL?)
    /// A JSON beside each map.
    case folder(URL)
    /// - digest: of the JSON
    case dataset(PanopticFolder, digest: String)
  }

  private let place: Place
  let categories: CategoryTable
  private var sharing = MapSharing()

  /// - Parameters:
  ///   - url: a PNG, or a folder of maps, which are joined with pictures by the dataset's `image_id`, or named as they
  ///   - json: the dataset file that lists the segments; nil where each map has a JSON beside it
  /// - Throws: `COCOPanopticError`, or ``AnnotationError/noSuchPath(_:)``
  public init(_ url: URL, json: URL?) throws {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) else {
      throw AnnotationError.noSuchPath(url.path)
    }
    if let json, isFolder.boolValue {
      let dataset = try PanopticFolder(url, json: json)
      place = .dataset(dataset, digest: AnnotationFolder.digest(of: json) ?? "")
      categories = dataset.categories
    } else {
      place = isFolder.boolValue ? .folder(url) : .map(url, json: json)
      categories = try CategoryTable([])
    }
  }

  func prepared(for inputs: [AnnotationInput]) -> GivenMaps {
    var prepared = self
    prepared.sharing = MapSharing(
      inputs.compactMap { input in (try? png(of: input).path).map { (map: $0, picture: input.name) } })
    return prepared
  }

  func segmenter(
    for input: AnnotationInput
  ) throws -> (segmenter: any PanopticSegmenter, fingerprint: String) {
    let png = try png(of: input)
    try sharing.requireOnePicture(of: png.path)
    switch place {
    case .map(_, let json):
      return (try PrecomputedSegmenter(png: png, json: json), fingerprint(png, json: json))
    case .folder: return (try PrecomputedSegmenter(png: png), fingerprint(png, json: nil))
    case .dataset(let dataset, let digest):
      let map = try dataset.map(ofPicture: input.path, least: input.nameLength)
      return (try dataset.segmenter(map), fingerprint(png, digest))
    }
  }

  private func png(of input: AnnotationInput) throws -> URL {
    switch place {
    case .map(let png, _): return png
    case .folder(let folder):
      let stem = (input.name as NSString).deletingPathExtension
      // The picture's whole name tells "x.jpg" and "x.png" apart.
      let names = [input.name + ".png", stem + ".png"].map(folder.existing)
      guard let png = names.first(where: { FileManager.default.fileExists(atPath: $0.path) }) else {
        throw AnnotationError.noMap(picture: input.name, folder: folder.path)
      }
      return png
    case .dataset(let dataset, _):
      let png = try dataset.map(ofPicture: input.path, least: input.nameLength).png
      guard FileManager.default.fileExists(atPath: png.path) else {
        throw AnnotationError.noMap(picture: input.name, folder: dataset.folder.path)
      }
      return png
    }
  }

  /// A given map depends on its own bytes and on the list of its segments.
  private func fingerprint(_ png: URL, json: URL?) -> String {
    let list = json ?? png.deletingPathExtension().appendingPathExtension("json")
    return fingerprint(png, AnnotationFolder.digest(of: list) ?? "")
  }

  private func fingerprint(_ png: URL, _ list: String) -> String {
    let digests = (AnnotationFolder.digest(of: png) ?? "") + list
    return "given:" + AnnotationFolder.digest(Data(digests.utf8)).prefix(32)
  }
}

extension AnnotationInput {
  /// Components of the name.
  fileprivate var nameLength: Int { name.split(separator: "/").count }
}

/// Which maps would be those of several pictures: a map is one picture's.
public struct MapSharing: Sendable {
  /// By the map's path.
  private let pictures: [FileKey: [String]]

  /// - Parameter found: paths of maps, and the pictures that they were found for
  public init(_ found: [(map: String, picture: String)] = []) {
    pictures = Dictionary(grouping: found, by: { FileKey($0.map) }).mapValues { $0.map(\.picture) }.filter {
      $0.value.count > 1
    }
  }

  /// - Throws: ``AnnotationError/mapOfSeveral(map:pictures:)``
  public func requireOnePicture(of map: String) throws {
    if let pictures = pictures[FileKey(map)] {
      throw AnnotationError.mapOfSeveral(map: map, pictures: pictures)
    }
  }
}
