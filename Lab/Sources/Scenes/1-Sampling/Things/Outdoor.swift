import CRaster

/// Hydrants with a dome and two outlets.
enum FireHydrant: ThingKind {
  static func make(_ numbers: inout SceneNumbers) -> Thing {
    let colour = numbers.pick(weighted: [
      (ColourName.red, Float(4)), (.yellow, 2), (.blue, 0.7), (.green, 0.7), (.orange, 0.7),
    ])
    let shade = colour.shade(&numbers)
    let paint = Material.plain(shade).glossy(0.3, 30, mirror: 0.02)
    let cap = numbers.chance(0.25) ? Material.plain(.grey(0.85)).glossy(0.3, 30) : paint
    let r = numbers.number(11, 13.5)
    let h = r * numbers.number(3.8, 4.6)
    var mesh = Mesh.revolved(
      Mesh.outline(
        (0, 0), (r * 1.5, 0), (r * 1.5, r * 0.3), (r, r * 0.35), (r * 0.94, h),
        (r * 1.25, h), (r * 1.25, h + r * 0.3), (r * 1.02, h + r * 0.32)), segments: 26, paint)
    mesh.add(
      .revolved(
        Mesh.curve(
          Mesh.outline(
            (r * 1.02, h + r * 0.32), (r * 0.85, h + r * 0.85), (r * 0.4, h + r * 1.12), (0.01, h + r * 1.2)),
          steps: 4), segments: 26, cap),
      .cylinder(bottom: r * 0.22, top: r * 0.2, height: r * 0.4, segments: 6, cap).moved(0, h + r * 1.15, 0))
    for x: Float in [-1, 1] {
      let outlet = Mesh.cylinder(bottom: r * 0.5, top: r * 0.5, height: r * 0.75, bevel: 0.8, segments: 18, cap)
      mesh.add(outlet.moved(.roll(-x * 0.25, at: Vector(x * r * 0.8, h * 0.72, 0))))
    }
    let front = Mesh.cylinder(bottom: r * 0.62, top: r * 0.62, height: r * 0.6, bevel: 0.8, segments: 18, cap)
    mesh.add(front.moved(.pitch(0.25, at: Vector(0, h * 0.66, r * 0.75))))
    return Thing(category: "fire hydrant", colour: colour, mesh: mesh, yaw: 0.15)
  }
}

/// A red octagon on a post.
enum StopSign: ThingKind {
  static func make(_ numbers: inout SceneNumbers) -> Thing {
    let radius = numbers.number(34, 42)
    let height = numbers.number(150, 200)
    let grey = Material.plain(.grey(0.6)).glossy(0.4, 40)
    let outline = (0..<8).map { i -> SIMD2<Float> in
      let turn = (Float(i) + 0.5) / 8
      return SIMD2(cosine(turns: turn), sine(turns: turn)) * (radius / 0.92388)
    }
    let face = Material(CR_STOP_SIGN, .hex(0xb8101a), .grey(0.95)).glossy(0.15, 20)
    var plate = Mesh.plate(outline, depth: 1.2, face, rim: grey)
    for i in plate.vertices.indices {
      plate.vertices[i].u /= radius
      plate.vertices[i].v /= radius
    }
    var mesh = plate.moved(0, height + radius, 2.5)
    mesh.add(.bar(Vector(0, 0, 0), Vector(0, height + radius * 1.7, 0), radius: 2.2, grey))
    return Thing(category: "stop sign", colour: .red, mesh: mesh, yaw: 0.09)
  }
}

/// Three lamps in a housing on a post.
enum TrafficLight: ThingKind {
  static func make(_ numbers: inout SceneNumbers) -> Thing {
    let height = numbers.number(150, 200)
    let housing = Material.plain(numbers.pick([Colour.grey(0.09), .hex(0x18301c), .hex(0xb8901c)])).glossy(
      0.2, 20)
    let lit = numbers.whole(0...2)
    var mesh = Mesh.bar(Vector(0, 0, -6), Vector(0, height + 10, -6), radius: 4, .plain(.grey(0.35)))
    mesh.add(.box(Vector(28, 78, 18), rounded: 3, housing).moved(0, height, 0))
    let lamps: [Colour] = [.hex(0x1fd060), .hex(0xffc020), .hex(0xff2a1c)]
    for i in 0..<3 {
      let y = height + 15 + Float(i) * 24
      let lamp = Material.plain(lamps[i] * (i == lit ? 1 : 0.12))
      let lens = Mesh.ellipsoid(Vector(9, 9, 3), segments: 20, i == lit ? lamp.lit(1) : lamp.glossy(0.5, 60))
      mesh.add(lens.moved(0, y, 9))
      let hood = Mesh.surface(columns: 10, rows: 1, housing) { u, v in
        let turn = u * 0.5
        return Vector(cosine(turns: turn) * 10.5, y + sine(turns: turn) * 10.5, 8 + v * 9)
      }
      mesh.add(hood)
    }
    return Thing(category: "traffic light", colour: nil, mesh: mesh, yaw: 0.1)
  }
}

