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
