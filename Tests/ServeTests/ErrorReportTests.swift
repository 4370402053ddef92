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
}
