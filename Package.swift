// swift-tools-version: 6.1
import PackageDescription

// The folders under Sources are the architecture: Engine knows nothing of pictures, Core holds every
// value that passes between two stages, no stage's target lists another stage, and Product joins them.

let explicitTypes: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
]

/// What a file uses it imports, so that the imports of a file are what it stands on.
let strict = explicitTypes + [.enableUpcomingFeature("MemberImportVisibility")]

func engine(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(
    name: name, dependencies: dependencies, path: "Sources/Engine/\(name)", swiftSettings: strict)
}

/// Plain C: kernels, and the two bridges to libraries whose interfaces Swift cannot call
/// (libpng reports errors by `longjmp`, libvips takes variadic arguments).
func c(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, path: "Sources/Engine/\(name)")
}

func core(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .target(
    name: name, dependencies: dependencies, path: "Sources/Core/\(name)", swiftSettings: strict)
}

/// - Parameter folder: nil where it is the number and the name
func stage(_ number: Int, _ name: String, folder: String? = nil, _ dependencies: [Target.Dependency]) -> Target
{
  .target(
    name: name, dependencies: ["CrayonCore"] + dependencies,
    path: "Sources/Stages/\(folder ?? "\(number)-\(name)")", swiftSettings: strict)
}

func product(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .target(
    name: name, dependencies: dependencies, path: "Sources/Product/\(name)", swiftSettings: strict)
}

func system(_ name: String, pkgConfig: String, debian: String) -> Target {
  .systemLibrary(
    name: name, path: "Sources/Engine/SystemLibraries/\(name)", pkgConfig: pkgConfig,
    providers: [.apt([debian])])
}

func tests(_ path: String, named name: String, _ dependencies: [Target.Dependency]) -> Target {
  .testTarget(
    name: name, dependencies: ["TestSupport"] + dependencies, path: "Tests/\(path)",
    swiftSettings: explicitTypes)
}

