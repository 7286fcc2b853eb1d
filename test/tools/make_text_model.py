#!/usr/bin/env python3
"""Gives a tiny model of 64 tokens a tokenizer: one token a character.

usage: make_text_model.py MODEL OUT    MODEL is a Hugging Face folder; OUT gets a copy"""

import json
import pathlib
import shutil
import string
import sys

model, out = map(pathlib.Path, sys.argv[1:])
shutil.rmtree(out, ignore_errors=True)
shutil.copytree(model, out)
tokens = ["<unk>", "<s>", "</s>", "\u0120", *string.ascii_lowercase, *string.ascii_uppercase,
          *".,!?:;"]  # U+0120 is a space in byte-level BPE
special = [dict(id=i, content=t, special=True, single_word=False, lstrip=False, rstrip=False,
                normalized=False) for i, t in enumerate(tokens[:3])]
byte_level = dict(type="ByteLevel", add_prefix_space=False, trim_offsets=True, use_regex=True)
(out / "tokenizer.json").write_text(json.dumps(dict(
    version="1.0", truncation=None, padding=None, added_tokens=special, normalizer=None,
    pre_tokenizer=byte_level, post_processor=None, decoder=byte_level,
    model=dict(type="BPE", dropout=None, unk_token="<unk>", continuing_subword_prefix=None,
               end_of_word_suffix=None, fuse_unk=False, byte_fallback=False,
               ignore_merges=False, vocab={t: i for i, t in enumerate(tokens)}, merges=[]))))
