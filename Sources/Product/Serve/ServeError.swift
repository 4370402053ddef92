import Annotation
import CrayonCore
import Fusion
import Grounding
import Imaging
import Language
import NIOHTTP1
import Panoptic
import Pipeline

/// Why a request is not answered.
package enum ServeError: Error, Equatable, CustomStringConvertible {
  // The request
  case notJSON(reason: String)
  case badValue(path: String, reason: String)
  case missingKey(path: String)
  case unsupported(key: String, reason: String)
  case unknownKey(path: String)
  case noPicture
  case severalPictures
  case remotePicture(scheme: String)
  case notFetched(host: String, reason: String)
  case notADataAddress
  case badBase64
  case notAnImageType(String)
  case tooMany(what: String, count: Int, limit: Int)
  case wrongContentType(expected: String)
  case encodedBody(String)
  case badMap(reason: String)

  // Around it
  case noSuchModel(String, known: [String])
  case noSuchPath(String)
  case wrongMethod(String, allowed: [String])
  case noFolder
  case noSuchEntry(String)
  case noMap(file: String)
  case badFolder(reason: String)
  case changedSince
  case bodyTooLarge(limit: Int)
  case bodyTooSlow
  case bodyBroken
  case badKey
  case foreignHost(String)
  case foreignPage
  case busy(waiting: Int, seconds: Int)
  case heldTooMuch

  var status: Int {
    switch self {
    case .badKey: 401
    case .foreignHost, .foreignPage: 403
    case .noSuchModel, .noSuchPath, .noFolder, .noSuchEntry, .noMap: 404
    case .wrongMethod: 405
    case .bodyTooSlow: 408
    case .changedSince: 409
    case .bodyTooLarge: 413
    case .wrongContentType, .encodedBody: 415
    case .busy, .heldTooMuch: 429
    case .badFolder: 500
    default: 400
    }
  }

  var code: String? {
    switch self {
    case .noSuchModel: "model_not_found"
    case .badKey: "invalid_api_key"
    case .busy, .heldTooMuch: "queue_full"
    case .foreignHost: "foreign_host"
    case .foreignPage: "foreign_page"
    case .changedSince: "changed_since"
    case .unsupported: "unsupported_value"
    case .bodyTooLarge: "request_too_large"
    default: nil
    }
  }

  var parameter: String? {
    switch self {
    case .badValue(let path, _), .missingKey(let path), .unknownKey(let path): path
    case .unsupported(let key, _): key
    case .noSuchModel: "model"
    case .noPicture, .severalPictures, .remotePicture, .notFetched, .notADataAddress, .badBase64,
      .notAnImageType:
      "messages"
    case .badMap: "crayon.map"
    default: nil
    }
  }

  package var description: String {
    switch self {
    case .notJSON(let reason): "the request is not JSON: \(reason)"
    case .badValue(let path, let reason): path.isEmpty ? "the request \(reason)" : "\(path) \(reason)"
    case .missingKey(let path): "the request lacks \(path)"
    case .unsupported(let key, let reason): "\(key): \(reason)"
    case .unknownKey(let path): "there is no key \(path)"
    case .noPicture:
      "there is no picture to answer about: give one in a user's message as an image_url part with a data: address"
    case .severalPictures: "a conversation is about one picture; begin another for the next"
    case .remotePicture(let scheme):
      "pictures are not fetched from \(scheme): addresses; send the picture itself as a data: address"
    case .notFetched(let host, let reason): "the picture at \(host) was not fetched: \(reason)"
    case .notADataAddress: "the picture's address is no data: address (data:image/png;base64,…)"
    case .badBase64: "the data: address does not hold base64"
    case .notAnImageType(let type): "the data: address says that it is “\(type)”, which is no image type"
    case .tooMany(let what, let count, let limit): "there are \(count) \(what); at most \(limit) are taken"
    case .wrongContentType(let expected): "the request's Content-Type has to be \(expected)"
    case .encodedBody(let encoding): "bodies are read as they are, not in the Content-Encoding \(encoding)"
    case .badMap(let reason): "the given map cannot be used: \(reason)"
    case .noSuchModel(let name, let known):
      "there is no model “\(name)” here; this server has \(known.joined(separator: ", "))"
    case .noSuchPath(let path): "there is nothing at \(path)"
    case .wrongMethod(let method, let allowed):
      "\(method) is not taken here, but \(allowed.joined(separator: ", "))"
    case .noFolder: "this server shows no folder; start it with --folder DIR"
    case .noSuchEntry(let id): "the folder has no picture \(id)"
    case .noMap(let file): "the folder lacks \(file), the map of this picture; annotate the picture again"
    case .badFolder(let reason): reason
    case .changedSince: "the map was changed by somebody else since it was opened; open it again"
    case .bodyTooLarge(let limit): "the request is larger than \(limit >> 20) MB, the most that is read"
    case .bodyTooSlow: "the request did not come to its end in time"
    case .bodyBroken: "the request breaks off, or its body is not sent as HTTP says"
    case .badKey: "the API key is missing or wrong; send it as “Authorization: Bearer KEY”"
    case .foreignHost(let host):
      "this server is not called “\(host)”; use the address it was started with, or --allow-host"
    case .foreignPage: "a page from elsewhere may not use this server"
    case .busy(let waiting, let seconds):
      "\(waiting) requests are waiting already; try again in \(seconds) s"
    case .heldTooMuch: "too much is being received at this moment; try again in a few seconds"
    }
  }
}

