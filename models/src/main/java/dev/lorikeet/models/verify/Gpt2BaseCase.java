package dev.lorikeet.models.verify;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Trainable;
import dev.lorikeet.models.BaseModel;
import dev.lorikeet.models.Downloads;
import dev.lorikeet.models.generate.PaddedPrompts;
import dev.lorikeet.models.gpt2.Gpt2;
import dev.lorikeet.nn.Projections;
import dev.lorikeet.nn.TrainableWeights;
import dev.lorikeet.tensor.Pool;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/// Kind `gpt2-base`: a GPT-2 with its language-model head. Forward, what is inside, gradients of all weights, full
/// fine-tuning, generation, and every form in which the weights are stored.
final class Gpt2BaseCase implements CaseKind {
    @Override
    public void replay(GoldenCase golden, Pool pool) {
        try (BaseModel base = BaseModel.open(pool.backend(), golden.directory())) {
            Gpt2 model = base.model();
            PaddedTokens tokens = PaddedTokens.of(
                    golden.input("input_ids"), golden.has("attention_mask") ? golden.input("attention_mask") : null);
            forward(golden, pool, model, tokens);
            new InsideChecks(golden, pool).check(model, tokens);
            if (golden.has("labels")) {
                LanguageChecks.Objective objective = LanguageChecks.Objective.mean(tokens, golden.input("labels"));
                losses(golden, pool, model, tokens, objective);
                boolean trains = golden.manifest().get("training").isObject()
                        || golden.manifest().tensors().keySet().stream().anyMatch(name -> name.startsWith("grad/"));
                if (trains) {
                    fineTuning(golden, pool, base, objective);
                }
            }
            JsonNode generation = golden.manifest().get("generation");
            if (generation.isObject()) {
                new GenerationChecks(golden, pool, model, generation).check();
            }
            new WeightForms(golden, base).check();
        }
    }

    private static void forward(GoldenCase golden, Pool pool, Gpt2 model, PaddedTokens tokens) {
        LanguageChecks checks = new LanguageChecks(golden, pool);
        if (golden.has("logits")) {
            checks.logits("logits", "ragged", model, tokens);
        }
        if (golden.has("nomask.logits")) {
            int rows = golden.expected("nomask.logits").shape().dim(0);
            checks.logits("nomask.logits", "", model, tokens.withoutMask().first(rows));
        }
        if (golden.has("leftpad.input_ids")) {
            Golden ids = golden.input("leftpad.input_ids");
            Golden mask = golden.input("leftpad.attention_mask");
            int[][] positions = new int[ids.shape().rows()][];
            Arrays.setAll(positions, s -> PaddedPrompts.positions(mask.row(s)));
            if (golden.has("leftpad.position_ids")) {
                golden.check("leftpad.position_ids",
                        Arrays.stream(positions).flatMapToInt(Arrays::stream).asDoubleStream().toArray());
            }
            if (golden.has("leftpad.logits")) {
                checks.logits("leftpad.logits", "", model, PaddedTokens.of(ids, mask, positions));
            }
        }
    }

    private static void losses(
            GoldenCase golden, Pool pool, Gpt2 model, PaddedTokens tokens, LanguageChecks.Objective objective) {
        if (golden.hasScalar("loss")) {
            golden.checkScalar("loss", new LanguageChecks(golden, pool).loss(model, objective));
        }
        if (!golden.has("token_nll")) {
            return;
        }
        try (Tape tape = Tape.inference(pool)) {
            double[] nll = Downloads.doubles(pool.backend(), objective.apply(tape, model).nll().value());
            double[] rows = new double[objective.batch().tokens()];
            for (int i = 0; i < nll.length; i++) {
                rows[objective.batch().rows()[i]] = nll[i];
            }
            double[] places = tokens.spread(rows, 1);
            int T = tokens.length();
            double[] all = new double[tokens.count() * (T - 1)];          // the last place predicts nothing
            for (int i = 0; i < all.length; i++) {
                all[i] = places[i / (T - 1) * T + i % (T - 1)];
            }
            golden.check("token_nll", all);
        }
    }

    private static void fineTuning(
            GoldenCase golden, Pool pool, BaseModel base, LanguageChecks.Objective objective) {
        TrainableWeights weights = new TrainableWeights(base.store(), _ -> true);
        Gpt2 model = base.model(base.config(), weights, Projections.plain());
        Map<String, Trainable> trained = new LinkedHashMap<>();
        weights.all().forEach(weight -> trained.put(weight.name(), weight));
        LanguageChecks checks = new LanguageChecks(golden, pool);
        checks.gradients("grad/", model, objective, trained);
        if (golden.manifest().get("training").isObject()) {
            checks.training("full_ft.", model, objective, trained, TrainingPlan.of(golden, true));
        }
        trained.values().forEach(weight -> {
            pool.backend().free(weight.value().storage());
            pool.backend().free(weight.grad().storage());
        });
    }
}
