"""Writes Tests/Fixtures/Tokenizers: small tokenizers by the libraries that users' files come from, and what these
libraries make of difficult texts.

Versions: tokenizers 0.23.3, sentencepiece 0.2.3. Run:
    python Tests/Reference/tokenizer_fixtures.py [SmolLM2's GGUF file]

With the GGUF file (and the package gguf 0.19.0), smollm2.json is written too: what `tokenizers` gives with that
vocabulary, and the tokens of conversations. It holds the tokens alone; the vocabulary is the file's.
"""
import io, json, pathlib, random, sys

import sentencepiece
from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "Fixtures" / "Tokenizers"
FOLDER.mkdir(parents=True, exist_ok=True)

LINES = """The crayon draws what the camera sees, and writes down what it has drawn.
A cup stands on the table; there's a spoon in it, and they're both made of steel.
I don't think we'll ever know whose picture it was, but I've seen it before, and you'd like it.
In 1969 there were 3 astronauts, 24 cameras and 1024 photographs; 600 of them were 16 by 24.
Ein Mädchen fährt über die Brücke und isst ein Stück Käse für 5 Euro.
Le garçon a mangé une pêche à l'école, où il faisait très chaud cet été.
El niño comió una manzana en el jardín mientras llovía sobre la ciudad.
Мальчик рисует картину цветными карандашами на большом столе у окна.
小さな猫が机の上で寝ています。猫は魚を食べます。
这只猫坐在桌子上，看着窗外的鸟。桌子上有一个杯子。
الولد يرسم صورة القطة على الورق بالألوان الجميلة
הילד מצייר תמונה של חתול על השולחן הגדול
def draw(self, picture, width=640, height=480):
    for x in range(width):
        if picture[x] == 0: return None  # nothing to see
👍 👩‍👩‍👧 🇩🇪 😀 emoji are characters as well 👍🏽
What is in the picture? There is a dog, a cat, and a bird sitting on a fence.
USER: Where is the cat? ASSISTANT: The cat is on the mat, next to the window.""".split("\n")

generator = random.Random(7)
words = [word for line in LINES for word in line.split()]
TEXT = LINES * 3 + [" ".join(generator.choices(words, k=12)) for _ in range(300)]

STRINGS = [
    "", " ", "  ", "   ", "a", " a", "a ", "  a  ", "Hello, world!", "The crayon draws what the camera sees.",
    "the  picture   of    a cat", "trailing spaces   ", "   leading spaces", "\n", "\n\n", "a\nb", "a\n\n\nb", "a \n b",
    "a\r\nb\r\n", "\t", "\ta\t\tb", "a \t b", "tab\tand  \n mixed \t\n white   ", "a\u00a0b", "\u00a0\u00a0a", "a \u00a0 b",
    "a\u2003b \u2009c", "\u3000全角\u3000空格", "\u2028line\u2029paragraph", "a\u0085b", "a\x0bb\x0cc", "\u1680ogham\u202f\u205f",
    "zero\u200bwidth\u200cjoiners\u200d\ufeff", "don't we'll I've they're I'm he'd it's", "DON'T WE'LL I'VE 'S 'T 'RE",
    "'s 't 're 've 'm 'll 'd", "'hello' ''s '' ' 'x 'l 'r 'v", "it\u2019s curly", "x's's'll'lls", "'", "a'", " 's",
    "1", "12", "123 456", "1234567890", "a1b22c333", "3.14159 1,000,000", " 1 2  3   4", "½ ² Ⅳ ① ٣ ४ 一 1st", "v2.0-beta+build.7",
    "٠١٢٣", "１２３", "Ⅷ", "ä ö ü ß é è", "a\u0308 o\u0308 e\u0301 n\u0303", "é vs e\u0301", "Å Å Å", "ḧ̶̨ë̷l̸l̷o̴", "\u0301", "a\u0301\u0302\u0303b",
    "小さな猫が机の上で寝ています。", "这只猫坐在桌子上，看着窗外的鸟。", "한국어 문장입니다", "猫cat猫 cat 猫", "ﾊﾝｶｸ", "𠮷野家",
    "الولد يرسم صورة", "הילד מצייר", "mixed עברית and english", "\u202eright\u202c to left\u200f", "नमस्ते दुनिया", "สวัสดีชาวโลก", "தமிழ்",
    "👍", "👍🏽", "👩‍👩‍👧", "🇩🇪🇫🇷", "a👍b 😀😀 c", "❤️", "1️⃣", "𝔘𝔫𝔦𝔠𝔬𝔡𝔢", "\U0010ffff\U000e0001\ue000", "\ufffd\ufffe",
    "\x00", "a\x00b", "\x01\x02\x1b[0m\x7f", "\x1c\x1d\x1e\x1f", "\u0080\u009f", "\u00ad soft hyphen",
    "<|im_end|>", "<|im_start|>user\nHi<|im_end|>\n", "a<|im_end|>b", " <|im_end|> ", "<|im_end", "<|im_end|><|im_end|>",
    "<|im_start|><|im_end|>", "<s>", "</s>", "<s> a </s>", "<unk>", "<0x41>", "<image>", "a <image> b", "x  <image>  y", "<image>\n<image>",
    "a <mask> b", "  <mask>  b", "<mask><mask>", "<obj>", "a<obj>b <objx>", "<|im_<obj>end|>", "<<obj>>", "▁", "a▁b", "▁▁a ▁", "a ▁ b",
    "ĠaĊ", "!!!???...", "a-b_c/d\\e", "x=1;y+=2;//", "if (a && b) { return; }", "    indented\n        more", "https://example.org/a?b=c&d=%20#e",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "ababababababababababab", "the" * 12, "   ".join("abc"), "\n \n  \n   \n", "~`@#$%^&*()[]{}|\\:;\"<>,.?/",
    "USER: Where is the cat? ASSISTANT:", "The cat is on the mat", " THE CAT", "mIxEd CaSe WoRdS", "ǅ ǈ ʰ ª º", "\u0345\u05b0x", "a̲b̲",
]
assert len(STRINGS) == len(set(STRINGS))


