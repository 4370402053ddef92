import Inspection

/// The page's files, which are part of the program. They need nothing but themselves.
enum PageFiles {
  struct File: Sendable {
    var path: String
    var type: String
    var text: String
  }

  static let all: [File] = [
    File(path: "/", type: "text/html; charset=utf-8", text: text(PackageResources.index_html)),
    File(
      path: "/page/style.css", type: "text/css; charset=utf-8",
      text: PageStyle.css + "\n" + text(PackageResources.style_css)),
    script(
      "drawing",
      PageDrawing.javaScript + "\nexport { decoded, rgb, tintMap, drawGrid, tintMask, drawRegionBox };\n"),
    script("answers", text(PackageResources.answers_js)),
    script("api", text(PackageResources.api_js)),
    script("app", text(PackageResources.app_js)),
    script("editor", text(PackageResources.editor_js)),
    script("gallery", text(PackageResources.gallery_js)),
    script("map", text(PackageResources.map_js)),
    script("picker", text(PackageResources.picker_js)),
    script("png", text(PackageResources.png_js)),
    script("stages", text(PackageResources.stages_js)),
    script("view", text(PackageResources.view_js)),
  ]

  private static func script(_ name: String, _ text: String) -> File {
    File(path: "/page/\(name).js", type: "text/javascript; charset=utf-8", text: text)
  }

  private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  /// What the page may load and do: its own files, and pictures that it has made itself.
  static let policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; "
    + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
}
