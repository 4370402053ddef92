import CRaster

/// Phones lying with the screen or the back up.
enum CellPhone: ThingKind {
  static func make(_ numbers: inout SceneNumbers) -> Thing {
    let width = numbers.number(6.8, 7.8)
    let length = width * numbers.number(1.95, 2.15)
    let colour = numbers.pick([ColourName.black, .black, .white, .grey, .red, .blue, .pink])
    let shell = Material.plain(colour.shade(&numbers)).glossy(0.4, 60, mirror: 0.04)
    var mesh = Mesh.box(Vector(width, length, 0.9), rounded: 0.4, shell)
    var named: ColourName? = colour
    if numbers.chance(0.72) {
      let dark = numbers.chance(0.25)
      named = dark ? .black : nil
      let glass = Material.plain(.grey(0.06)).glossy(0.8, 250, mirror: 0.05)
      let hue = ColourName.any(but: [.black, .brown, .grey], &numbers).shade(&numbers)
      let picture = Material(
        CR_SCREEN, hue, ColourName.any(but: [.black, .brown, .grey], &numbers).shade(&numbers), Colour(), 7,
        seed: numbers.seed()
      ).lit(1)
      mesh.add(
        .sheet(
          Vector(-width * 0.46, length * 0.015, 0.46), Vector(width * 0.92, 0, 0), Vector(0, length * 0.97, 0),
          glass))
      if !dark {
        mesh.add(
          .sheet(
            Vector(-width * 0.42, length * 0.05, 0.48), Vector(width * 0.84, 0, 0),
            Vector(0, length * 0.9, 0), extent: SIMD2(1, 1), picture))
      }
    } else {
      let lens = Material.plain(.grey(0.04)).glossy(0.9, 200, mirror: 0.08)
      mesh.add(
        .box(Vector(width * 0.36, width * 0.4, 0.3), rounded: 0.12, .plain(.grey(0.14)).glossy(0.3, 40))
          .moved(-width * 0.26, length * 0.75, 0.5))
      for y: Float in [0.79, 0.87] {
        mesh.add(
          .ellipsoid(Vector(0.85, 0.85, 0.25), segments: 14, lens).moved(-width * 0.26, length * y, 0.65))
      }
    }
    return Thing(category: "cell phone", colour: named, mesh: mesh.moved(.pitch(-0.25)).standing())
  }
}

/// Flat keyboards.
enum Keyboard: ThingKind {
  static func make(_ numbers: inout SceneNumbers) -> Thing {
    let width = numbers.number(34, 44)
    let depth = numbers.number(12, 15)
    let colour = numbers.pick([ColourName.black, .black, .white, .grey])
    let shell = colour.shade(&numbers)
    let keys = colour == .black ? Colour.grey(0.22) : colour == .white ? .grey(0.82) : .grey(0.15)
    var mesh = Mesh.box(Vector(width, 1.8, depth), rounded: 0.5, Material.plain(shell).glossy(0.15, 20))
    for (start, share, columns) in [(Float(-0.48), Float(0.72), Float(15)), (0.27, 0.21, 4)] {
      mesh.add(
        .sheet(
          Vector(width * start, 1.86, depth * 0.43), Vector(width * share, 0, 0),
          Vector(0, 0, -depth * 0.86), extent: SIMD2(columns, 6),
          Material(CR_KEYS, shell * 0.6, keys)))
    }
    return Thing(category: "keyboard", colour: colour == .grey ? nil : colour, mesh: mesh, yaw: 0.12)
  }
}

/// Open laptops.
enum Laptop: ThingKind {
  static func make(_ numbers: inout SceneNumbers) -> Thing {
    let width = numbers.number(29, 37)
    let depth = width * numbers.number(0.64, 0.72)
    let shell: Material = Material.plain(
      numbers.pick([Colour.grey(0.72), .grey(0.6), .grey(0.14), .grey(0.2), .grey(0.9)])
    ).glossy(0.3, 40, mirror: 0.02)
    let board: Float = 1.6
    var mesh = Mesh.box(Vector(width, board, depth), rounded: 0.5, shell)
    let keys = Material(
      CR_KEYS, shell.raw.a.x > 0.4 ? .grey(0.45) : .grey(0.08), .grey(shell.raw.a.x > 0.7 ? 0.85 : 0.2))
    mesh.add(
      .sheet(
        Vector(-width * 0.43, board + 0.05, depth * 0.06), Vector(width * 0.86, 0, 0),
        Vector(0, 0, -depth * 0.44), extent: SIMD2(13, 5), keys),
      .sheet(
        Vector(-width * 0.14, board + 0.05, depth * 0.43), Vector(width * 0.28, 0, 0),
        Vector(0, 0, -depth * 0.3), .plain(Colour.grey(0.4))))
    // The lid turns about the back edge.
    let height = depth * 0.98
    var lid = Mesh.box(Vector(width, height, 0.9), rounded: 0.35, shell)
    let lit = numbers.chance(0.8)
    let bezel = Material.plain(.grey(0.05)).glossy(0.5, 150, mirror: 0.05)
    lid.add(
      .sheet(
        Vector(-width * 0.485, height * 0.03, 0.5), Vector(width * 0.97, 0, 0), Vector(0, height * 0.94, 0),
        bezel))
    if lit {
      let first = ColourName.any(but: [.black, .brown], &numbers).shade(&numbers)
      let screen = Material(
        CR_SCREEN, first, ColourName.any(but: [.black, .brown], &numbers).shade(&numbers) * 0.7,
        ColourName.any(&numbers).shade(&numbers), 0, seed: numbers.seed()
      ).lit(1)
      lid.add(
        .sheet(
          Vector(-width * 0.46, height * 0.08, 0.54), Vector(width * 0.92, 0, 0),
          Vector(0, height * 0.85, 0), extent: SIMD2(1, 1), screen))
    }
    mesh.add(lid, .pitch(-numbers.number(0.02, 0.09), at: Vector(0, board, -depth * 0.49)))
    return Thing(category: "laptop", colour: nil, mesh: mesh, yaw: 0.16)
  }
}

