"""Exports a model to ONNX for the engines that start from it, once, into a cache."""

import os
import pathlib

from common import inputs

CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "weft/bench"


def module(model):
    """The torch module of a GGUF decoder (last logits) or an encoder directory, and facts
    about its input: `vocabulary`, or the shape of an `image`."""
    import torch
    import transformers as tf
    path = pathlib.Path(model)
    torch.set_grad_enabled(False)
    if path.suffix == ".gguf":
        inner = tf.AutoModelForCausalLM.from_pretrained(path.parent, gguf_file=path.name, dtype=torch.float32).eval()
        forward = lambda ids: inner(ids, use_cache=False, logits_to_keep=1).logits[:, -1]
    elif tf.AutoConfig.from_pretrained(path).model_type in ("vit", "deit"):
        inner = tf.AutoModelForImageClassification.from_pretrained(path).eval()
        forward = lambda pixels: inner(pixels, return_dict=True).logits
    else:
        inner = tf.AutoModel.from_pretrained(path).eval()
        forward = lambda ids: inner(ids, return_dict=True).last_hidden_state

    class Wrapped(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = inner

        def forward(self, ids):
            return forward(ids)

    config = inner.config
    if hasattr(config, "image_size"):
        return Wrapped().eval(), {"image": [config.num_channels, config.image_size, config.image_size]}
    return Wrapped().eval(), {"vocabulary": config.vocab_size}


def onnx(model, case):
    """Returns (path, facts) of the exported case."""
    import json
    folder = CACHE / (pathlib.Path(model).stem or "model") / case
    file, facts = folder / "model.onnx", folder / "facts.json"
    if not facts.exists():
        import torch
        folder.mkdir(parents=True, exist_ok=True)
        wrapped, known = module(model)
        data = torch.from_numpy(inputs(case, known))
        torch.onnx.export(wrapped, (data,), dynamo=True, verbose=False).save(str(file), external_data=True)
        facts.write_text(json.dumps(known))
    return file, json.loads(facts.read_text())
