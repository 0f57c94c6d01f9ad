package dev.lorikeet.models.cli;

import dev.lorikeet.lora.BiasMode;
import dev.lorikeet.lora.Dora;
import dev.lorikeet.lora.LoraConfig;
import dev.lorikeet.lora.LoraInit;
import dev.lorikeet.lora.OutputBias;
import dev.lorikeet.lora.Pissa;
import dev.lorikeet.lora.Plain;
import dev.lorikeet.lora.Targets;
import dev.lorikeet.lora.Variant;
import dev.lorikeet.models.ModelConfig;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/// What kind of adapter to train.
final class LoraOptions {
    /// What A and B start as. PiSSA is a variant that says so.
    enum Init {
        DEFAULT(LoraInit.DEFAULT), GAUSSIAN(LoraInit.GAUSSIAN), RANDOM(LoraInit.RANDOM), PISSA(LoraInit.DEFAULT);

        private final LoraInit values;

        Init(LoraInit values) {
            this.values = values;
        }
    }

    @Option(names = "--rank", defaultValue = "4", description = "Rank r of the update. Default: ${DEFAULT-VALUE}.")
    private int rank;

    @Option(names = "--alpha", defaultValue = "32",
            description = "The update is scaled by alpha/r. Default: ${DEFAULT-VALUE}.")
    private double alpha;

    @Option(names = "--rslora", description = "Scale by alpha/sqrt(r) instead (rsLoRA).")
    private boolean rsLora;

    @Option(names = "--lora-dropout", defaultValue = "0", paramLabel = "P",
            description = "Dropout of the adapter's input. Default: ${DEFAULT-VALUE}.")
    private double dropout;

    @Option(names = "--targets", paramLabel = "LIST",
            description = "Which projections: names with optional column slices (c_attn[q,v]), all-linear, or "
                    + "regex:PATTERN. "
                    + "Default: the paper's choice, c_attn[q,v] for GPT-2 and query,value for RoBERTa.")
    private String targets;

    @Option(names = "--exclude", paramLabel = "LIST",
            description = "Projections that get no update although --targets names them, written like --targets.")
    private String exclude;

    @Option(names = "--dora", description = "Train a magnitude for every output channel beside the direction (DoRA); "
            + "needs targets without column slices.")
    private boolean dora;

    @Option(names = "--bias", paramLabel = "MODE", defaultValue = "none", converter = BiasModeConverter.class,
            description = "Which of the base's biases to train too: none, lora_only (of the updated projections) or "
                    + "all. Default: ${DEFAULT-VALUE}.")
    private BiasMode bias;

    @Option(names = "--lora-bias", description = "Train a bias of B beside A and B.")
    private boolean loraBias;

    @Option(names = "--init", paramLabel = "NAME", defaultValue = "default",
            description = "What A and B start as: default (A uniform, B 0), gaussian, or pissa (the largest singular "
                    + "vectors of each weight; saved as plain LoRA of twice the rank). Default: ${DEFAULT-VALUE}.")
    private Init init;

    @Option(names = "--lora-plus-ratio", paramLabel = "X", defaultValue = "1",
            description = "Learning rate of B relative to that of A (LoRA+; its paper takes 16). "
                    + "Default: ${DEFAULT-VALUE}.")
    private double loraPlusRatio;

    @Option(names = "--modules-to-save", split = ",", paramLabel = "NAME",
            description = "Modules to train as a whole and store in the adapter, such as ln_f.")
    private List<String> modulesToSave = List.of();

    /// @param model what is adapted, which says where the adapter goes if no option does
    /// @param heads modules besides those of --modules-to-save that are trained as a whole
    LoraConfig config(ModelConfig model, List<String> heads) {
        List<String> saved = Stream.concat(modulesToSave.stream(), heads.stream()).distinct().toList();
        return LoraConfig.builder()
                .rank(rank)
                .alpha(alpha)
                .rsLora(rsLora)
                .dropout(dropout)
                .targets(targets == null ? model.paperTargets() : Targets.parse(targets))
                .exclude(exclude == null ? Targets.none() : Targets.parse(exclude))
                .variant(variant())
                .bias(bias)
                .init(init.values)
                .modulesToSave(saved)
                .build();
    }

    /// An option for each variant, of which one can be chosen.
    private Variant variant() {
        Map<String, Variant> chosen = new LinkedHashMap<>();
        if (dora) {
            chosen.put("--dora", new Dora());
        }
        if (loraBias) {
            chosen.put("--lora-bias", new OutputBias());
        }
        if (init == Init.PISSA) {
            chosen.put("--init pissa", new Pissa());
        }
        if (chosen.size() > 1) {
            throw new IllegalArgumentException("%s cannot be combined: choose one".formatted(
                    String.join(" and ", chosen.keySet())));
        }
        return chosen.isEmpty() ? new Plain() : chosen.values().iterator().next();
    }

    /// Learning rate of B relative to that of A.
    double plusRatio() {
        return loraPlusRatio;
    }

    /// As PEFT spells them.
    static final class BiasModeConverter implements ITypeConverter<BiasMode> {
        @Override
        public BiasMode convert(String value) {
            return Stream.of(BiasMode.values())
                    .filter(mode -> mode.name().equalsIgnoreCase(value))
                    .findFirst()
                    .orElseThrow(() -> new TypeConversionException(
                            "'%s' is not none, lora_only or all".formatted(value)));
        }
    }
}
