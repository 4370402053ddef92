import Foundation

/// The body of `POST /v1/annotations`.
struct AnnotationRequest: Decodable {
  var model: String
  /// A data: address.
  var image: String
  /// Whether stages are told of as they begin, as server-sent events.
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
  static func work(decoding data: Data, _ limits: ServeLimits) throws -> (LookWork, streams: Bool) {
    let request = try RequestDecoding.decode(Self.self, from: data)
    try request.crayon.check(limits)
    let work = LookWork(
      pipeline: request.model, picture: try DataAddress.bytes(of: request.image),
      options: try request.crayon.lookOptions(limits), inspects: request.crayon.inspect,
      returnsPicture: request.crayon.picture)
    return (work, request.streams)
  }
}
