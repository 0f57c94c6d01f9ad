package dev.lorikeet.models.verify.reference;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/// Everything that a case of a model expects, by the names of its tensors and scalars.
///
/// @param tensors elements, flattened
/// @param scalars one number or a list
record Expectations(Map<String, double[]> tensors, Map<String, double[]> scalars) {
    private static final Pattern NO_DECAY =
            Pattern.compile("(.*\\.)?bias|(.*\\.)?(ln_[^.]*|LayerNorm|layer_norm)\\.weight");

    /// Names under which transformers repeats a tied parameter.
    private static final Map<String, String> REPEATED = Map.of(
            "lm_head.weight", "transformer.wte.weight",
            "lm_head.decoder.weight", "roberta.embeddings.word_embeddings.weight",
            "lm_head.decoder.bias", "lm_head.bias");

    /// Of a base model: logits, loss, gradients, full fine-tuning with the parameter groups of transformers' trainer.
    static Expectations of(ReferenceBase base, PaddedBatch batch) {
        Expectations made = new Expectations(new LinkedHashMap<>(), new LinkedHashMap<>());
        made.forwardAndTraining(
                base.model(), base.trained(), batch, "full_ft.", key -> !NO_DECAY.matcher(key).matches());
        return made;
    }

    /// Of a base model with an adapter.
    static Expectations of(ReferenceBase base, PeftReference adapter, PaddedBatch batch) {
        Expectations made = new Expectations(new LinkedHashMap<>(), new LinkedHashMap<>());
        ReferenceModel model = base.model();
        Map<String, Matrix> merged = new LinkedHashMap<>();
        adapter.merged().forEach((path, weight) -> merged.put(path, weight.copy()));
        merged.forEach((path, weight) -> {
            Matrix before = base.weights().get(base.weights().containsKey(path) ? path : REPEATED.get(path));
            if (before == null || !java.util.Arrays.equals(before.v(), weight.v())) {
                made.tensors.put("merged/" + path, weight.v());
                REPEATED.forEach((copy, original) -> {
                    if (original.equals(path) && !merged.containsKey(copy)) {
                        made.tensors.put("merged/" + copy, weight.v());
                    }
                });
            }
        });
        made.tensors.put("merged_logits", made.logits(model, base.replaced(merged), batch));
        made.forwardAndTraining(model, adapter, batch, "", _ -> true);
        return made;
    }

    private void forwardAndTraining(
            ReferenceModel model, Parameters parameters, PaddedBatch batch, String prefix, Predicate<String> decays) {
        tensors.put("logits", logits(model, parameters, batch));
        scalars.put("loss", new double[] {Training.gradients(model, parameters, batch)});
        parameters.trained().forEach((key, weight) -> tensors.put("grad/" + key, weight.d().clone()));
        List<Double> losses = Training.run(model, parameters, batch, decays);
        scalars.put(prefix + "losses", losses.stream().mapToDouble(Double::doubleValue).toArray());
        parameters.trained().forEach((key, weight) ->
                tensors.put(prefix + "after" + Training.RATES.length + "/" + key, weight.v().clone()));
    }

    /// Rows of places that see nothing are 0.
    private double[] logits(ReferenceModel model, Parameters parameters, PaddedBatch batch) {
        Matrix logits = model.logits(parameters.on(new Graph()), batch);
        double[] all = logits.v().clone();
        int places = logits.rows() / batch.count();
        for (int i = 0; i < all.length; i++) {
            int row = i / logits.cols();
            if (batch.isBlind(row / places, row % places, model.causal())) {
                all[i] = 0;
            }
        }
        return all;
    }
}
