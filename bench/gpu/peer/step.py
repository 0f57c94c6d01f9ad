# The measuring peer of run-gpu-suite: LoRA training steps by PyTorch, transformers and PEFT, with the weights, adapters,
# batches and optimizer that our side has written. It answers questions on standard input, one line of JSON each:
#   mode f32|tf32|bf16   starts anew in that math mode, makes a few steps, tells their losses
#   run N                makes N steps, tells how many seconds they took
#   memory               tells the largest number of bytes that were taken since `mode`
# Where PEFT is missing, its LoRA layer is written out below; the first answer says so.
import contextlib
import json
import os
import sys
import time


def say(**what):
    print("peer " + json.dumps(what), flush=True)


def main():
    variant, folder, where = sys.argv[1:4]
    import torch
    import transformers
    from safetensors.torch import load_file

    transformers.logging.set_verbosity_error()
    with open(os.path.join(folder, "setting.json")) as file:
        setting = json.load(file)
    device = torch.device(where)
    cuda = device.type == "cuda"
    model, library = build(torch, transformers, load_file, folder, setting)
    model.to(device)
    model.train()
    trained = [(name, p) for name, p in model.named_parameters() if p.requires_grad]
    initial = [p.detach().clone() for _, p in trained]
    batches = [tensors(torch, batch, device) for batch in setting["batches"]]
    forward = torch.compile(model) if variant == "compiled" else model
    say(ready=True, torch=torch.__version__, transformers=transformers.__version__, adapters=library,
        trained=sum(p.numel() for _, p in trained),
        device=torch.cuda.get_device_name(device) if cuda else "cpu")

    state = {}

    def start(mode):
        torch.set_float32_matmul_precision("highest" if mode == "f32" else "high")
        if variant == "compiled":
            torch._dynamo.reset()
        with torch.no_grad():
            for (_, p), value in zip(trained, initial):
                p.copy_(value)
                p.grad = None
        state["optimizer"] = torch.optim.AdamW([p for _, p in trained], lr=setting["lr"],
                                               weight_decay=setting["weight_decay"], fused=cuda)
        state["mode"] = mode
        state["next"] = 0
        if cuda:
            torch.cuda.synchronize()
            torch.cuda.empty_cache()
            torch.cuda.reset_peak_memory_stats()

    def step():
        batch = batches[state["next"] % len(batches)]
        state["next"] += 1
        rounded = (torch.autocast(device.type, dtype=torch.bfloat16) if state["mode"] == "bf16"
                   else contextlib.nullcontext())
        with rounded:
            loss = forward(**batch).loss
        loss.backward()
        state["optimizer"].step()
        state["optimizer"].zero_grad(set_to_none=True)
        return loss

    def wait():
        if cuda:
            torch.cuda.synchronize()

    for line in sys.stdin:
        try:
            question, _, argument = line.strip().partition(" ")
            if question == "mode":
                start(argument)
                say(losses=[step().item() for _ in range(5)])
            elif question == "run":
                wait()
                begin = time.perf_counter()
                for _ in range(int(argument)):
                    step()
                wait()
                say(seconds=time.perf_counter() - begin)
            elif question == "memory":
                say(allocated=torch.cuda.max_memory_allocated() if cuda else None,
                    reserved=torch.cuda.max_memory_reserved() if cuda else None)
        except Exception as failure:
            import traceback
            traceback.print_exc()
            say(failed="%s: %s" % (type(failure).__name__, str(failure)[:400]))


def build(torch, transformers, load_file, folder, setting):
    config = transformers.AutoConfig.for_model(**setting["config"])
    config.use_cache = False
    kind = getattr(transformers, setting["config"]["architectures"][0])
    model = kind._from_config(config, attn_implementation="sdpa")
    weights = load_file(os.path.join(folder, "model.safetensors"))
    left = model.load_state_dict(weights, strict=False)
    if left.unexpected_keys:
        raise ValueError("weights that the model has not: %s" % left.unexpected_keys[:3])
    adapter = load_file(os.path.join(folder, "adapter", "adapter_model.safetensors"))
    classifies = "classifier" in " ".join(adapter)
    expected = {"lm_head.weight"}
    missing = [key for key in left.missing_keys if key not in expected
               and not (classifies and key.startswith("classifier."))]
    if missing:
        raise ValueError("weights that are not in the file: %s" % missing[:3])
    try:
        import peft
    except ImportError:
        return wrapped(torch, model, setting, adapter), "written out, since PEFT is missing"
    lora = peft.LoraConfig(r=setting["rank"], lora_alpha=setting["alpha"], target_modules=setting["targets"],
                           lora_dropout=0.0, fan_in_fan_out=not classifies,
                           modules_to_save=["classifier"] if classifies else None,
                           task_type="SEQ_CLS" if classifies else "CAUSAL_LM")
    model = peft.get_peft_model(model, lora)
    loaded = peft.set_peft_model_state_dict(model, adapter)
    if loaded.unexpected_keys:
        raise ValueError("adapter tensors that the model has not: %s" % loaded.unexpected_keys[:3])
    return model, "peft " + peft.__version__


def wrapped(torch, model, setting, adapter):
    class Lora(torch.nn.Module):
        def __init__(self, base, a, b, scale):
            super().__init__()
            self.base, self.scale = base, scale
            self.a, self.b = torch.nn.Parameter(a), torch.nn.Parameter(b)

        def forward(self, x):
            linear = torch.nn.functional.linear
            return self.base(x) + self.scale * linear(linear(x, self.a), self.b)

    for p in model.parameters():
        p.requires_grad_(False)
    saved = {}
    for key, value in adapter.items():
        path = key[len("base_model.model."):]
        if path.endswith(".lora_A.weight"):
            path = path[:-len(".lora_A.weight")]
            parent, _, name = path.rpartition(".")
            module = model.get_submodule(parent)
            b = adapter["base_model.model." + path + ".lora_B.weight"]
            setattr(module, name, Lora(getattr(module, name), value, b, setting["alpha"] / setting["rank"]))
        elif "lora_" not in path:
            saved[path] = value
    for path, value in saved.items():
        p = model.get_parameter(path)
        p.data.copy_(value)
        p.requires_grad_(True)
    return model


# Padded to the longest; without padding there is no mask, so that attention may take its fast path.
def tensors(torch, batch, device):
    longest = max(len(ids) for ids in batch["ids"])
    padded = any(len(ids) < longest for ids in batch["ids"])
    ids = [row + [0] * (longest - len(row)) for row in batch["ids"]]
    labels = batch["labels"]
    if isinstance(labels[0], list):
        labels = [row + [-100] * (longest - len(row)) for row in labels]
    result = {"input_ids": torch.tensor(ids, device=device), "labels": torch.tensor(labels, device=device)}
    if padded:
        mask = [[1] * len(row) + [0] * (longest - len(row)) for row in batch["ids"]]
        result["attention_mask"] = torch.tensor(mask, device=device)
    return result


if __name__ == "__main__":
    try:
        main()
    except Exception as failure:
        import traceback
        traceback.print_exc()
        say(failed="%s: %s" % (type(failure).__name__, str(failure)[:400]))
        sys.exit(1)
