import CrayonCore
import Foundation
import Scenes
import Testing

/// Pictures to look at, written where `CRAYON_SCENE_SHEETS` names a folder: scenes side by side, and the
/// same with their segments tinted. `CRAYON_SCENE_FIRST` is the first seed.
@Suite struct ContactSheet {
  static let folder = ProcessInfo.processInfo.environment["CRAYON_SCENE_SHEETS"]
  static let first = UInt64(ProcessInfo.processInfo.environment["CRAYON_SCENE_FIRST"] ?? "") ?? 0
  static let columns = 6
  static let rows = 4

  @Test(.enabled(if: folder != nil, "set CRAYON_SCENE_SHEETS to a folder"))
  func write() throws {
    let folder = URL(fileURLWithPath: try #require(Self.folder))
    let generator = try SceneGenerator()
    let start = ContinuousClock.now
    let scenes = try (0..<UInt64(Self.columns * Self.rows)).map { try generator.scene(seed: Self.first + $0) }
    let seconds = Double((ContinuousClock.now - start) / .seconds(1))
    print("\(Double(scenes.count) / seconds) scenes a second on one core")
    try Self.sheet(scenes.map(\.picture)).writePNG(
      to: folder.appendingPathComponent("scenes-\(Self.first).png"))
    try Self.sheet(scenes.map(Self.tinted)).writePNG(
      to: folder.appendingPathComponent("truth-\(Self.first).png"))
    for (index, scene) in scenes.enumerated() {
      let words = scene.map.segments.map {
        "\(scene.attributes[$0.id]?.colour ?? "")\($0.category.name)"
      }
      print(Self.first + UInt64(index), words.joined(separator: ", "))
    }
  }

  static func sheet(_ pictures: [RGBImage]) -> RGBImage {
    let side = pictures[0].width
    let width = columns * side
    var pixels = [UInt8](repeating: 0, count: width * rows * pictures[0].height * 3)
    for (index, picture) in pictures.enumerated() {
      for y in 0..<picture.height {
        let at = ((index / columns * picture.height + y) * width + index % columns * side) * 3
        let from = y * side * 3
        pixels.replaceSubrange(at..<at + side * 3, with: picture.pixels[from..<from + side * 3])
      }
    }
    return RGBImage(width: width, height: rows * pictures[0].height, pixels: pixels)
  }

  static func tinted(_ scene: Scene) -> RGBImage {
    var picture = scene.picture
    for (index, id) in scene.map.ids.enumerated() {
      var hash = UInt32(truncatingIfNeeded: id) &* 0x9E37_79B9
      if id == PanopticMap.void { hash = 0 }
      for channel in 0..<3 {
        hash = hash &* 0x85EB_CA6B ^ hash >> 13
        let tint = id == PanopticMap.void ? 0 : Int(hash >> 24)
        picture.pixels[index * 3 + channel] = UInt8((Int(picture.pixels[index * 3 + channel]) + 2 * tint) / 3)
      }
    }
    return picture
  }
}
