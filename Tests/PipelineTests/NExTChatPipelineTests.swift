import Checkpoints
import CrayonCore
import CrayonPrompting
import Foundation
import Imaging
import Language
import Pipeline
import Tensors
import TestSupport
import Testing
import Tokenizers

/// `Pipelines/nextchat-7b.yaml` itself, with the sizes of a tiny checkpoint in the published layout, against all of the
/// authors' demo: their picture's file to their tokens, boxes and masks (Tests/Reference/nextchat.py).
@Suite struct NExTChatPipelineTests {
  static func configuration(
    in folder: borrowing TemporaryFolder, model: URL = NExTChatTests.folder
  ) throws -> PipelineConfiguration {
    try PipelineConfiguration(reading: NExTChat.pipeline(in: folder, model: model)).exact
  }

  @Test(arguments: NExTChatTests.cases)
  func fromThePicturesFileToTheRegions(name: String) throws {
    let (expected, stored) = try NExTChatTests.expected(name)
    let folder = try TemporaryFolder()
    // The model is told nothing of a map, so that no segmenter need be there.
    let pipeline = try Pipeline(try Self.configuration(in: folder), makesMaps: false, cache: nil)
    let seen = try pipeline.look(at: ImageDecoder.Input(file: NExTChatTests.file("picture-\(name).png")))
    #expect(seen.map.segments.isEmpty && seen.crayonFeatures == nil && seen.crayon.listing.isEmpty)

    var conversation = Conversation(pipeline, on: seen)
    let regions = expected.regions.map { PictureBox(x0: $0[0], y0: $0[1], x1: $0[2], y1: $0[3]) }
    let slot = try NExTChatTests.Model(NExTChatTests.folder).trigger.slot
    let answer = try conversation.ask(
      expected.numbered,
      options: AskOptions(
        answer: AnswerOptions(limit: expected.tokens.count { $0 != slot }), regions: regions))
    let haveSameTokens = answer.sequence.tokens == expected.prompt.map { $0 < 0 ? nil : $0 }
    #expect(haveSameTokens)
    #expect(answer.reply.tokens == expected.tokens)

    #expect(!answer.regions.regions.isEmpty)
    let (boxes, masks) = (try stored("picture.boxes").values, try stored("picture.masks"))
    for region in answer.regions.regions {
      let wanted = boxes[region.trigger * 4..<region.trigger * 4 + 4].map(Double.init)
      let whole = PictureBox(x0: wanted[0], y0: wanted[1], x1: wanted[2], y1: wanted[3])
      let picture = PictureBox(x0: 0, y0: 0, x1: Double(seen.image.width), y1: Double(seen.image.height))
      let clipped = try #require(whole.intersection(picture))
      for (got, wanted) in [
        (region.box.x0, clipped.x0), (region.box.y0, clipped.y0), (region.box.x1, clipped.x1),
        (region.box.y1, clipped.y1),
      ] { #expect(abs(got - wanted) < 1e-2) }
      let pixels = masks.rows(region.trigger..<region.trigger + 1).values.map { $0 > 0 }
      let different = zip(region.mask?.pixels ?? pixels.map { _ in false }, pixels).count { $0 != $1 }
      #expect(different <= 1, "mask \(region.trigger)")
    }
  }

  /// What the configuration and the tokenizer's files say must be what the checkpoint is.
  @Test(arguments: [
    ("config.json", "\"mm_depth\": 2", "\"mm_depth\": 2", "loads"),
    // Their configuration's own is 2.
    ("config.json", "\"mm_depth\": 2,", "", "loads"),
    (
      "config.json", "\"mm_depth\": 2", "\"mm_depth\": 1",
      "DIR/config.json: \"mm_depth\" is 1, but only 2 is supported"
    ),
    (
      "config.json", "\"mm_vision_select_layer\": -2", "\"mm_vision_select_layer\": -1",
      "DIR/config.json: \"mm_vision_select_layer\" is -1, but only -2 is supported"
    ),
    // The same hidden state of a tower of three layers.
    ("config.json", "\"mm_vision_select_layer\": -2", "\"mm_vision_select_layer\": 2", "loads"),
    (
      "config.json", "\"mm_use_im_start_end\": true", "\"mm_use_im_start_end\": false",
      "DIR/config.json: \"mm_use_im_start_end\" is false, but only true is supported"
    ),
    // Only advice: the tensors say whose it is.
    ("config.json", "NextChatForSegLM", "SomethingElse", "loads"),
    ("config.json", "\"model_type\": \"nextchat\"", "\"model_type\": \"llama\"", "loads"),
    (
      "added_tokens.json", "\"<at>\": 363", "\"<at>\": 365",
      "DIR/tokenizer.model has the token number 365, but 365 tokens, numbered from 0 without a gap"
    ),
    (
      "added_tokens.json", "\"<at>\": 363", "\"<at>\": 364",
      "DIR/added_tokens.json gives the number 364 to two tokens"
    ),
    (
      "added_tokens.json", "\"<at>\"", "\"<att>\"",
      "DIR/added_tokens.json has no number for the token <at>; it is not a tokenizer of this kind, or is damaged"
    ),
    (
      "added_tokens.json", "\"<at>\": 363", "\"</s>\": 7, \"<at>\": 363",
      "DIR/added_tokens.json gives the token \"</s>\" the number 7, but in tokenizer.model it has 2; one of the files "
        + "is another model's"
    ),
    (
      "tokenizer_config.json", "\"legacy\"",
      "\"added_tokens_decoder\": {\"362\": {\"content\": \"<at>\"}}, \"legacy\"",
      "DIR/tokenizer_config.json gives the token \"<at>\" the number 362, but in DIR/added_tokens.json it has 363; one of "
        + "the files is another model's"
    ),
    (
      "tokenizer_config.json", "\"legacy\": false", "\"legacy\": 3",
      "DIR/tokenizer_config.json has a \"legacy\" that is not true or false"
    ),
  ])
  func whatFilesSayMustFit(file: String, old: String, new: String, sentence: String) throws {
    let folder = try TemporaryFolder()
    let copy = folder.file("nextchat-copy")
    try FileManager.default.copyItem(at: NExTChatTests.folder, to: copy)
    let place = copy.appendingPathComponent(file)
    let text = try String(contentsOf: place, encoding: .utf8)
    try #require(text.contains(old))
    try Data(text.replacingOccurrences(of: old, with: new).utf8).write(to: place)
    do {
      _ = try Pipeline(try Self.configuration(in: folder, model: copy), makesMaps: false, cache: nil)
      #expect(sentence == "loads")
    } catch {
      #expect("\(error)".replacingOccurrences(of: copy.path, with: "DIR") == sentence)
    }
  }

  /// Where `<s>` is text, nothing can be asked of the model, and a check of it says so.
  @Test(arguments: [
    (3, ""), (1, "the language model's vocabulary has no token that starts a text, which the prompt needs"),
  ])
  func aVocabularyMustHaveWhatTheTemplateNeeds(type: Int, fault: String) throws {
    let folder = try TemporaryFolder()
    let copy = folder.file("nextchat-copy")
    try FileManager.default.copyItem(at: NExTChatTests.folder, to: copy)
    let vocabulary = copy.appendingPathComponent("tokenizer.model")
    var bytes = try Data(contentsOf: vocabulary)
    // Behind the piece's name are its score, of five bytes, and its type, of which the second byte is the value.
    let place = try #require(bytes.range(of: Data("<s>".utf8))).upperBound + 6
    try #require(bytes[place] == 3)
    bytes[place] = UInt8(type)
    try bytes.write(to: vocabulary)
    let pipeline = try NExTChat.pipeline(in: folder, model: copy)
    let check = CheckpointCheck(folder: copy, for: pipeline.path)
    #expect(check.faults.joined(separator: "; ") == fault)
    #expect(check.loads == fault.isEmpty && check.findings.allSatisfy(\.isGood))
  }

  /// Numbers and `legacy` are taken from the files, and not guessed.
  @Test func theTokenizersFilesDecide() throws {
    let folder = try TemporaryFolder()
    let copy = folder.file("nextchat-copy")
    try FileManager.default.copyItem(at: NExTChatTests.folder, to: copy)
    func change(_ file: String, _ changes: [(String, String)]) throws {
      let place = copy.appendingPathComponent(file)
      var text = try String(contentsOf: place, encoding: .utf8)
      for (old, new) in changes { text = text.replacingOccurrences(of: old, with: new) }
      try Data(text.utf8).write(to: place)
    }
    try change("added_tokens.json", [("363", "#"), ("364", "363"), ("#", "364")])
    try change("tokenizer_config.json", [("\"legacy\": false", "\"legacy\": true")])
    let model = try LanguageModel(
      nextChat: copy.appendingPathComponent("config.json"), WeightReader(try Checkpoint(folder: copy)),
      vocabulary: copy.appendingPathComponent("tokenizer.model"))
    #expect(model.tokenizer.id(of: "<at>") == 364 && model.tokenizer.id(of: "<boxes>") == 363)
    #expect((model.tokenizer as? SentencePieceBPE)?.isLegacy == true)
    for file in ["added_tokens.json", "tokenizer_config.json"] {
      try FileManager.default.removeItem(at: copy.appendingPathComponent(file))
    }
    let bare = try LanguageModel(
      nextChat: copy.appendingPathComponent("config.json"), WeightReader(try Checkpoint(folder: copy)),
      vocabulary: copy.appendingPathComponent("tokenizer.model"))
    #expect(bare.tokenizer.id(of: "<at>") == 363 && (bare.tokenizer as? SentencePieceBPE)?.isLegacy == false)
  }

  /// The other world: CoLLaVO's list of the map in NExT-Chat's prompt.
  @Test func aListingStandsBeforeTheQuestion() throws {
    let folder = try TemporaryFolder()
    let pipeline = try Pipeline(try Self.configuration(in: folder), makesMaps: false, cache: nil)
    let picture = try ImageDecoder.Input(file: NExTChatTests.file("picture-wide.png"))
    let cup = try #require(CategoryTable.coco.category(named: "cup"))
    let bowl = try #require(CategoryTable.coco.category(named: "bowl"))
    let map = try PanopticMap(
      width: 4, height: 2, ids: [1, 1, 2, 2, 1, 1, 2, 2],
      labels: [
        1: .init(category: cup), 2: .init(category: bowl),
      ])
    let image = try ImageDecoder().run(picture)
    let whole = try map.resized(width: image.width, height: image.height)
    try whole.write(to: folder.url)
    let seen = try pipeline.look(
      at: picture,
      options: LookOptions(
        listing: .full,
        map: .init(png: folder.file("2-panoptic.png"), json: folder.file("2-panoptic.json"))))
    #expect(seen.crayon.listing.hasPrefix("The image includes (#1 cup) ["))
    var conversation = Conversation(pipeline, on: seen)
    let answer = try conversation.ask("How many?", options: AskOptions(answer: AnswerOptions(limit: 2)))
    let listing = try #require(answer.sequence.spans.first { $0.kind == .listing })
    #expect(listing.text == seen.crayon.listing + " ")
    // Without a map, one is needed for that.
    #expect(throws: PipelineError.noSegmenter(pipeline: "nextchat-7b")) {
      try pipeline.look(at: picture, options: LookOptions(listing: .full))
    }
  }
}