/// Open umbrellas: parasols on a pole, or lying on the ground.
enum Umbrella: ThingKind {
  /// Lying open on its rim and its handle.
  static func make(_ numbers: inout SceneNumbers) -> Thing {
    let (mesh, colour) = open(
      radius: numbers.number(46, 58), pole: numbers.number(66, 78), hook: true, &numbers)
    let tilt = Placement.pitch(numbers.number(-0.32, -0.26))
    return Thing(category: "umbrella", colour: colour, mesh: mesh.moved(tilt).standing())
  }

  static func parasol(_ numbers: inout SceneNumbers) -> Thing {
    let (mesh, colour) = open(
      radius: numbers.number(95, 135), pole: numbers.number(200, 240), hook: false, &numbers)
    return Thing(category: "umbrella", colour: colour, mesh: mesh.moved(.roll(numbers.around(0.03))).standing())
  }

  private static func open(
    radius: Float, pole: Float, hook: Bool, _ numbers: inout SceneNumbers
  ) -> (Mesh, ColourName?) {
    let colour = ColourName.any(&numbers)
    let first = Material.plain(colour.shade(&numbers)).glossy(0.1, 15)
    let striped = numbers.chance(0.35)
    let other = ColourName.any(but: [colour], &numbers)
    let second = striped ? Material.plain(other.shade(&numbers)).glossy(0.1, 15) : first
    let rise = radius * numbers.number(0.42, 0.6)
    var mesh = Mesh()
    let ribs = 8
    for rib in 0..<ribs {
      mesh.add(
        .surface(columns: 8, rows: 6, rib % 2 == 0 ? first : second) { u, v in
          let turn = (Float(rib) + u) / Float(ribs)
          // Between the ribs the cloth hangs in and its hem is cut in an arc.
          let sag = 4 * u * (1 - u)
          let reach = v * radius * (1 - 0.1 * sag * v)
          let height = pole + rise * (1 - v * v * (1 - 0.04 * sag)) - rise
          return Vector(cosine(turns: turn) * reach, height, sine(turns: turn) * reach)
        })
    }
    let metal = Material.plain(.grey(0.3)).glossy(0.5, 50)
    mesh.add(
      .bar(Vector(0, 0, 0), Vector(0, pole + radius * 0.06, 0), radius: hook ? 0.8 : 2, metal))
    if hook {
      let grip = Material.plain(.hex(0x4a2c14)).glossy(0.3, 30)
      mesh.add(
        .tube(
          (0...8).map {
            let turn = Float($0) / 16
            return Vector(5 - cosine(turns: turn) * 5, -sine(turns: turn) * 5, 0)
          }, radii: Array(repeating: 1.3, count: 9), sides: 8, grip))
    } else {
      mesh.add(.cylinder(bottom: 22, top: 20, height: 6, bevel: 1, .plain(.grey(0.5))))
    }
    return (mesh, striped ? nil : colour)
  }
}

/// Upright suitcases with wheels and a handle.
enum Suitcase: ThingKind {
  static func make(_ numbers: inout SceneNumbers) -> Thing {
    let colour = ColourName.any(but: [.white], &numbers)
    let shade = colour.shade(&numbers)
    let width = numbers.number(36, 48)
    let height = width * numbers.number(1.3, 1.55)
    let depth = numbers.number(20, 28)
    let shell = Material(CR_STRIPES, shade, shade * 0.62, Colour(), width / 7, 0.2).glossy(
      0.35, 40, mirror: 0.02)
    let plain = Material.plain(shade).glossy(0.35, 40, mirror: 0.02)
    var body = Mesh.box(Vector(width, height, depth), rounded: 5, plain, sides: [.front: shell, .back: shell])
    // The ribs run upwards.
    for i in body.vertices.indices { body.vertices[i].v = body.vertices[i].u }
    var mesh = body.moved(0, 5, 0)
    let dark = Material.plain(.grey(0.08)).glossy(0.2, 20)
    for x: Float in [-1, 1] {
      for z: Float in [-1, 1] {
        let wheel = Mesh.cylinder(bottom: 2.6, top: 2.6, height: 2.4, bevel: 0.4, segments: 14, dark)
          .moved(.roll(0.25))
        mesh.add(wheel.moved(x * (width / 2 - 5) + 1.2, 2.7, z * (depth / 2 - 4)))
      }
    }
    mesh.add(.box(Vector(width + 0.4, height + 0.4, 0.8), rounded: 5, .plain(shade * 0.3)).moved(0, 4.8, 0))
    let rise = numbers.chance(0.55) ? numbers.number(20, 36) : 5
    let grip = width * 0.2
    let steel = rise > 10 ? Material.plain(.grey(0.62)).glossy(0.6, 60, mirror: 0.1) : dark
    for x: Float in [-1, 1] {
      mesh.add(
        .bar(
          Vector(x * grip, height + 4, -depth * 0.25), Vector(x * grip, height + 4 + rise, -depth * 0.25),
          radius: 0.9, steel))
    }
    mesh.add(
      .bar(
        Vector(-grip - 1, height + 4 + rise, -depth * 0.25), Vector(grip + 1, height + 4 + rise, -depth * 0.25),
        radius: 1.5, dark))
    return Thing(category: "suitcase", colour: colour, mesh: mesh, yaw: 0.5)
  }
}
