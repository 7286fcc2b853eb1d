#!/usr/bin/env python3
"""Makes models of known shapes with random weights, where the real ones are not at hand.

usage: random_models.py FOLDER [NAME…]     bert-base, vit-b16, gpt2, mamba-130m: Hugging
                                         Face directories
"""

import pathlib
import sys

import torch
import transformers as tf


def main():
    torch.manual_seed(0)
    makers = {
        "bert-base": lambda: tf.BertModel(tf.BertConfig(), add_pooling_layer=False),
        "gpt2": lambda: tf.GPT2LMHeadModel(tf.GPT2Config(n_positions=2048)),
        "mamba-130m": lambda: tf.MambaForCausalLM(tf.MambaConfig(
            vocab_size=50280, hidden_size=768, state_size=16, num_hidden_layers=24)),
        "vit-b16": lambda: tf.ViTForImageClassification(tf.ViTConfig(num_labels=1000)),
    }
    folder = pathlib.Path(sys.argv[1])
    for name in sys.argv[2:] or makers:
        makers[name]().save_pretrained(folder / name)


main()
