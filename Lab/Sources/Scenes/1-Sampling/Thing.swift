/// One thing before it is placed: standing on the origin, its front towards +z.
struct Thing {
  /// COCO's name.
  var category: String
  /// What a person would call it, where it has one colour.
  var colour: ColourName?
  var mesh: Mesh
  /// How far it is turned from facing the camera, in turns to either side; half a turn is any way.
  var yaw: Float = 0.5
  /// A flat top that carries smaller things.
  var top: Platform?
  /// A hollow that holds fruit.
  var hollow: Hollow?

  struct Platform {
    var height: Float
    var halfWidth: Float
    var halfDepth: Float
  }

  struct Hollow {
    var floor: Float
    var radius: Float
  }
}

/// A kind of thing that can be made at random.
protocol ThingKind {
  static func make(_ numbers: inout SceneNumbers) -> Thing
}