def write(name, value):
    (FOLDER / name).write_text(json.dumps(value, ensure_ascii=True, indent=None, separators=(",", ":")) + "\n")


def entry(text, plain, decoded=None):
    """Tokens of `text`. What they decode to, only where it differs."""
    fields = {"text": text, "plain": plain}
    if decoded not in (None, text):
        fields["decoded"] = decoded
    return fields


def byte_level(name, pre_tokenizer, size, alphabet=True):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizer
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size, special_tokens=["<|endoftext|>", "<|im_start|>", "<|im_end|>"], show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet() if alphabet else [],
    )
    tokenizer.train_from_iterator(TEXT, trainer)
    (FOLDER / f"{name}.json").write_text(tokenizer.to_str() + "\n")
    # Without special tokens, which would be found in texts.
    tree = json.loads(tokenizer.to_str())
    tree["added_tokens"] = []
    bare = Tokenizer.from_str(json.dumps(tree))
    texts = [(text, bare.encode(text).ids) for text in STRINGS]
    write(
        f"{name}.expected.json",
        [entry(text, ids, bare.decode(ids, skip_special_tokens=False)) for text, ids in texts],
    )


def digits():
    return pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )


byte_level("gpt2", pre_tokenizers.ByteLevel(add_prefix_space=False), 1000)
byte_level("digits", digits(), 700)
# As SmolLM2's, it has no tokens for some bytes.
byte_level("partial", digits(), 420, alphabet=False)


def sentence_piece(name, size, **options):
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(TEXT), model_writer=model, vocab_size=size, minloglevel=2,
        normalization_rule_name="identity", num_threads=1, **{"model_type": "bpe"} | options,
    )
    (FOLDER / f"{name}.model").write_bytes(model.getvalue())
    return sentencepiece.SentencePieceProcessor(model_proto=model.getvalue())


def record(name, processor):
    write(
        f"{name}.expected.json",
        [entry(text, processor.encode(text), processor.decode(processor.encode(text))) for text in STRINGS],
    )


llama = sentence_piece("llama", 1000, byte_fallback=True, remove_extra_whitespaces=False, character_coverage=0.98)
record("llama", llama)


