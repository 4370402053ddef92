import CrayonCore
import Foundation

/// What is known of one annotated picture: enough to list it in the dataset, to see whether it must be done
/// again, and to tell a map of ours from one that a person has edited.
struct AnnotationRecord: Codable, Equatable, Sendable {
  /// The picture's name in the results, with its own extension.
  var name: String
  /// What its map, its overlay and this record are called, without their extensions.
  var file: String
  /// Where the picture was, by which it is told from another of the same name.
  var path: String
  /// SHA-256 of the picture's bytes.
  var picture: String
  /// What made the map.
  var segmenter: String
  /// SHA-256 of the map's PNG.
  var map: String
  /// Of the PNG that this one was to replace: should the run end between record and map, that is what lies
  /// there, and nobody has edited it.
  var replaced: String?
  var width: Int
  var height: Int
  /// What the `category_id` of ``segments_info`` mean.
  var categories: [COCOPanoptic.Entry]
  var segments_info: [COCOPanoptic.SegmentInfo]
  /// Whether a person has corrected the map where crayon knew of it (``AnnotationFolder/save(_:of:basedOn:)``): also an
  /// edit that leaves all pixels as they were, such as another category, is then told from a map of ours.
  var edited: Bool?

  func table() throws -> CategoryTable { try CategoryTable(categories.map(\.category)) }

  /// Whether another is of the same picture, map and segments, wherever the picture was.
  func says(theSameAs other: AnnotationRecord) -> Bool {
    var other = other
    other.path = path
    return self == other
  }
}

/// The part of a record by which pictures are known again.
struct RecordedPicture: Decodable, Equatable, Sendable {
  var name: String
  var file: String
  var path: String
  var picture: String
  var categories: [COCOPanoptic.Entry]
}
