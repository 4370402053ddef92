import CrayonCore
import Grounding
import Language
import Vocabulary

/// Grounds an answer in the map: what the answer names is looked up there, and its box goes to SAM, which draws the mask
/// on the picture itself. CoLLaVO's map is decided on a coarse grid; SAM's masks follow the picture's edges.
struct MapGrounding: AnswerGrounding {
  /// nil for the map's own masks.
  let sam: SAM?

  var heads: GroundingHeads? { nil }

  func trigger(on picture: SeenPicture) -> LocationTrigger? { nil }

  func canvas(of image: RGBImage) -> MaskCanvas? { sam?.see(image) }

  func load() {}

  /// One region for every object that is named, in the order of the answer.
  func regions(
    of reply: Reply, on picture: SeenPicture, boxes: GroundingConfiguration.Boxes?, vocabulary: CategoryTable
  ) throws -> Regions {
    var result = Regions(width: picture.image.width, height: picture.image.height, regions: [])
    // Who is not shown the map cannot mean its segments.
    guard picture.crayonFeatures != nil || !picture.crayon.listing.isEmpty else { return result }
    let mentions = MentionedObjects.find(
      in: reply.text, of: picture.crayon.objects, vocabulary: vocabulary)
    guard !mentions.isEmpty else { return result }
    let canvas = try picture.canvas.value()
    for (index, mention) in mentions.enumerated() {
      guard let segment = picture.map.segments.first(where: { $0.id == mention.segment }) else { continue }
      var region = Region(
        box: PictureBox(segment.box), phrase: mention.phrase, score: segment.score, trigger: index,
        segment: segment.id, via: .words)
      if let sam, let canvas {
        let side = sam.maskDecoder.configuration.imageSide
        let masks = sam.masks(SAMPrompt(box: SAM.box(region.box, in: canvas.frame, side: side)), on: canvas)
        if let kind = masks.draw(&region, in: canvas.frame) {
          result.notes.append(Regions.Note(trigger: index, kind: kind, phrase: mention.phrase))
        }
      } else {
        region.mask = picture.map.mask(of: segment)
      }
      result.regions.append(region)
    }
    return result
  }
}

/// Finds the objects of a listing that an answer names: "#2 cup" is the second cup, "cup" or "mugs" all of them, "fruit" all
/// apples and oranges. CoLLaVO's answers name objects as they like; its authors' code reads none of them, so that this
/// follows no reference but the vocabulary's own rules.
enum MentionedObjects {
  struct Mention: Equatable {
    /// The segment's id in the map.
    var segment: Int32
    /// As the answer has it.
    var phrase: String
  }

  /// Each object at most once, in the order in which they are named.
  static func find(
    in text: String, of objects: [CrayonPrompt.Object], vocabulary: CategoryTable
  ) -> [Mention] {
    var found: [Mention] = []
    for mention in vocabulary.mentions(in: text) {
      let names = Set(mention.categories.map(\.name))
      for object in objects where names.contains(object.category) {
        guard mention.number == nil || mention.number == object.number,
          !found.contains(where: { $0.segment == object.id })
        else { continue }
        found.append(Mention(segment: object.id, phrase: mention.phrase))
      }
    }
    return found
  }
}
