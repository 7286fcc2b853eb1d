"""Times the row functions of bench.py in PyTorch on one thread.

usage: rows_torch.py      with torch, transformers' slow path of Mamba written out

The best fifth of many samples, in microseconds; outputs are allocated as PyTorch does.
"""

import time

import torch
import torch.nn.functional as F

torch.set_num_threads(1)
torch.set_grad_enabled(False)


def measure(name, run, elements, budget=0.4):
    count, samples = 1, []

    def sample():
        begin = time.perf_counter()
        for _ in range(count):
            run()
        return time.perf_counter() - begin
    while sample() < 2e-3:
        count *= 2
    while len(samples) < 5 or sum(samples) < budget:
        samples.append(sample())
    seconds = sorted(samples)[len(samples) // 5] / count
    print(f"| {name} | {seconds * 1e6:.1f} | {seconds / elements * 1e9:.3f} ns an element |", flush=True)


def selective_scan(t, c, n):
    """The loop over tokens of transformers' MambaMixer.slow_forward, one sequence."""
    x, dt, a = torch.randn(1, c, t), torch.rand(1, c, t) * 0.1, -torch.rand(c, n)
    b, out = torch.randn(1, t, n), torch.randn(1, t, n)

    def run():
        decay = torch.exp(a[None, :, None, :] * dt[:, :, :, None])
        write = dt[:, :, :, None] * b[:, None, :, :] * x[:, :, :, None]
        state, outputs = torch.zeros(1, c, n), []
        for i in range(t):
            state = decay[:, :, i, :] * state + write[:, :, i, :]
            outputs.append(torch.matmul(state, out[:, i, :].unsqueeze(-1))[:, :, 0])
        return torch.stack(outputs, dim=-1)
    return run


def main():
    x, y = torch.randn(128, 1536), torch.randn(128, 1536)
    measure("gelu by erf 128 x 1536", lambda: F.gelu(x), x.numel())
    measure("gelu by tanh 128 x 1536", lambda: F.gelu(x, approximate="tanh"), x.numel())
    measure("silu 128 x 1536", lambda: F.silu(x), x.numel())
    measure("silu(a) b 128 x 1536", lambda: F.silu(x) * y, x.numel())
    for m, c in ((128, 576), (1, 576)):
        z, w = torch.randn(m, c), torch.randn(c)
        measure(f"norm rms {m} x {c}", lambda: F.rms_norm(z, (c,), w, 1e-5), z.numel())
    for m, c in ((128, 384), (2048, 768)):
        z, w, s = torch.randn(m, c), torch.randn(c), torch.randn(c)
        measure(f"norm layer {m} x {c}", lambda: F.layer_norm(z, (c,), w, s, 1e-5), z.numel())
    for m, c in ((1536, 128), (128, 1536), (16, 49152), (1024, 64), (4, 1 << 20)):
        z = torch.randn(m, c)
        measure(f"softmax {m} x {c}", lambda: F.softmax(z, -1), z.numel())
    conv, u = torch.nn.Conv1d(1536, 1536, 4, groups=1536, padding=3), torch.randn(1, 1536, 512)
    measure("short_conv 512 tokens, 1536 channels, 4 taps, silu",
            lambda: F.silu(conv(u)[..., :512]), u.numel())
    measure("scan selective 512 tokens, 1536 columns, 16 rows", selective_scan(512, 1536, 16), 512 * 1536)


main()
