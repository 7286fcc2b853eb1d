#!/usr/bin/env python3
"""Makes the golden cases of the tokenizer tests: small tokenizers and what the
reference makes of hard texts.

    make_golden.py [DIRECTORY]        default: beside this script

Provenance: `tokenizers` 0.23.3 (Hugging Face), `sentencepiece` 0.2.3 and `gguf` 0.19.0,
trained on the texts of this folder, so nothing of anybody's model is in them. Each folder
holds tokenizer.json or tokenizer.gguf, and cases.json: a list of [text, ids, decoded
text]. Special tokens are added when encoding and kept when decoding.
"""

import io
import json
import pathlib
import random
import sys

from hard_texts import HARD, WORDS, random_text
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

LLAMA3 = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")
QWEN2 = LLAMA3.replace(r"\p{N}{1,3}", r"\p{N}")
GPT4O = (r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
         r"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
         r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+")
SPACE = "\u2581"


def corpus():
    rng = random.Random(7)
    lines = [" ".join(rng.choice(WORDS) for _ in range(12)).capitalize() + rng.choice(".?!") for _ in range(300)]
    return lines + [t for t in HARD if len(t) < 200] * 3


def byte_level(pre, size=600, **model):
    tokenizer = Tokenizer(models.BPE(**model))
    tokenizer.pre_tokenizer = pre
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.train_from_iterator(corpus(), trainers.BpeTrainer(
        vocab_size=size, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False))
    return tokenizer


def split(pattern, behavior="isolated", invert=False):
    return pre_tokenizers.Split(Regex(pattern), behavior, invert)


def bytes_only():
    return pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)


def gpt2():
    tokenizer = byte_level(pre_tokenizers.ByteLevel(add_prefix_space=False))
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    tokenizer.add_special_tokens(["<|endoftext|>"])
    return tokenizer


def smollm():
    tokenizer = byte_level(pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]))
    tokenizer.add_special_tokens(["<|endoftext|>", "<|im_start|>", "<|im_end|>"])
    return tokenizer


def llama3():
    tokenizer = byte_level(pre_tokenizers.Sequence([split(LLAMA3), bytes_only()]), ignore_merges=True)
    tokenizer.add_special_tokens(["<|begin_of_text|>", "<|end_of_text|>", "<|eot_id|>"])
    bos = tokenizer.token_to_id("<|begin_of_text|>")
    tokenizer.post_processor = processors.Sequence([
        processors.ByteLevel(trim_offsets=True),
        processors.TemplateProcessing(single="<|begin_of_text|> $A", special_tokens=[("<|begin_of_text|>", bos)])])
    return tokenizer


def qwen2():
    tokenizer = byte_level(pre_tokenizers.Sequence([split(QWEN2), bytes_only()]))
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.add_special_tokens(["<|im_start|>", "<|im_end|>"])
    tokenizer.add_tokens([AddedToken("<tool_call>", normalized=False), AddedToken("caf\u00e9", normalized=True)])
    return tokenizer


def gpt4o():
    return byte_level(pre_tokenizers.Sequence([split(GPT4O), bytes_only()]))


def falcon():
    return byte_level(pre_tokenizers.Sequence([
        pre_tokenizers.Punctuation("contiguous"), pre_tokenizers.ByteLevel(add_prefix_space=False),
        pre_tokenizers.Digits(), split("[0-9][0-9][0-9]")]))


def roberta():
    tokenizer = byte_level(pre_tokenizers.ByteLevel(add_prefix_space=True))
    tokenizer.add_special_tokens(["<s>", "</s>", AddedToken("<mask>", lstrip=True)])
    tokenizer.post_processor = processors.RobertaProcessing(
        ("</s>", tokenizer.token_to_id("</s>")), ("<s>", tokenizer.token_to_id("<s>")))
    return tokenizer


