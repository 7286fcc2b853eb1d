"""Exports a model to ONNX for the engines that start from it, once, into a cache."""

import os
import pathlib

from common import inputs

CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "weft/bench"


def load(model):
    """The transformers model of a GGUF file or a directory, and what it is: `decoder`, `vision`
    or `encoder`."""
    import torch
    import transformers as tf
    path = pathlib.Path(model)
    if path.suffix == ".gguf":
        return tf.AutoModelForCausalLM.from_pretrained(path.parent, gguf_file=path.name, dtype=torch.float32), "decoder"
    config = tf.AutoConfig.from_pretrained(path)
    if config.model_type in ("vit", "deit"):
        return tf.AutoModelForImageClassification.from_pretrained(path), "vision"
    if (config.architectures or [""])[0].endswith(("ForCausalLM", "GPT2LMHeadModel")):
        return tf.AutoModelForCausalLM.from_pretrained(path), "decoder"
    return tf.AutoModel.from_pretrained(path), "encoder"


def decode(inner, ids, cache):
    """The logits of one token after those of `cache`, and its own keys and values."""
    import torch
    import transformers as tf
    past = tf.DynamicCache(ddp_cache_data=[(layer[0], layer[1]) for layer in cache])
    position = torch.full((1, 1), cache.shape[4], dtype=torch.long)
    out = inner(ids, past_key_values=past, position_ids=position, use_cache=True)
    return out.logits[:, -1], torch.stack([torch.stack([layer.keys[:, :, -1:], layer.values[:, :, -1:]])
                                           for layer in past.layers])


def module(model, case):
    """The torch module of a case of a decoder (last logits), an encoder or a vision model, and
    facts about its inputs: `vocabulary` and `cache`, or the shape of an `image`."""
    import torch
    torch.set_grad_enabled(False)
    inner, kind = load(model)
    inner = inner.eval()
    run = {"decoder": lambda ids: inner(ids, use_cache=False, logits_to_keep=1).logits[:, -1],
           "vision": lambda pixels: inner(pixels, return_dict=True).logits,
           "encoder": lambda ids: inner(ids, return_dict=True).last_hidden_state}[kind]
    if case[0] == "d":
        run = lambda ids, cache: decode(inner, ids, cache)

    class Sequence(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = inner

        def forward(self, x):
            return run(x)

    class Step(Sequence):
        def forward(self, ids, cache):
            return run(ids, cache)

    config = inner.config
    if kind == "vision":
        return Sequence().eval(), {"image": [config.num_channels, config.image_size, config.image_size]}
    facts = {"vocabulary": config.vocab_size}
    if kind == "decoder" and hasattr(config, "num_attention_heads"):
        heads = config.num_attention_heads
        facts["cache"] = [config.num_hidden_layers, getattr(config, "num_key_value_heads", heads),
                          getattr(config, "head_dim", None) or config.hidden_size // heads]
    return (Step if case[0] == "d" else Sequence)().eval(), facts


def onnx(model, case):
    """Returns (path, facts) of the exported case."""
    import json
    folder = CACHE / (pathlib.Path(model).stem or "model") / case
    file, facts = folder / "model.onnx", folder / "facts.json"
    if not facts.exists():
        import torch
        folder.mkdir(parents=True, exist_ok=True)
        wrapped, known = module(model, case)
        data = tuple(torch.from_numpy(array) for array in inputs(case, known))
        torch.onnx.export(wrapped, data, dynamo=True, verbose=False).save(str(file), external_data=True)
        facts.write_text(json.dumps(known))
    return file, json.loads(facts.read_text())
