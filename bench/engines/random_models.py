#!/usr/bin/env python3
"""Makes models of known shapes with random weights, where the real ones are not at hand.

usage: random_models.py FOLDER [NAME…]     bert-base, vit-b16: Hugging Face directories
"""

import pathlib
import sys

import torch
import transformers as tf


def main():
    torch.manual_seed(0)
    makers = {
        "bert-base": lambda: tf.BertModel(tf.BertConfig(), add_pooling_layer=False),
        "vit-b16": lambda: tf.ViTForImageClassification(tf.ViTConfig(num_labels=1000)),
    }
    folder = pathlib.Path(sys.argv[1])
    for name in sys.argv[2:] or makers:
        makers[name]().save_pretrained(folder / name)


main()
