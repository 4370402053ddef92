// Books, bottles, a clock, a vase of flowers and a potted plant on three wall shelves.

#version 3.7;
#declare SegmentSeed = 2202;
#declare IndirectLight = 1;
#include "common.inc"

camera {
  location <6, 55, -190>
  right x * image_width / image_height
  look_at <0, 49.5, 0>
  angle 27.5
}

background { rgb <0.34, 0.34, 0.35> }
SoftBox(<-130, 150, -150>, <0, 45, 0>, 38, 38, rgb <1.0, 0.95, 0.87> * 1.25, 9, 3)
WindowPanel(<-120, 110, -150>, <0, 50, 0>, 80, 110, rgb <1.0, 0.97, 0.92> * 2.0)
WindowPanel(<130, 60, -120>, <0, 50, 0>, 30, 90, rgb <0.9, 0.95, 1.0> * 0.5)

Stuff("wall-other-merged", plane {
  -z, -13
  Look(Plaster(srgb <0.83, 0.80, 0.74>))
})

// ---------------------------------------------------------------- shelves

// The upper faces of the three boards.
#declare Low = 8;
#declare Middle = 41;
#declare High = 73;

#declare Board = object { Rounded(<-37, -2.6, -12>, <37, 0, 14>, 0.25) Look(Oak(0.12)) }
#declare Bracket = union {
  cylinder { <0, -2.6, 12>, <0, -10, 12>, 0.55 }
  sphere { <0, -10, 12>, 0.55 }
  cylinder { <0, -10, 12>, <0, -2.9, -6>, 0.45 }
  cylinder { <0, -2.95, -9>, <0, -2.95, 13>, 0.45 }
  sphere { <0, -2.95, -9>, 0.45 }
  Look(Metal(srgb <0.16, 0.15, 0.15>))
  no_radiosity
}
Stuff("shelf", union {
  object { Board translate y * Low }
  object { Board translate y * Middle }
  object { Board translate y * High }
  #declare Heights = array[3] { Low, Middle, High };
  #for (I, 0, 2)
    object { Bracket translate <-27, Heights[I], 0> }
    object { Bracket translate <27, Heights[I], 0> }
  #end
})

// ---------------------------------------------------------------- books

#declare Cream = srgb <0.93, 0.88, 0.74>;
#declare Gold = srgb <0.80, 0.63, 0.30>;

// A row standing on the middle board, from the left.
#macro Standing(X, Y, Lean, Thick, H, D, Cover, Band, Title)
  Thing("book", object {
    Book(Thick, H, D, Cover, Band, Title)
    rotate z * Lean
    translate <X, Y, -8.5>
  })
#end

Standing(-34.0, Middle, 0, 4.0, 23.0, 16, srgb <0.16, 0.25, 0.38>, Gold, "COLOUR & LIGHT")
Standing(-29.9, Middle, 0, 2.8, 20.5, 14, srgb <0.66, 0.20, 0.16>, Cream, "The Garden Wall")
Standing(-27.0, Middle, 0, 3.4, 24.5, 17, srgb <0.30, 0.42, 0.30>, Cream, "ATLAS")
Standing(-23.5, Middle, 0, 2.8, 19.0, 14, srgb <0.88, 0.70, 0.34>, srgb <0.25, 0.20, 0.18>, "STILL LIFE")
Standing(-20.6, Middle, 0, 3.1, 22.0, 15, srgb <0.86, 0.82, 0.74>, srgb <0.55, 0.20, 0.16>, "WAX & CHALK")
Standing(-12.9, Middle, 12.5, 2.7, 21.0, 15, srgb <0.17, 0.43, 0.46>, Cream, "Pastel")

// Three lying under the clock.
#macro Lying(X, Y, Turn, Thick, H, D, Cover, Band, Title)
  Thing("book", object {
    Book(Thick, H, D, Cover, Band, Title)
    rotate z * 90 translate x * H / 2 translate -z * D / 2
    rotate y * Turn
    translate <X, Y, -0.5>
  })
#end
Lying(18, High, 2, 3.2, 25, 17, srgb <0.45, 0.17, 0.20>, Gold, "PICTURES")
Lying(17.5, High + 3.2, -3, 2.6, 22.5, 15.5, srgb <0.22, 0.30, 0.34>, Cream, "THINGS")

// ---------------------------------------------------------------- clock

