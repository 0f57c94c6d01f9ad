# The measuring peer of run-gpu-suite: LoRA training steps by PyTorch, transformers and PEFT, with the weights,
# adapters, batches and optimizer that our side has written. It answers questions on standard input, one line of JSON each:
#   mode MODE BASE   starts anew in the math mode f32, tf32 or bf16, with the frozen weights in f32 or bf16, makes a few
#                    steps, tells their losses
#   run N            makes N steps, tells how many seconds they took
#   memory           tells the largest number of bytes that were taken since `mode`
# Where PEFT is missing, its LoRA layer is written out below; the first answer says so.
#   step.py eager|compiled FOLDER DEVICE
import contextlib
import json
import os
import sys
import time
import traceback

import common

FIRST_STEPS = 5


def main():
    variant, folder, where = sys.argv[1:4]
    import torch
    import transformers
    from safetensors.torch import load_file

    device = common.device(torch, where)
    transformers.logging.set_verbosity_error()
    with open(os.path.join(folder, "setting.json")) as file:
        setting = json.load(file)
    model, library = build(torch, transformers, load_file, folder, setting)
    steps = Steps(torch, model, setting, device, variant)
    common.say(ready=True, torch=torch.__version__, cuda=torch.version.cuda, transformers=transformers.__version__,
               adapters=library, trained=setting["trained"],
               device=torch.cuda.get_device_name(device) if steps.cuda else "cpu")
    for line in sys.stdin:
        question, *arguments = line.split()
        try:
            if question == "mode":
                steps.start(*arguments)
                common.say(losses=[steps.step().item() for _ in range(FIRST_STEPS)])
            elif question == "run":
                common.say(seconds=steps.seconds(int(arguments[0])))
            elif question == "memory":
                common.say(**steps.memory())
            else:
                raise ValueError("no such question: " + question)
        except Exception as failure:
            traceback.print_exc()
            common.say(failed=common.told(failure))


class Steps:
    def __init__(self, torch, model, setting, device, variant):
        self.torch, self.setting, self.device = torch, setting, device
        self.cuda = device.type == "cuda"
        self.trained = [p for p in model.parameters() if p.requires_grad]
        count = sum(p.numel() for p in self.trained)
        if count != setting["trained"]:
            raise ValueError("trains %d numbers, not %d" % (count, setting["trained"]))
        # kept on the host, so that each start finds them as they were
        self.initial = [p.detach().clone() for p in self.trained]
        self.frozen = [(p, p.detach().clone()) for p in model.parameters() if not p.requires_grad]
        self.base = torch.float32
        self.model = model.to(device).train()
        self.compiled = variant == "compiled"
        self.forward = torch.compile(self.model) if self.compiled else self.model
        self.batches = [tensors(torch, batch, device) for batch in setting["batches"]]
        self.optimizer = None

    def start(self, mode, base):
        torch = self.torch
        common.set_mode(torch, mode)
        if self.compiled:
            torch._dynamo.reset()
        self.rounds = mode == "bf16"
        self.next = 0
        self.optimizer = None
        with torch.no_grad():
            for p, value in zip(self.trained, self.initial):
                p.copy_(value)
                p.grad = None
            wanted = torch.bfloat16 if base == "bf16" else torch.float32
            if wanted != self.base:
                for p, value in self.frozen:
                    p.data = value.to(self.device, wanted)
                self.base = wanted
        self.optimizer = torch.optim.AdamW(self.trained, lr=self.setting["lr"],
                                           weight_decay=self.setting["weight_decay"], fused=self.cuda)
        if self.cuda:
            torch.cuda.synchronize()
            torch.cuda.empty_cache()
            torch.cuda.reset_peak_memory_stats()

    def step(self):
        batch = self.batches[self.next % len(self.batches)]
        self.next += 1
        with (self.torch.autocast(self.device.type, dtype=self.torch.bfloat16) if self.rounds
              else contextlib.nullcontext()):
            loss = self.forward(**batch).loss
        loss.backward()
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        return loss.detach()

    def seconds(self, count):
        self.wait()
        begin = time.perf_counter()
        for _ in range(count):
            self.step()
        self.wait()
        return time.perf_counter() - begin

    def wait(self):
        if self.cuda:
            self.torch.cuda.synchronize()

    def memory(self):
        return {"allocated": self.torch.cuda.max_memory_allocated() if self.cuda else None,
                "reserved": self.torch.cuda.max_memory_reserved() if self.cuda else None}


def build(torch, transformers, load_file, folder, setting):
    config = transformers.AutoConfig.for_model(**setting["config"])
    config.use_cache = False
    kind = getattr(transformers, setting["config"]["architectures"][0])
    model = kind._from_config(config, attn_implementation="sdpa")
    if model.config._attn_implementation != "sdpa":
        raise ValueError("attends by %s, not by sdpa" % model.config._attn_implementation)
    weights = load_file(os.path.join(folder, "model.safetensors"))
    left = model.load_state_dict(weights, strict=False)
    if left.unexpected_keys:
        raise ValueError("weights that the model has not: %s" % left.unexpected_keys[:3])
    adapter = load_file(os.path.join(folder, "adapter", "adapter_model.safetensors"))
    classifies = "classifier" in " ".join(adapter)
    missing = [key for key in left.missing_keys if key != "lm_head.weight"          # tied
               and not key.endswith(("position_ids", "attn.bias", "attn.masked_bias"))      # no weights
               and not (classifies and key.startswith("classifier."))]              # trained, so in the adapter
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
    common.run(main)
