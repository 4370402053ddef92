// A laptop, a phone, a mouse, a cup and books on a desk; a chair, a plant and a wall behind.

#version 3.7;
#declare SegmentSeed = 3303;
#declare IndirectLight = 1;
#include "common.inc"

camera {
  location <6, 47, -88>
  right x * image_width / image_height
  look_at <1.5, 3.5, 8>
  angle 53
}

background { rgb <0.24, 0.25, 0.27> }
SoftBox(<-150, 110, 0>, <0, 0, 0>, 60, 60, rgb <1.0, 0.95, 0.88> * 1.5, 9, 2)
WindowPanel(<-150, 95, -10>, <0, 5, 0>, 90, 110, rgb <1.0, 0.97, 0.93> * 2.0)
WindowPanel(<110, 90, -120>, <0, 5, 0>, 40, 70, rgb <0.9, 0.95, 1.0> * 0.6)

// ---------------------------------------------------------------- room

#declare Floor = -73;

#declare BoardStream = seed(5);
Stuff("floor-wood", union {
  #for (I, -14, 14)
    #local Shade = 0.8 + 0.25 * rand(BoardStream);
    #local Grain = Wood(srgb <0.74, 0.58, 0.42> * Shade, srgb <0.64, 0.47, 0.32> * Shade, srgb <0.52, 0.36, 0.23> * Shade, 0.15)
    object {
      Rounded(<-150, -2, 0.05>, <500, 0, 13.95>, 0.15)
      Look(texture { Grain translate <rand(BoardStream) * 300, rand(BoardStream) * 3, 0> })
      rotate y * 90
      translate <I * 14, Floor, 160>
    }
  #end
})

Stuff("wall-other-merged", union {
  plane { -z, -172 Look(Plaster(srgb <0.80, 0.79, 0.75>)) }
  box { <-400, Floor, 170.5>, <400, Floor + 9, 173> Look(Satin(srgb <0.92, 0.91, 0.88>)) }
})

// A framed print has no category of its own and stays void.
Unlabelled(union {
  difference {
    box { <-21, -28, -1.5>, <21, 28, 1> }
    box { <-19, -26, -2>, <19, 26, 0> }
    Look(Walnut(0.1))
  }
  box { <-19, -26, -0.2>, <19, 26, 0.5> Look(Matte(srgb <0.95, 0.94, 0.90>)) }
  union {
    intersection { cylinder { <0, 0, -0.3>, <0, 0, 0>, 9.5 } box { <-20, -8, -1>, <20, 20, 1> } Look(Matte(srgb <0.86, 0.48, 0.27>)) }
    box { <-13, -12, -0.32>, <13, -8, 0> Look(Matte(srgb <0.19, 0.36, 0.42>)) }
    box { <-13, -17, -0.32>, <13, -13, 0> Look(Matte(srgb <0.38, 0.56, 0.56>)) }
    translate y * 3
  }
  translate <60, 15, 170>
})

// ---------------------------------------------------------------- desk

Stuff("table-merged", union {
  object { Rounded(<-68, -3, -34>, <68, 0, 32>, 0.5) Look(Oak(0.16)) }
  #for (I, -1, 1, 2) #for (J, 0, 1)
    cone { <I * 62, -3, -28 + 54 * J>, 2.6, <I * 65, Floor, -30 + 58 * J>, 1.6 Look(Oak(0.1)) }
  #end #end
})

// ---------------------------------------------------------------- chair

#declare Chair = union {
  #for (I, -1, 1, 2)
    // Back posts, front legs and side rails.
    cone { <I * 18, 0, 20>, 1.7, <I * 20, Floor + 28, 22>, 1.9 }
    cone { <I * 20, Floor + 28, 22>, 1.9, <I * 21, Floor, 25>, 1.4 }
    cone { <I * 20, Floor + 45, -20>, 1.9, <I * 21, Floor, -22>, 1.4 }
    cylinder { <I * 20.5, Floor + 24, -20>, <I * 20.5, Floor + 24, 23>, 0.9 }
    cone { <I * 18, 0, 20>, 1.7, <I * 17, 14, 19.6>, 1.3 }
  #end
  #for (I, -3, 3)
    cylinder { <I * 4.4, Floor + 46, 20.5>, <I * 4.1, 11, sqrt(39 * 39 - I * I * 17) - 15.5>, 0.75 }
  #end
  // The curved top rail.
  intersection {
    difference {
      cylinder { <0, 8, 0>, <0, 17, 0>, 40 }
      cylinder { <0, 7, 0>, <0, 18, 0>, 38 }
    }
    box { <-20.5, 0, 20>, <20.5, 30, 41> }
    translate -z * 15.5
  }
  Look(Satin(srgb <0.16, 0.29, 0.33>))
}
#declare Seat = object {
  Rounded(<-22, Floor + 43, -23>, <22, Floor + 47, 23>, 1.8)
  Look(Satin(srgb <0.16, 0.29, 0.33>))
}
Thing("chair", union {
  object { Chair }
  object { Seat }
  rotate -y * 14
  translate <-32, 0, 72>
})

