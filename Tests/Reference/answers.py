"""Makes Tests/Fixtures/Evaluation/answers.json: yes/no answers as models give them, and scikit-learn's figures.

    python answers.py

Answers that say neither yes nor no are a third label: wrong, and not a yes.
"""

import json
import pathlib
import random

from sklearn.metrics import accuracy_score, f1_score, precision_score, recall_score

FOLDER = pathlib.Path(__file__).parent.parent / "Fixtures" / "Evaluation"
WORDS = {
    "yes": ["Yes.", "yes", "Yes, there is a cup.", "YES!", "There is one, yes.", "Yes, but it is not red."],
    "no": ["No.", "no", "No, there is no cup.", "There is not.", "I don't see any.", "No: nothing."],
    "?": ["", "A cup.", "Maybe yes, maybe no", "Perhaps.", "3"],
}


def figures(truths, answers):
    meant = {"labels": ["yes"], "average": "micro", "zero_division": 0}
    return {
        "asked": len(truths),
        "accuracy": accuracy_score(truths, answers),
        "precision": precision_score(truths, answers, **meant),
        "recall": recall_score(truths, answers, **meant),
        "f1": f1_score(truths, answers, **meant),
        "yes_rate": answers.count("yes") / len(answers),
        "unparsed": answers.count("?"),
    }


def main():
    numbers = random.Random(3)
    items = []
    for split, bias in [("random", 0.9), ("popular", 0.75), ("adversarial", 0.6)]:
        for _ in range(numbers.randint(60, 90)):
            truth = numbers.choice(["yes", "no"])
            other = "no" if truth == "yes" else "yes"
            said = numbers.choices([truth, other, "?"], [bias, 0.9 - bias + 0.05, 0.1])[0]
            items.append({"polling": split, "truth": truth, "said": said, "answer": numbers.choice(WORDS[said])})
    expected = {}
    for split in ["random", "popular", "adversarial", "all"]:
        part = [item for item in items if split in ("all", item["polling"])]
        expected[split] = figures([item["truth"] for item in part], [item["said"] for item in part])
    answers = [{key: item[key] for key in ("polling", "truth", "answer")} for item in items]
    text = json.dumps({"answers": answers, "expected": expected}, indent=1)
    (FOLDER / "answers.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