def llama2(metaspace):
    specials = ["<unk>", "<s>", "</s>"]
    tokens = specials + [f"<0x{b:02X}>" for b in range(256)]
    trained = Tokenizer(models.BPE())
    trained.normalizer = normalizers.Sequence([normalizers.Prepend(SPACE), normalizers.Replace(" ", SPACE)])
    trained.train_from_iterator([t for t in corpus() if t.isascii()],
                                trainers.BpeTrainer(vocab_size=500, show_progress=False))
    model = json.loads(trained.to_str())["model"]
    tokens += sorted(model["vocab"], key=model["vocab"].get)
    tokenizer = Tokenizer(models.BPE(vocab={t: i for i, t in enumerate(tokens)}, merges=[tuple(m) for m in model["merges"]],
                                     unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    if metaspace:
        tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first", split=False)
    else:
        tokenizer.normalizer = trained.normalizer
    tokenizer.decoder = decoders.Sequence([decoders.Replace(SPACE, " "), decoders.ByteFallback(), decoders.Fuse(),
                                           decoders.Strip(" ", 1, 0)])
    tokenizer.add_special_tokens(specials)
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 1)])
    return tokenizer


def bert(lowercase):
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]", max_input_chars_per_word=40))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=lowercase)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    specials = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    # GGUF marks words by U+2581, so no token may have one.
    tokenizer.train_from_iterator([t for t in corpus() if SPACE not in t], trainers.WordPieceTrainer(vocab_size=700, special_tokens=specials, show_progress=False))
    tokenizer.decoder = decoders.WordPiece()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    return tokenizer


def clip():
    """Words end in a mark, unknown tokens, white space folded by a pattern."""
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", end_of_word_suffix="</w>", continuing_subword_prefix=""))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        split(r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+", "removed", True)])
    tokenizer.train_from_iterator(corpus(), trainers.BpeTrainer(
        vocab_size=600, special_tokens=["<unk>"], end_of_word_suffix="</w>", show_progress=False))
    tokenizer.decoder = decoders.BPEDecoder("</w>")
    return tokenizer


def mixed():
    """Every other step, and added tokens with every property."""
    tokenizer = Tokenizer(models.BPE(unk_token="?", fuse_unk=True, continuing_subword_prefix="##"))
    tokenizer.normalizer = normalizers.Sequence([
        normalizers.Nmt(), normalizers.NFKD(), normalizers.StripAccents(), normalizers.Lowercase(), normalizers.Strip(),
        normalizers.Replace("``", '"')])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Punctuation("merged_with_previous"), split("a+", "merged_with_next"),
        pre_tokenizers.Digits(), pre_tokenizers.CharDelimiterSplit("_"), pre_tokenizers.Split("-", "contiguous")])
    tokenizer.train_from_iterator(corpus(), trainers.BpeTrainer(
        vocab_size=500, special_tokens=["?"], continuing_subword_prefix="##", show_progress=False))
    tokenizer.decoder = decoders.Metaspace()
    tokenizer.add_tokens([AddedToken("word", single_word=True), AddedToken("the", lstrip=True, rstrip=True),
                          AddedToken("NAÏVE", normalized=True), AddedToken("Hello", normalized=False, rstrip=True),
                          AddedToken("int", single_word=True, lstrip=True), AddedToken("inter", normalized=False)])
    return tokenizer


def whitespace():
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>"))
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Whitespace(), pre_tokenizers.Metaspace()])
    tokenizer.train_from_iterator(corpus(), trainers.BpeTrainer(vocab_size=700, special_tokens=["<unk>"], show_progress=False))
    tokenizer.decoder = decoders.Metaspace()
    return tokenizer


def texts(specials):
    rng = random.Random(11)
    shorter = [t if len(t) <= 120 else t[:120] for t in HARD]
    return shorter + [f"a{s} b {s}" for s in specials] + [random_text(rng, specials) for _ in range(60)]


def write(folder, cases):
    folder.mkdir(parents=True, exist_ok=True)
    lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
    (folder / "cases.json").write_text(f"[\n{lines}\n]\n")


def cases_of(tokenizer):
    specials = [t.content for t in tokenizer.get_added_tokens_decoder().values()]
    encoded = [(t, tokenizer.encode(t).ids) for t in texts(specials)]
    return [[t, ids, tokenizer.decode(ids, skip_special_tokens=False)] for t, ids in encoded]


