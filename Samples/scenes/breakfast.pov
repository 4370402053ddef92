// Three cups, a bowl, an apple and two oranges on an oak table.

#version 3.7;
#declare SegmentSeed = 1101;
#declare IndirectLight = 1;
#include "common.inc"

camera {
  location <2.2, 28, -66>
  right x * image_width / image_height
  look_at <1.0, 5.6, 1.5>
  angle 38
}

background { rgb <0.15, 0.16, 0.18> }
SoftBox(<-100, 80, -12>, <0, 0, 0>, 30, 30, rgb <1.0, 0.93, 0.83> * 1.75, 9, 2)
light_source {   // A wash of daylight down the wall.
  <-70, 110, 40>, rgb <1.0, 0.95, 0.86> * 0.8
  spotlight point_at <-25, 22, 69> radius 2 falloff 40 tightness 1
}
WindowPanel(<-105, 70, -30>, <0, 5, 0>, 75, 90, rgb <1.0, 0.97, 0.92> * 2.2)
WindowPanel(<120, 60, -90>, <0, 5, 0>, 40, 70, rgb <0.9, 0.95, 1.0> * 0.7)

// ---------------------------------------------------------------- table and wall

#declare PlankStream = seed(7);
#declare TableTop = union {
  #for (I, -3, 5)
    #local Offset = <rand(PlankStream) * 300, 0, 0>;
    #local Shade = 0.86 + 0.2 * rand(PlankStream);
    #local Grain = Wood(srgb <0.77, 0.57, 0.37> * Shade, srgb <0.66, 0.45, 0.27> * Shade, srgb <0.50, 0.31, 0.17> * Shade, 0.22)
    object {
      Rounded(<-120, -3, 0.02>, <120, 0, 11.98>, 0.12)
      Look(texture {
        Grain
        rotate x * (rand(PlankStream) * 8 - 4)
        translate Offset + y * rand(PlankStream) * 2.5
      })
      translate z * (I * 12 - 5)
    }
  #end
}
Stuff("table-merged", TableTop)

Stuff("wall-other-merged", union {
  plane { -z, -69 }
  plane { y, -75 }
  Look(Plaster(srgb <0.56, 0.66, 0.66>))
})

// ---------------------------------------------------------------- cups

#declare White = srgb <0.93, 0.91, 0.87>;

Thing("cup", object {
  Mug(3.9, 4.1, 9.6, Dipped(srgb <0.72, 0.16, 0.13>, srgb <0.92, 0.88, 0.80>, 2.4), Glaze(White), Coffee())
  rotate y * 158 translate <-13.2, 0, 2.5>
})

Thing("cup", object {
  Mug(3.2, 4.5, 8.6, Glaze(srgb <0.13, 0.33, 0.56>), Glaze(White), MilkFoam())
  rotate y * 190 translate <-1.4, 0, 13>
})

Thing("cup", object {
  Mug(3.7, 3.9, 8.2, Dipped(srgb <0.93, 0.76, 0.30>, srgb <0.90, 0.86, 0.78>, 1.6), Glaze(White), Coffee())
  rotate y * 24 translate <15.6, 0, -3.6>
})

// ---------------------------------------------------------------- bowl

#declare BowlGlaze = Gloss(pigment {
  gradient y
  color_map {
    [0.00 srgb <0.90, 0.88, 0.83>] [0.60 srgb <0.90, 0.88, 0.83>]
    [0.60 srgb <0.20, 0.42, 0.42>] [0.66 srgb <0.20, 0.42, 0.42>]
    [0.66 srgb <0.90, 0.88, 0.83>] [0.72 srgb <0.90, 0.88, 0.83>]
    [0.72 srgb <0.20, 0.42, 0.42>] [1.00 srgb <0.20, 0.42, 0.42>]
  }
  scale 6.6
}, 0.28)

#declare Bowl = union {
  difference {
    sphere { <0, 9.2, 0>, 9 }
    sphere { <0, 9.2, 0>, 8.5 Look(Glaze(srgb <0.90, 0.88, 0.83>)) }
    plane { -y, -6.4 }
    Look(BowlGlaze)
  }
  torus { 8.29, 0.25 translate y * 6.4 Look(BowlGlaze) }
  difference {
    cylinder { 0, <0, 1.2, 0>, 3.6 }
    cylinder { -y, <0, 0.4, 0>, 3.1 }
    Look(BowlGlaze)
  }
}

// ---------------------------------------------------------------- fruit

#macro Orange(Turn)
  union {
    sphere {
      0, 3.9 scale <1, 0.95, 1>
      Look(texture {
        pigment { bozo color_map { [0 srgb <0.93, 0.50, 0.06>] [1 srgb <0.96, 0.58, 0.12>] } scale 2.5 }
        normal { average normal_map { [1 dents 0.35 scale 0.22] [1 bumps 0.3 scale 0.3] } }
        finish { diffuse 0.75 specular 0.22 roughness 0.03 reflection { 0.0, 0.08 falloff 3 } }
      })
    }
    union {
      cylinder { <0, 3.55, 0>, <0, 3.78, 0>, 0.28 }
      #for (I, 0, 4)
        sphere { 0, 0.24 scale <1.6, 0.5, 0.8> translate <0.36, 3.69, 0> rotate y * I * 72 }
      #end
      Look(Matte(srgb <0.38, 0.42, 0.16>))
    }
    rotate Turn translate y * 3.7
  }
#end

#declare Apple = union {
  lathe {
    cubic_spline 13,
    <0.9, 6.4>, <0.0, 5.25>, <0.55, 5.65>, <1.5, 6.35>, <2.7, 6.25>, <3.75, 5.0>, <3.95, 3.6>,
    <3.4, 1.7>, <2.2, 0.3>, <1.2, 0.0>, <0.6, 0.35>, <0.0, 0.55>, <-0.6, 0.35>
    sturm
    Look(texture {
      pigment {
        average
        pigment_map {
          [1 gradient y color_map { [0 srgb <0.80, 0.66, 0.25>] [0.18 srgb <0.72, 0.16, 0.12>] [0.8 srgb <0.64, 0.07, 0.09>] [0.93 srgb <0.72, 0.22, 0.13>] [1 srgb <0.74, 0.62, 0.26>] } scale 6.6 warp { turbulence 0.12 } ]
          [1 bozo color_map { [0 srgb <0.86, 0.58, 0.28>] [0.35 srgb <0.70, 0.10, 0.10>] [1 srgb <0.58, 0.05, 0.08>] } scale <0.28, 5, 0.28> ]
        }
      }
      finish { diffuse 0.72 specular 0.35 roughness 0.012 reflection { 0.02, 0.2 falloff 3 } conserve_energy }
    })
  }
  sphere_sweep {
    b_spline 5,
    <0, 4.4, 0>, 0.16, <0, 5.2, 0>, 0.14, <0.1, 6.2, 0>, 0.12, <0.45, 7.1, 0>, 0.2, <0.9, 7.9, 0>, 0.2
    tolerance 0.001
    Look(Matte(srgb <0.33, 0.22, 0.12>))
  }
}

#declare BowlAt = <10.4, 0, 9.5>;
Thing("bowl", object { Bowl translate BowlAt })
Thing("orange", object { Orange(<20, 10, -15>) translate BowlAt + <0.6, 3.1, 0.3> })
Thing("orange", object { Orange(<-25, 0, 22>) translate <-4.4, 0, -3.2> })
Thing("apple", object { Apple scale 1.03 rotate <4, 30, -5> translate <4.8, 0.05, -7.4> })
