/// Lends memory for `count` values that nobody needs afterwards; they are undefined at first.
package func withScratch<Result>(
  _ count: Int, _ body: (UnsafeMutablePointer<Float>) throws -> Result
) rethrows -> Result {
  let values = BufferPool.shared.take(floats: count)
  defer { BufferPool.shared.giveBack(values, floats: count) }
  return try body(values)
}