def write_gguf(folder, model, tokens, types, scores=None, merges=None, **keys):
    from gguf import GGUFWriter
    folder.mkdir(parents=True, exist_ok=True)
    writer = GGUFWriter(str(folder / "tokenizer.gguf"), "llama")
    writer.add_tokenizer_model(model)
    writer.add_token_list(tokens)
    writer.add_token_types(types)
    if scores is not None:
        writer.add_token_scores(scores)
    if merges is not None:
        writer.add_token_merges(merges)
    for key, value in keys.items():
        add = writer.add_string if isinstance(value, str) else writer.add_bool if isinstance(value, bool) else writer.add_uint32
        add(f"tokenizer.{key}" if key == "chat_template" else f"tokenizer.ggml.{key}", value)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def gguf_sentencepiece(folder):
    import sentencepiece
    out = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter([t for t in corpus() if t.strip() and t.isascii() and t.isprintable()]), model_writer=out, vocab_size=600, model_type="bpe",
        byte_fallback=True, normalization_rule_name="identity", remove_extra_whitespaces=False, minloglevel=2)
    model = sentencepiece.SentencePieceProcessor(model_proto=out.getvalue())
    size = model.get_piece_size()
    kind = lambda i: 2 if model.is_unknown(i) else 3 if model.is_control(i) else 6 if model.is_byte(i) else 1
    write_gguf(folder, "llama", [model.id_to_piece(i) for i in range(size)], [kind(i) for i in range(size)],
               scores=[model.get_score(i) for i in range(size)], bos_token_id=1, eos_token_id=2, unknown_token_id=0)
    # SentencePiece knows no special tokens inside a text, gives nothing for an empty
    # one the space prefix, and stops at a zero byte when decoding.
    chosen = [t for t in texts([]) if t and "\0" not in t and not any(s in t for s in ["<s>", "</s>", "<unk>"])]
    write(folder, [[t, [1] + model.encode(t), None] for t in chosen])


def gguf_byte_level(folder, tokenizer, pre, types):
    model = json.loads(tokenizer.to_str())
    tokens = sorted(tokenizer.get_vocab(), key=tokenizer.get_vocab().get)
    special = {t["content"]: 3 if t["special"] else 4 for t in model["added_tokens"]}
    write_gguf(folder, "gpt2", tokens, [special.get(t, 1) for t in tokens], pre=pre,
               merges=[" ".join(m) for m in model["model"]["merges"]], **types)
    write(folder, cases_of(tokenizer))


def gguf_bert(folder, tokenizer):
    tokens = sorted(tokenizer.get_vocab(), key=tokenizer.get_vocab().get)
    respelled = [t[2:] if t.startswith("##") else t if t[0] == "[" and t[-1] == "]" and len(t) > 2 else SPACE + t for t in tokens]
    write_gguf(folder, "bert", respelled, [3 if i < 5 else 1 for i in range(len(tokens))],
               unknown_token_id=1, cls_token_id=2, seperator_token_id=3, padding_token_id=0)
    write(folder, cases_of(tokenizer))


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent)
    made = {"gpt2": gpt2(), "smollm": smollm(), "llama3": llama3(), "qwen2": qwen2(), "gpt4o": gpt4o(), "falcon": falcon(),
            "roberta": roberta(), "llama2": llama2(False), "mistral": llama2(True), "bert-uncased": bert(True),
            "bert-cased": bert(False), "clip": clip(), "mixed": mixed(), "whitespace": whitespace()}
    for name, tokenizer in made.items():
        write(root / name, cases_of(tokenizer))
        text = json.dumps(json.loads(tokenizer.to_str()), separators=(",", ":"))
        (root / name / "tokenizer.json").write_text(text + "\n")
    gguf_sentencepiece(root / "gguf-llama")
    bos = made["llama3"].token_to_id("<|begin_of_text|>")
    gguf_byte_level(root / "gguf-llama3", made["llama3"], "llama-bpe", {"bos_token_id": bos})
    gguf_byte_level(root / "gguf-smollm", made["smollm"], "smollm", {"add_bos_token": False})
    gguf_bert(root / "gguf-bert", made["bert-uncased"])


if __name__ == "__main__":
    main()