#declare Clock = union {
  difference {
    cylinder { <0, 0, 0>, <0, 0, 5>, 10 }
    cylinder { <0, 0, -1>, <0, 0, 1.6>, 9.1 }
    Look(Walnut(0.15))
  }
  torus { 9.55, 0.5 rotate x * 90 Look(Metal(srgb <0.86, 0.68, 0.38>)) }
  cylinder { <0, 0, 1.2>, <0, 0, 1.8>, 9.2 Look(Matte(srgb <0.95, 0.93, 0.87>)) }
  #for (I, 0, 59)
    box {
      <-(mod(I, 5) = 0 ? 0.13 : 0.05), 8.3, 1.12>, <(mod(I, 5) = 0 ? 0.13 : 0.05), 8.8, 1.3>
      rotate z * I * 6
      Look(Matte(srgb <0.12, 0.12, 0.12>))
    }
  #end
  #for (I, 1, 12)
    #local Digits = text { ttf "timrom.ttf" str(I, 0, 0) 0.1, 0 }
    #local A = min_extent(Digits);
    #local B = max_extent(Digits);
    object {
      Digits
      translate -(A + B) / 2 scale <2.3, 2.3, 1>
      translate <7.0 * sin(radians(30 * I)), 7.0 * cos(radians(30 * I)), 1.18>
      Look(Matte(srgb <0.12, 0.12, 0.12>))
    }
  #end
  union {
    box { <-0.28, -1.2, 0.75>, <0.28, 4.8, 0.85> rotate -z * 305 }
    box { <-0.2, -1.5, 0.6>, <0.2, 7.2, 0.7> rotate -z * 54 }
    cylinder { <0, 0, 0.5>, <0, 0, 1.2>, 0.55 }
    Look(Matte(srgb <0.10, 0.10, 0.11>))
  }
  union {
    sphere { <-6, -9.2, 2.5>, 1.1 }
    sphere { <6, -9.2, 2.5>, 1.1 }
    Look(Metal(srgb <0.86, 0.68, 0.38>))
  }
}
Thing("clock", object { Clock rotate -y * 10 translate <5.5, Middle + 10.3, -5> })

// ---------------------------------------------------------------- bottles

// A tall glass bottle with a cork.
#macro WineBottle(Colour)
  union {
    difference {
      union {
        cylinder { <0, 0.6, 0>, <0, 14.8, 0>, 3.6 }
        cylinder { 0, <0, 0.7, 0>, 3.0 }
        torus { 3.0, 0.6 translate y * 0.6 }
        sphere { 0, 3.6 scale <1, 1.15, 1> translate y * 14.8 }
        cone { <0, 17.2, 0>, 2.2, <0, 21, 0>, 1.35 }
        cylinder { <0, 20.9, 0>, <0, 24, 0>, 1.35 }
        torus { 1.35, 0.28 translate y * 23.4 }
      }
      union {
        cylinder { <0, 1, 0>, <0, 14.8, 0>, 3.3 }
        sphere { 0, 3.3 scale <1, 1.15, 1> translate y * 14.8 }
        cone { <0, 17, 0>, 1.95, <0, 21, 0>, 1.05 }
        cylinder { <0, 20, 0>, <0, 25, 0>, 1.05 }
      }
      LookThrough(Glass(Colour))
    }
    cylinder { <0, 22, 0>, <0, 25.2, 0>, 1.04 Look(Matte(srgb <0.72, 0.55, 0.36>)) }
    difference {
      cylinder { <0, 4, 0>, <0, 11.5, 0>, 3.63 }
      cylinder { <0, 3, 0>, <0, 12, 0>, 3.615 }
      plane { -z, 0.6 }
      Look(texture {
        pigment {
          gradient y
          color_map {
            [0.00 srgb <0.92, 0.88, 0.77>] [0.12 srgb <0.92, 0.88, 0.77>] [0.12 srgb <0.60, 0.24, 0.18>] [0.2 srgb <0.60, 0.24, 0.18>]
            [0.20 srgb <0.92, 0.88, 0.77>] [0.85 srgb <0.92, 0.88, 0.77>] [0.85 srgb <0.60, 0.24, 0.18>] [0.89 srgb <0.60, 0.24, 0.18>]
            [0.89 srgb <0.92, 0.88, 0.77>]
          }
          scale 7.5 translate y * 4
        }
        finish { diffuse 0.8 }
      })
    }
  }
#end

Thing("bottle", object { WineBottle(rgb <0.30, 0.62, 0.33>) no_radiosity translate <21.5, Middle, -1> })
Thing("bottle", object { WineBottle(rgb <0.85, 0.48, 0.14>) no_radiosity scale <1, 0.84, 1> rotate -y * 12 translate <30.5, Middle, -4> })

// ---------------------------------------------------------------- vase and flowers

