# What the peers' scripts share: how they answer, and the device that they work on.
import json
import subprocess
import sys
import traceback


def say(**what):
    print("peer " + json.dumps(what), flush=True)


def run(main):
    try:
        main()
    except Exception as failure:
        traceback.print_exc()
        say(failed=told(failure))
        sys.exit(1)


def told(failure):
    return "%s: %s" % (type(failure).__name__, str(failure)[:400])


# PyTorch may be there and see no GPU: built without CUDA, or for a driver newer than this one.
def device(torch, where):
    if where.startswith("cuda") and not torch.cuda.is_available():
        raise RuntimeError("torch %s, built for CUDA %s, sees no GPU" % (torch.__version__, torch.version.cuda))
    if where.startswith("cuda"):
        torch.cuda.set_device(torch.device(where))
    return torch.device(where)


def set_mode(torch, mode):
    torch.set_float32_matmul_precision("highest" if mode == "f32" else "high")


# Bytes that the driver says to be taken of the device, by whomever; None if it cannot be asked.
def taken(where):
    try:
        answer = subprocess.run(
            ["nvidia-smi", "--id=" + where.rpartition(":")[2], "--query-gpu=memory.used",
             "--format=csv,noheader,nounits"],
            capture_output=True, text=True, timeout=30, check=True)
        return int(answer.stdout.split()[0]) << 20
    except (OSError, subprocess.SubprocessError, ValueError, IndexError):
        return None