Thing("potted plant", object { PottedPlant(31, 40, 15, 36) translate <42, Floor, 125> })

// ---------------------------------------------------------------- laptop

#declare Shell = Metal(srgb <0.66, 0.67, 0.69>);
#macro Lit(Colour)
  texture { pigment { Colour } finish { diffuse 0.1 emission 0.75 specular 0.1 roughness 0.01 } }
#end

#declare CodeStream = seed(41);
#declare Inks = array[5] { srgb <0.86, 0.50, 0.42>, srgb <0.55, 0.76, 0.85>, srgb <0.90, 0.78, 0.48>, srgb <0.80, 0.82, 0.86>, srgb <0.58, 0.78, 0.55> };

// The screen's face, 30 by 18.6, in the plane z = 0, its lower edge on y = 0.
#declare Screen = union {
  box { <-15, 0, -0.02>, <15, 18.6, 0.05> Look(Lit(srgb <0.13, 0.15, 0.20>)) }
  box { <-15, 17.6, -0.03>, <15, 18.6, 0> Look(Lit(srgb <0.24, 0.27, 0.34>)) }
  box { <-15, 0, -0.03>, <-9.6, 17.6, 0> Look(Lit(srgb <0.17, 0.20, 0.27>)) }
  #for (I, 0, 2)
    cylinder { <-14.3 + 0.7 * I, 18.1, -0.04>, <-14.3 + 0.7 * I, 18.1, 0>, 0.22 Look(Lit(Inks[mod(I * 2, 5)])) }
  #end
  #for (I, 0, 8)
    box { <-14.3, 16.2 - I * 1.1, -0.04>, <-13.6 + 2.6 * rand(CodeStream), 16.55 - I * 1.1, 0> Look(Lit(srgb <0.42, 0.47, 0.56>)) }
  #end
  #for (I, 0, 16)
    #local X = -8.8 + 1.1 * floor(rand(CodeStream) * 3.4);
    #for (J, 0, floor(rand(CodeStream) * 3.2))
      #local Wide = 1 + 2.6 * rand(CodeStream);
      box { <X, 16.5 - I * 0.95, -0.04>, <X + Wide, 16.82 - I * 0.95, 0> Look(Lit(Inks[floor(rand(CodeStream) * 4.99)])) }
      #local X = X + Wide + 0.4;
    #end
  #end
  // A picture in a panel: sun, hills, field.
  union {
    box { <0, 0, -0.05>, <8.6, 6.6, 0> Look(Lit(srgb <0.60, 0.78, 0.88>)) }
    cylinder { <6.4, 5.0, -0.06>, <6.4, 5.0, 0>, 0.8 Look(Lit(srgb <0.98, 0.88, 0.55>)) }
    intersection { cylinder { <2.4, -1.2, -0.07>, <2.4, -1.2, 0>, 4.6 } box { <0, 0, -1>, <8.6, 6.6, 1> } Look(Lit(srgb <0.42, 0.58, 0.52>)) }
    intersection { cylinder { <7.0, -2.6, -0.08>, <7.0, -2.6, 0>, 4.9 } box { <0, 0, -1>, <8.6, 6.6, 1> } Look(Lit(srgb <0.30, 0.48, 0.36>)) }
    translate <5.6, 9.6, 0>
  }
}

#declare Laptop = union {
  difference {
    object { Rounded(<-16, 0.25, -22>, <16, 1.55, 0>, 0.5) }
    box { <-14, 1.42, -12.4>, <14, 2, -1.8> }
    box { <-4.6, 1.5, -20.6>, <4.6, 2, -13.8> }
    Look(Shell)
  }
  box { <-14, 1.2, -12.4>, <14, 1.43, -1.8> Look(Matte(srgb <0.10, 0.10, 0.11>)) }
  box { <-4.55, 1.3, -20.55>, <4.55, 1.51, -13.85> Look(Satin(srgb <0.52, 0.53, 0.55>)) }
  #for (Row, 0, 4)
    #for (Key, 0, 12)
      #if (Row > 0 | (Key < 4 | Key > 8))
        box { <-13.7 + Key * 2.12, 1.4, -12.1 + Row * 2.06>, <-11.9 + Key * 2.12, 1.62, -10.3 + Row * 2.06> Look(Satin(srgb <0.17, 0.17, 0.18>)) }
      #end
    #end
  #end
  box { <-13.7 + 4 * 2.12, 1.4, -12.1>, <-11.9 + 8 * 2.12, 1.62, -10.3> Look(Satin(srgb <0.17, 0.17, 0.18>)) }
  union {
    object { Rounded(<-16, 0, 0>, <16, 21.2, 0.7>, 0.3) Look(Shell) }
    box { <-15.7, 0.6, -0.02>, <15.7, 20.9, 0.1> Look(Satin(srgb <0.06, 0.06, 0.07>)) }
    object { Screen translate <0, 1.5, -0.03> }
    rotate x * 20
    translate <0, 1.2, -0.2>
  }
  cylinder { <-12, 1.1, 0>, <12, 1.1, 0>, 0.7 Look(Matte(srgb <0.15, 0.15, 0.16>)) }
}
Thing("laptop", object { Laptop rotate -y * 10 translate <3, 0, 9> })

