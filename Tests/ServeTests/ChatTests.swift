import CrayonCore
import Foundation
import Imaging
import Serve
import TestSupport
import Testing

@testable import Pipeline

/// Questions to a server with a model: what it says is what the pipeline says.
@Suite(
  .serialized,
  .enabled(if: Models.haveSmolLM2, "the language base is not in the models folder; make models fetches it"))
struct ChatTests {
  static let pipeline = Result {
    try Pipeline(PipelineLibrary.pipeline("pocket-scenes"), cache: nil)
  }

  private func with(
    limits: ServeLimits = ServeLimits(), _ test: @Sendable (ServerClient) async throws -> Void
  ) async throws {
    try await ServerClient.with(ServerClient.server([try Self.pipeline.get()], limits: limits), test)
  }

  @Test func anAnswerIsThePipelines() async throws {
    let picture = try ServerClient.sample("cups.png")
    let pipeline = try Self.pipeline.get()
    let question = "how many cups are there?"
    var conversation = Conversation(
      pipeline, on: try pipeline.look(at: ImageDecoder.Input(name: "cups", data: picture)))
    let expected = try conversation.ask(question)
    try await with { client in
      let reply = try await client.ask(question, picture)
      #expect(reply.status == 200)
      #expect(reply.content == expected.text)
      #expect(reply.crayon["tokens"] as? [Int] == expected.reply.tokens)
      let usage = try #require(reply.object["usage"] as? [String: Any])
      #expect(usage["prompt_tokens"] as? Int == expected.reply.promptTokens)
      #expect(usage["completion_tokens"] as? Int == expected.reply.tokens.count)
      let evidence = try #require(reply.crayon["evidence"] as? [String: Any])
      #expect(evidence["number"] as? Int == 4)
      #expect(evidence["agrees"] as? Bool == true)
    }
  }

  @Test func aPictureIsSeenOnceAndItsPrefixReadOnce() async throws {
    let picture = try ServerClient.sample("cups.png")
    try await with { client in
      let first = try await client.ask("how many cups are there?", picture)
      let second = try await client.ask("is there a bowl?", picture)
      #expect((first.crayon["cached"] as? [String])?.isEmpty == true)
      #expect((second.crayon["cached"] as? [String])?.contains("vision") == true)
      let details = (second.object["usage"] as? [String: Any])?["prompt_tokens_details"] as? [String: Any]
      // All image tokens at least.
      let reused = try #require(details?["cached_tokens"] as? Int)
      #expect(reused >= 256)
      let metrics = try await client.send("/metrics").text
      #expect(metrics.contains("\ncrayon_pictures_seen_total 1\n"))
      #expect(metrics.contains("\ncrayon_pictures_known_total 1\n"))
      #expect(metrics.contains("crayon_requests_total{route=\"/v1/chat/completions\",status=\"200\"} 2"))
    }
  }

  @Test func aStreamSaysWhatTheAnswerSays() async throws {
    let picture = try ServerClient.sample("bookcase.png")
    try await with { client in
      let whole = try await client.ask("where is the sports ball?", picture)
      let stream = try await client.ask(
        "where is the sports ball?", picture,
        model: "pocket-scenes",
        ["stream": true, "stream_options": ["include_usage": true], "crayon": ["progress": true]])
      #expect(stream.headers["content-type"]?.hasPrefix("text/event-stream") == true)
      let lines = stream.text.split(separator: "\n\n").map(String.init)
      #expect(lines.last == "data: [DONE]")
      let events = try lines.dropLast().map { line in
        try #require(JSONSerialization.jsonObject(with: Data(line.dropFirst(6).utf8)) as? [String: Any])
      }
      let text = events.compactMap { event in
        ((event["choices"] as? [[String: Any]])?.first?["delta"] as? [String: Any])?["content"] as? String
      }.joined()
      #expect(text == whole.content)
      #expect(events.contains { ($0["crayon"] as? [String: Any])?["stage"] as? String == "language" })
      let end = try #require(events.last { ($0["choices"] as? [Any])?.isEmpty == false })
      let regions = (end["crayon"] as? [String: Any])?["regions"] as? [[String: Any]]
      #expect(regions?.count == (whole.crayon["regions"] as? [Any])?.count)
      #expect(regions?.isEmpty == false)
      #expect(events.last?["usage"] != nil)
    }
  }

