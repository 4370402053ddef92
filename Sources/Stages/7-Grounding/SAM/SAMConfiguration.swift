/// The sizes of a SAM (arXiv 2304.02643).
public struct SAMConfiguration: Sendable, Equatable {
  /// The image encoder: a transformer of windows, some layers of it over the whole picture.
  public struct ImageEncoder: Sendable, Equatable {
    public var width: Int
    public var layers: Int
    public var heads: Int
    public var perceptronWidth: Int
    /// Of the square that it sees, in pixels.
    public var imageSide: Int
    /// The side of a patch in pixels.
    public var patch: Int
    /// The side of a window in patches.
    public var window: Int
    /// Which layers look at the whole picture, from 0.
    public var globalLayers: Set<Int>
    public var layerNormEpsilon: Float

    public init(
      width: Int, layers: Int, heads: Int, perceptronWidth: Int, imageSide: Int = 1024, patch: Int = 16,
      window: Int = 14, globalLayers: Set<Int>, layerNormEpsilon: Float = 1e-6
    ) {
      self.width = width
      self.layers = layers
      self.heads = heads
      self.perceptronWidth = perceptronWidth
      self.imageSide = imageSide
      self.patch = patch
      self.window = window
      self.globalLayers = globalLayers
      self.layerNormEpsilon = layerNormEpsilon
    }

    /// Patches along a side.
    public var gridSide: Int { imageSide / patch }
  }

  public var imageEncoder: ImageEncoder
  public var maskDecoder: SAMMaskDecoderConfiguration

  public init(imageEncoder: ImageEncoder, maskDecoder: SAMMaskDecoderConfiguration = .sam) {
    self.imageEncoder = imageEncoder
    self.maskDecoder = maskDecoder
  }

  /// `facebook/sam-vit-base`
  public static let base = SAMConfiguration(
    imageEncoder: ImageEncoder(
      width: 768, layers: 12, heads: 12, perceptronWidth: 3072, globalLayers: [2, 5, 8, 11]))
}
