/// The colours that scenes have and questions ask for.
package enum CommonColours {
  package static let names = [
    "red", "orange", "yellow", "green", "blue", "purple", "pink", "brown", "black", "white", "grey",
  ]
}
