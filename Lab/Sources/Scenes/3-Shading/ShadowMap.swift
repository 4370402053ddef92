import CRaster

/// The scene as a light sees it: what lies behind the depths kept here is in its shadow.
///
/// A class so that the depths stay where they are while the renderer reads them; written only while it is
/// made, and never shared.
final class ShadowMap {
  private static let size = 768
  private let depths: UnsafeMutablePointer<Float>
  let light: cr_light

  init(_ source: Lighting.Light, _ lighting: Lighting, _ geometry: SceneGeometry) {
    let size = Self.size
    depths = .allocate(capacity: size * size)
    depths.initialize(repeating: -.greatestFiniteMagnitude, count: size * size)
    let forward = source.direction * -1
    let right = forward.cross(abs(forward.y) < 0.95 ? Vector(0, 1, 0) : Vector(0, 0, 1)).direction
    var camera = cr_camera(
      eye: cr_vec3(lighting.focus + source.direction * lighting.reach * 4), right: cr_vec3(right),
      up: cr_vec3(right.cross(forward)), forward: cr_vec3(forward), focal: Float(size) / 2 / lighting.reach,
      center_x: Float(size) / 2, center_y: Float(size) / 2, orthographic: 1, near_plane: 0)
    var positions = [cr_vec3](repeating: cr_vec3(), count: geometry.vertices.count)
    cr_transform(&camera, geometry.vertices, Int32(geometry.vertices.count), &positions)
    var target = cr_target(
      width: Int32(size), height: Int32(size), depth: depths, ids: nil, stamps: nil, counts: nil)
    for slot in geometry.slots where !slot.casting.isEmpty {
      cr_rasterise(
        &camera, positions, geometry.triangles, slot.casting.lowerBound, Int32(slot.casting.count), nil,
        &target)
    }
    light = cr_light(
      direction: cr_vec3(source.direction), colour: cr_vec3(source.colour), softness: source.softness,
      shadow_camera: camera, shadow_size: Int32(size), shadow_depth: UnsafePointer(depths))
  }

  deinit { depths.deallocate() }
}
