/// A scene as it is, before anybody looks.
struct World {
  struct Item {
    /// COCO's name.
    var category: String
    /// Things are segments of their own; all stuff of a category is one.
    var isThing: Bool
    var colour: ColourName?
    /// In the world's coordinates.
    var mesh: Mesh
    var castsShadow: Bool
  }

  var items: [Item] = []
  var camera: Camera
  var lighting: Lighting
  var photograph: Photograph
  /// What is seen where there is nothing: by direction.
  var backdrop: Material
  var backdropCategory: String
}
