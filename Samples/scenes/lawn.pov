// Four balls and a bench on a lawn; a fence, trees, a kite in the sky.

#version 3.7;
#declare SegmentSeed = 4404;
#include "common.inc"

camera {
  location <0, 66, -290>
  right x * image_width / image_height
  look_at <0, 58, 0>
  angle 46
}

// ---------------------------------------------------------------- light and sky

light_source {
  <-4800, 4700, -5000>, rgb <1.0, 0.93, 0.80> * 2.0
  area_light x * 260, y * 260, 4, 4 adaptive 1
}
light_source { <2000, 6000, -4000>, rgb <0.55, 0.70, 1.0> * 0.22 shadowless }
light_source { <-3000, 1500, -5000>, rgb <0.7, 0.8, 1.0> * 0.16 shadowless }
light_source { <0, -4000, -1500>, rgb <0.55, 0.75, 0.35> * 0.10 shadowless }

Stuff("sky-other-merged", sphere {
  0, 100000
  hollow no_shadow
  Look(texture {
    pigment {
      gradient y
      color_map { [0.50 rgb <0.62, 0.78, 0.93>] [0.56 rgb <0.42, 0.64, 0.92>] [0.75 rgb <0.14, 0.34, 0.76>] }
      scale 200000 translate -y * 100000
    }
    finish { ambient 0 diffuse 0 emission 0.85 }
  })
  #if (!Truth)
    texture {
      pigment {
        bozo turbulence 0.55 octaves 8 omega 0.52 lambda 2.1
        color_map {
          [0.00 rgbt <1, 1, 1, 1>] [0.50 rgbt <1, 1, 1, 1>] [0.62 rgbt <0.97, 0.98, 1.0, 0.45>] [0.78 rgbt <0.98, 0.98, 0.99, 0.08>] [1.00 rgbt <0.86, 0.89, 0.94, 0.05>]
        }
        scale <42000, 9000, 42000> translate <9000, 1500, 0>
      }
      finish { ambient 0 diffuse 0 emission 0.92 }
    }
  #end
})

// ---------------------------------------------------------------- grass

#declare GrassStream = seed(97);

// One blade: a bent strip that narrows to its tip, from the origin upward.
#macro Blade(X, Z, Height, Width, Turn, Bend)
  #local D = <cos(Turn), 0, sin(Turn)>;
  #local S = <-sin(Turn), 0, cos(Turn)> * Width / 2;
  #local A = <X, -0.5, Z>;
  #local B = A + y * Height * 0.55 + D * Bend * 0.3;
  #local C = A + y * Height + D * Bend;
  triangle { A - S, A + S, B - S * 0.8 }
  triangle { A + S, B + S * 0.8, B - S * 0.8 }
  triangle { B - S * 0.8, B + S * 0.8, C }
#end

#declare PatchSize = 60;
#declare Greens = array[4] { srgb <0.36, 0.52, 0.15>, srgb <0.43, 0.58, 0.19>, srgb <0.51, 0.63, 0.24>, srgb <0.31, 0.46, 0.14> };
#declare Patch = union {
  #for (G, 0, 3)
    mesh {
      #for (I, 1, 900)
        Blade(
          PatchSize * (rand(GrassStream) - 0.5), PatchSize * (rand(GrassStream) - 0.5),
          3.0 + 3.6 * pow(rand(GrassStream), 1.6), 0.34 + 0.22 * rand(GrassStream),
          2 * pi * rand(GrassStream), 0.5 + 2.8 * rand(GrassStream)
        )
      #end
      Look(texture {
        pigment { gradient y color_map { [0 Greens[G] * 0.42] [0.5 Greens[G]] [1 Greens[G] * 1.15] } scale 7 translate -y * 0.5 }
        finish { diffuse albedo 0.62, 0.32 specular 0.08 roughness 0.05 }
      })
    }
  #end
}

#declare Lawn = union {
  plane {
    y, -0.4
    Look(texture {
      pigment {
        average
        pigment_map {
          [1 bozo color_map { [0 srgb <0.27, 0.42, 0.13>] [1 srgb <0.42, 0.55, 0.20>] } scale <180, 1, 60> ]
          [1 granite color_map { [0 srgb <0.20, 0.33, 0.10>] [1 srgb <0.45, 0.58, 0.22>] } scale 14 ]
        }
      }
      finish { diffuse 0.7 }
    })
  }
  #for (J, -3, 18)
    #local Half = 3 + ceil(J * 0.47 + 1.6);
    #for (I, -Half, Half)
      object {
        Patch
        rotate y * floor(rand(GrassStream) * 4) * 90
        scale <1, 0.92 + 0.3 * rand(GrassStream), 1>
        translate <I * PatchSize, 0, J * PatchSize>
      }
    #end
  #end
}
Stuff("grass-merged", Lawn)

