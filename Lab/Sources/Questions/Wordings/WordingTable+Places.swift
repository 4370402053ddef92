// Questions about single things: which colour, where, beside what, and what is at a place.
extension WordingTable {
  static let colour = WordingTable(
    kept: [
      "what colour \(.isThe) \(.the)?",
      "what color \(.isThe) \(.the)?",
      "which colour \(.isThe) \(.the)?",
      "what is the colour of \(.the)?",
      "what's the color of \(.the)?",
      "tell me the colour of \(.the).",
      "name the color of \(.the).",
      "colour of \(.the)?",
      "color of \(.the)?",
      "\(.the): what colour?",
      "what color do you see on \(.the)?",
      "do you know what colour \(.the) \(.isThe)?",
      "please name the colour of \(.the).",
      "describe the color of \(.the).",
      "by which colour would you know \(.the)?",
    ],
    heldOut: [
      "in which colour \(.isThe) \(.the)?",
      "could you tell me what color \(.the) \(.isThe)?",
      "how would you call the colour of \(.the)?",
    ])

  static let isColour = WordingTable(
    kept: [
      "\(.isThe) \(.the) \(.colour)?",
      "\(.isThe) \(.the) \(.colour) in the picture?",
      "is it true that \(.the) \(.isThe) \(.colour)?",
      "\(.the) \(.isThe) \(.colour), right?",
      "check whether \(.the) \(.isThe) \(.colour).",
      "yes or no: \(.isThe) \(.the) \(.colour)?",
      "tell me whether \(.the) \(.isThe) \(.colour).",
      "is the colour of \(.the) \(.colour)?",
      "do you see that \(.the) \(.isThe) \(.colour)?",
      "\(.the): \(.colour)?",
      "I think that \(.the) \(.isThe) \(.colour). right?",
      "\(.colour): is that the colour of \(.the)?",
      "can you see whether \(.the) \(.isThe) \(.colour)?",
    ],
    heldOut: [
      "would you say \(.the) \(.isThe) \(.colour)?",
      "is \(.colour) the color of \(.the)?",
      "am I right that \(.the) \(.isThe) \(.colour)?",
    ])

  static let relation = WordingTable(
    kept: [
      "\(.isThe) \(.the) \(.relation) \(.otherThe)?",
      "in the picture, \(.isThe) \(.the) \(.relation) \(.otherThe)?",
      "do you see \(.the) \(.relation) \(.otherThe)?",
      "is it true that \(.the) \(.isThe) \(.relation) \(.otherThe)?",
      "\(.the) \(.isThe) \(.relation) \(.otherThe), right?",
      "check whether \(.the) \(.isThe) \(.relation) \(.otherThe).",
      "\(.the) \(.relation) \(.otherThe)?",
      "yes or no: \(.isThe) \(.the) \(.relation) \(.otherThe)?",
      "tell me whether \(.the) \(.isThe) \(.relation) \(.otherThe).",
      "can you see \(.the) \(.relation) \(.otherThe)?",
    ],
    heldOut: [
      "would you say \(.the) \(.isThe) \(.relation) \(.otherThe)?",
      "am I right that \(.the) \(.isThe) \(.relation) \(.otherThe)?",
      "does the picture show \(.the) \(.relation) \(.otherThe)?",
    ])

  static let whereIs = WordingTable(
    kept: [
      "where \(.isThe) \(.the)?",
      "where can I find \(.the)?",
      "show me \(.the).",
      "point to \(.the).",
      "find \(.the).",
      "mark \(.the).",
      "where in the picture \(.isThe) \(.the)?",
      "in which part of the image \(.isThe) \(.the)?",
      "give the location of \(.the).",
      "where do you see \(.the)?",
      "tell me where \(.the) \(.isThe).",
      "please find \(.the).",
      "please show me \(.the).",
      "please point out \(.the).",
      "outline \(.the).",
      "circle \(.the).",
      "please mark \(.the).",
      "draw a box around \(.the).",
      "what is the place of \(.the)?",
      "I am looking for \(.the).",
      "give me the mask of \(.the).",
      "whereabouts \(.isThe) \(.the)?",
    ],
    heldOut: [
      "what is the position of \(.the)?",
      "locate \(.the).",
      "please highlight \(.the).",
    ])

  static let region = WordingTable(
    kept: [
      "what is in \(.region)?",
      "what is at \(.region)?",
      "what is \(.region)?",
      "which object is in \(.region)?",
      "name the thing in \(.region).",
      "what do you see in \(.region)?",
      "identify \(.region).",
      "what kind of thing is \(.region)?",
      "\(.region): what is it?",
      "what does \(.region) show?",
    ],
    heldOut: [
      "tell me what is inside \(.region).",
      "what is located at \(.region)?",
      "what can be seen in the region \(.region)?",
    ])
}
