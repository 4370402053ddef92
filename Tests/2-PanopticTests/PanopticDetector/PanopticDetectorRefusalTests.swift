import Checkpoints
import CrayonCore
import Foundation
import Panoptic
import Tensors
import TestSupport
import Testing

/// A folder that is not what it should be is refused, and the sentence names the key or the tensor.
@Suite struct PanopticDetectorRefusalTests {
  func message(_ folder: URL) -> String {
    do {
      _ = try PanopticDetector(folder: folder)
      return "accepted"
    } catch {
      return "\(error)".replacingOccurrences(of: folder.path, with: "DIR")
    }
  }

  @Test func anIntactCopyIsAccepted() throws {
    let copy = try DetectorCopy()
    #expect(message(copy.folder) == "accepted")
  }

  @Test(arguments: [
    ("model_type", "\"crayon-bottom-up\"", "is crayon-bottom-up, but only crayon-panoptic is supported"),
    ("image_size", "576", "is 576"), ("image_size", "4096", "is 4096"), ("image_size", "-64", "is -64"),
    ("stem_width", "0", "is 0"), ("stage_widths", "[176, 352]", "is 2"),
    ("stage_widths", "[175, 352, 704]", "is 175"),
    ("stage_units", "[4, 8, 0]", "is 0"), ("pyramid_width", "9223372036854775807", "is 9223372036854775807"),
    ("distance_bins", "1", "is 1"), ("semantic_width", "-1", "is -1"), ("fine_width", "0", "is 0"),
    ("mask_width", "3", "is 3"), ("mask_cells", "1000", "is 1000"),
    ("least_detection", "1.5", "is 1.5"), ("most_detections", "0", "is 0"), ("overlapping", "-0.1", "is -0.1"),
    ("growth", "100", "is 100"), ("least_visible", "2", "is 2"), ("in_front", "-1", "is -1"),
    ("thing_probability", "[1, 2]", "is [1.0, 2.0]"),
    ("stuff_probability", "[1, 2, 1e300]", "is [1.0, 2.0, 1e+300]"),
    ("least_thing_probability", "7", "is 7"), ("least_stuff_probability", "-7", "is -7"),
    ("least_thing_pixels", "-1", "is -1"), ("least_stuff_pixels", "1e300", "is 1e+300"),
    ("image_std", "[1, 0, 1]", "is [1,0,1]"), ("image_mean", "[1, 1]", "is [1,1]"),
    ("categories", "[\"person\", \"unicorn\", \"sea\"]", "is unicorn"),
    ("categories", "[\"person\", \"person\", \"sea\"]", "is person twice"),
    ("categories", "[\"sea\", \"person\"]", "only things, and stuff behind them,"),
    ("categories", "[]", "is 0 names"),
  ])
  func aBadValueIsNamed(key: String, value: String, sentence: String) throws {
    let copy = try DetectorCopy()
    try copy.edit {
      $0[key] = try JSONSerialization.jsonObject(with: Data(value.utf8), options: .fragmentsAllowed)
    }
    let message = message(copy.folder)
    #expect(message.hasPrefix("DIR/config.json: \"\(key)\" ") && message.contains(sentence), "\(message)")
  }

  @Test func aMissingKeyIsNamed() throws {
    let copy = try DetectorCopy()
    try copy.edit { $0["growth"] = nil }
    #expect(message(copy.folder) == "DIR/config.json lacks the key \"growth\"")
  }

  @Test(arguments: [
    "trunk.stages.1.0.left_depthwise.weight", "trunk.bottom_up.1.short_out.bias", "detect.3.out.weight",
    "semantic.whole.weight", "masks.place", "stuff.blocks.3.depthwise.weight", "stuff.context_out.weight",
  ])
  func aMissingOrMisshapedTensorIsNamed(name: String) throws {
    let copy = try DetectorCopy()
    let file = copy.folder.appendingPathComponent("model.safetensors")
    func rewrite(_ change: (inout SafetensorsWriter) -> Void) throws {
      var writer = SafetensorsWriter()
      let source = try Checkpoint(
        file: PanopticDetectorParityTests.folder.appendingPathComponent("model.safetensors"))
      for entry in source.entries where entry.name != name { writer[entry.name] = .stored(entry) }
      change(&writer)
      try writer.write(to: file)
    }
    try rewrite { _ in }
    #expect(message(copy.folder).contains(name))
    try rewrite { $0[name] = .float32(Tensor(zeros: [3, 1])) }
    #expect(message(copy.folder).contains(name) && message(copy.folder).contains("[3, 1]"))
  }

  @Test func aTensorTooManyIsNamed() throws {
    let copy = try DetectorCopy()
    var writer = SafetensorsWriter()
    let source = try Checkpoint(
      file: PanopticDetectorParityTests.folder.appendingPathComponent("model.safetensors"))
    for entry in source.entries { writer[entry.name] = .stored(entry) }
    writer["semantic.prior.spare"] = .float32(Tensor(zeros: [54, 32]))
    try writer.write(to: copy.folder.appendingPathComponent("model.safetensors"))
    #expect(message(copy.folder).contains("semantic.prior.spare"))
  }
}