// ---------------------------------------------------------------- balls

// Panels bulging from a dark sphere of radius 1, one for each direction N[I]: where N[I] . p / H[I] is
// the greatest, less a seam.
#macro Panels(N, H, Count, First, Last, Seam)
  #for (I, First, Last)
    intersection {
      sphere { N[I] * 0.16, 0.855 }
      #for (J, 0, Count - 1)
        #if (J != I & vdot(N[I], N[J]) > 0.55)
          #local Edge = N[J] / H[J] - N[I] / H[I];
          plane { vnormalize(Edge), -Seam }
        #end
      #end
    }
  #end
#end

// The faces of a truncated icosahedron: twelve pentagons, then twenty hexagons.
#declare Phi = (1 + sqrt(5)) / 2;
#declare Faces = array[32];
#declare Heights = array[32];
#declare K = 0;
#for (A, -1, 1, 2) #for (B, -1, 1, 2)
  #declare Faces[K] = vnormalize(<0, A, B * Phi>);
  #declare Faces[K + 1] = vnormalize(<A, B * Phi, 0>);
  #declare Faces[K + 2] = vnormalize(<B * Phi, 0, A>);
  #declare K = K + 3;
#end #end
#for (A, 0, 9) #for (B, A + 1, 10) #for (C, B + 1, 11)
  #if (vdot(Faces[A], Faces[B]) > 0.4 & vdot(Faces[B], Faces[C]) > 0.4 & vdot(Faces[A], Faces[C]) > 0.4)
    #declare Faces[K] = vnormalize(Faces[A] + Faces[B] + Faces[C]);
    #declare K = K + 1;
  #end
#end #end #end
#for (I, 0, 31)
  #declare Heights[I] = (I < 12 ? 0.9393 : 0.9149);
#end

#declare FootBall = union {
  sphere { 0, 0.972 Look(Matte(srgb <0.16, 0.16, 0.17>)) }
  union { Panels(Faces, Heights, 32, 0, 11, 0.008) Look(Satin(srgb <0.07, 0.07, 0.08>)) }
  union { Panels(Faces, Heights, 32, 12, 31, 0.008) Look(Satin(srgb <0.93, 0.93, 0.91>)) }
}

#declare BasketBall = union {
  difference {
    sphere { 0, 1 }
    union {
      torus { 1, 0.022 }
      torus { 1, 0.022 rotate x * 90 }
      #for (I, -1, 1, 2)
        torus { 0.76, 0.022 rotate z * 90 translate x * I * 0.65 }
      #end
    }
    Look(texture {
      pigment { bozo color_map { [0 srgb <0.80, 0.38, 0.13>] [1 srgb <0.86, 0.44, 0.17>] } scale 0.4 }
      normal { bumps 0.25 scale 0.025 }
      finish { diffuse 0.72 specular 0.15 roughness 0.04 }
    })
  }
  sphere { 0, 0.985 Look(Matte(srgb <0.08, 0.07, 0.07>)) }
}

#declare BeachBall = sphere {
  0, 1
  Look(Gloss(pigment {
    radial frequency 1
    color_map {
      [0.0000 srgb <0.94, 0.93, 0.90>] [0.1667 srgb <0.94, 0.93, 0.90>] [0.1667 srgb <0.84, 0.22, 0.18>] [0.3333 srgb <0.84, 0.22, 0.18>]
      [0.3333 srgb <0.94, 0.93, 0.90>] [0.5000 srgb <0.94, 0.93, 0.90>] [0.5000 srgb <0.16, 0.42, 0.70>] [0.6667 srgb <0.16, 0.42, 0.70>]
      [0.6667 srgb <0.94, 0.93, 0.90>] [0.8333 srgb <0.94, 0.93, 0.90>] [0.8333 srgb <0.95, 0.76, 0.22>] [1.0000 srgb <0.95, 0.76, 0.22>]
    }
  }, 0.2))
}
#declare BeachBall = union {
  object { BeachBall }
  sphere { <0, 1, 0>, 0.16 scale <1, 0.2, 1> translate y * 0.81 Look(Satin(srgb <0.94, 0.93, 0.90>)) }
}

