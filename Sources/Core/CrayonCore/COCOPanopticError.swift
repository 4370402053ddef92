import Checkpoints
import Foundation

/// Why a COCO panoptic file, or a map and its list of segments, cannot be used.
public enum COCOPanopticError: Error, Equatable, CustomStringConvertible {
  case unreadable(file: String, reason: String)
  case missingKey(file: String, key: String)
  case wrongType(file: String, key: String)
  case noAnnotation(file: String, map: String)
  case noPicture(file: String, picture: String)
  case severalAnnotations(file: String, name: String)
  case badCategories(file: String, reason: String)
  case noJSON(map: String)
  case unknownCategory(map: String, segment: Int, category: Int)
  case duplicateSegment(map: String, segment: Int)
  case badSegmentID(map: String, segment: Int)
  case wrongArea(map: String, segment: Int, claimed: Int, counted: Int)
  case inconsistent(map: String, reason: String)
  case changedWhenWritten(map: String)

  public var description: String {
    switch self {
    case .unreadable(let file, let reason): "\(file) cannot be read: \(reason)"
    case .missingKey(let file, let key): "\(file) lacks the key \"\(key)\" of the COCO panoptic format"
    case .wrongType(let file, let key): "\(file): the value of \"\(key)\" has the wrong type"
    case .noAnnotation(let file, let map): "\(file) has no annotation for the map \(map)"
    case .noPicture(let file, let picture):
      "\(file) has no annotation for the picture \(picture): it lists no picture of that name, and no map"
    case .severalAnnotations(let file, let name): "\(file) has several annotations for \(name)"
    case .badCategories(let file, let reason): "\(file): \(reason)"
    case .noJSON(let map):
      "the map \(map) has no JSON beside it; its segments are listed in a file of the same name that "
        + "ends in .json, or in a dataset file"
    case .unknownCategory(let map, let segment, let category):
      "\(map): segment \(segment) has the category \(category), which is not among the categories"
    case .duplicateSegment(let map, let segment): "\(map): segment \(segment) is listed twice"
    case .badSegmentID(let map, let segment):
      "\(map): \(segment) cannot be a segment's id; ids are from 1 to 16777215"
    case .wrongArea(let map, let segment, let claimed, let counted):
      "\(map): segment \(segment) is listed with \(claimed) pixels, but has \(counted)"
    case .inconsistent(let map, let reason): "\(map): \(reason)"
    case .changedWhenWritten(let map):
      "\(map) was written, but reads back differently; the disk or the program is at fault"
    }
  }

  /// Decodes a JSON file; errors name the file and the path of the key.
  static func decoding<Value: Decodable>(_ type: Value.Type, from url: URL) throws -> Value {
    let data: Data
    do {
      data = try Data(contentsOf: url, options: .mappedIfSafe)
    } catch {
      throw COCOPanopticError.unreadable(file: url.path, reason: "the file cannot be opened")
    }
    let path = JSONFault.dottedPath
    do {
      return try JSONDecoder().decode(type, from: data)
    } catch DecodingError.keyNotFound(let key, let context) {
      throw COCOPanopticError.missingKey(file: url.path, key: path(context.codingPath + [key]))
    } catch DecodingError.typeMismatch(_, let context) {
      throw COCOPanopticError.wrongType(file: url.path, key: path(context.codingPath))
    } catch DecodingError.valueNotFound(_, let context) {
      throw COCOPanopticError.wrongType(file: url.path, key: path(context.codingPath))
    } catch {
      throw COCOPanopticError.unreadable(file: url.path, reason: JSONFault.reason(data))
    }
  }
}
