import Foundation
import Serve
import Testing

/// What cannot be answered gets a sentence.
struct RefusalTests {
  private static let png =
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC"

  private static func chat(_ more: String, content: String? = nil, messages: String? = nil) -> String {
    let content =
      content ?? #"[{"type":"text","text":"what?"},{"type":"image_url","image_url":{"url":"\#(png)"}}]"#
    let messages = messages ?? #"[{"role":"user","content":\#(content)}]"#
    return #"{"model":"pocket","messages":\#(messages)\#(more.isEmpty ? "" : ",")\#(more)}"#
  }

  private static func picture(_ address: String) -> String {
    chat("", content: #"[{"type":"text","text":"?"},{"type":"image_url","image_url":"\#(address)"}]"#)
  }

  private static let cases: [(body: String, sentence: String)] = [
    ("", "the request is not JSON: it is empty"),
    ("{", "the request is not JSON: it breaks off, or something is out of place"),
    (
      #"{"model":"pocket","temperature":NaN}"#,
      "the request is not JSON: it holds NaN, which JSON has no way to say"
    ),
    ("[]", "the request has the wrong type; an object belongs there"),
    ("{}", "the request lacks model"),
    (#"{"model":"pocket"}"#, "the request lacks messages"),
    (#"{"model":1,"messages":[]}"#, "model has the wrong type; a string belongs there"),
    (chat("", messages: "[]"), "messages have to end with a user's question"),
    (
      chat("", messages: #"[{"role":"robot","content":""}]"#),
      "messages[0].role is one of system, developer, user, assistant"
    ),
    (
      chat("", messages: #"[{"role":"assistant","content":"no"}]"#), "messages[0] answers no question before it"
    ),
    (chat("", content: #"[{"type":"video","text":"x"}]"#), "messages[0].content[0].type is text or image_url"),
    (
      chat("", content: #""how many?""#),
      "there is no picture to answer about: give one in a user's message as an image_url part with a data: address"
    ),
    (
      picture("https://example.org/cat.png"),
      "pictures are not fetched from https: addresses; send the picture itself as a data: address"
    ),
    (
      picture("file:///etc/passwd"),
      "pictures are not fetched from file: addresses; send the picture itself as a data: address"
    ),
    (picture("/etc/passwd"), "the picture's address is no data: address (data:image/png;base64,…)"),
    (picture("data:image/png,abc"), "the data: address does not hold base64"),
    (picture("data:image/png;base64,@@@"), "the data: address does not hold base64"),
    (
      picture("data:text/html;base64,AAAA"),
      "the data: address says that it is “text/html”, which is no image type"
    ),
    (chat(#""n":2"#), "n: one answer is made for a request"),
    (chat(#""temperature":-1"#), "temperature is from 0 to 100"),
    (chat(#""top_p":0"#), "top_p is above 0 and at most 1"),
    (chat(#""max_tokens":0"#), "max_completion_tokens is from 1 to 65536"),
    (chat(#""tools":[{}]"#), "tools: the models here call no tools"),
    (chat(#""response_format":{"type":"json_object"}"#), "response_format: answers are text"),
    (chat(#""stop":[""]"#), "stop is up to 16 texts, none of them empty or longer than 256 bytes"),
    (chat(#""crayon":{"region":[]}"#), "there is no key crayon.region"),
    (chat(#""crayon":{"show":"maybe"}"#), "crayon.show is one of on, semantic, off"),
    (chat(#""crayon":{"regions":[[1,2,3]]}"#), "crayon.regions has a region that is not [x0, y0, x1, y1]"),
    (
      chat(#""crayon":{"regions":[[5,5,5,9]]}"#),
      "crayon.regions has a region without an area: x0 < x1 and y0 < y1"
    ),
    (
      chat(#""crayon":{"map":{"segments_info":[]}}"#),
      "the given map cannot be used: it has either png, or width, height and runs"
    ),
    (
      chat(#""crayon":{"map":{"width":2,"height":1,"runs":[0,3],"segments_info":[]}}"#),
      "the given map cannot be used: its runs are not as long as it has pixels"
    ),
    (
      chat(#""crayon":{"map":{"width":99999999,"height":99999999,"runs":[],"segments_info":[]}}"#),
      "the given map cannot be used: width and height are above 0, and at most 64000000 pixels together"
    ),
    (
      chat(#""crayon":{"map":{"width":1,"height":1,"runs":[1,1],"segments_info":[]}}"#),
      "the given map: pixels carry the id 1, but no segment with that id is listed"
    ),
    (chat(#""seed":1.5"#), "seed has a number that is not whole, or too large"),
    (chat(#""max_tokens":9223372036854775808"#), "max_tokens has a number that is not whole, or too large"),
    (chat("", content: "5"), "messages[0].content has the wrong type; a string or a list belongs there"),
    (chat(""), "there is no model “pocket” here; this server has "),
    // What is as clients send it gets as far as this.
    (picture(png.replacing("AAAA", with: #"AAAA\r\n"#)), "there is no model “pocket” here; this server has "),
    (
      chat(
        "",
        messages: #"[{"role":"user","content":[{"type":"image_url","image_url":{"url":"\#(png)"}}]},"#
          + #"{"role":"assistant","content":null},{"role":"assistant"},{"role":"user","content":"and?"}]"#),
      "messages[2] answers no question before it"
    ),
    (
      chat(
        "",
        messages: #"[{"role":"user","content":[{"type":"image_url","image_url":{"url":"\#(png)"}}]},"#
          + #"{"role":"assistant","content":null},{"role":"user","content":"and?"}]"#),
      "there is no model “pocket” here; this server has "
    ),
  ]

  @Test func everyFaultHasItsSentence() async throws {
    try await ServerClient.with(ServerClient.server()) { client in
      for (body, sentence) in Self.cases {
        let reply = try await client.send(
          "/v1/chat/completions", "POST", headers: ["Content-Type": "application/json"], body: Data(body.utf8))
        #expect(reply.message == sentence, "\(body.prefix(200))")
        #expect(reply.status == (sentence.hasPrefix("there is no model") ? 404 : 400), "\(body.prefix(200))")
      }
      let form = try await client.send(
        "/v1/chat/completions", "POST", headers: ["Content-Type": "text/plain"], body: Data("{}".utf8))
      #expect(form.status == 415)
      let packed = try await client.send(
        "/v1/chat/completions", "POST",
        headers: ["Content-Type": "application/json", "Content-Encoding": "gzip"],
        body: Data("{}".utf8))
      #expect(packed.status == 415 && packed.message.hasSuffix("not in the Content-Encoding gzip"))
    }
  }
}
