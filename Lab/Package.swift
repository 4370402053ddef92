// swift-tools-version: 6.1
import PackageDescription

// The laboratory: what pictures, questions and figures are made with. It stands on the product's libraries, and nothing of
// the product stands on it.

let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
]

let product: Target.Dependency = .product(name: "Crayon", package: "crayon")

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .testTarget(
    name: name,
    dependencies: [product, .product(name: "CrayonTestSupport", package: "crayon")] + dependencies,
    swiftSettings: strict)
}

let package = Package(
  name: "crayon-lab",
  products: [.executable(name: "crayon-lab", targets: ["crayon-lab"])],
  dependencies: [
    .package(name: "crayon", path: ".."),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0"),
  ],
  targets: [
    .target(name: "CRaster"),
    .target(name: "Scenes", dependencies: [product, "CRaster"], swiftSettings: strict),
    .target(name: "Questions", dependencies: [product, "Scenes"], swiftSettings: strict),
    .target(name: "Evaluation", dependencies: [product, "Questions"], swiftSettings: strict),
    .executableTarget(
      name: "crayon-lab",
      dependencies: [
        product, "Scenes", "Questions", "Evaluation", .product(name: "CrayonTerminal", package: "crayon"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: strict),

    tests("ScenesTests", ["Scenes"]),
    tests("QuestionsTests", ["Questions", "Scenes"]),
    tests("EvaluationTests", ["Evaluation", "Questions", .product(name: "Crypto", package: "swift-crypto")]),
    tests("AnswersTests", ["Evaluation", "Questions"]),
    // They also call the product's own program, which the product's package builds into the same folder.
    tests("LabCommandTests", ["crayon-lab"]),
  ],
  swiftLanguageModes: [.v6],
  cLanguageStandard: .c11
)
