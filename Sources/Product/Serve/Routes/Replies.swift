import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import NIOFoundationCompat

extension Response {
  static func json(
    _ value: some Encodable, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]
  ) throws -> Response {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return .bytes(try encoder.encode(value), type: "application/json", status: status, headers: headers)
  }

  static func bytes(
    _ data: Data, type: String, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]
  ) -> Response {
    var headers = headers
    headers[.contentType] = type
    return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(data: data)))
  }

  static func text(_ text: String, type: String) -> Response { bytes(Data(text.utf8), type: type) }

  /// An error as OpenAI's API words it.
  static func refusal(_ report: ErrorReport) -> Response {
    var headers: HTTPFields = [:]
    if let seconds = report.retryAfter { headers[.retryAfter] = String(seconds) }
    if report.status == 401 { headers[.wwwAuthenticate] = "Bearer" }
    // The rest of a body that is not wanted is not waited for.
    if report.status == 413 || report.status == 408 { headers[.connection] = "close" }
    let status = HTTPResponse.Status(code: report.status)
    return (try? .json(report, status: status, headers: headers)) ?? Response(status: status)
  }
}
