package dev.lorikeet.models.cli;

import dev.lorikeet.lora.BlockForm;
import dev.lorikeet.lora.StoredAdapter;
import dev.lorikeet.lora.Targets;
import dev.lorikeet.lora.io.AdapterFiles;
import dev.lorikeet.lora.io.LoralibFormat;
import dev.lorikeet.lora.io.LoralibOptions;
import dev.lorikeet.lora.io.PeftFormat;
import dev.lorikeet.models.base.ModelFamilies;
import dev.lorikeet.models.hub.ModelPath;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `lorikeet convert`: adapters between PEFT's format and loralib's.
@Command(
        name = "convert",
        description = "Convert an adapter between PEFT's directory format and loralib's checkpoint format, without "
                + "loss or not "
                + "at all.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  lorikeet convert --to peft --alpha 32 model.26289.pt e2e-adapter",
            "  lorikeet convert --to peft --alpha 16 roberta_base_lora_mnli.bin mnli-adapter",
            "  lorikeet convert --to loralib run/adapter lora.pt"
        })
final class ConvertCommand implements Callable<Integer> {
    /// The two formats.
    enum Format { PEFT, LORALIB }

    @Spec
    private CommandSpec spec;

    @Option(names = "--to", required = true, paramLabel = "FORMAT", description = "peft or loralib.")
    private Format to;

    @Option(names = "--alpha", paramLabel = "ALPHA",
            description = "lora_alpha of a loralib checkpoint, which does not store it.")
    private Double alpha;

    @Option(names = "--targets", paramLabel = "LIST",
            description = "Which columns a loralib checkpoint updates. Default: c_attn[q,v] for two groups.")
    private String targets;

    @Option(names = "--modules-to-save", split = ",", paramLabel = "NAME",
            description = "Whole modules wanted from a loralib checkpoint of the entire model.")
    private List<String> modulesToSave = List.of();

    @Option(names = "--flat",
            description = "Write loralib's tensors at the top level, as its RoBERTa example does, not under "
                    + "model_state_dict.")
    private boolean flat;

    @Parameters(index = "0", paramLabel = "FROM",
            description = "Adapter directory or checkpoint, or the name of one that lorikeet pull has fetched.")
    private Path from;

    @Parameters(index = "1", paramLabel = "TO", description = "Directory (peft) or file (loralib) to write.")
    private Path target;

    @Override
    public Integer call() {
        LoralibOptions options =
                new LoralibOptions(alpha, targets == null ? null : Targets.parse(targets), modulesToSave);
        // loralib's files do not say what they belong to; models are recognised by the names of their projections
        StoredAdapter adapter = ModelFamilies.describe(AdapterFiles.open(ModelPath.resolve(from), options));
        switch (to) {
            case PEFT -> PeftFormat.write(target, adapter);
            case LORALIB -> LoralibFormat.write(target, BlockForm.splitFused(adapter), !flat);
        }
        adapter.notes().forEach(note -> spec.commandLine().getOut().println("note: " + note));
        spec.commandLine().getOut().println(target + ": " + adapter.parameterCount() + " numbers");
        return 0;
    }
}
