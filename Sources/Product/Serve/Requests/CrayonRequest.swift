import Checkpoints
import CrayonCore
import CrayonPrompting
import Foundation
import Pipeline

/// What a request says beside OpenAI's keys: under `crayon`.
struct CrayonRequest: Decodable, Sendable {
  /// Which of the two adapters of Dual QLoRA work, and how strongly.
  struct Adapters: Decodable, Sendable {
    var image: Float
    var vl: Float

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: AnyKey.self)
      try container.refuseOthers(than: ["image", "vl"])
      image = try container.optional("image") ?? 1
      vl = try container.optional("vl") ?? 1
    }
  }

  /// Boxes that the question speaks of as `[1]`, `[2]`, …
  var regions: [[Double]] = []
  /// Clicks; the segments there are further regions.
  var points: [[Int]] = []
  /// Segments taken off the map.
  var drop: [Int32] = []
  var map: MapRequest?
  var show = LookOptions.Crayon.on
  var listing: ListingStyle?
  var adapters: Adapters?
  var boxes: GroundingConfiguration.Boxes?
  var beams = 1
  /// Whether the masks of regions are sent.
  var masks = true
  /// Whether every stage's result is sent.
  var inspect = false
  /// Whether the picture is among these, as it was decoded.
  var picture = false
  /// Whether a stream says which stage has begun.
  var progress = false

  init() {}

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: AnyKey.self)
    try container.refuseOthers(than: [
      "regions", "points", "drop", "map", "show", "listing", "adapters", "boxes", "beams", "masks", "inspect",
      "picture", "progress",
    ])
    func choice<Choice: RawRepresentable & CaseIterable>(
      _ key: String, _ type: Choice.Type
    ) throws -> Choice? where Choice.RawValue == String {
      guard let text: String = try container.optional(key) else { return nil }
      guard let choice = Choice(rawValue: text) else {
        let path = JSONFault.path(container.codingPath + [AnyKey(key)])
        throw ServeError.badValue(
          path: path, reason: "is one of " + Choice.allCases.map(\.rawValue).joined(separator: ", "))
      }
      return choice
    }
    regions = try container.optional("regions") ?? []
    points = try container.optional("points") ?? []
    drop = try container.optional("drop") ?? []
    map = try container.optional("map")
    show = try choice("show", LookOptions.Crayon.self) ?? .on
    listing = try choice("listing", ListingStyle.self)
    adapters = try container.optional("adapters")
    boxes = try choice("boxes", GroundingConfiguration.Boxes.self)
    beams = try container.optional("beams") ?? 1
    masks = try container.optional("masks") ?? true
    inspect = try container.optional("inspect") ?? false
    picture = try container.optional("picture") ?? false
    progress = try container.optional("progress") ?? false
  }

  /// - Throws: ``ServeError``
  func check(_ limits: ServeLimits) throws {
    guard regions.count + points.count <= limits.regions else {
      throw ServeError.tooMany(what: "regions", count: regions.count + points.count, limit: limits.regions)
    }
    guard drop.count <= limits.segments else {
      throw ServeError.tooMany(what: "dropped segments", count: drop.count, limit: limits.segments)
    }
    guard points.allSatisfy({ $0.count == 2 }) else {
      throw ServeError.badValue(path: "crayon.points", reason: "has a point that is not [x, y]")
    }
    guard (1...64).contains(beams) else {
      throw ServeError.badValue(path: "crayon.beams", reason: "is from 1 to 64")
    }
    if let adapters, ![adapters.image, adapters.vl].allSatisfy(AskOptions.gains.contains) {
      throw ServeError.badValue(path: "crayon.adapters", reason: "has a gain that is not from -8 to 8")
    }
    _ = try regionBoxes()
  }

  /// - Throws: ``ServeError/badValue(path:reason:)``
  func regionBoxes() throws -> [PictureBox] {
    try regions.map { edges in
      guard edges.count == 4 else {
        throw ServeError.badValue(path: "crayon.regions", reason: "has a region that is not [x0, y0, x1, y1]")
      }
      let box = PictureBox(x0: edges[0], y0: edges[1], x1: edges[2], y1: edges[3])
      guard box.hasArea else {
        throw ServeError.badValue(
          path: "crayon.regions", reason: "has a region without an area: x0 < x1 and y0 < y1")
      }
      return box
    }
  }

  /// - Throws: ``ServeError`` or `COCOPanopticError`
  func lookOptions(_ limits: ServeLimits) throws -> LookOptions {
    LookOptions(crayon: show, listing: listing, dropped: Set(drop), map: try map?.segmenter(limits))
  }
}

/// Reads JSON that came with a request; what is wrong with it is said by key.
enum RequestDecoding {
  /// - Throws: ``ServeError``
  static func decode<Value: Decodable>(_ type: Value.Type, from data: Data) throws -> Value {
    do {
      return try JSONDecoder().decode(type, from: data)
    } catch let error as ServeError {
      throw error
    } catch DecodingError.keyNotFound(let key, let context) {
      throw ServeError.missingKey(path: JSONFault.path(context.codingPath + [key]))
    } catch DecodingError.typeMismatch(let expected, let context) {
      throw ServeError.badValue(
        path: JSONFault.path(context.codingPath), reason: "has the wrong type; \(name(expected)) belongs there")
    } catch DecodingError.valueNotFound(let expected, let context) {
      throw ServeError.badValue(
        path: JSONFault.path(context.codingPath), reason: "is null; \(name(expected)) belongs there")
    } catch DecodingError.dataCorrupted(let context) where !context.codingPath.isEmpty {
      throw ServeError.badValue(
        path: JSONFault.path(context.codingPath), reason: "cannot be read: \(context.debugDescription)")
    } catch {
      let reason = JSONFault.reason(data, error)
      throw ServeError.notJSON(
        reason: reason == JSONFault.unknown ? "it breaks off, or something is out of place" : reason)
    }
  }

  private static func name(_ type: Any.Type) -> String {
    // Of anything, as an object is decoded.
    if String(describing: type).hasPrefix("Dictionary<") { return "an object" }
    return switch type {
    case is String.Type: "a string"
    case is Bool.Type: "true or false"
    case is any BinaryInteger.Type: "a whole number"
    case is any BinaryFloatingPoint.Type: "a number"
    case is [Any].Type, is any Sequence.Type: "a list"
    default: "an object"
    }
  }
}

/// Any key of an object.
struct AnyKey: CodingKey, Hashable {
  var stringValue: String
  var intValue: Int? { nil }

  init(_ text: String) { stringValue = text }
  init?(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }
}

extension KeyedDecodingContainer where Key == AnyKey {
  /// The value of a key that may be missing or null.
  func optional<Value: Decodable>(_ key: String, _ type: Value.Type = Value.self) throws -> Value? {
    do {
      return try decodeIfPresent(type, forKey: AnyKey(key))
    } catch let error where !(error is DecodingError) && !(error is ServeError) {
      // Foundation's own error of a number that does not fit says nothing of where it stands.
      throw ServeError.badValue(
        path: JSONFault.path(codingPath + [AnyKey(key)]), reason: "has a number that is not whole, or too large"
      )
    }
  }

  /// - Throws: ``ServeError/unknownKey(path:)``
  func refuseOthers(than known: Set<String>) throws {
    if let other = allKeys.map(\.stringValue).filter({ !known.contains($0) }).min() {
      throw ServeError.unknownKey(path: JSONFault.path(codingPath + [AnyKey(String(other.prefix(64)))]))
    }
  }
}
