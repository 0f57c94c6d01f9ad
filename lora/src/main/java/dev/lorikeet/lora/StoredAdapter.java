package dev.lorikeet.lora;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// Everything that an adapter file holds, in host memory and without a model.
///
/// @param config where it goes and how strong it is
/// @param about  what the file says about its base model
/// @param deltas the updates, by path of the projection
/// @param saved  weights that replace the base's, by path (`classifier.dense.weight`)
/// @param notes  what was assumed or ignored while reading, for people
public record StoredAdapter(
        LoraConfig config,
        About about,
        SortedMap<String, StoredDelta> deltas,
        SortedMap<String, StoredTensor> saved,
        List<String> notes) {

    /// What does not change any number.
    ///
    /// @param baseModel    name or path of the base model, or null
    /// @param taskType     PEFT's task type (`CAUSAL_LM`, `SEQ_CLS`, …), or null
    /// @param fanInFanOut  whether the base stores adapted weights as `(in, out)`
    /// @param autoMapping  the class of the base model, which PEFT writes where there is no task type, or null
    /// @param revision     PEFT's revision of the base model, or null
    public record About(
            String baseModel, String taskType, boolean fanInFanOut, AutoMapping autoMapping, String revision) {
        /// What is known of an adapter that PEFT has not written.
        public About(String baseModel, String taskType, boolean fanInFanOut) {
            this(baseModel, taskType, fanInFanOut, null, null);
        }

        /// Nothing known.
        public static About nothing() {
            return new About(null, null, false);
        }

        About withFanInFanOut(boolean other) {
            return new About(baseModel, taskType, other, autoMapping, revision);
        }
    }

    /// A class of a Python library.
    ///
    /// @param baseModelClass its name, `RobertaForMaskedLM`
    /// @param parentLibrary  its module, `transformers.models.roberta.modeling_roberta`
    public record AutoMapping(String baseModelClass, String parentLibrary) {}

    public StoredAdapter {
        deltas = Collections.unmodifiableSortedMap(new TreeMap<>(deltas));
        saved = Collections.unmodifiableSortedMap(new TreeMap<>(saved));
        notes = List.copyOf(notes);
    }

    /// The same adapter with other words about its base.
    public StoredAdapter withAbout(About other) {
        return new StoredAdapter(config, other, deltas, saved, notes);
    }

    /// The same numbers under another configuration.
    public StoredAdapter withConfig(LoraConfig other) {
        return new StoredAdapter(other, about, deltas, saved, notes);
    }

    /// The same adapter without the whole weights of a module, which are to be trained anew.
    ///
    /// @param module path of the module, such as `classifier`
    public StoredAdapter withNew(String module) {
        TreeMap<String, StoredTensor> kept = new TreeMap<>(saved);
        kept.keySet().removeIf(path -> path.startsWith(module + ".") || path.contains("." + module + "."));
        List<String> modules = new ArrayList<>(config.modulesToSave());
        if (!modules.contains(module)) {
            modules.add(module);
        }
        return new StoredAdapter(
                config.toBuilder().modulesToSave(modules).build(), about, deltas, kept, notes);
    }

    /// Number of trained numbers.
    public long parameterCount() {
        return deltas.values().stream().mapToLong(StoredDelta::parameterCount).sum()
                + saved.values().stream().mapToLong(tensor -> tensor.shape().size()).sum();
    }

    /// Some lines for people.
    public String describe() {
        StringBuilder text = new StringBuilder();
        line(text, "base model", about.baseModel() == null ? "not named" : about.baseModel());
        line(text, "task", about.taskType() == null ? "not named" : about.taskType());
        line(text, "rank, alpha", "%d, %s%s".formatted(config.rank(), number(config.alpha()),
                config.rsLora() ? ", scaled by alpha/sqrt(rank)" : ", scaled by alpha/rank"));
        if (!config.variant().title().isEmpty()) {
            line(text, "variant", config.variant().title());
        }
        if (config.bias() != BiasMode.NONE) {
            line(text, "biases", config.bias() == BiasMode.ALL ? "all" : "of the updated projections");
        }
        line(text, "dropout", number(config.dropout()));
        line(text, "targets", config.targets().toString());
        line(text, "updates", "%d of %s".formatted(deltas.size(), NearMatches.tree(deltas.keySet())));
        if (!saved.isEmpty()) {
            line(text, "whole weights", "%d of %s".formatted(saved.size(), NearMatches.tree(saved.keySet())));
        }
        long whole = saved.values().stream().mapToLong(tensor -> tensor.shape().size()).sum();
        line(text, "parameters", String.format(Locale.ROOT, "%,d", parameterCount()) + (whole == 0 ? "" : String.format(
                Locale.ROOT, ": %,d in updates, %,d in whole weights", parameterCount() - whole, whole)));
        for (Map.Entry<String, StoredDelta> entry : deltas.entrySet()) {
            StoredDelta delta = entry.getValue();
            text.append("  %s%s  %d -> %d  r %d  scale %s  %s%n".formatted(
                    entry.getKey(), delta.columns(), delta.in(), delta.out(), delta.rank(),
                    number(config.scaleFor(entry.getKey())), delta.a().dtype()));
        }
        notes.forEach(note -> line(text, "note", note));
        return text.toString();
    }

    private static void line(StringBuilder text, String what, String value) {
        text.append("%-14s %s%n".formatted(what, value));
    }

    private static String number(double value) {
        return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
    }
}