  /// A client that knows no chunks gets the events as they are, and then the connection's end.
  @Test func aStreamOfHTTP10IsPlain() async throws {
    let picture = try ServerClient.sample("cups.png")
    try await with { client in
      let body = try JSONSerialization.data(
        withJSONObject: ServerClient.body("how many cups are there?", picture, ["stream": true]))
      let reply = try await client.exchange(
        "POST /v1/chat/completions HTTP/1.0\r\nContent-Type: application/json\r\n"
          + "Content-Length: \(body.count)\r\n\r\n" + String(decoding: body, as: UTF8.self))
      let parts = reply.split(separator: "\r\n\r\n", maxSplits: 1)
      #expect(parts.first?.lowercased().contains("transfer-encoding") == false)
      #expect(parts.last?.hasPrefix("data: {") == true && parts.last?.hasSuffix("data: [DONE]\n\n") == true)
    }
  }

  /// What no other system has: the map is corrected, and the answer follows.
  @Test func aGivenMapChangesTheAnswer() async throws {
    let picture = try ServerClient.sample("cups.png")
    try await with { client in
      let address = "data:image/png;base64,\(picture.base64EncodedString())"
      let annotated = try await client.post("/v1/annotations", ["model": "pocket-scenes", "image": address])
      let panoptic = try #require(annotated.object["panoptic"] as? [String: Any])
      let annotation = try #require((panoptic["annotations"] as? [[String: Any]])?.first)
      let categories = try #require(panoptic["categories"] as? [[String: Any]])
      var segments = try #require(annotation["segments_info"] as? [[String: Any]])
      let bowl = try #require(categories.first { $0["name"] as? String == "bowl" }?["id"] as? Int)
      let cup = try #require(categories.first { $0["name"] as? String == "cup" }?["id"] as? Int)
      let index = try #require(segments.firstIndex { $0["category_id"] as? Int == cup })
      segments[index]["category_id"] = bowl
      let png = try #require(annotated.object["png"] as? String)
      let map: [String: Any] = [
        "png": "data:image/png;base64,\(png)", "segments_info": segments, "categories": categories,
      ]
      let question = "how many cups are there?"
      let before = try await client.ask(question, picture)
      let after = try await client.ask(question, picture, ["crayon": ["map": map]])
      #expect(before.content == "There are 4 cups.")
      #expect(after.content == "There are 3 cups.")
      #expect((after.crayon["evidence"] as? [String: Any])?["number"] as? Int == 3)
      // Taken off the map altogether.
      let id = try #require(segments[index]["id"] as? Int)
      let dropped = try await client.ask(question, picture, ["crayon": ["drop": [id]]])
      #expect(dropped.content == "There are 3 cups.")
    }
  }

  @Test func gainsArePartOfARequest() async throws {
    let picture = try ServerClient.sample("cups.png")
    try await with { client in
      let question = "how many cups are there?"
      let before = try await client.ask(question, picture)
      let off: [String: Any] = ["crayon": ["adapters": ["image": 0, "vl": 0]], "max_tokens": 12]
      async let without = client.ask(question, picture, off)
      async let with = client.ask(question, picture)
      let (bare, full) = try await (without, with)
      #expect(full.content == before.content)
      #expect(bare.content != before.content)
      #expect((bare.crayon["adapters"] as? [String: Any])?["image"] as? Double == 0)
      let huge = try await client.ask(question, picture, ["crayon": ["adapters": ["vl": 1e30]]])
      #expect(huge.status == 400 && huge.message == "crayon.adapters has a gain that is not from -8 to 8")
    }
  }

