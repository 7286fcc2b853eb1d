"""llama.cpp through its C API. FLASH=1 in the environment turns its flash attention on."""

import ctypes
import os
import sys

import llama_cpp as L

from common import serve, tokens


def main():
    path, threads = sys.argv[1], int(sys.argv[2])
    L.llama_backend_init()
    quiet = L.llama_log_callback(lambda *a: None)
    L.llama_log_set(quiet, ctypes.c_void_p(0))
    mp = L.llama_model_default_params()
    mp.n_gpu_layers = 0
    mp.use_extra_bufts = os.environ.get("EXTRA_BUFTS") == "1"  # its AMX buffers
    model = L.llama_model_load_from_file(path.encode(), mp)
    cp = L.llama_context_default_params()
    cp.flash_attn_type = int(os.environ.get("FLASH", "0"))
    cp.n_ctx, cp.n_batch, cp.n_ubatch, cp.n_threads, cp.n_threads_batch = 2048, 512, 512, threads, threads
    ctx = L.llama_init_from_model(model, cp)
    memory = L.llama_get_memory(ctx)
    vocabulary = L.llama_vocab_n_tokens(L.llama_model_get_vocab(model))

    def decode(ids):
        array = (L.llama_token * len(ids))(*map(int, ids))
        if L.llama_decode(ctx, L.llama_batch_get_one(array, len(ids))):
            raise RuntimeError("llama_decode failed")
        L.llama_synchronize(ctx)

    def load(case):
        count = int(case[1:])
        ids = tokens(count, vocabulary)[0]
        clear = lambda: L.llama_memory_clear(memory, True)
        if case[0] == "s":
            return clear, lambda: decode(ids)
        clear()
        for begin in range(0, count, 128):
            decode(ids[begin:begin + 128])
        back = lambda: L.llama_memory_seq_rm(memory, 0, count, -1)
        return back, lambda: decode(ids[:1])

    serve(load)


main()