#declare TennisBall = sphere {
  0, 1
  Look(texture {
    pigment {
      // The seam: where a saddle over the equator crosses the height.
      function { abs(y * 1.1 - 1.35 * (x * x - z * z)) / (0.6 + abs(y)) }
      color_map { [0 srgb <0.93, 0.94, 0.88>] [0.05 srgb <0.93, 0.94, 0.88>] [0.08 srgb <0.76, 0.85, 0.20>] [1 srgb <0.76, 0.85, 0.20>] }
    }
    normal { granite 0.5 scale 0.15 }
    finish { diffuse 0.8 }
  })
}

Thing("sports ball", object { FootBall scale 11.5 rotate <25, 40, 10> translate <-38, 12.3, -40> })
Thing("sports ball", object { BasketBall scale 12.5 rotate <22, 35, 18> translate <-4, 13.3, 28> })
Thing("sports ball", object { BeachBall scale 17 rotate y * 75 rotate <-48, 0, -30> translate <-88, 17.8, 62> })
Thing("sports ball", object { TennisBall scale 4.2 rotate <40, 25, 0> translate <19, 6.2, -86> })

// ---------------------------------------------------------------- bench

#declare BenchWood = Wood(srgb <0.70, 0.47, 0.28>, srgb <0.60, 0.38, 0.21>, srgb <0.44, 0.26, 0.14>, 0.05)
#declare Iron = Satin(srgb <0.10, 0.13, 0.12>)
#declare Bench = union {
  #for (I, 0, 4)
    object { Rounded(<-75, 43, -24 + I * 9.2>, <75, 46, -16.4 + I * 9.2>, 0.6) Look(BenchWood) translate <0, -0.4 * (I < 4 ? I : 3), 0> }
  #end
  #for (I, 0, 3)
    object {
      Rounded(<-75, 52 + I * 9.4, -1.3>, <75, 59.6 + I * 9.4, 1.3>, 0.6)
      Look(BenchWood)
      translate -y * 44 rotate x * 12 translate <0, 44, 22>
    }
  #end
  #for (I, -1, 1, 2)
    union {
      // Front leg, back leg into the back rest, seat rail, arm rest.
      cylinder { <0, 0, -22>, <0, 62, -20>, 2.1 }
      cylinder { <0, 0, 27>, <0, 44, 24>, 2.1 }
      cylinder { <0, 44, 24>, <0, 90, 34>, 2.1 }
      cylinder { <0, 41, -22>, <0, 40, 25>, 2.0 }
      cylinder { <0, 62, -22>, <0, 66, 27>, 2.0 }
      sphere { <0, 62, -22>, 2.6 }
      sphere { <0, 90, 34>, 2.6 }
      cylinder { <0, 14, -22>, <0, 14, 26.5>, 1.3 }
      scale <1.5, 1, 1>
      translate x * I * 66
      Look(Iron)
    }
  #end
}
Thing("bench", object { Bench rotate y * 24 translate <92, 0, 150> })

// ---------------------------------------------------------------- fence

#declare FenceStream = seed(13);
#declare FencePaint = texture {
  pigment { bozo color_map { [0 srgb <0.90, 0.89, 0.85>] [1 srgb <0.82, 0.81, 0.76>] } scale <2, 14, 2> }
  finish { diffuse 0.8 }
}
Stuff("fence-merged", union {
  #for (I, -62, 62)
    #local H = 102 + 3 * rand(FenceStream);
    union {
      box { <-4.3, 4, -1>, <4.3, H - 6, 1> }
      intersection {
        box { <-4.3, -4.3, -1>, <4.3, 4.3, 1> rotate z * 45 scale <0.707, 1, 1> }
        plane { -y, 0 }
        translate y * (H - 6)
      }
      rotate z * (rand(FenceStream) - 0.5) * 1.6
      translate <I * 12.6, 0, 0>
    }
  #end
  box { <-800, 28, 1>, <800, 37, 4> }
  box { <-800, 74, 1>, <800, 83, 4> }
  #for (I, -5, 5)
    box { <-6, 0, 1>, <6, 96, 12> translate x * I * 151 }
  #end
  Look(FencePaint)
  translate z * 760
})

// ---------------------------------------------------------------- trees

#declare TreeStream = seed(61);

