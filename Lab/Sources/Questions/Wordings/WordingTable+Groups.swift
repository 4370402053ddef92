// Questions about several kinds at once, and about what is at a place.
extension WordingTable {
  /// Which of a group: "which animals are there?"
  static let group = WordingTable(
    kept: [
      "which \(.many) \(.areMany) there?",
      "what \(.many) \(.areMany) in the picture?",
      "which \(.many) can you see?",
      "what \(.one) is this?",
      "what kind of \(.one) is it?",
      "which \(.one) is in the picture?",
      "what \(.one) do you see?",
      "name the \(.many).",
      "list the \(.many).",
      "what \(.many) can be seen?",
      "tell me which \(.many) there \(.areMany).",
      "what sort of \(.one) is shown here?",
      "which \(.one) is that?",
      "\(.many): which?",
      "please name all \(.many).",
    ],
    heldOut: [
      "which \(.many) does the picture show?",
      "what type of \(.one) is this?",
      "could you list all \(.many) here?",
    ])

  /// "what is on the left?"
  static let part = WordingTable(
    kept: [
      "what is \(.relation)?",
      "what's \(.relation)?",
      "what do you see \(.relation)?",
      "what is \(.relation) of the picture?",
      "which things are \(.relation)?",
      "what can you see \(.relation) of the image?",
      "name what is \(.relation).",
      "what objects are \(.relation)?",
      "list the things \(.relation).",
      "tell me what is \(.relation).",
      "\(.relation): what is there?",
      "is there anything \(.relation)?",
    ],
    heldOut: [
      "what can be seen \(.relation)?",
      "which objects does the picture show \(.relation)?",
      "what is to be found \(.relation)?",
    ])

  /// "what is on the table?"
  static let onTop = WordingTable(
    kept: [
      "what is \(.relation) \(.the)?",
      "what's \(.relation) \(.the)?",
      "what stands \(.relation) \(.the)?",
      "what lies \(.relation) \(.the)?",
      "what do you see \(.relation) \(.the)?",
      "is there anything \(.relation) \(.the)?",
      "which things are \(.relation) \(.the)?",
      "what objects are \(.relation) \(.the)?",
      "\(.the): what is \(.relation) it?",
      "tell me what is \(.relation) \(.the).",
      "name the things \(.relation) \(.the).",
      "is something \(.relation) \(.the)?",
      "\(.relation) \(.the): what is there?",
      "what could be \(.relation) \(.the)?",
      "what can you find \(.relation) \(.the)?",
    ],
    heldOut: [
      "what can be seen \(.relation) \(.the)?",
      "what has been put \(.relation) \(.the)?",
      "list what is \(.relation) \(.the).",
    ])

  /// "how many cups are on the left?"
  static let partCount = WordingTable(
    kept: [
      "how many \(.many) are \(.relation)?",
      "how many \(.many) are there \(.relation)?",
      "how many \(.many) do you see \(.relation)?",
      "how many \(.many) \(.relation)?",
      "count the \(.many) \(.relation).",
      "\(.relation), how many \(.many) are there?",
      "what is the number of \(.many) \(.relation)?",
      "how many \(.many) are \(.relation) of the picture?",
      "tell me how many \(.many) are \(.relation).",
      "number of \(.many) \(.relation)?",
      "how many of the \(.many) are \(.relation)?",
      "please count the \(.many) that are \(.relation).",
    ],
    heldOut: [
      "how many \(.many) can be seen \(.relation)?",
      "can you count the \(.many) \(.relation)?",
      "how many \(.many) does the picture show \(.relation)?",
    ])

  /// "how many cups and bowls are there?"
  static let twoCounts = WordingTable(
    kept: [
      "how many \(.many) and \(.otherMany) are there?",
      "how many \(.many) and how many \(.otherMany) are there?",
      "how many \(.many) and \(.otherMany) do you see?",
      "count the \(.many) and the \(.otherMany).",
      "how many \(.many) are there, and how many \(.otherMany)?",
      "number of \(.many) and number of \(.otherMany)?",
      "how many \(.many) and \(.otherMany)?",
      "tell me how many \(.many) and \(.otherMany) there are.",
      "how many \(.many) and \(.otherMany) are in the picture?",
      "please count \(.many) and \(.otherMany).",
      "what are the numbers of \(.many) and \(.otherMany)?",
      "how many \(.many) can you see, and how many \(.otherMany)?",
    ],
    heldOut: [
      "can you count the \(.many) and \(.otherMany) for me?",
      "how many \(.many) and \(.otherMany) does the picture show?",
      "how many \(.many) as well as \(.otherMany) are there?",
    ])

  /// "how many cups are on the table?"
  static let onTopCount = WordingTable(
    kept: [
      "how many \(.many) are \(.relation) \(.otherThe)?",
      "how many \(.many) are there \(.relation) \(.otherThe)?",
      "how many \(.many) do you see \(.relation) \(.otherThe)?",
      "how many \(.many) \(.relation) \(.otherThe)?",
      "count the \(.many) \(.relation) \(.otherThe).",
      "\(.relation) \(.otherThe), how many \(.many) are there?",
      "what is the number of \(.many) \(.relation) \(.otherThe)?",
      "\(.otherThe): how many \(.many) are \(.relation) it?",
      "tell me how many \(.many) are \(.relation) \(.otherThe).",
      "number of \(.many) \(.relation) \(.otherThe)?",
      "how many \(.many) stand \(.relation) \(.otherThe)?",
      "please count the \(.many) that are \(.relation) \(.otherThe).",
      "how many \(.many) can you find \(.relation) \(.otherThe)?",
    ],
    heldOut: [
      "how many \(.many) can be seen \(.relation) \(.otherThe)?",
      "can you count the \(.many) \(.relation) \(.otherThe)?",
      "how many \(.many) has \(.otherThe) \(.relation) it?",
    ])

