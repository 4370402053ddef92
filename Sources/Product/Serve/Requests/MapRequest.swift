import CrayonCore
import Foundation
import PNGFiles
import Panoptic

/// A map that comes with a request: `png`, a data: address of a PNG of ids in COCO's way, or `width`, `height` and
/// `runs`, ids and how often each is repeated, row by row; and what its segments are.
struct MapRequest: Decodable, Sendable {
  var png: String?
  var width: Int?
  var height: Int?
  var runs: [Int]?
  var segments_info: [COCOPanoptic.SegmentInfo]
  /// COCO's where there are none.
  var categories: [COCOPanoptic.Entry]?

  init(from decoder: any Decoder) throws { try self.init(decoder, also: []) }

  /// - Parameter others: keys of the object that are not the map's
  init(_ decoder: any Decoder, also others: Set<String>) throws {
    let container = try decoder.container(keyedBy: AnyKey.self)
    try container.refuseOthers(
      than: others.union(["png", "width", "height", "runs", "segments_info", "categories"]))
    png = try container.optional("png")
    width = try container.optional("width")
    height = try container.optional("height")
    runs = try container.optional("runs")
    segments_info = try container.decode([COCOPanoptic.SegmentInfo].self, forKey: AnyKey("segments_info"))
    categories = try container.optional("categories")
  }

  /// What its segments could be.
  /// - Throws: `CategoryTableError`
  func table() throws -> CategoryTable { try categories.map { try CategoryTable($0.map(\.category)) } ?? .coco }

  /// Checks pixels and segments against each other.
  /// - Throws: ``ServeError`` or `COCOPanopticError`
  func map(_ limits: ServeLimits) throws -> PanopticMap {
    guard segments_info.count <= limits.segments else {
      throw ServeError.tooMany(what: "segments", count: segments_info.count, limit: limits.segments)
    }
    return try PanopticMap(
      try pixels(limits), segments: segments_info, categories: try table(), name: "the given map")
  }

  /// The map as what stands in a segmenter's place.
  func segmenter(_ limits: ServeLimits) throws -> PrecomputedSegmenter {
    PrecomputedSegmenter(try map(limits), name: "of the request", categories: try table())
  }

  private func pixels(_ limits: ServeLimits) throws -> PNG.Pixels {
    switch (png, runs) {
    case (let png?, nil):
      do {
        return try PNG.decode(try DataAddress.bytes(of: png, type: "image/png"), mostPixels: limits.pixels)
      } catch let error as PNGError {
        throw ServeError.badMap(reason: "\(error)")
      }
    case (nil, let runs?):
      guard let width, let height, width > 0, height > 0, width <= limits.pixels / height else {
        throw ServeError.badMap(
          reason: "width and height are above 0, and at most \(limits.pixels) pixels together")
      }
      return PNG.Pixels(width: width, height: height, ids: try Self.ids(runs, count: width * height))
    default: throw ServeError.badMap(reason: "it has either png, or width, height and runs")
    }
  }

  /// - Throws: ``ServeError/badMap(reason:)``
  private static func ids(_ runs: [Int], count: Int) throws -> [Int32] {
    var ids: [Int32] = []
    ids.reserveCapacity(count)
    guard runs.count % 2 == 0 else { throw ServeError.badMap(reason: "runs are pairs of an id and a length") }
    for index in stride(from: 0, to: runs.count, by: 2) {
      let (id, length) = (runs[index], runs[index + 1])
      guard (0...PanopticMap.largestID).contains(id) else {
        throw ServeError.badMap(reason: "\(id) cannot be a segment's id; ids are from 0 to 16777215")
      }
      guard length > 0, length <= count - ids.count else {
        throw ServeError.badMap(reason: "its runs are not as long as it has pixels")
      }
      ids.append(contentsOf: repeatElement(Int32(id), count: length))
    }
    guard ids.count == count else {
      throw ServeError.badMap(reason: "its runs are not as long as it has pixels")
    }
    return ids
  }
}

/// The body of `POST /v1/annotations`.
struct AnnotationRequest: Decodable {
  var model: String
  /// A data: address, or one that ``PictureSource`` fetches.
  var image: String
  /// Whether stages are reported as they begin, as server-sent events.
  var streams = false
  var crayon = CrayonRequest()

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: AnyKey.self)
    try container.refuseOthers(than: ["model", "image", "stream", "crayon"])
    model = try container.decode(String.self, forKey: AnyKey("model"))
    image = try container.decode(String.self, forKey: AnyKey("image"))
    streams = try container.optional("stream") ?? false
    crayon = try container.optional("crayon") ?? CrayonRequest()
  }

  /// - Throws: ``ServeError``
  init(decoding data: Data, _ limits: ServeLimits) throws {
    self = try RequestDecoding.decode(Self.self, from: data)
    try crayon.check(limits)
  }

  /// - Throws: ``ServeError``, or what is wrong with a map
  func work(with picture: Data, on host: ModelHost, _ limits: ServeLimits) throws -> LookWork {
    let options = try crayon.lookOptions(limits)
    return LookWork(
      pipeline: try host.pipeline(model), picture: picture, options: options, inspects: crayon.inspect,
      returnsPicture: crayon.picture)
  }
}

/// The bytes of a `data:` address (RFC 2397), which is the one kind of address that every server reads.
enum DataAddress {
  /// - Parameter type: what the address's media type has to begin with
  /// - Throws: ``ServeError``
  static func bytes(of address: String, type: String = "image/") throws -> Data {
    let scheme = address.prefix { $0 != ":" }
    guard scheme.count < address.count, scheme.count <= 16 else { throw ServeError.notADataAddress }
    guard scheme.lowercased() == "data" else {
      guard scheme.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "+-.".contains($0)) }) else {
        throw ServeError.notADataAddress
      }
      throw ServeError.remotePicture(scheme: scheme.lowercased())
    }
    let rest = address.utf8.dropFirst(5)
    // A media type is short; without the limit a long text would be searched for its comma.
    guard let comma = rest.prefix(256).firstIndex(of: UInt8(ascii: ",")) else {
      throw ServeError.notADataAddress
    }
    let head = (String(rest[..<comma]) ?? "").lowercased().split(
      separator: ";", omittingEmptySubsequences: false)
    guard head.last == "base64" else { throw ServeError.badBase64 }
    let claimed = String(head[0])
    guard claimed.hasPrefix(type) || claimed == "application/octet-stream" || claimed.isEmpty else {
      throw ServeError.notAnImageType(claimed)
    }
    // Many encoders break lines; anything else that is no base64 is a mistake.
    let digits = Data(rest[rest.index(after: comma)...].filter { ![0x0a, 0x0d].contains($0) })
    guard let data = Data(base64Encoded: digits), !data.isEmpty else {
      throw ServeError.badBase64
    }
    return data
  }
}
