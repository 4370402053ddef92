import CrayonCore
import Foundation
import HTTPTypes
import Hummingbird
import Inspection
import NIOCore
import Pipeline

/// A map in the COCO panoptic format, and its PNG in base64.
struct AnnotationReply: Encodable {
  var panoptic: COCOPanoptic
  var png: String
  var timings_ms: [String: Double]
  var inspection: InspectionReport?

  /// - Throws: `COCOPanopticError` or `PNGError`
  init(_ look: FinishedLook) throws {
    let map = look.map
    let image = COCOPanoptic.Image(
      id: .number(1), file_name: "picture.png", width: map.width, height: map.height)
    panoptic = COCOPanoptic(
      images: [image],
      annotations: [
        COCOPanoptic.Annotation(
          image_id: .number(1), file_name: image.file_name, segments_info: map.segmentsInfo)
      ], categories: look.categories.categories.map(COCOPanoptic.Entry.init))
    png = try map.encodedPNG(name: image.file_name).base64EncodedString()
    timings_ms = Dictionary(
      look.timings.entries.map { ($0.rawValue, $1.milliseconds) }, uniquingKeysWith: { first, _ in first })
    inspection = look.inspection
  }
}

/// `POST /v1/annotations`: a picture, as it is or in an object; its map, or with `Accept: image/png` the map's PNG alone.
struct AnnotationRoute: Sendable {
  private enum Event: Sendable {
    case began(StageTimings.Stage)
    case finished(FinishedLook)
  }

  private struct Progress: Encodable { var stage: String }

  let parts: ServeParts

  func respond(to request: Request, context: ServeContext) async throws -> Response {
    let share = parts.held.share()
    var (work, streams): (LookWork, Bool)
    if request.hasContent("application/json") {
      (work, streams) = try AnnotationRequest.work(
        decoding: try await request.wholeBody(parts.limits, share), parts.limits)
    } else if request.hasContent("image/") || request.hasContent("application/octet-stream") {
      let model = request.uri.queryParameters.get("model") ?? parts.models.first?.id ?? ""
      work = LookWork(
        pipeline: model, picture: try await request.wholeBody(parts.limits, share),
        options: try CrayonRequest().lookOptions(parts.limits))
      streams = false
    } else {
      throw ServeError.wrongContentType(expected: "application/json, or image/… for a picture as it is")
    }
    let (parts, look) = (parts, work)
    let events = ClientEvents<Event>(of: context, share, parts) { isWanted, heard in
      try await .finished(parts.host.look(look, isCancelled: { !isWanted() }) { heard(.began($0)) })
    }.events
    if streams { return .events { send in try await Self.send(events, by: send) } }
    for try await event in events {
      guard case .finished(let look) = event else { continue }
      if request.headers[.accept]?.lowercased().hasPrefix("image/png") == true {
        return .bytes(try look.map.encodedPNG(name: "the map"), type: "image/png")
      }
      return try .json(try AnnotationReply(look))
    }
    throw CancellationError()
  }

  private static func send(
    _ events: AsyncThrowingStream<Event, any Error>, by send: (any Encodable) async throws -> Void
  ) async throws {
    for try await event in events {
      switch event {
      case .began(let stage): try await send(Progress(stage: stage.rawValue))
      case .finished(let look): try await send(AnnotationReply(look))
      }
    }
  }
}