def with_image(legacy):
    """`llama` as `tokenizers` has Llama's vocabularies, with the token <image> behind it. This is where the two ways
    of Hugging Face's differ: whether text behind an added token starts like a new text."""
    pieces = {llama.id_to_piece(id): id for id in range(llama.vocab_size())}
    merges = [
        (llama.get_score(id), piece[:cut], piece[cut:])
        for piece, id in pieces.items() if not llama.is_byte(id) and not llama.is_control(id) and not llama.is_unknown(id)
        for cut in range(1, len(piece)) if piece[:cut] in pieces and piece[cut:] in pieces
    ]
    merges.sort(key=lambda merge: -merge[0])
    tokenizer = Tokenizer(
        models.BPE(pieces, [merge[1:] for merge in merges], unk_token="<unk>", fuse_unk=True, byte_fallback=True)
    )
    if legacy:
        tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    else:
        tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first", split=False)
    tokenizer.add_special_tokens([AddedToken(token, normalized=False) for token in ("<s>", "</s>", "<image>")])
    return tokenizer


# Without a space at the start, which `Metaspace` takes for the one that it would add and SentencePiece does not.
texts = [text for text in STRINGS if any(token in text for token in ("<image>", "<s>", "</s>"))]
texts = [text for text in texts + ["the cat<image>the cat <image> the cat", "<s>a</s>a"] if not text.startswith(" ")]
write(
    "llama.image.expected.json",
    [
        {"text": text, "plain": with_image(False).encode(text).ids, "legacy": with_image(True).encode(text).ids}
        for text in texts
    ],
)
record(
    "bare",
    sentence_piece(
        "bare", 900, byte_fallback=True, add_dummy_prefix=False, remove_extra_whitespaces=False, character_coverage=0.98,
        user_defined_symbols=["<obj>", "<objx>", "▁▁", "  "], control_symbols=["<|im_start|>", "<|im_end|>"],
    ),
)
record(
    "trimmed",
    sentence_piece("trimmed", 700, byte_fallback=False, character_coverage=0.98, user_defined_symbols=["<mask>", "cat "]),
)
sentence_piece("unigram", 300, model_type="unigram", character_coverage=0.98)


def smollm2(file):
    from gguf import GGUFReader

    fields = GGUFReader(file).fields
    tokens, merges, types = (fields[f"tokenizer.ggml.{key}"].contents() for key in ("tokens", "merges", "token_type"))
    tokenizer = Tokenizer(
        models.BPE({token: id for id, token in enumerate(tokens)}, [tuple(merge.split(" ")) for merge in merges])
    )
    tokenizer.pre_tokenizer = digits()
    tokenizer.decoder = decoders.ByteLevel()
    bare = Tokenizer.from_str(tokenizer.to_str())
    tokenizer.add_special_tokens([AddedToken(token, special=True) for token, type in zip(tokens, types) if type == 3])
    conversations = [
        [("user", "What is in the picture?")],
        [
            ("system", "You answer in one word."), ("user", "Where is the cat? 😀\n\n  It's 12:30."), ("assistant", "There."),
            ("user", "Thanks!"),
        ],
    ]
    chats = []
    for messages in conversations:
        text = "".join(f"<|im_start|>{role}\n{content}<|im_end|>\n" for role, content in messages) + "<|im_start|>assistant\n"
        if messages[0][0] != "system":
            default = "You are a helpful AI assistant named SmolLM, trained by Hugging Face"
            text = f"<|im_start|>system\n{default}<|im_end|>\n" + text
        ids = tokenizer.encode(text, add_special_tokens=False).ids
        chats.append({"messages": [{"role": role, "content": content} for role, content in messages], "ids": ids})
    write(
        "smollm2.json",
        {
            "strings": [entry(text, bare.encode(text).ids) for text in STRINGS],
            "chats": chats,
        },
    )
    if len(sys.argv) > 2:  # A longer comparison than belongs in a fixture.
        long = [generator.choice(STRINGS) + generator.choice(STRINGS) + generator.choice(LINES) for _ in range(3000)]
        pathlib.Path(sys.argv[2]).write_text(json.dumps([{"text": t, "plain": bare.encode(t).ids} for t in long]))


if len(sys.argv) > 1:
    smollm2(sys.argv[1])
for path in sorted(FOLDER.iterdir()):
    print(f"{path.stat().st_size:8} {path.name}")
