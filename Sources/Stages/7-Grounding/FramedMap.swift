import CrayonCore
import Layers
import Tensors

/// Maps over a model's square, brought back to the picture.
enum FramedMap {
  /// A map of one channel over the frame, on the pixels of the original picture.
  ///
  /// Frames that fix the square's side (SAM's) go over that square. In the corner it is cut to the picture's part and
  /// that stretched to the picture, as SAM's post-processing does it; in the middle it is stretched to a square around
  /// the picture and that cut, as NExT-Chat's demo does it. Of the others the picture's part is taken directly.
  static func onPicture(_ map: FeatureMap, _ frame: PictureFrame) -> FeatureMap {
    switch frame.mode {
    case .corner(let side):
      let size = frame.resizedSize
      return cut(map.resized(height: side, width: side), x: 0, y: 0, width: size.width, height: size.height)
        .resized(height: frame.height, width: frame.width)
    case .middle(let side):
      return onPicture(
        map.resized(height: side, width: side),
        PictureFrame(.padToSquare, width: frame.width, height: frame.height))
    case .squash:
      return map.resized(height: frame.height, width: frame.width)
    case .padToSquare where max(frame.width, frame.height) > 1 << 14:
      // The square around a picture so thin would be gigabytes.
      return uncropped(map, frame)
    case .padToSquare:
      let side = max(frame.width, frame.height)
      return cut(
        map.resized(height: side, width: side), x: -frame.origin.x, y: -frame.origin.y, width: frame.width,
        height: frame.height)
    case .centreCrop:
      return uncropped(map, frame)
    }
  }

  private static func cut(_ map: FeatureMap, x: Int, y: Int, width: Int, height: Int) -> FeatureMap {
    if (x, y, width, height) == (0, 0, map.width, map.height) { return map }
    let values = Tensor(shape: [width * height, 1]) { out in
      map.values.read { values in
        for row in 0..<height {
          (out + row * width).update(from: values + (y + row) * map.width + x, count: width)
        }
      }
    }
    return FeatureMap(height: height, width: width, values: values)
  }

  /// Pixel by pixel, of what the frame sees of the picture: a crop does not see all of it, and there everything is outside
  /// of every mask.
  private static func uncropped(_ map: FeatureMap, _ frame: PictureFrame) -> FeatureMap {
    let visible = PixelBox(
      x0: Int(frame.visible.x0.rounded()), y0: Int(frame.visible.y0.rounded()),
      x1: Int(frame.visible.x1.rounded()), y1: Int(frame.visible.y1.rounded()))
    let values = Tensor(shape: [frame.width * frame.height, 1]) { out in
      out.update(repeating: -.greatestFiniteMagnitude, count: frame.width * frame.height)
      map.values.read { values in
        for y in visible.y0..<visible.y1 {
          for x in visible.x0..<visible.x1 {
            let place = frame.framePoint(x: Double(x) + 0.5, y: Double(y) + 0.5)
            out[y * frame.width + x] = sample(values, map, x: place.x, y: place.y)
          }
        }
      }
    }
    return FeatureMap(height: frame.height, width: frame.width, values: values)
  }

  /// Bilinear at a place in fractions of the map.
  private static func sample(
    _ values: UnsafePointer<Float>, _ map: FeatureMap, x: Double, y: Double
  ) -> Float {
    let px = min(max(x * Double(map.width) - 0.5, 0), Double(map.width - 1))
    let py = min(max(y * Double(map.height) - 0.5, 0), Double(map.height - 1))
    let (x0, y0) = (Int(px), Int(py))
    let (x1, y1) = (min(x0 + 1, map.width - 1), min(y0 + 1, map.height - 1))
    let (fx, fy) = (Float(px - Double(x0)), Float(py - Double(y0)))
    let upper = values[y0 * map.width + x0] * (1 - fx) + values[y0 * map.width + x1] * fx
    let lower = values[y1 * map.width + x0] * (1 - fx) + values[y1 * map.width + x1] * fx
    return upper * (1 - fy) + lower * fy
  }
}
