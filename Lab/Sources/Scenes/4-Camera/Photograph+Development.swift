import CRaster
import CrayonCore

extension Photograph {
  /// The picture that light makes. `light` is row-major [height, width], with as much room again behind.
  func develop(_ light: [cr_vec3], width: Int, height: Int) -> RGBImage {
    let pixels = width * height
    var light = light
    let sigma = blur * Float(min(width, height)) / 256
    light.withUnsafeMutableBufferPointer { light in
      guard let base = light.baseAddress else { return }
      cr_blur(base, base + pixels, Int32(width), Int32(height), sigma)
    }
    var sensor = sensor
    var bytes = [UInt8](repeating: 0, count: pixels * 3)
    cr_expose(light, Int32(width), Int32(height), &sensor, &bytes)
    if let quality {
      var planes = [Float](repeating: 0, count: (width + 15) * (height + 15) * 3)
      cr_compress(&bytes, Int32(width), Int32(height), quality, &planes)
    }
    return RGBImage(width: width, height: height, pixels: bytes)
  }
}
