import CrayonCore
import Foundation

/// Makes `panoptic.json` of a folder's records, one at a time, so that memory does not grow with the pictures.
struct AnnotationDataset {
  let folder: AnnotationFolder
  let categories: CategoryTable

  /// - Returns: how many pictures the dataset lists.
  @discardableResult
  func write() throws -> Int {
    let names = try folder.recordedNames().filter {
      FileManager.default.fileExists(atPath: folder.map(of: $0).path)
    }
    let ids = Self.ids(names)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    try AtomicFile.write(to: folder.datasetFile) { output in
      func list(_ key: String, _ element: (Int, AnnotationRecord) throws -> Data) throws {
        try output.append(Data(",\n\"\(key)\": [".utf8))
        for (index, name) in names.enumerated() {
          guard let record = try folder.record(of: name) else { continue }
          try output.append(Data((index == 0 ? "\n" : ",\n").utf8))
          try output.append(try element(ids[index], record))
        }
        try output.append(Data("]".utf8))
      }
      try output.append(Data("{\"categories\": ".utf8))
      try output.append(try encoder.encode(categories.categories.map(COCOPanoptic.Entry.init)))
      try list("images") { id, record in
        try encoder.encode(
          COCOPanoptic.Image(
            id: .number(id), file_name: record.name, width: record.width, height: record.height))
      }
      try list("annotations") { id, record in
        try encoder.encode(
          COCOPanoptic.Annotation(
            image_id: .number(id),
            file_name: (record.name as NSString).deletingPathExtension + ".png",
            segments_info: record.segments_info))
      }
      try output.append(Data("}\n".utf8))
    }
    return names.count
  }

  /// COCO's pictures are named by their ids; where all names are numbers they stay the ids, else pictures are
  /// counted.
  private static func ids(_ names: [String]) -> [Int] {
    let numbers = names.compactMap { name in
      Int(((name as NSString).lastPathComponent as NSString).deletingPathExtension)
    }
    return Set(numbers).count == names.count ? numbers : Array(1..<names.count + 1)
  }
}
