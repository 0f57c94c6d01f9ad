package dev.lorikeet.models.cli;

import dev.lorikeet.lora.AdapterMismatch;
import dev.lorikeet.models.ConfigException;
import dev.lorikeet.models.verify.Verifier;
import dev.lorikeet.models.verify.golden.CaseException;
import dev.lorikeet.models.verify.golden.CaseReport;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Backends;
import dev.lorikeet.tensor.io.FormatException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `lorikeet verify`: replays golden cases.
@Command(
        name = "verify",
        description = "Replay golden cases: compute what a reference library has computed from the same files, and "
                + "print the largest error of every tensor and scalar against its tolerance.",
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:everything was compared and is within its tolerance",
            "1:something exceeds its tolerance or was not checked",
            "2:a directory is no case, or a file of it cannot be used"},
        footer = {
            "",
            "A case is a directory with a manifest.json and the files it lists. To see",
            "whether your own checkpoint is reproduced, put beside its config.json and",
            "weights what the reference library computes from it (float64, dropout 0),",
            "saved with safetensors, and a manifest:",
            "",
            "  {",
            "   \"case\": \"mine\", \"kind\": \"gpt2-base\",",
            "   \"files\": {\"config.json\": \"\", \"model.safetensors\": \"\", \"io.safetensors\": \"\"},",
            "   \"tensors\": [",
            "    {\"name\": \"input_ids\", \"file\": \"io.safetensors\",",
            "     \"dtype\": \"I64\", \"shape\": [2, 9]},",
            "    {\"name\": \"attention_mask\", \"file\": \"io.safetensors\",",
            "     \"dtype\": \"I64\", \"shape\": [2, 9]},",
            "    {\"name\": \"labels\", \"file\": \"io.safetensors\",",
            "     \"dtype\": \"I64\", \"shape\": [2, 9]},",
            "    {\"name\": \"logits\", \"file\": \"io.safetensors\",",
            "     \"dtype\": \"F32\", \"shape\": [2, 9, 50257], \"atol\": 1e-3}",
            "   ],",
            "   \"scalars\": {\"loss\": {\"value\": 3.25, \"atol\": 1e-4}}",
            "  }",
            "",
            "A tensor with \"atol\" is compared: |computed - stored| <= atol. One without is",
            "an input, or holds integers that must be equal. \"noise_elements\": [[a, b]]",
            "leaves out elements a to b - 1 of the flattened tensor. A scalar has \"value\",",
            "or \"values\" for a list, and \"atol\". Labels are not shifted; -100 is no label.",
            "",
            "Kinds, and what they compare where the manifest lists it:",
            "  gpt2-base       logits, hidden_states.N, attentions.N, cache.N.key and",
            "                  .value, token_nll, loss, grad/PARAMETER, nomask.logits,",
            "                  leftpad.*; with \"training\" (lr_per_step, betas, eps,",
            "                  weight_decay) full_ft.losses and full_ft.after5/PARAMETER;",
            "                  with \"generation\" greedy and beam searches; every file of",
            "                  weights against every other.",
            "  roberta-base    logits, hidden_states.N, attentions.N, loss, grad/PARAMETER,",
            "                  position_ids_expected, nomask.logits, midpad.*, and training",
            "                  and weights likewise; the head is the one that config.json",
            "                  names in \"architectures\": a class or a number for each text",
            "                  (labels (B), F32 for numbers) or masked tokens (labels (B, T)).",
            "  gpt2-peft, roberta-peft",
            "                  an adapter directory on the sibling directory \"base_model\":",
            "                  logits, loss, losses, grad/KEY, after5/KEY, merged/PARAMETER,",
            "                  merged_logits; its files are written again and compared.",
            "  gpt2-loralib, roberta-loralib",
            "                  a checkpoint of loralib's examples, likewise.",
            "  loralib-layers, ops, optim, positions, formats",
            "                  single layers, operations, optimizers, position ids, files.",
            "",
            "Whatever a manifest lists and nothing here computes is reported as not checked,",
            "and counts as a failure.",
            "",
            "Examples:",
            "  lorikeet verify cases/gpt2-tiny cases/gpt2-peft-lora",
            "  lorikeet verify --device scalar --failed cases/ops-*"
        })
final class VerifyCommand implements Callable<Integer> {
    private static final int BAD_INPUT = 2;

    @Spec
    private CommandSpec spec;

    @Parameters(arity = "1..*", paramLabel = "CASE_DIR", description = "Directories of cases.")
    private List<Path> cases;

    @Option(names = "--device", paramLabel = "NAME", defaultValue = "cpu",
            description = "Where to compute: cpu, cpu:N (N threads), cuda:N (NVIDIA GPU N), scalar (the reference), "
                    + "auto. Default: ${DEFAULT-VALUE}.")
    private String device;

    @Option(names = "--failed", description = "List only what failed or was not checked.")
    private boolean failed;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        int code = 0;
        try (Backend backend = Backends.open(device)) {
            Verifier verifier = new Verifier(backend);
            for (Path directory : cases) {
                code = Math.max(code, verify(verifier, directory, out));
            }
        }
        return code;
    }

    private int verify(Verifier verifier, Path directory, PrintWriter out) {
        try {
            CaseReport report = verifier.verify(directory);
            out.print(report.table(!failed));
            out.flush();
            return report.passed() ? 0 : 1;
        } catch (CaseException | ConfigException | FormatException | AdapterMismatch bad) {
            spec.commandLine().getErr().println(bad.getMessage());
            spec.commandLine().getErr().flush();
            return BAD_INPUT;
        }
    }
}
