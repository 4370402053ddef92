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

  func load() {}

  /// One region for every object that is named, in the order of the answer.
  func regions(
    of reply: Reply, on picture: SeenPicture, boxes: GroundingConfiguration.Boxes?, vocabulary: CategoryTable
  ) -> Regions {
    var result = Regions(width: picture.image.width, height: picture.image.height, regions: [])
    let mentions = MentionedObjects.find(in: reply.text, of: picture.crayon.objects)
    guard !mentions.isEmpty else { return result }
    // Dear, and made only where something is drawn.
    let seen = sam?.see(picture.image)
    for (index, mention) in mentions.enumerated() {
      guard let segment = picture.map.segments.first(where: { $0.id == mention.segment }) else { continue }
      var region = Region(
        box: PictureBox(segment.box), phrase: mention.phrase, score: segment.score, trigger: index,
        segment: segment.id, via: .words)
      if let sam, let seen {
        let side = sam.maskDecoder.configuration.imageSide
        let masks = sam.masks(SAMPrompt(box: SAM.box(region.box, in: seen.frame, side: side)), on: seen)
        let mask = masks.isFinite(0) ? masks.mask(0, in: seen.frame) : nil
        if let mask, !mask.isEmpty {
          (region.mask, region.score) = (mask, masks.scores[0])
        } else {
          let kind: Regions.Note.Kind = mask == nil ? .maskNotFinite : .maskEmpty
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

/// Finds the objects of a listing that an answer names: "#2 cup" is the second cup, "cup" or "cups" all of them.
enum MentionedObjects {
  struct Mention: Equatable {
    /// The segment's id in the map.
    var segment: Int32
    /// As the answer has it.
    var phrase: String
  }

  /// Each object at most once, in the order in which they are named; of several names in one place the longest counts.
  static func find(in text: String, of objects: [CrayonPrompt.Object]) -> [Mention] {
    let words = text.split { !$0.isLetter && !$0.isNumber && $0 != "#" && $0 != "-" }.map(String.init)
    let lowered = words.map { $0.lowercased() }
    let names = Set(objects.map(\.name)).flatMap { name in
      Noun.spellings(of: name.lowercased()).map {
        (name: name, words: $0.split(separator: " ").map(String.init))
      }
    }
    .sorted { ($1.words.count, $0.name) < ($0.words.count, $1.name) }
    var found: [Mention] = []
    var position = 0
    while position < words.count {
      guard let match = names.first(where: { lowered[position...].starts(with: $0.words) }) else {
        position += 1
        continue
      }
      let number =
        position > 0 && lowered[position - 1].hasPrefix("#") ? Int(lowered[position - 1].dropFirst()) : nil
      let start = number == nil ? position : position - 1
      let end = position + match.words.count
      for object in objects where object.name == match.name && (number == nil || object.number == number) {
        guard !found.contains(where: { $0.segment == object.id }) else { continue }
        found.append(Mention(segment: object.id, phrase: words[start..<end].joined(separator: " ")))
      }
      position = end
    }
    return found
  }
}
