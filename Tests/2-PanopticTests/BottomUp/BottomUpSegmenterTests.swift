import Checkpoints
import CrayonCore
import Foundation
import Imaging
import Panoptic
import TestSupport
import Testing

/// The segmenter of rendered scenes against what the code that trained it made of one.
@Suite struct BottomUpSegmenterTests {
  static let weights = PocketPicture.weights.appendingPathComponent("scenes-segmenter")
  static func file(_ name: String) -> URL {
    Fixtures.folder.appendingPathComponent("2-Panoptic/bottom-up/\(name)")
  }

  /// picture.json: categories by id.
  struct Maps: Decodable {
    let decided: [String: String]
    let strict: [String: String]
    let strict_least_stuff_pixels: Int
  }

  let maps: Maps
  let segmenter: BottomUpSegmenter
  let picture: RGBImage

  init() throws {
    maps = try JSONDecoder().decode(Maps.self, from: Data(contentsOf: Self.file("picture.json")))
    segmenter = try BottomUpSegmenter(folder: Self.weights)
    picture = try ImageDecoder().run(.init(file: Self.file("picture.png")))
  }

  @Test func theMapIsTheTrainings() throws {
    try expect(segmenter.run(picture), toBe: "decided", maps.decided)
  }

  /// All but one stuff is too small, and leaves its pixels to that.
  @Test func droppedStuffGoesToWhatIsKept() throws {
    let strict = try TemporaryFolder()
    let folder = Self.weights
    try FileManager.default.createSymbolicLink(
      at: strict.file("model.safetensors"),
      withDestinationURL: folder.appendingPathComponent("model.safetensors"))
    var config = try #require(
      JSONSerialization.jsonObject(with: Data(contentsOf: folder.appendingPathComponent("config.json")))
        as? [String: Any])
    config["least_stuff_pixels"] = maps.strict_least_stuff_pixels
    try JSONSerialization.data(withJSONObject: config).write(to: strict.file("config.json"))
    try expect(BottomUpSegmenter(folder: strict.url).run(picture), toBe: "strict", maps.strict)
  }

  private func expect(_ map: PanopticMap, toBe fixture: String, _ categories: [String: String]) throws {
    let grey = try ImageDecoder().run(.init(file: Self.file("\(fixture).png")))
    let expected = stride(from: 0, to: grey.pixels.count, by: 3).map { Int32(grey.pixels[$0]) }
    #expect(map.segments.allSatisfy { categories["\($0.id)"] == $0.category.name })
    #expect(Set(map.segments.map { $0.id }) == Set(expected.filter { $0 > 0 }))
    // A pixel may go to another class where two are equally likely to the last bit.
    let other = zip(map.ids, expected).filter { $0 != $1 }.count
    #expect(other <= 20, "\(other) pixels of \(expected.count)")
  }
}
