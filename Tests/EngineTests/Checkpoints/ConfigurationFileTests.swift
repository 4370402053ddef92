import Checkpoints
import Foundation
import TestSupport
import Testing

/// What is said of JSON files of a published model that cannot be used.
@Suite struct ConfigurationFileTests {
  private static let unreadable = "DIR/c.json cannot be read as a model's configuration: "

  @Test(arguments: [
    (
      #"{"image_std": [0, 1, 1]}"#,
      "DIR/c.json: \"image_std\" is [0,1,1], which is out of range or does not fit the other sizes"
    ),
    (#"{"image_mean": [1, "x", 1]}"#, "DIR/c.json: the value of \"image_mean.[1]\" has the wrong type"),
    (#"{"rescale_factor": 1e39}"#, unreadable + "a number is too large, or not a whole one"),
    ("[]", unreadable + "it is not an object with keys"),
    (#"{"rescale_factor": "#, unreadable + "it is not JSON"),
    (
      "version https://git-lfs.github.com/spec/v1\n",
      unreadable + "it is a pointer of Git LFS and not the file itself, which git lfs pull fetches"
    ),
  ])
  func sentences(json: String, sentence: String) throws {
    let folder = try TemporaryFolder()
    let file = folder.file("c.json")
    try Data(json.utf8).write(to: file)
    let error = #expect(throws: ConfigurationError.self) { try PixelNormalization(ConfigurationFile(file)) }
    #expect(error?.description.replacingOccurrences(of: folder.url.path, with: "DIR") == sentence)
  }
}
