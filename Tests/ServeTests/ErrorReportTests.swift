import Annotation
import CrayonCore
import Foundation
import NIOHTTP1
import Testing

@testable import Serve

/// Whose fault is what.
@Suite struct ErrorReportTests {
  @Test(arguments: [HTTPParserError.invalidEOFState, .invalidChunkSize])
  func aRequestThatBreaksOffIsItsSenders(error: HTTPParserError) {
    let report = ErrorReport(error)
    #expect(report.status == 400)
    #expect(report.error.message == "the request breaks off, or its body is not sent as HTTP says")
  }

  @Test func whatIsUnknownIsTheServers() {
    struct Unknown: Error {}
    #expect(ErrorReport(Unknown()).status == 500)
  }

  /// A picture that was moved is no fault of the server's.
  @Test func whatIsGoneIsNotFound() {
    let report = ErrorReport(AnnotationError.pictureGone(picture: "a.png"))
    #expect(report.status == 404 && report.error.message.contains("a.png"))
  }

  /// Nor is a map that is missing; one that is damaged is, and no request's.
  @Test func whatIsWrongWithAFolderIsTheServers() {
    let missing = ErrorReport(ServeError.noMap(file: "panoptic/a.png"))
    #expect(missing.status == 404 && missing.error.message.contains("panoptic/a.png"))
    let damaged = ErrorReport(ServeError.badFolder(reason: "panoptic/a.png cannot be read"))
    #expect(damaged.status == 500 && damaged.error.type == "server_error")
    #expect(damaged.error.message == "panoptic/a.png cannot be read")
  }

  @Test func anAddressWithoutATypeIsAnAddress() throws {
    #expect(try DataAddress.bytes(of: "data:;base64,AAAA") == Data(count: 3))
    #expect(throws: ServeError.notAnImageType("text/plain")) {
      try DataAddress.bytes(of: "data:text/plain;base64,AAAA")
    }
  }

  /// A given map has no version.
  @Test func keysOfOthersAreNoMaps() throws {
    let text = "{\"width\": 1, \"height\": 1, \"runs\": [0, 1], \"segments_info\": [], \"based_on\": \"x\"}"
    #expect(throws: ServeError.unknownKey(path: "based_on")) {
      try RequestDecoding.decode(MapRequest.self, from: Data(text.utf8))
    }
  }
}
