// Questions about kinds of things: how many, whether any, what there is.
extension WordingTable {
  static let count = plainCount + countSomewhere

  /// In words that say nothing of where.
  static let plainCount = WordingTable(
    kept: [
      "how many \(.many) are there?",
      "how many \(.many) are in the picture?",
      "how many \(.many)?",
      "count the \(.many).",
      "number of \(.many)?",
      "what is the number of \(.many)?",
      "how many \(.many) can you see?",
      "how many \(.many) do you see in this image?",
      "\(.many): how many?",
      "tell me how many \(.many) there are.",
      "please count the \(.many) in this photo.",
      "how many \(.many) are visible?",
      "how many \(.many) have you found?",
      "please give me the number of \(.many).",
      "I want to know how many \(.many) there are.",
      "how many \(.many) does it have?",
      "how many \(.many) are out there?",
      "how many \(.many) are around?",
      "how many \(.many) in all?",
    ],
    heldOut: [
      "how many \(.many) does the picture show?",
      "can you count the \(.many) for me?",
      "what's the total number of \(.many) here?",
    ])

  /// In words of the place that the picture shows, which its map knows nothing of: all that is seen is meant, and a map's
  /// number is no evidence for it.
  static let countSomewhere = WordingTable(
    kept: [
      "how many \(.many) are in the room?",
      "how many \(.many) are on the street?",
      "how many \(.many) are standing there?",
    ],
    heldOut: [])

  static let existence = WordingTable(
    kept: [
      "\(.isA) there \(.a)?",
      "\(.isA) there \(.a) in the picture?",
      "\(.areMany) there \(.any)?",
      "\(.areMany) there \(.any) in the image?",
      "can you see \(.a)?",
      "do you see \(.any)?",
      "does the picture show \(.a)?",
      "\(.any) here?",
      "does this photo contain \(.a)?",
      "\(.isA) \(.a) visible?",
      "is it true that there \(.isA) \(.a)?",
      "have you found \(.any)?",
      "tell me whether there \(.isA) \(.a).",
      "please check for \(.any).",
      "could there be \(.a) in here?",
      "\(.isA) \(.a) to be found?",
      "\(.isA) there \(.a) in the room?",
      "\(.isA) there \(.a) in the garden?",
      "\(.isA) there \(.a) on the street?",
      "\(.isA) there \(.a) somewhere?",
      "\(.areMany) there \(.any) around?",
      "is it a picture of \(.a)?",
    ],
    heldOut: [
      "would you say there \(.isA) \(.a) in this picture?",
      "\(.areMany) \(.any) shown?",
      "can \(.a) be seen in the image?",
    ])

  static let compare = WordingTable(
    kept: [
      "are there more \(.many) or \(.otherMany)?",
      "are there more \(.many) than \(.otherMany)?",
      "are there fewer \(.many) than \(.otherMany)?",
      "are there as many \(.many) as \(.otherMany)?",
      "which are there more of, \(.many) or \(.otherMany)?",
      "what is there more of: \(.many) or \(.otherMany)?",
      "compare the number of \(.many) and \(.otherMany).",
      "do you see more \(.many) or more \(.otherMany)?",
      "is the number of \(.many) larger than the number of \(.otherMany)?",
      "more \(.many) or more \(.otherMany)?",
      "\(.many) or \(.otherMany), which are more?",
      "is there a larger number of \(.many) than of \(.otherMany)?",
      "tell me whether there are more \(.many) than \(.otherMany).",
      "of \(.many) and \(.otherMany), which are there more of?",
      "please compare \(.many) with \(.otherMany).",
      "what is the larger number, that of \(.many) or that of \(.otherMany)?",
      "do \(.many) outnumber \(.otherMany)?",
      "\(.many) against \(.otherMany): which are more?",
      "how do \(.many) and \(.otherMany) compare?",
      "are \(.many) or \(.otherMany) in the majority?",
    ],
    heldOut: [
      "are \(.many) more numerous than \(.otherMany)?",
      "how does the number of \(.many) compare with that of \(.otherMany)?",
      "are there less \(.many) than \(.otherMany)?",
    ])

  static let list = WordingTable(
    kept: [
      "what is in the picture?",
      "what do you see?",
      "what can you see in this image?",
      "list everything in the image.",
      "list the objects.",
      "which objects are there?",
      "what things are in this photo?",
      "name everything you see.",
      "what objects does the picture contain?",
      "what is there?",
      "which things can you see?",
      "please list what there is.",
      "enumerate the things in this picture.",
      "name the objects that you recognize.",
      "what does the image contain?",
      "what is this?",
      "what's this?",
      "what is shown?",
      "what's in this photo?",
      "what have you found?",
    ],
    heldOut: [
      "give me a list of what the image shows.",
      "what all is in this picture?",
      "which things do you recognise?",
    ])

  static let describe = WordingTable(
    kept: [
      "describe the picture.",
      "describe the image.",
      "describe what you see.",
      "give a description of the scene.",
      "tell me about this picture.",
      "caption this image.",
      "write a caption with locations.",
      "describe the scene and say where things are.",
      "explain what is shown here.",
      "what is going on in this photo?",
      "please describe this image.",
      "what does the scene look like?",
      "describe this photo in words.",
      "tell me what the picture shows.",
    ],
    heldOut: [
      "can you describe this photo?",
      "give a short description of the image.",
      "how would you describe the scene?",
    ])

  /// On a picture without things, what else asks for them all.
  static let nothingKnown = list + describe

  static let unknownCategory = WordingTable(
    kept: [
      "how many \(.many) are there?",
      "how many \(.many)?",
      "count the \(.many).",
      "how many \(.many) are in the picture?",
      "is there \(.a)?",
      "are there \(.any)?",
      "do you see \(.a)?",
      "is there \(.a) in the image?",
      "where is \(.the)?",
      "show me \(.the).",
      "find \(.the).",
      "what colour is \(.the)?",
      "can you find \(.a)?",
      "what is the number of \(.many)?",
      "how many \(.many) can you see?",
      "please find \(.the).",
      "point to \(.the).",
      "mark \(.the).",
      "\(.isA) \(.a) visible?",
      "does the picture show \(.a)?",
    ],
    heldOut: [
      "can \(.a) be seen?",
      "what's the total number of \(.many) here?",
      "locate \(.the).",
    ])
}