  /// "what is next to the dog?"
  static let beside = WordingTable(
    kept: [
      "what is next to \(.the)?",
      "what is beside \(.the)?",
      "what's near \(.the)?",
      "what stands beside \(.the)?",
      "what is close to \(.the)?",
      "what do you see next to \(.the)?",
      "which things are near \(.the)?",
      "name what is next to \(.the).",
      "is there anything beside \(.the)?",
      "what is right beside \(.the)?",
      "what is around \(.the)?",
      "tell me what is near \(.the).",
    ],
    heldOut: [
      "what can be seen next to \(.the)?",
      "what surrounds \(.the)?",
      "what is by \(.the)?",
    ])

  /// "what is the woman carrying?", with the verb as the relation
  static let doing = WordingTable(
    kept: [
      "what \(.isThe) \(.the) \(.relation)?",
      "what \(.isThe) \(.the) \(.relation) in the picture?",
      "and what \(.isThe) \(.the) \(.relation)?",
      "what is it that \(.the) \(.isThe) \(.relation)?",
      "can you see what \(.the) \(.isThe) \(.relation)?",
      "tell me what \(.the) \(.isThe) \(.relation).",
      "\(.isThe) \(.the) \(.relation) anything?",
      "\(.isThe) \(.the) \(.relation) something?",
      "do you know what \(.the) \(.isThe) \(.relation)?",
      "in the picture, what \(.isThe) \(.the) \(.relation)?",
      "which thing \(.isThe) \(.the) \(.relation)?",
      "what thing \(.isThe) \(.the) \(.relation)?",
      "say what \(.the) \(.isThe) \(.relation).",
      "\(.the): \(.relation) what?",
    ],
    heldOut: [
      "what might \(.the) be \(.relation)?",
      "what do you see \(.the) \(.relation)?",
      "please tell me what \(.the) \(.isThe) \(.relation).",
    ])

  /// "what is there to eat?", with what it is for as the relation
  static let purpose = WordingTable(
    kept: [
      "what is there \(.relation)?",
      "is there anything \(.relation)?",
      "is there something \(.relation)?",
      "do you see anything \(.relation)?",
      "can you see something \(.relation)?",
      "what do you see \(.relation)?",
      "which things are there \(.relation)?",
      "what could I find \(.relation)?",
      "anything \(.relation) here?",
      "tell me what there is \(.relation).",
      "name something \(.relation).",
      "is there anything in the picture \(.relation)?",
      "have they got anything \(.relation)?",
      "what is here \(.relation)?",
    ],
    heldOut: [
      "what can be seen \(.relation)?",
      "could I find anything \(.relation)?",
      "are there any things \(.relation)?",
    ])

  /// "which cup is red?": the filling's noun is the kind.
  static let whichOne = WordingTable(
    kept: [
      "which \(.one) is \(.colour)?",
      "which of the \(.many) is \(.colour)?",
      "which \(.many) are \(.colour)?",
      "which one of the \(.many) is \(.colour)?",
      "show me which \(.one) is \(.colour).",
      "which is the \(.colour) \(.one)?",
      "which are the \(.colour) \(.many)?",
      "of the \(.many), which is \(.colour)?",
      "tell me which \(.one) is \(.colour).",
      "what \(.one) is \(.colour)?",
      "point to the \(.one) that is \(.colour).",
      "find the \(.one) that is \(.colour).",
    ],
    heldOut: [
      "which of these \(.many) is \(.colour)?",
      "where is the \(.one) that is \(.colour)?",
      "can you tell which \(.one) is \(.colour)?",
    ])

  static let anybody = WordingTable(
    kept: [
      "is anybody there?",
      "is there anyone in the picture?",
      "is there anybody?",
      "do you see anyone?",
      "can you see anybody in this photo?",
      "is somebody there?",
      "is someone in the picture?",
      "does the picture show anyone?",
      "is anyone visible?",
      "tell me whether anybody is there.",
      "are there any humans?",
      "is there a human being in the image?",
      "is anybody watching?",
      "is someone standing there?",
      "is anyone sitting here?",
    ],
    heldOut: [
      "is anyone to be seen?",
      "could there be somebody in here?",
      "does anybody appear in this picture?",
    ])

  static let who = WordingTable(
    kept: [
      "who is in the picture?",
      "who is there?",
      "who do you see?",
      "who can be seen?",
      "how many people are here in total?",
      "how many persons are here?",
      "who is in this photo?",
      "who is shown?",
      "tell me who is there.",
      "how large is the group of people?",
      "how many humans are there?",
      "count everybody.",
    ],
    heldOut: [
      "who appears in this image?",
      "how many individuals can you see?",
      "who all is here?",
    ])
}
