"""Exports a model to ONNX for the engines that start from it, once, into a cache."""

import os
import pathlib

CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "weft/bench"


def module(model):
    """The torch module of a GGUF decoder (last logits) or an encoder directory."""
    import torch
    import transformers as tf
    path = pathlib.Path(model)
    torch.set_grad_enabled(False)
    if path.suffix == ".gguf":
        inner = tf.AutoModelForCausalLM.from_pretrained(path.parent, gguf_file=path.name, dtype=torch.float32).eval()
        forward = lambda ids: inner(ids, use_cache=False, logits_to_keep=1).logits[:, -1]
    else:
        inner = tf.AutoModel.from_pretrained(path).eval()
        forward = lambda ids: inner(ids, return_dict=True).last_hidden_state

    class Wrapped(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = inner

        def forward(self, ids):
            return forward(ids)

    return Wrapped().eval(), inner.config.vocab_size


def onnx(model, case):
    """Returns (path, vocabulary) of the exported case."""
    import json
    folder = CACHE / (pathlib.Path(model).stem or "model") / case
    file, facts = folder / "model.onnx", folder / "facts.json"
    if not facts.exists():
        import torch
        folder.mkdir(parents=True, exist_ok=True)
        wrapped, vocabulary = module(model)
        ids = torch.zeros((1, int(case[1:])), dtype=torch.int64)
        torch.onnx.export(wrapped, (ids,), dynamo=True, verbose=False).save(str(file), external_data=True)
        facts.write_text(json.dumps({"vocabulary": vocabulary}))
    return file, json.loads(facts.read_text())["vocabulary"]
