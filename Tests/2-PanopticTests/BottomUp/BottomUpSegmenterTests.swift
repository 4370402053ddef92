import Checkpoints
import CrayonCore
import Foundation
import Imaging
import Panoptic
import TestSupport
import Testing

/// The pocket pipeline's segmenter against the code that trained it.
@Suite struct BottomUpSegmenterTests {
  let segmenter: BottomUpSegmenter
  let picture: RGBImage

  init() throws {
    segmenter = try BottomUpSegmenter(folder: PocketPicture.weights.appendingPathComponent("segmenter"))
    picture = try ImageDecoder().run(.init(file: PocketPicture.file("picture.png")))
  }

  @Test func theFeaturesAreTorchs() throws {
    let expected = try Checkpoint(file: PocketPicture.file("picture.safetensors")).tensor("embedding").values
    let features = segmenter.embedding(picture)
    #expect(features.height == 32 && features.width == 32 && features.channels == 64)
    let values = features.values.values
    // The fixture has every fourth row and column, channels first.
    var got: [Float] = []
    for channel in 0..<64 {
      for row in stride(from: 0, to: 32, by: 4) {
        for column in stride(from: 0, to: 32, by: 4) {
          let position: Int = row * 32 + column
          got.append(values[position * 64 + channel])
        }
      }
    }
    let closeness = Closeness(got, to: expected)
    #expect(closeness.relative < 1e-4, "\(closeness)")
  }

  @Test func theMapIsTheTrainings() throws {
    try expect(segmenter.run(picture), toBe: .decided)
  }

  /// All but one stuff is too small, and leaves its pixels to that.
  @Test func droppedStuffGoesToWhatIsKept() throws {
    let strict = try TemporaryFolder()
    let folder = PocketPicture.weights.appendingPathComponent("segmenter")
    try FileManager.default.createSymbolicLink(
      at: strict.file("model.safetensors"),
      withDestinationURL: folder.appendingPathComponent("model.safetensors"))
    var config = try #require(
      JSONSerialization.jsonObject(with: Data(contentsOf: folder.appendingPathComponent("config.json")))
        as? [String: Any])
    config["least_stuff_pixels"] = try PocketPicture.strictLeastStuffPixels()
    try JSONSerialization.data(withJSONObject: config).write(to: strict.file("config.json"))
    try expect(BottomUpSegmenter(folder: strict.url).run(picture), toBe: .strict)
  }

  private func expect(_ map: PanopticMap, toBe fixture: PocketPicture.Map) throws {
    let grey = try ImageDecoder().run(.init(file: PocketPicture.file("\(fixture.rawValue).png")))
    let expected = stride(from: 0, to: grey.pixels.count, by: 3).map { Int32(grey.pixels[$0]) }
    let categories = try PocketPicture.categories(fixture)
    #expect(map.segments.allSatisfy { categories[$0.id] == $0.category.name })
    #expect(Set(map.segments.map { $0.id }) == Set(expected.filter { $0 > 0 }))
    // A pixel may go to another class where two are equally likely to the last bit.
    let other = zip(map.ids, expected).filter { $0 != $1 }.count
    #expect(other <= 20, "\(other) pixels of \(expected.count)")
  }
}
