import Annotation
import CrayonCore
import Foundation
import HTTPTypes
import Hummingbird
import Inspection
import NIOCore

/// `/folder`: the pictures of an annotated folder, their maps, and corrected maps that are saved.
struct GalleryRoutes: Sendable {
  /// A list of pictures, a part of it at a time.
  struct Page: Encodable {
    var name: String
    var total: Int
    var first: Int
    /// Whether there are others behind these.
    var more: Bool
    var pictures: [Gallery.Entry]
    /// In how many pictures each category is; nil but for the first part.
    var categories: [String: Int]?
  }

  struct Map: Encodable {
    var picture: Gallery.Entry
    var width: Int
    var height: Int
    /// Ids and how often each is repeated, row by row.
    var runs: [Int]
    var segments_info: [COCOPanoptic.SegmentInfo]
    /// COCO's, and those of the map besides.
    var categories: [COCOPanoptic.Entry]
    /// To be sent back as `based_on`.
    var version: String

    init(_ picture: Gallery.Entry, _ annotated: AnnotatedMap) throws {
      let map = annotated.map
      self.picture = picture
      (width, height, version) = (map.width, map.height, annotated.version)
      runs = PageData.runs(map.ids)
      segments_info = map.segmentsInfo
      categories = try annotated.categories.joinedWithCOCO().categories.map(COCOPanoptic.Entry.init)
    }
  }

  /// A corrected map, and which version of it was corrected.
  private struct Edit: Decodable {
    var version: String
    var map: MapRequest

    init(from decoder: any Decoder) throws {
      version = try decoder.container(keyedBy: AnyKey.self).decode(String.self, forKey: AnyKey("based_on"))
      map = try MapRequest(decoder, also: ["based_on"])
    }
  }

  let gallery: Gallery?
  let parts: ServeParts

  func add(to router: Router<ServeContext>) {
    router.get("/folder", use: list)
    router.get("/folder/{id}/picture", use: picture)
    router.get("/folder/{id}/thumbnail", use: thumbnail)
    router.get("/folder/{id}/map") { _, context in
      let (gallery, id) = (try self.opened(), context.parameter("id"))
      return try Response.json(try Map(await gallery.entry(id), await gallery.map(id)))
    }
    router.put("/folder/{id}/map", use: save)
  }

  private func opened() throws -> Gallery {
    guard let gallery else { throw ServeError.noFolder }
    return gallery
  }

  private func list(_ request: Request, _ context: ServeContext) async throws -> Response {
    let gallery = try opened()
    let query = request.uri.queryParameters
    func text(_ key: String) -> String? {
      let text = query.get(key) ?? ""
      return text.isEmpty ? nil : text
    }
    func number(_ key: String, _ range: ClosedRange<Int>, else value: Int) throws -> Int {
      guard let text = text(key) else { return value }
      guard let number = Int(text), range.contains(number) else {
        throw ServeError.badValue(
          path: key, reason: "is a number from \(range.lowerBound) to \(range.upperBound)")
      }
      return number
    }
    var filter = Gallery.Filter()
    filter.category = text("category")
    filter.least = try number("at_least", 0...1_000_000, else: 1)
    filter.most = try number("at_most", 0...1_000_000, else: .max)
    filter.text = text("name")
    guard filter.least <= filter.most else {
      throw ServeError.badValue(path: "at_most", reason: "is less than at_least")
    }
    filter.edited = try text("edited").map { text in
      guard let isEdited = Bool(text) else {
        throw ServeError.badValue(path: "edited", reason: "is true or false")
      }
      return isEdited
    }
    let first = try number("first", 0...Int.max, else: 0)
    let last = text("after")
    let (pictures, total, more) = try await gallery.page(
      filter, after: last, from: first, count: try number("count", 1...500, else: 60))
    return try .json(
      Page(
        name: gallery.name, total: total, first: first, more: more, pictures: pictures,
        categories: first == 0 && last == nil ? await gallery.categories : nil))
  }

  /// As it is where a browser can show it, else as a PNG.
  private func picture(_ request: Request, _ context: ServeContext) async throws -> Response {
    let data = try await opened().picture(context.parameter("id"))
    let type = Self.shown.first { data.starts(with: $0.start) }?.type ?? "application/octet-stream"
    return .bytes(data, type: type)
  }

  private static let shown: [(start: [UInt8], type: String)] = [
    ([0x89, 0x50, 0x4E, 0x47], "image/png"), ([0xFF, 0xD8, 0xFF], "image/jpeg"),
    ([0x47, 0x49, 0x46, 0x38], "image/gif"), ([0x52, 0x49, 0x46, 0x46], "image/webp"),
    ([0x42, 0x4D], "image/bmp"),
  ]

  private func thumbnail(_ request: Request, _ context: ServeContext) async throws -> Response {
    let gallery = try opened()
    let picture = try await gallery.annotatedPicture(context.parameter("id"))
    let tag = Thumbnails.tag(of: picture)
    guard !request.has(tag) else { return .unchanged(tag) }
    return .bytes(try await gallery.thumbnails.png(of: picture), type: "image/png", headers: [.eTag: tag])
  }

  private func save(_ request: Request, _ context: ServeContext) async throws -> Response {
    let (gallery, id) = (try opened(), context.parameter("id"))
    guard request.hasContent("application/json") else {
      throw ServeError.wrongContentType(expected: "application/json")
    }
    _ = try await gallery.entry(id)
    let share = parts.held.share()
    let body = try await request.wholeBody(parts.limits, share, over: context.channel)
    let limits = parts.limits
    let (version, map) = try await parts.reader.read {
      let edit = try RequestDecoding.decode(Edit.self, from: body)
      return (edit.version, try edit.map.map(limits))
    }
    let saved = try await gallery.save(map, as: id, basedOn: version)
    withExtendedLifetime(share) {}
    return try .json(try Map(await gallery.entry(id), saved))
  }
}