/// An error as OpenAI's API words it.
struct ErrorReport: Encodable, Equatable {
  struct Body: Encodable, Equatable {
    var message: String
    var type: String
    var param: String?
    var code: String?

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: Key.self)
      try container.encode(message, forKey: .message)
      try container.encode(type, forKey: .type)
      // Written even where they are null, as OpenAI does.
      try container.encode(param, forKey: .param)
      try container.encode(code, forKey: .code)
    }

    private enum Key: CodingKey { case message, type, param, code }
  }

  var error: Body
  var status: Int
  /// In seconds.
  var retryAfter: Int?
  /// The methods that the path takes, where it was asked by another.
  var allowed: [String]?

  private enum CodingKeys: CodingKey { case error }

  init(_ error: any Error) {
    if let error = error is HTTPParserError ? ServeError.bodyBroken : error as? ServeError {
      let type =
        switch error.status {
        case 401, 403: "authentication_error"
        case 429: "rate_limit_error"
        case 500: "server_error"
        default: "invalid_request_error"
        }
      self.error = Body(message: "\(error)", type: type, param: error.parameter, code: error.code)
      status = error.status
      switch error {
      case .busy(_, let seconds): retryAfter = seconds
      case .heldTooMuch: retryAfter = 5
      case .wrongMethod(_, let allowed): self.allowed = allowed
      default: break
      }
    } else if Self.isOfSomethingGone(error) {
      self.error = Body(message: "\(error)", type: "invalid_request_error")
      status = 404
    } else if Self.isAboutTheRequest(error) {
      self.error = Body(message: "\(error)", type: "invalid_request_error")
      status = 400
    } else {
      self.error = Body(
        message: "the server failed at this; what it says on its terminal tells why", type: "server_error")
      status = 500
    }
  }

  private static func isOfSomethingGone(_ error: any Error) -> Bool {
    switch error {
    case AnnotationError.pictureGone, AnnotationError.noRecord: true
    default: false
    }
  }

  /// Whether the sentence of a stage's error is for the client.
  private static func isAboutTheRequest(_ error: any Error) -> Bool {
    switch error {
    case is ImagingError, is FusionError, is PictureError, is PrecomputedMapError, is COCOPanopticError,
      is PanopticMapError, is CategoryTableError:
      true
    case PipelineError.noSuchAdapter, PipelineError.cannotPoint, PipelineError.noSegmenter: true
    case let error as LanguageError: !error.isAboutTheModel
    case AnnotationError.editedMapDoesNotFit: true
    default: false
    }
  }
}