// ---------------------------------------------------------------- around it

Thing("mouse", union {
  difference {
    sphere { <0, 0, 0>, 1 scale <3.1, 3.4, 5.6> }
    plane { y, 0.15 }
    box { <-0.07, 2.9, -6>, <0.07, 5, -0.6> }
    Look(Satin(srgb <0.90, 0.90, 0.89>))
  }
  cylinder { <-0.28, 2.75, -2.6>, <0.28, 2.75, -2.6>, 0.6 Look(Matte(srgb <0.22, 0.22, 0.24>)) }
  rotate -y * 14
  translate <27, 0, -5>
})

#declare Phone = union {
  object { Rounded(<-3.7, 0, -7.6>, <3.7, 0.8, 7.6>, 0.35) Look(Metal(srgb <0.20, 0.21, 0.24>)) }
  box { <-3.45, 0.5, -7.35>, <3.45, 0.815, 7.35> Look(Gloss(pigment { srgb <0.03, 0.03, 0.04> }, 0.5)) }
  box { <-3.2, 0.5, -6.9>, <3.2, 0.82, 6.9> Look(Lit(pigment { gradient z color_map { [0 srgb <0.16, 0.22, 0.40>] [1 srgb <0.62, 0.36, 0.48>] } scale 14 translate -z * 7 })) }
  #for (I, 0, 3) #for (J, 0, 3)
    box {
      <-2.75 + 1.5 * I, 0.6, 3.4 - 1.8 * J>, <-1.75 + 1.5 * I, 0.83, 4.4 - 1.8 * J>
      Look(Lit(Inks[mod(I * 3 + J * 2 + 1, 5)]))
    }
  #end #end
  #for (I, 0, 3)
    box { <-2.75 + 1.5 * I, 0.6, -6.2>, <-1.75 + 1.5 * I, 0.83, -5.2> Look(Lit(Inks[mod(I + 1, 5)])) }
  #end
}
Thing("cell phone", object { Phone rotate y * 24 translate <33, 0, -19> })

Thing("cup", object {
  Mug(4.0, 4.1, 9.4, Dipped(srgb <0.88, 0.48, 0.26>, srgb <0.92, 0.88, 0.80>, 2.2), Glaze(srgb <0.93, 0.90, 0.85>), Coffee())
  rotate y * 200 translate <-22.5, 0, 2>
})

#macro Lying(X, Y, Z, Turn, Thick, H, D, Cover, Band, Title)
  Thing("book", object {
    Book(Thick, H, D, Cover, Band, Title)
    rotate z * 90 translate x * H / 2 translate -z * D / 2
    rotate y * Turn
    translate <X, Y, Z>
  })
#end
Lying(-41.5, 0, 13, -14, 3.4, 25, 18, srgb <0.20, 0.34, 0.42>, srgb <0.92, 0.86, 0.72>, "LIGHT")
Lying(-41, 3.4, 13.5, -22, 2.7, 22.5, 16, srgb <0.72, 0.24, 0.18>, srgb <0.93, 0.88, 0.76>, "A FIELD GUIDE")
Lying(-42, 6.1, 13, -9, 2.2, 20, 14, srgb <0.86, 0.70, 0.36>, srgb <0.30, 0.22, 0.16>, "CRAYONS")

Stuff("paper-merged", union {
  box { <-10.5, 0, -14.8>, <10.5, 0.05, 14.8> Look(Matte(srgb <0.96, 0.95, 0.92>)) rotate y * 9 }
  box {
    <-10.5, 0.05, -14.8>, <10.5, 0.10, 14.8>
    Look(texture {
      pigment { gradient z color_map { [0 srgb <0.97, 0.96, 0.93>] [0.86 srgb <0.97, 0.96, 0.93>] [0.86 srgb <0.78, 0.83, 0.88>] [1 srgb <0.78, 0.83, 0.88>] } scale 1.7 }
      finish { diffuse 0.8 }
    })
    rotate -y * 5
  }
  translate <-30, 0, -17>
})

// A pencil: void, like the print.
Unlabelled(union {
  cylinder { <-7, 0, 0>, <5.5, 0, 0>, 0.42 Look(Satin(srgb <0.90, 0.66, 0.16>)) }
  cone { <5.5, 0, 0>, 0.42, <7.1, 0, 0>, 0.1 Look(Matte(srgb <0.84, 0.68, 0.48>)) }
  cone { <7.0, 0, 0>, 0.12, <7.5, 0, 0>, 0.02 Look(Matte(srgb <0.15, 0.15, 0.16>)) }
  cylinder { <-8.2, 0, 0>, <-7, 0, 0>, 0.44 Look(Metal(srgb <0.75, 0.75, 0.72>)) }
  cylinder { <-9.1, 0, 0>, <-8.2, 0, 0>, 0.40 Look(Matte(srgb <0.82, 0.45, 0.44>)) }
  rotate -y * 38
  translate <-28, 0.55, -18>
})