/// Computer mice.
enum Mouse: ThingKind {
  static func make(_ numbers: inout SceneNumbers) -> Thing {
    let colour = numbers.pick([ColourName.black, .black, .white, .white, .grey, .red, .blue])
    let shell = Material.plain(colour.shade(&numbers)).glossy(0.35, 40, mirror: 0.02)
    let width = numbers.number(5.8, 6.6)
    let length = width * numbers.number(1.6, 1.8)
    var mesh = Mesh.revolved(
      Mesh.outline((0, 0), (0.97, 0), (1, 0.12), (0.93, 0.42), (0.78, 0.66), (0.5, 0.88), (0.25, 0.97), (0, 1)),
      segments: 28, shell)
    for i in mesh.vertices.indices {
      mesh.vertices[i].position *= Vector(width / 2, 3.6, length / 2)
      mesh.vertices[i].normal = (mesh.vertices[i].normal / Vector(width / 2, 3.6, length / 2)).direction
    }
    let dark = Material.plain(colour == .black ? .grey(0.35) : .grey(0.1))
    mesh.add(
      .ellipsoid(Vector(0.55, 0.9, 1.2), segments: 10, dark).moved(0, 2.9, -length * 0.25),
      .box(Vector(0.25, 0.5, length * 0.4), dark).moved(.pitch(-0.06, at: Vector(0, 2.62, -length * 0.24))))
    return Thing(category: "mouse", colour: colour, mesh: mesh, yaw: 0.2)
  }
}

/// Remote controls, lying.
enum Remote: ThingKind {
  static func make(_ numbers: inout SceneNumbers) -> Thing {
    let colour = numbers.pick([ColourName.black, .black, .black, .grey, .white])
    let width = numbers.number(4.4, 5.4)
    let length = numbers.number(16, 21)
    let height: Float = 2.2
    let shell = Material.plain(colour.shade(&numbers)).glossy(0.2, 25)
    var mesh = Mesh.box(Vector(width, height, length), rounded: 0.9, shell)
    let button = colour == .black ? Colour.grey(0.62) : Colour.grey(0.12)
    mesh.add(
      .sheet(
        Vector(-width * 0.38, height + 0.04, length * 0.42), Vector(width * 0.76, 0, 0),
        Vector(0, 0, -length * 0.55), extent: SIMD2(3, 6),
        Material(CR_DOTS, colour.shade(&numbers), button, Colour(), 1, 0.3)))
    mesh.add(
      .ellipsoid(Vector(0.7, 0.3, 0.7), segments: 12, .plain(.hex(0xc01818)))
        .moved(-width * 0.25, height, -length * 0.42),
      .ellipsoid(Vector(1.5, 0.25, 1.5), segments: 14, .plain(button)).moved(0, height, -length * 0.26))
    return Thing(category: "remote", colour: colour, mesh: mesh)
  }
}

/// Flat televisions, standing or on a wall.
enum Television: ThingKind {
  static func make(_ numbers: inout SceneNumbers) -> Thing {
    make(width: numbers.number(45, 70), stand: true, &numbers)
  }

  static func onWall(_ numbers: inout SceneNumbers) -> Thing {
    make(width: numbers.number(85, 130), stand: false, &numbers)
  }

  private static func make(width: Float, stand: Bool, _ numbers: inout SceneNumbers) -> Thing {
    let height = width * 0.58
    let frame = Material.plain(.grey(0.07)).glossy(0.4, 60, mirror: 0.03)
    let depth: Float = stand ? 3 : 5
    var panel = Mesh.box(Vector(width, height, depth), rounded: 0.6, frame)
    if numbers.chance(0.6) {
      let picture = Material(
        CR_SCREEN, ColourName.any(&numbers).shade(&numbers), ColourName.any(&numbers).shade(&numbers),
        ColourName.any(&numbers).shade(&numbers), 0, seed: numbers.seed()
      ).lit(1)
      panel.add(
        .sheet(
          Vector(-width * 0.475, height * 0.045, depth / 2 + 0.1), Vector(width * 0.95, 0, 0),
          Vector(0, height * 0.91, 0), extent: SIMD2(1, 1), picture))
    } else {
      panel.add(
        .sheet(
          Vector(-width * 0.475, height * 0.045, depth / 2 + 0.1), Vector(width * 0.95, 0, 0),
          Vector(0, height * 0.91, 0), .plain(.grey(0.1)).glossy(0.7, 200, mirror: 0.12)))
    }
    guard stand else {
      return Thing(category: "tv", colour: nil, mesh: panel.moved(0, -height / 2, depth / 2), yaw: 0)
    }
    var mesh = panel.moved(0, 4, 0)
    mesh.add(
      .box(Vector(width * 0.12, 5, 2.5), frame),
      .box(Vector(width * 0.45, 1, width * 0.2), rounded: 0.4, frame))
    return Thing(category: "tv", colour: nil, mesh: mesh, yaw: 0.1)
  }
}