#declare Vase = lathe {
  cubic_spline 17,
  <-1.0, 0.0>, <0.0, 0.0>, <2.6, 0.05>, <3.1, 0.6>, <4.6, 3.5>, <5.9, 7.4>, <5.2, 11.4>, <3.1, 14.2>, <2.3, 16.2>,
  <2.75, 18.0>, <2.55, 18.15>, <2.0, 16.2>, <2.8, 14.0>, <4.8, 11.2>, <4.6, 5.0>, <0.0, 1.2>, <-2.0, 1.2>
  sturm
  Look(Gloss(pigment {
    gradient y
    pigment_map {
      [0.00 srgb <0.20, 0.33, 0.55>] [0.05 srgb <0.20, 0.33, 0.55>] [0.05 srgb <0.90, 0.90, 0.88>] [0.22 srgb <0.90, 0.90, 0.88>]
      [0.22 radial color_map { [0 srgb <0.20, 0.33, 0.55>] [0.5 srgb <0.20, 0.33, 0.55>] [0.5 srgb <0.90, 0.90, 0.88>] [1 srgb <0.90, 0.90, 0.88>] } frequency 14 ]
      [0.30 radial color_map { [0 srgb <0.20, 0.33, 0.55>] [0.5 srgb <0.20, 0.33, 0.55>] [0.5 srgb <0.90, 0.90, 0.88>] [1 srgb <0.90, 0.90, 0.88>] } frequency 14 ]
      [0.30 srgb <0.90, 0.90, 0.88>] [0.52 srgb <0.90, 0.90, 0.88>] [0.52 srgb <0.20, 0.33, 0.55>] [0.56 srgb <0.20, 0.33, 0.55>]
      [0.56 srgb <0.90, 0.90, 0.88>] [0.94 srgb <0.90, 0.90, 0.88>] [0.94 srgb <0.20, 0.33, 0.55>] [1.00 srgb <0.20, 0.33, 0.55>]
    }
    scale 18.4
  }, 0.28))
}
Thing("vase", object { Vase translate <-22, High, -1> })

#declare PetalStream = seed(11);
#macro Blossom(Colour, Radius)
  union {
    #for (Ring, 0, 2)
      #for (I, 0, 8)
        object {
          Leaf(Radius * (1 - 0.2 * Ring), Radius * 0.24, 35, 0.25)
          rotate -x * (14 + 26 * Ring + 6 * rand(PetalStream))
          rotate y * (I * 40 + Ring * 17 + 6 * rand(PetalStream))
          translate y * 0.1 * Ring
        }
      #end
    #end
    Look(texture { pigment { Colour } finish { diffuse albedo 0.65, 0.25 } })
  }
#end
#macro Flower(Foot, Head, Colour, Radius)
  union {
    sphere_sweep {
      b_spline 5,
      <0, -6, 0>, 0.2, <0, 0, 0>, 0.2, Foot + <0, 4, 0>, 0.2, Head - <Head.x * 0.15, 2, 0>, 0.18, Head + <0, 2, 0>, 0.18
      tolerance 0.001
      Look(LeafGreen(0.3))
    }
    #local Out = vnormalize(<Head.x, 6, -7>);
    union {
      object { Blossom(Colour, Radius) }
      sphere { 0, Radius * 0.27 scale <1, 0.7, 1> translate y * 0.35 Look(Matte(srgb <0.80, 0.58, 0.14>)) }
      rotate x * -55 rotate -z * Head.x * 3 rotate y * Head.x * -2
      translate Head
    }
    object { Leaf(6, 1.0, 60, 0.3) rotate -x * 50 rotate y * (Head.x > 0 ? 110 : 250) translate Foot + <0, 1, 0> Look(LeafGreen(0.4)) }
  }
#end
Stuff("flower", union {
  object { Flower(<-1, 0, 0>, <-6.5, 8.0, -1>, srgb <0.90, 0.50, 0.46>, 3.3) }
  object { Flower(<0.5, 0, 0>, <0.4, 11.0, 0>, srgb <0.94, 0.86, 0.62>, 3.5) }
  object { Flower(<1, 0, 0>, <6.8, 7.2, -1.5>, srgb <0.82, 0.38, 0.42>, 3.1) }
  translate <-22, High + 17, -1>
  no_radiosity
})

// ---------------------------------------------------------------- potted plant

Thing("potted plant", object { PottedPlant(23, 34, 7.2, 15) translate <-20, Low, -1> })

// ---------------------------------------------------------------- low board

Lying(17, Low, 3, 3.6, 27, 18, srgb <0.75, 0.55, 0.22>, srgb <0.22, 0.17, 0.13>, "MAPS")
Lying(17.5, Low + 3.6, -2, 2.8, 24, 17, srgb <0.24, 0.38, 0.44>, Cream, "BRUSH & LINE")
Thing("bowl", union {
  difference {
    sphere { <0, 8.4, 0>, 8.2 }
    sphere { <0, 8.4, 0>, 7.8 Look(Glaze(srgb <0.90, 0.86, 0.78>)) }
    plane { -y, -5.6 }
    Look(Glaze(srgb <0.36, 0.52, 0.50>))
  }
  torus { 7.5, 0.22 translate y * 5.6 Look(Glaze(srgb <0.90, 0.86, 0.78>)) }
  cylinder { 0, <0, 1, 0>, 3.2 Look(Glaze(srgb <0.36, 0.52, 0.50>)) }
  translate <17, Low + 6.4, -1>
})