let package = Package(
  name: "crayon",
  products: [
    .executable(name: "crayon", targets: ["crayon"]),
    .library(
      name: "Crayon",
      targets: [
        "CrayonCore", "Vocabulary", "Drawing", "Imaging", "Panoptic", "CrayonPrompting", "Vision", "Fusion",
        "Language", "Grounding", "Pipeline", "Inspection", "Annotation", "Tensors", "Layers", "Checkpoints",
        "Tokenizers", "Resampling", "PNGFiles", "AtomicFiles",
      ]),
    .library(name: "CrayonTerminal", targets: ["Terminal"]),
    .library(name: "CrayonTestSupport", targets: ["TestSupport", "HubTestSupport"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    .package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0"),
  ],
  targets: [
    system("OpenBLASLibrary", pkgConfig: "openblas", debian: "libopenblas-dev"),
    system("PNGLibrary", pkgConfig: "libpng", debian: "libpng-dev"),
    system("EditLineLibrary", pkgConfig: "libedit", debian: "libedit-dev"),
    system("VipsLibrary", pkgConfig: "vips", debian: "libvips-dev"),

    c("CKernels"),
    c("COneDNN"),
    c("CPNG", ["PNGLibrary"]),
    c("CVips", ["VipsLibrary"]),
    engine("Tensors", ["CKernels", "COneDNN", "OpenBLASLibrary"]),
    engine("AtomicFiles", [.product(name: "Crypto", package: "swift-crypto")]),
    engine(
      "Checkpoints",
      ["Tensors", "CKernels", "AtomicFiles", .product(name: "Crypto", package: "swift-crypto")]),
    engine("Layers", ["Tensors", "Checkpoints", "CKernels"]),
    engine("PNGFiles", ["CPNG"]),
    engine("Resampling", ["Tensors", "CKernels"]),
    engine("Tokenizers", ["Checkpoints"]),

    core("CrayonCore", ["Tensors", "Checkpoints", "PNGFiles", "Resampling", "AtomicFiles"]),
    core("Vocabulary", ["CrayonCore"]),
    core("Drawing", ["CrayonCore", "CVips", "Tensors"]),

    stage(1, "Imaging", ["CVips"]),
    stage(
      2, "Panoptic",
      [
        "Tensors", "Layers", "Checkpoints", "CKernels", "Resampling",
        .product(name: "Crypto", package: "swift-crypto"),
      ]),
    stage(
      3, "CrayonPrompting", folder: "3-CrayonPrompt",
      ["Tensors", "Layers", "Checkpoints", "Vocabulary"]),
    stage(4, "Vision", ["Tensors", "Layers", "Checkpoints", "Resampling"]),
    stage(5, "Fusion", ["Tensors", "Tokenizers"]),
    stage(6, "Language", ["Tensors", "Checkpoints", "Tokenizers", "AtomicFiles", "CKernels"]),
    stage(7, "Grounding", ["Tensors", "Layers", "Checkpoints", "CKernels"]),

    product(
      "Pipeline",
      [
        "CrayonCore", "Imaging", "Panoptic", "CrayonPrompting", "Vision", "Fusion", "Language", "Grounding",
        "Checkpoints", "Vocabulary", "Layers", "Tensors", "Tokenizers", .product(name: "Yams", package: "Yams"),
        .product(name: "Crypto", package: "swift-crypto"),
      ]),
    product(
      "Hub",
      [
        "AtomicFiles", "Checkpoints", .product(name: "AsyncHTTPClient", package: "async-http-client"),
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOFoundationCompat", package: "swift-nio"),
        .product(name: "NIOFoundationEssentialsCompat", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
      ]),
    product("Inspection", ["CrayonCore", "Drawing", "Pipeline", "Vocabulary"]),
    product(
      "Annotation",
      [
        "Checkpoints", "CrayonCore", "Drawing", "Imaging", "Panoptic", "PNGFiles", "Tensors",
        .product(name: "Crypto", package: "swift-crypto"), .product(name: "Yams", package: "Yams"),
      ]),
    .target(
      name: "Serve",
      dependencies: [
        "AtomicFiles", "Annotation", "Checkpoints", "CrayonCore", "CrayonPrompting", "Fusion", "Grounding",
        "Imaging",
        "Inspection", "Language", "Panoptic", "Pipeline", "PNGFiles", "Resampling", "Tensors",
        .product(name: "AsyncHTTPClient", package: "async-http-client"),
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "HummingbirdCore", package: "hummingbird"),
        .product(name: "Logging", package: "swift-log"), .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOFoundationCompat", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "UnixSignals", package: "swift-service-lifecycle"),
      ],
      path: "Sources/Product/Serve",
      resources: [.embedInCode("Page/Files"), .embedInCode("Requests/openapi.json")], swiftSettings: strict),
    product(
      "Terminal",
      [
        "Annotation", "AtomicFiles", "Checkpoints", "CrayonCore", "CrayonPrompting", "Fusion", "Grounding",
        "Language",
        "Panoptic", "Pipeline", "Tensors", "Tokenizers", "Vision",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    .executableTarget(
      name: "crayon",
      dependencies: [
        "AtomicFiles", "Annotation", "Hub", "Inspection", "Pipeline", "Panoptic", "Serve", "Terminal",
        "CrayonCore", "CrayonPrompting", "Drawing", "Imaging", "Language", "Checkpoints", "Tensors",
        "Tokenizers",
        "EditLineLibrary", .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Sources/Product/crayon", swiftSettings: strict),

    .target(
      name: "TestSupport", dependencies: ["CrayonCore", "Checkpoints", "Tensors", "Tokenizers", "Vocabulary"],
      path: "Tests/Support", swiftSettings: explicitTypes),
    .target(
      name: "HubTestSupport",
      dependencies: [
        "TestSupport", .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
      ],
      path: "Tests/HubSupport", swiftSettings: explicitTypes),
    tests(
      "EngineTests", named: "EngineTests",
      ["Tensors", "Layers", "Checkpoints", "CKernels", "PNGFiles", "Resampling"]),
    tests("TokenizerTests", named: "TokenizerTests", ["Tokenizers", "Checkpoints"]),
    tests(
      "CoreTests", named: "CoreTests",
      [
        "CrayonCore", "PNGFiles", "Tensors", "Checkpoints",
        .product(name: "Crypto", package: "swift-crypto"),
      ]),
    tests("DrawingTests", named: "DrawingTests", ["CrayonCore", "Drawing", "Tensors"]),
    tests("1-ImagingTests", named: "ImagingTests", ["Imaging", "CrayonCore", "PNGFiles"]),
    tests(
      "2-PanopticTests", named: "PanopticTests",
      ["Panoptic", "Imaging", "Layers", "Tensors", "Checkpoints"]),
    tests("VocabularyTests", named: "VocabularyTests", ["Vocabulary", "CrayonCore"]),
    tests(
      "4-VisionTests", named: "VisionTests",
      ["Vision", "CrayonCore", "Tensors", "Layers", "Checkpoints", "Resampling", "PNGFiles"]),
    tests(
      "3-CrayonPromptingTests", named: "CrayonPromptingTests",
      [
        "CrayonPrompting", "CrayonCore", "Drawing", "Tensors", "Checkpoints",
        .product(name: "Crypto", package: "swift-crypto"),
      ]),
    tests(
      "5-FusionTests", named: "FusionTests", ["Fusion", "CrayonCore", "Tensors", "Checkpoints", "Tokenizers"]),
    tests(
      "6-LanguageTests", named: "LanguageTests",
      ["Language", "CrayonCore", "Tensors", "Checkpoints", "Tokenizers"]),
    tests(
      "7-GroundingTests", named: "GroundingTests",
      ["Grounding", "CrayonCore", "Tensors", "Layers", "Checkpoints", "PNGFiles"]),
    tests(
      "PipelineTests", named: "PipelineTests",
      [
        "Pipeline", "Vocabulary", "Imaging", "Panoptic", "CrayonPrompting", "Vision", "Fusion",
        "Language", "Grounding", "CrayonCore", "Layers",
        "Tensors", "Checkpoints", "Tokenizers", "Resampling",
      ]),
    tests("HubTests", named: "HubTests", ["Hub", "HubTestSupport", "AtomicFiles"]),
    tests(
      "ServeTests", named: "ServeTests",
      [
        "Serve", "Annotation", "CrayonCore", "HubTestSupport", "Imaging", "Panoptic", "Pipeline",
        .product(name: "AsyncHTTPClient", package: "async-http-client"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOFoundationCompat", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
      ]),
    tests(
      "CommandTests", named: "CommandTests",
      [
        "crayon", "Annotation", "CrayonCore", "HubTestSupport", "Checkpoints", "Pipeline", "Tensors",
        "PNGFiles",
      ]),
  ],
  swiftLanguageModes: [.v6],
  cLanguageStandard: .c11
)
