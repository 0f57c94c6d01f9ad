# What PyTorch reaches on the device: a large copy, a large product in each math mode, timed as ours are. Also what its
# context takes of the device's memory before it has allocated anything.
#   ceilings.py DEVICE MODES FLOATS N SAMPLES BALLAST
import statistics
import sys
import time

import common


def main():
    where, modes = sys.argv[1], sys.argv[2].split(",")
    floats, n, samples, ballast = (int(number) for number in sys.argv[3:])
    import torch

    before = common.taken(where)
    device = common.device(torch, where)
    cuda = device.type == "cuda"
    ahead = torch.full((ballast,), 0.5, device=device)
    if cuda:
        torch.cuda.synchronize()
        after = common.taken(where)
        if before is not None and after is not None:
            common.say(context=after - before - torch.cuda.memory_reserved())

    # Seconds of a call by the device's own clock; it has something to do before, so that it never waits for the host.
    def seconds(call):
        call()
        times = []
        for _ in range(samples):
            if cuda:
                start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
                torch.cuda.synchronize()
                for _ in range(10):
                    ahead.fill_(0.5)
                start.record()
                call()
                end.record()
                end.synchronize()
                times.append(start.elapsed_time(end) / 1e3)
            else:
                start = time.perf_counter()
                call()
                times.append(time.perf_counter() - start)
        return statistics.median(times)

    def random(*shape, dtype=torch.float32):
        return torch.empty(shape, device=device).uniform_(-1, 1).to(dtype)

    source = random(floats)
    target = torch.empty_like(source)
    common.say(ceiling="copy", bytes=8.0 * floats, seconds=seconds(lambda: target.copy_(source)))
    del source, target
    for mode in modes:
        common.set_mode(torch, mode)
        dtype = torch.bfloat16 if mode == "bf16" else torch.float32
        a, b, c = random(n, n, dtype=dtype), random(n, n, dtype=dtype), torch.empty((n, n), device=device, dtype=dtype)
        common.say(ceiling="product " + mode, flops=2.0 * n ** 3,
                   seconds=seconds(lambda: torch.mm(a, b.t(), out=c)))
        del a, b, c


if __name__ == "__main__":
    common.run(main)
