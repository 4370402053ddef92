// What a map cannot tell, and what is not asked in English.
extension WordingTable {
  /// "how many women are there?": some of a category, which knows no difference between them.
  static let narrower = count + existence

  /// What no map of categories, places and colours says.
  static let unknowable = WordingTable(
    kept: [
      "what is written on \(.the)?",
      "what does \(.the) cost?",
      "how heavy \(.isThe) \(.the)?",
      "how old \(.isThe) \(.the)?",
      "how tall \(.isThe) \(.the)?",
      "what \(.isThe) \(.the) made of?",
      "which brand \(.isThe) \(.the)?",
      "who owns \(.the)?",
      "\(.isThe) \(.the) expensive?",
      "\(.isThe) \(.the) new?",
      "\(.isThe) \(.the) broken?",
      "\(.isThe) \(.the) dirty?",
      "\(.isThe) \(.the) happy?",
      "what \(.isThe) \(.the) thinking?",
      "what is the name of \(.the)?",
      "does \(.the) look sad?",
      "who made \(.the)?",
      "why \(.isThe) \(.the) here?",
      "where was this photo taken?",
      "who took this picture?",
      "when was this picture taken?",
      "what time of day is it in the picture?",
      "what season is it in the picture?",
      "which country is this?",
      "what will happen next?",
      "what happened before this photo?",
      "what does it smell like?",
      "is it warm there?",
      "how far away \(.isThe) \(.the)?",
      "how fast \(.isThe) \(.the) going?",
      "what language is on \(.the)?",
      "is \(.the) real?",
    ],
    heldOut: [
      "how much did \(.the) cost?",
      "what city is this?",
      "\(.isThe) \(.the) used or new?",
      "how long \(.isThe) \(.the)?",
      "was this taken in the morning?",
    ])

  static let otherLanguage = WordingTable(
    kept: [
      "combien de tasses y a-t-il ?", "qu'est-ce qu'il y a sur la photo ?", "où est le chien ?",
      "de quelle couleur est la voiture ?", "y a-t-il un chat ?", "décris l'image.", "bonjour",
      "wie viele Tassen sind da?", "was ist auf dem Bild?", "wo ist der Hund?", "welche Farbe hat das Auto?",
      "gibt es eine Katze?", "beschreibe das Bild.", "guten Tag",
      "¿cuántas tazas hay?", "¿qué hay en la imagen?", "¿dónde está el perro?", "¿de qué color es el coche?",
      "¿hay un gato?", "describe la imagen.", "hola",
      "quante tazze ci sono?", "cosa c'è nella foto?", "dov'è il cane?", "di che colore è la macchina?",
      "quantas xícaras há?", "o que há na imagem?", "onde está o cachorro?",
      "hoeveel kopjes zijn er?", "wat staat er op de foto?", "waar is de hond?",
      "ile jest filiżanek?", "co jest na zdjęciu?", "gdzie jest pies?",
      "hur många koppar finns det?", "vad finns på bilden?", "var är hunden?",
      "kaç fincan var?", "resimde ne var?", "сколько чашек?", "что на картинке?", "где собака?",
      "有几个杯子？", "图片里有什么？", "カップはいくつありますか？", "犬はどこですか？", "컵이 몇 개 있어요?",
      "कितने कप हैं?", "كم كوبا هناك؟",
    ],
    heldOut: [
      "combien de personnes voit-on ?", "wie viele Leute siehst du?", "¿cuántas personas ves?",
      "chi c'è nella foto?",
      "kolik je tam šálků?", "сколько людей на фото?", "这是什么？",
    ])
}
