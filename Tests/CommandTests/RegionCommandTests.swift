import CrayonCore
import Foundation
import PNGFiles
import TestSupport
import Testing

/// Regions into a question and out of an answer, as a person has them, with the language base from the models folder.
@Suite(
  .enabled(if: Models.haveSmolLM2, "the language base is not in the models folder; make models fetches it"))
struct RegionCommandTests {
  static func ask(_ arguments: [String]) throws -> CrayonProcess.Result {
    let cache = try TemporaryFolder()
    return try AskCommandTests.ask(
      ["ask", "Samples/breakfast.png"] + arguments + AskCommandTests.map, cache: cache)
  }

  /// In a cup of the sample.
  static let point = "540,290"

  @Test func aPointIsTheBoxOfItsSegment() throws {
    let cache = try TemporaryFolder()
    func answer(_ region: [String]) throws -> [String: Any] {
      let result = try AskCommandTests.ask(
        ["ask", "Samples/breakfast.png", "what is in [1]?", "--json"] + region + AskCommandTests.map,
        cache: cache)
      #expect(result.status == 0, "\(result.errors)")
      return try AskCommandTests.json(result)
    }
    let segments = try #require(try answer(["--point", Self.point])["segments"] as? [[String: Any]])
    let cups = segments.filter { $0["category"] as? String == "cup" }.compactMap { $0["box"] as? [Int] }
    let hit = try #require(cups.first { $0[0] <= 540 && 540 < $0[2] && $0[1] <= 290 && 290 < $0[3] })
    let box = hit.map(String.init).joined(separator: ",")
    let (clicked, given) = (try answer(["--point", Self.point]), try answer(["--region", box]))
    #expect(clicked["tokens"] as? [Int] == given["tokens"] as? [Int])
    #expect((clicked["answer"] as? String)?.isEmpty == false)
  }

  @Test(arguments: [
    (
      ["what is in [1]?", "--region", "700,10,800,50"],
      "region 1 has no part of the picture, which has 640×480 pixels"
    ),
    (["what is in [1]?", "--region=-50,-50,0,0"], "region 1 has no part of the picture"),
    (["what is in [1]?", "--region", "10,10,10,50"], "The value '10,10,10,50' is invalid for '--region"),
    (["what is in [1]?", "--region", "nan,10,20,50"], "The value 'nan,10,20,50' is invalid for '--region"),
    (["what is in [1]?", "--region", "1,2,3"], "The value '1,2,3' is invalid for '--region"),
    (["what is in [1]?", "--point", "640,10"], "there is no segment at 640,10"),
    (["what is in [1]?", "--point=-1,10"], "there is no segment at -1,10"),
    (
      ["what is in [2]?", "--point", "540,290"],
      "region 1 is given, but the question does not speak of it; write [1]"
    ),
    (
      ["what is in [1] or [2]?", "--point", "540,290"],
      "the question speaks of region [2], but one region is given"
    ),
  ])
  func regionsThatAreNoneAreExplained(arguments: [String], sentence: String) throws {
    let result = try Self.ask(arguments)
    #expect(result.status == 64)
    #expect(result.output.isEmpty)
    #expect(result.errors.contains(sentence), "\(result.errors)")
  }

  /// With the map's segments, and as the model itself points.
  @Test(arguments: ["segments", "heads"])
  func whatIsPointedAtIsDrawnAndWritten(boxes: String) throws {
    let folder = try TemporaryFolder()
    let result = try Self.ask([
      "show me the cups", "--json", "--boxes", boxes, "--overlay", folder.file("overlay.png").path,
      "--masks",
      folder.file("masks").path,
    ])
    #expect(result.status == 0, "\(result.errors)")
    let regions = try #require(try AskCommandTests.json(result)["regions"] as? [[String: Any]])
    try #require(!regions.isEmpty)
    let overlay = try PNG.decode(Data(contentsOf: folder.file("overlay.png")))
    let sample = CrayonProcess.repository.appendingPathComponent("Samples/breakfast.png")
    let picture = try PNG.decode(Data(contentsOf: sample))
    #expect(overlay.width == picture.width && overlay.height == picture.height && overlay.rgb != picture.rgb)
    for region in regions {
      let box = try #require(region["box"] as? [Double])
      #expect(
        box.count == 4 && box[0] >= 0 && box[0] < box[2] && box[2] <= 640 && box[1] < box[3] && box[3] <= 480)
      #expect((region["phrase"] as? String)?.isEmpty == false)
      #expect(region["via"] as? String == "heads")
      // The model points at a segment of the map, and its words mean the same.
      #expect(region["segment"] is Int)
      #expect((region["agrees"] as? Bool) == (boxes == "segments" ? true : nil))
      guard let mask = region["mask"] as? [String: Any] else { continue }
      // A segment of a given map has none.
      if let score = region["score"] as? Double { #expect((0...1).contains(score)) }
      #expect(mask["size"] as? [Int] == [480, 640])
      let drawn = try PNG.decode(
        Data(contentsOf: folder.file("masks/\(try #require(region["number"] as? Int)).png")))
      let data = try JSONSerialization.data(withJSONObject: mask)
      let pixels = try JSONDecoder().decode(RunLengthMask.self, from: data).pixels
      let isSame = pixels.indices.allSatisfy { (drawn.rgb[$0 * 3] == 255) == pixels[$0] }
      #expect(isSame)
    }
  }

  /// The pocket pipeline without its last stage.
  /// - Parameter trained: whether its language model still says that it points
  /// - Returns: the file in `folder`
  static func mute(_ folder: borrowing TemporaryFolder, trained: Bool) throws -> String {
    let pipelines = CrayonProcess.repository.appendingPathComponent("Pipelines")
    let text = try String(contentsOf: pipelines.appendingPathComponent("pocket.yaml"), encoding: .utf8)
    let start = try #require(text.range(of: "grounding:"))
    let adapters = "  adapters: pocket/adapters.safetensors\n"
    try #require(text.contains(adapters))
    try text[..<start.lowerBound].replacingOccurrences(of: adapters, with: trained ? adapters : "")
      .replacingOccurrences(of: ": pocket/", with: ": \(pipelines.path)/pocket/")
      .write(to: folder.file("mute.yaml"), atomically: true, encoding: .utf8)
    return folder.file("mute.yaml").path
  }

  @Test(arguments: [
    ["what is in [1]?", "--region", "10,10,50,50"], ["where is the cup?", "--overlay", "overlay.png"],
    ["where is the cup?", "--masks", "masks"],
  ])
  func aPipelineWithoutHeadsCannotPoint(arguments: [String]) throws {
    let folder = try TemporaryFolder()
    let result = try Self.ask(arguments + ["--pipeline", Self.mute(folder, trained: false)])
    #expect(result.status == 64)
    #expect(
      result.errors.contains(
        "the pipeline \"mute\" has no heads for boxes and masks, so regions mean nothing to it"),
      "\(result.errors)")
  }

  @Test func aLanguageModelThatPointsNeedsHeads() throws {
    let folder = try TemporaryFolder()
    let file = try Self.mute(folder, trained: true)
    let checked = try CrayonProcess.run("pipelines", "check", file)
    for result in [try Self.ask(["where is the cup?", "--pipeline", file]), checked] {
      #expect(result.status == 3 && result.output.isEmpty)
      #expect(
        result.errors.hasSuffix(
          "error: \(file): the language model of the pipeline \"mute\" was trained to point with <filename> and "
            + "<empty_output>, but no heads answer that; give it the grounding of pocket.yaml (grounding.kind: "
            + "pix2emb)\n"), "\(result.errors)")
    }
  }
}
