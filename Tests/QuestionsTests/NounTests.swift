import CrayonCore
import Testing

@testable import Questions

/// How categories are spoken of.
@Suite struct NounTests {
  @Test(arguments: [
    ("cup", "cups"), ("wine glass", "wine glasses"), ("knife", "knives"), ("person", "people"),
    ("sheep", "sheep"), ("mouse", "mice"), ("teddy bear", "teddy bears"), ("couch", "couches"), ("bus", "buses"),
    ("toothbrush", "toothbrushes"), ("berry", "berries"), ("boy", "boys"), ("shelf", "shelves"),
  ])
  func plurals(one: String, many: String) {
    #expect(Noun(one).many == many)
  }
}