// A tuft of leaves filling the unit ball, denser outward.
#declare Tuft = mesh {
  #for (I, 1, 1300)
    #local P = vnormalize(<rand(TreeStream), rand(TreeStream), rand(TreeStream)> - 0.5) * pow(rand(TreeStream), 0.45);
    #local U = vnormalize(<rand(TreeStream), rand(TreeStream), rand(TreeStream)> - 0.5) * (0.06 + 0.04 * rand(TreeStream));
    #local V = vnormalize(<rand(TreeStream), rand(TreeStream), rand(TreeStream)> - 0.5) * 0.05;
    triangle { P - U, P + V, P + U }
    triangle { P - U, P - V, P + U }
  #end
}
#macro Tree(Height, Spread, Hue)
  union {
    union {
      cone { <0, -5, 0>, Height * 0.045, <0, Height * 0.55, 0>, Height * 0.02 }
      #for (I, 0, 4)
        cone { <0, Height * (0.28 + 0.04 * I), 0>, Height * 0.016, <0, Height * 0.35, 0> + vrotate(<Spread * 0.55, Height * (0.2 + 0.05 * I), 0>, y * I * 140), Height * 0.006 }
      #end
      Look(texture { pigment { granite color_map { [0 srgb <0.24, 0.18, 0.13>] [1 srgb <0.42, 0.34, 0.26>] } scale <8, 60, 8> } finish { diffuse 0.7 } })
    }
    union {
      #for (I, 0, 25)
        #local T = pow(rand(TreeStream), 0.8);
        #local Wide = Spread * sin(pi * (0.18 + 0.76 * T));
        object {
          Tuft
          rotate 360 * <rand(TreeStream), rand(TreeStream), rand(TreeStream)>
          scale Spread * (0.34 + 0.16 * rand(TreeStream)) * <1, 0.8, 1>
          translate vrotate(<Wide * sqrt(rand(TreeStream)) * 0.85, Height * (0.34 + 0.56 * T), 0>, y * 360 * rand(TreeStream))
        }
      #end
      Look(texture {
        pigment { srgb <0.24 + 0.16 * Hue, 0.40 + 0.08 * Hue, 0.13> }
        finish { diffuse albedo 0.65, 0.3 }
      })
    }
  }
#end
Stuff("tree-merged", union {
  object { Tree(560, 210, 0.3) translate <-720, 0, 1250> }
  object { Tree(440, 190, 0.9) translate <-390, 0, 1420> }
  object { Tree(310, 160, 0.1) translate <-90, 0, 1560> }
  object { Tree(380, 180, 0.6) translate <200, 0, 1500> }
  object { Tree(470, 200, 0.2) translate <500, 0, 1380> }
  object { Tree(600, 230, 0.8) translate <840, 0, 1300> }
  // A hedge that closes the horizon.
  #for (I, -22, 22)
    object {
      Tuft
      rotate 360 * <rand(TreeStream), rand(TreeStream), rand(TreeStream)>
      scale <110, 95 + 45 * rand(TreeStream), 90>
      translate <I * 75, 55, 1750>
      Look(texture {
        pigment { srgb <0.22, 0.36 + 0.08 * rand(TreeStream), 0.15> }
        finish { diffuse albedo 0.65, 0.3 }
      })
    }
  #end
})

// ---------------------------------------------------------------- kite

#declare KiteSail = union {
  #declare Corners = array[4] { <0, 60, 0>, <38, 18, 0>, <0, -60, 0>, <-38, 18, 0> };
  #declare Cloths = array[4] { srgb <0.90, 0.30, 0.20>, srgb <0.96, 0.78, 0.24>, srgb <0.90, 0.30, 0.20>, srgb <0.96, 0.78, 0.24> };
  #for (I, 0, 3)
    triangle {
      <0, 18, -7>, Corners[I], Corners[mod(I + 1, 4)]
      Look(texture { pigment { Cloths[I] } finish { diffuse albedo 0.7, 0.4 emission 0.1 } })
    }
  #end
}
Thing("kite", union {
  object { KiteSail }
  sphere_sweep {
    cubic_spline 8,
    <0, -40, 0>, 0.9, <0, -60, 0>, 0.9, <14, -85, 0>, 0.9, <2, -110, 0>, 0.9, <-12, -135, 0>, 0.9, <4, -160, 0>, 0.9,
    <18, -182, 0>, 0.9, <20, -200, 0>, 0.9
    tolerance 0.01
    Look(Matte(srgb <0.90, 0.86, 0.80>))
  }
  #declare Bows = array[3] { <13, -88, 0>, <-10, -130, 0>, <10, -170, 0> };
  #for (I, 0, 2)
    union {
      cone { 0, 0.5, <10, 3, 0>, 5 }
      cone { 0, 0.5, <-10, -3, 0>, 5 }
      scale <1, 1, 0.3>
      rotate z * (I * 50 - 40)
      translate Bows[I]
      Look(texture { pigment { Cloths[I] } finish { diffuse 0.7 emission 0.1 } })
    }
  #end
  rotate -z * 24
  scale 0.8
  translate <-95, 335, 1050>
})