  @Test func stopTextsAndLengthEndAnAnswer() async throws {
    let picture = try ServerClient.sample("cups.png")
    try await with { client in
      let stopped = try await client.ask("how many cups are there?", picture, ["stop": " cups"])
      #expect(stopped.content == "There are 4")
      let short = try await client.ask("how many cups are there?", picture, ["max_tokens": 1])
      #expect((short.object["choices"] as? [[String: Any]])?.first?["finish_reason"] as? String == "length")
      // It points within these: what it reads of the place is none of them.
      let pointing = try await client.ask(
        "where is the sports ball?", try ServerClient.sample("bookcase.png"), ["max_tokens": 7])
      let usage = pointing.object["usage"] as? [String: Any]
      #expect(usage?["completion_tokens"] as? Int == 7)
      #expect((pointing.object["choices"] as? [[String: Any]])?.first?["finish_reason"] as? String == "length")
      #expect((pointing.crayon["tokens"] as? [Any])?.count == 8)
    }
  }

  @Test func picturesAndRegionsThatAreNoneAreSentences() async throws {
    let picture = try ServerClient.sample("cups.png")
    var limits = ServeLimits()
    limits.pixels = 64 << 20
    try await with(limits: limits) { client in
      let text = try await client.ask("?", Data("no picture".utf8))
      #expect(text.status == 400)
      #expect(text.message.hasPrefix("the picture is not a picture in a known format"))
      let cut = try await client.ask("?", picture.prefix(5000), ["stream": true])
      #expect(cut.status == 400)
      #expect(cut.message.hasPrefix("the picture is damaged: "))
      let outside = try await client.ask(
        "what is [1]?", picture, ["crayon": ["regions": [[90000, 90000, 90001, 90001]]]])
      #expect(outside.message.hasPrefix("region 1 has no part of the picture"))
      let unknown = try await client.ask("what is [2]?", picture)
      #expect(unknown.message == "the question speaks of region [2], but 0 regions are given")
      let empty = try await client.ask("", picture)
      #expect(empty.message == "the question is empty")
      let segment = try await client.ask("?", picture, ["crayon": ["drop": [9999]]])
      #expect(segment.message.hasPrefix("the map has no segment 9999; it has "))
    }
  }

  @Test func anAnnotationIsThePipelinesMap() async throws {
    let picture = try ServerClient.sample("cups.png")
    let pipeline = try Self.pipeline.get()
    let expected = try pipeline.look(at: ImageDecoder.Input(name: "cups", data: picture)).map
    try await with { client in
      let headers = ["Content-Type": "image/png", "Accept": "image/png"]
      let png = try await client.send(
        "/v1/annotations?model=pocket-scenes", "POST", headers: headers, body: picture)
      let bytes = try expected.encodedPNG(name: "expected")
      #expect(png.data == bytes)
    }
  }

  @Test func earlierTurnsAreUnderstood() async throws {
    let picture = try ServerClient.sample("cups.png")
    try await with { client in
      var body = ServerClient.body("how many cups are there?", picture)
      var messages = try #require(body["messages"] as? [[String: Any]])
      messages.insert(["role": "system", "content": "Be brief."], at: 0)
      messages.append(["role": "assistant", "content": "There are 4 cups."])
      messages.append(["role": "user", "content": "is there a bowl?"])
      body["messages"] = messages
      body["frequency_penalty"] = 0
      body["parallel_tool_calls"] = true
      let reply = try await client.post("/v1/chat/completions", body)
      let alone = try await client.ask("is there a bowl?", picture)
      // This pipeline was trained on questions that stand alone.
      #expect(reply.content == alone.content)
      #expect(
        reply.crayon["notes"] as? [String] == [
          "instructions (system messages) are not read by the models here", "not used: parallel_tool_calls",
        ])
    }
  }
}
