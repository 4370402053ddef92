import CRaster

/// What the camera sees of a world: light, and who owns each pixel.
struct SceneRenderer {
  /// Linear light, row-major [height, width], followed by as much room again.
  private(set) var light: [cr_vec3]
  /// The slot of each pixel, or −1 for the backdrop.
  private(set) var owners: [Int32]
  /// Of the owner, along the view; 0 for the backdrop.
  private(set) var distances: [Float]
  /// How many pixels each slot would have alone.
  private(set) var alone: [UInt32]
  /// What part of what is seen of each slot has the colour that it is called by; 0 where nothing is seen.
  private(set) var coloured: [Double] = []

  init(_ world: World, _ geometry: SceneGeometry, width: Int, height: Int) {
    let pixels = width * height
    let samples = pixels * 4
    var camera = world.camera.raster(width: width, height: height, samples: 2)
    var positions = [cr_vec3](repeating: cr_vec3(), count: geometry.vertices.count)
    cr_transform(&camera, geometry.vertices, Int32(geometry.vertices.count), &positions)

    // What is nearest: of the opaque, and of the glass in front of it.
    var opaqueDepth = [Float](repeating: 0, count: samples)
    var opaqueIDs = [Int32](repeating: -1, count: samples)
    var glassDepth = [Float](repeating: 0, count: samples)
    var glassIDs = [Int32](repeating: -1, count: samples)
    alone = [UInt32](repeating: 0, count: geometry.slots.count)
    light = [cr_vec3](repeating: cr_vec3(), count: pixels * 2)
    owners = [Int32](repeating: -1, count: pixels)
    distances = [Float](repeating: 0, count: pixels)

    // Samples of each slot, and those of its own colour.
    var seen = alone
    var own = alone

    Self.countAlone(world.camera, geometry, width: width, height: height, &alone)
    let shadows = world.lighting.lights.map { ShadowMap($0, world.lighting, geometry) }

    opaqueDepth.withUnsafeMutableBufferPointer { opaqueDepth in
      opaqueIDs.withUnsafeMutableBufferPointer { opaqueIDs in
        glassDepth.withUnsafeMutableBufferPointer { glassDepth in
          glassIDs.withUnsafeMutableBufferPointer { glassIDs in
            var opaque = cr_target(
              width: Int32(width * 2), height: Int32(height * 2), depth: opaqueDepth.baseAddress,
              ids: opaqueIDs.baseAddress, stamps: nil, counts: nil)
            var glass = cr_target(
              width: Int32(width * 2), height: Int32(height * 2), depth: glassDepth.baseAddress,
              ids: glassIDs.baseAddress, stamps: nil, counts: nil)
            for slot in geometry.slots where !slot.opaque.isEmpty {
              cr_rasterise(
                &camera, positions, geometry.triangles, slot.opaque.lowerBound, Int32(slot.opaque.count),
                nil, &opaque)
            }
            for slot in geometry.slots where !slot.glass.isEmpty {
              cr_rasterise(
                &camera, positions, geometry.triangles, slot.glass.lowerBound, Int32(slot.glass.count),
                opaqueDepth.baseAddress, &glass)
            }
            cr_owners(
              geometry.triangles, geometry.bearsColour, &opaque, &glass, &owners, &distances, &seen, &own)
            shade(world, geometry, &camera, &opaque, &glass, shadows, pixels: pixels)
          }
        }
      }
    }
    coloured = zip(own, seen).map { Double($0) / Double(max($1, 1)) }
  }

  private mutating func shade(
    _ world: World, _ geometry: SceneGeometry, _ camera: inout cr_camera, _ opaque: inout cr_target,
    _ glass: inout cr_target, _ shadows: [ShadowMap], pixels: Int
  ) {
    var occlusion = [Float](repeating: 1, count: pixels)
    var rough = occlusion
    cr_ambient_occlusion(&camera, &opaque, world.lighting.reach * 0.06, &rough, &occlusion)
    let lights = shadows.map { $0.light }
    geometry.vertices.withUnsafeBufferPointer { vertices in
      geometry.triangles.withUnsafeBufferPointer { triangles in
        geometry.materials.withUnsafeBufferPointer { materials in
          lights.withUnsafeBufferPointer { lights in
            var scene = cr_scene(
              vertices: vertices.baseAddress, triangles: triangles.baseAddress,
              materials: materials.baseAddress, lights: lights.baseAddress, light_count: Int32(lights.count),
              surroundings: Self.surroundings(world))
            cr_shade(&scene, &camera, &opaque, &glass, occlusion, &light)
          }
        }
      }
    }
    withExtendedLifetime(shadows) {}
  }

  private static func surroundings(_ world: World) -> cr_surroundings {
    let l = world.lighting
    return cr_surroundings(
      above: cr_vec3(l.above), level: cr_vec3(l.level), below: cr_vec3(l.below),
      window_direction: cr_vec3(l.window.direction), window_colour: cr_vec3(l.window.colour),
      window_width: l.window.width, window_height: l.window.height, background: world.backdrop.raw,
      haze: cr_vec3(l.haze), haze_distance: l.hazeDistance)
  }

  /// Draws every slot alone, at one sample a pixel.
  private static func countAlone(
    _ view: Camera, _ geometry: SceneGeometry, width: Int, height: Int, _ alone: inout [UInt32]
  ) {
    var camera = view.raster(width: width, height: height, samples: 1)
    var positions = [cr_vec3](repeating: cr_vec3(), count: geometry.vertices.count)
    cr_transform(&camera, geometry.vertices, Int32(geometry.vertices.count), &positions)
    var stamps = [UInt16](repeating: .max, count: width * height)
    stamps.withUnsafeMutableBufferPointer { stamps in
      alone.withUnsafeMutableBufferPointer { alone in
        var target = cr_target(
          width: Int32(width), height: Int32(height), depth: nil, ids: nil, stamps: stamps.baseAddress,
          counts: alone.baseAddress)
        for slot in geometry.slots {
          for range in [slot.opaque, slot.glass] where !range.isEmpty {
            cr_rasterise(
              &camera, positions, geometry.triangles, range.lowerBound, Int32(range.count), nil, &target)
          }
        }
      }
    }
  }
}

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
