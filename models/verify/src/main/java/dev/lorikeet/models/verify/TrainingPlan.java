package dev.lorikeet.models.verify;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lorikeet.autograd.Trainable;
import dev.lorikeet.models.verify.golden.GoldenCase;
import dev.lorikeet.models.verify.golden.Manifest;
import dev.lorikeet.models.verify.golden.NotReplayed;
import dev.lorikeet.nn.optim.AdamW;
import dev.lorikeet.nn.optim.AdamWConfig;
import dev.lorikeet.nn.optim.Optimizer;
import dev.lorikeet.nn.optim.ParameterGroup;
import dev.lorikeet.nn.optim.Schedule;
import dev.lorikeet.tensor.Backend;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A manifest's `training`: optimizer, learning rate of every step, weight decay.
///
/// @param config        of AdamW
/// @param learningRates of each step
/// @param weightDecay   of what decays
/// @param grouped       biases and LayerNorm parameters do not decay (the rule of Hugging Face's trainer)
record TrainingPlan(AdamWConfig config, double[] learningRates, double weightDecay, boolean grouped) {
    private static final Pattern SCHEDULE = Pattern.compile("linear, warmup (\\d+) of (\\d+).*");
    private static final Pattern NO_DECAY =
            Pattern.compile("(.*\\.)?bias|(.*\\.)?(ln_[^.]*|LayerNorm|layer_norm)\\.weight");

    /// @param grouped whether the decay is that of full fine-tuning
    static TrainingPlan of(GoldenCase golden, boolean grouped) {
        JsonNode training = golden.manifest().require("training");
        String optimizer = training.path("optimizer").asText();
        if (!optimizer.contains("AdamW")) {
            throw new NotReplayed("there is no optimizer '%s'".formatted(optimizer));
        }
        AdamWConfig.Decay decay = optimizer.contains("NLG")
                ? AdamWConfig.Decay.DECOUPLED_AFTER
                : AdamWConfig.Decay.DECOUPLED;
        AdamWConfig config = new AdamWConfig(
                training.path("betas").path(0).asDouble(0.9), training.path("betas").path(1).asDouble(0.999),
                training.path("eps").asDouble(1e-8), decay, training.path("correct_bias").asBoolean(true), false);
        double[] rates = Manifest.numbers(training.path("lr_per_step"));
        checkSchedule(golden, training, rates);
        return new TrainingPlan(
                config, rates, training.path("weight_decay").asDouble(0),
                grouped && training.hasNonNull("full_ft_groups"));
    }

    /// The rates have to be those of the schedule that the manifest describes.
    private static void checkSchedule(GoldenCase golden, JsonNode training, double[] rates) {
        Matcher matcher = SCHEDULE.matcher(training.path("schedule").asText());
        if (!matcher.matches()) {
            return;
        }
        Schedule schedule = Schedule.linear(Long.parseLong(matcher.group(1)), Long.parseLong(matcher.group(2)));
        double[] computed = new double[rates.length];
        for (int step = 0; step < rates.length; step++) {
            computed[step] = training.path("lr").doubleValue() * schedule.factor(step);
        }
        golden.checkNumbers("training.lr_per_step", rates, computed, 1e-12);
    }

    /// The optimizer for these weights, by name.
    Optimizer optimizer(Backend backend, Map<String, Trainable> trained) {
        List<Trainable> decays = new ArrayList<>();
        List<Trainable> others = new ArrayList<>();
        trained.forEach((name, weight) ->
                (grouped && NO_DECAY.matcher(name).matches() ? others : decays).add(weight));
        return new AdamW(
                backend, List.of(new ParameterGroup(decays, weightDecay), new ParameterGroup(others, 0)), config);
    }
}
