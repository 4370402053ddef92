import CrayonCore
import Foundation

/// What is known of one annotated picture: enough to list it in the dataset, to see whether it must be done
/// again, and to tell a map of ours from one that a person has edited.
struct AnnotationRecord: Codable, Equatable, Sendable {
  /// The picture's name in the results, with its own extension.
  var name: String
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
  var segments_info: [COCOPanoptic.SegmentInfo]
}
