public import Foundation

/// Finds the annotation of a picture or of a map in a dataset, by whole names: `image_id` joins a picture that the
/// dataset lists with its map, however differently the two are named; where it lists no picture of the map's, the map is
/// named as its picture.
///
/// A listed name stands for every path that ends in it, folder by folder: "b/x.png" for "/data/b/x.png", and not for
/// "/data/x.png". Of several the longest counts.
public struct AnnotationIndex: Sendable {
  private let file: String
  /// Without the PNG's extension.
  private var byMap: [String: [Int]] = [:]
  /// Of those, the maps of pictures that are not listed.
  private var byMapAlone: [String: [Int]] = [:]
  private var byPicture: [String: [Int]] = [:]
  private let annotations: [COCOPanoptic.Annotation]

  /// - Parameters:
  ///   - dataset: lists pictures and maps by their names
  ///   - file: the dataset's, for messages
  public init(_ dataset: COCOPanoptic, file: URL) {
    self.file = file.path
    annotations = dataset.annotations
    let pictures = Dictionary(grouping: dataset.images, by: \.id)
    for (index, annotation) in annotations.enumerated() {
      let name = Self.stem(Self.name(annotation.file_name))
      byMap[name, default: []].append(index)
      if pictures[annotation.image_id] == nil { byMapAlone[name, default: []].append(index) }
      for picture in pictures[annotation.image_id] ?? [] {
        byPicture[Self.name(picture.file_name), default: []].append(index)
      }
    }
  }

  /// - Parameters:
  ///   - path: of the picture
  ///   - least: how many of its last components a listed name must have
  /// - Throws: ``COCOPanopticError/noPicture(file:picture:)`` or ``COCOPanopticError/severalAnnotations(file:name:)``
  public func annotation(ofPicture path: String, least: Int = 1) throws -> COCOPanoptic.Annotation {
    for name in Self.endings(path, least: least) {
      if let found = try one(byPicture[name], name) ?? one(byMapAlone[Self.stem(name)], name) { return found }
    }
    let name = path.split(separator: "/").suffix(least).joined(separator: "/")
    throw COCOPanopticError.noPicture(file: file, picture: name)
  }

  /// - Parameter path: of the map's PNG
  /// - Returns: nil where there is none
  /// - Throws: ``COCOPanopticError/severalAnnotations(file:name:)``
  public func annotation(ofMap path: String) throws -> COCOPanoptic.Annotation? {
    for name in Self.endings(path, least: 1) {
      if let found = try one(byMap[Self.stem(name)], name) { return found }
    }
    return nil
  }

  private func one(_ found: [Int]?, _ name: String) throws -> COCOPanoptic.Annotation? {
    guard let found, let first = found.first else { return nil }
    guard found.count == 1 else { throw COCOPanopticError.severalAnnotations(file: file, name: name) }
    return annotations[first]
  }

  /// The path, then without its first component, and so on.
  private static func endings(_ path: String, least: Int) -> [String] {
    let components = path.split(separator: "/")
    guard components.count >= least else { return [] }
    return (0...components.count - least).map { components[$0...].joined(separator: "/") }.filter {
      !$0.isEmpty
    }
  }

  /// As it is compared.
  private static func name(_ path: String) -> String {
    path.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
  }

  private static func stem(_ name: String) -> String { (name as NSString).deletingPathExtension }
}

extension URL {
  /// The file of this name in a folder, also where its accents are written the other way (composed, or as letter and
  /// mark): file systems keep the difference, which people cannot see.
  public func existing(_ name: String) -> URL {
    let forms = [name, name.precomposedStringWithCanonicalMapping, name.decomposedStringWithCanonicalMapping]
    let urls = forms.map(appendingPathComponent)
    return urls.first { FileManager.default.fileExists(atPath: $0.path) } ?? urls[0]
  }
}
