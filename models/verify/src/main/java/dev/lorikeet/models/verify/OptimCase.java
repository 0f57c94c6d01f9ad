package dev.lorikeet.models.verify;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Trainable;
import dev.lorikeet.autograd.op.Scale;
import dev.lorikeet.models.HostValues;
import dev.lorikeet.models.verify.golden.CaseKind;
import dev.lorikeet.models.verify.golden.Golden;
import dev.lorikeet.models.verify.golden.GoldenCase;
import dev.lorikeet.models.verify.golden.Manifest;
import dev.lorikeet.models.verify.golden.NotReplayed;
import dev.lorikeet.models.verify.golden.Numbers;
import dev.lorikeet.nn.optim.AdamW;
import dev.lorikeet.nn.optim.AdamWConfig;
import dev.lorikeet.nn.optim.GradientClipping;
import dev.lorikeet.nn.optim.Optimizer;
import dev.lorikeet.nn.optim.ParameterGroup;
import dev.lorikeet.nn.optim.Sgd;
import dev.lorikeet.nn.optim.SgdConfig;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Pool;
import dev.lorikeet.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.DoubleStream;

/// Kind `optim`: optimizers fed with given gradients, learning-rate schedules, gradient clipping.
final class OptimCase implements CaseKind {
    private static final String START = "param0/";
    private static final Set<String> OPTIONS = Set.of(
            "tag", "kind", "lr", "betas", "eps", "weight_decay", "amsgrad", "momentum", "dampening", "nesterov",
            "correct_bias", "note");

    @Override
    public void replay(GoldenCase golden, Pool pool) {
        List<String> names = golden.manifest().tensors().keySet().stream()
                .filter(name -> name.startsWith(START)).map(name -> name.substring(START.length())).toList();
        for (JsonNode node : golden.manifest().get("cases")) {
            try {
                optimize(golden, pool, names, node);
            } catch (NotReplayed missing) {
                golden.notChecked(node.path("tag").asText(), missing.getMessage());
            }
        }
        golden.manifest().get("schedules").properties().forEach(schedule -> {
            try {
                double[] expected = Manifest.numbers(schedule.getValue());
                golden.checkNumbers(
                        "schedule " + schedule.getKey(), expected,
                        ScheduleNames.factors(schedule.getKey(), expected), 1e-9);
            } catch (NotReplayed missing) {
                golden.notChecked("schedule " + schedule.getKey(), missing.getMessage());
            }
        });
        for (JsonNode node : golden.manifest().get("clip")) {
            clip(golden, pool, node);
        }
    }

    /// Every step's parameters, for all parameters at once.
    private static void optimize(GoldenCase golden, Pool pool, List<String> names, JsonNode options) {
        Backend backend = pool.backend();
        Map<String, Trainable> weights = new LinkedHashMap<>();
        for (String name : names) {
            Golden start = golden.input(START + name);
            weights.put(name, Trainable.of(
                    backend, name, Numbers.upload(backend, start.shape(), start.values())));
        }
        try {
            Optimizer optimizer = optimizer(backend, List.copyOf(weights.values()), options);
            Map<String, List<double[]>> history = new LinkedHashMap<>();
            names.forEach(name -> history.put(name, new ArrayList<>()));
            int steps = golden.input("grads/" + names.getFirst()).shape().dim(0);
            for (int step = 0; step < steps; step++) {
                for (String name : names) {
                    give(pool, weights.get(name), slice(golden.input("grads/" + name).values(), step, steps));
                }
                optimizer.step(options.path("lr").doubleValue(), 1);
                names.forEach(name -> history.get(name).add(HostValues.doubles(backend, weights.get(name).value())));
            }
            history.forEach((name, values) -> golden.check(
                    options.path("tag").asText() + "/" + name,
                    values.stream().flatMapToDouble(Arrays::stream).toArray()));
            optimizer.state().values().forEach(state -> backend.free(state.storage()));
        } finally {
            weights.values().forEach(weight -> {
                backend.free(weight.value().storage());
                backend.free(weight.grad().storage());
            });
        }
    }

    private static double[] slice(double[] values, int step, int steps) {
        int size = values.length / steps;
        return Arrays.copyOfRange(values, step * size, (step + 1) * size);
    }

    /// Makes `gradient` the weight's gradient, by way of an identity.
    private static void give(Pool pool, Trainable weight, double[] gradient) {
        try (Tape tape = Tape.training(pool, null)) {
            Tensor dy = tape.allocate(weight.dtype(), weight.shape());
            Numbers.upload(pool.backend(), dy, gradient);
            tape.backward(Scale.apply(tape, weight, 1), dy);
        }
    }

    private static Optimizer optimizer(Backend backend, List<Trainable> weights, JsonNode options) {
        options.fieldNames().forEachRemaining(option -> {
            if (!OPTIONS.contains(option)) {
                throw new NotReplayed("the option '%s' is not known".formatted(option));
            }
        });
        List<ParameterGroup> groups =
                List.of(new ParameterGroup(weights, options.path("weight_decay").asDouble(0)));
        String kind = options.path("kind").asText();
        return switch (kind) {
            case "adamw" -> adam(backend, groups, options, AdamWConfig.Decay.DECOUPLED);
            case "adam" -> adam(backend, groups, options, AdamWConfig.Decay.L2);
            case "nlg_adamw" -> adam(backend, groups, options, AdamWConfig.Decay.DECOUPLED_AFTER);
            case "sgd" -> new Sgd(backend, groups, new SgdConfig(
                    options.path("momentum").asDouble(0), options.path("dampening").asDouble(0),
                    options.path("nesterov").asBoolean(false)));
            default -> throw new NotReplayed("there is no optimizer '%s'".formatted(kind));
        };
    }

    private static Optimizer adam(
            Backend backend, List<ParameterGroup> groups, JsonNode options, AdamWConfig.Decay decay) {
        return new AdamW(backend, groups, new AdamWConfig(
                options.path("betas").path(0).asDouble(0.9), options.path("betas").path(1).asDouble(0.999),
                options.path("eps").asDouble(1e-8), decay, options.path("correct_bias").asBoolean(true),
                options.path("amsgrad").asBoolean(false)));
    }

    /// The clipped gradients are what a plain step of length 1 from 0 moves by, with the other sign.
    private static void clip(GoldenCase golden, Pool pool, JsonNode options) {
        Backend backend = pool.backend();
        String tag = "clip/" + options.path("tag").asText() + "/";
        String start = "clip/grad/";
        List<Trainable> weights = new ArrayList<>();
        for (String name : golden.manifest().tensors().keySet()) {
            if (name.startsWith(start)) {
                Golden gradient = golden.input(name);
                Trainable weight = Trainable.of(
                        backend, name.substring(start.length()),
                        Numbers.upload(backend, gradient.shape(), new double[gradient.values().length]));
                give(pool, weight, gradient.values());
                weights.add(weight);
            }
        }
        JsonNode type = options.path("norm_type");
        double p = type.isNumber() ? type.doubleValue() : type.asText("2").equals("inf")
                ? Double.POSITIVE_INFINITY : Double.parseDouble(type.asText("2"));
        if (p != 2 && p != 1 && !Double.isInfinite(p)) {
            throw new NotReplayed("gradients are not clipped by the norm of order " + p);
        }
        GradientClipping clipping =
                GradientClipping.byNorm(norm(backend, weights, p), options.path("max_norm").doubleValue());
        golden.checkScalar(tag + "total_norm", clipping.norm());
        new Sgd(backend, List.of(new ParameterGroup(weights, 0)), SgdConfig.plain()).step(1, clipping.factor());
        for (Trainable weight : weights) {
            double[] clipped = Arrays.stream(HostValues.doubles(backend, weight.value())).map(x -> -x).toArray();
            golden.check(tag + weight.name(), clipped);
            backend.free(weight.value().storage());
            backend.free(weight.grad().storage());
        }
    }

    /// The norm of order `p` of all gradients together: `Σ|g|`, the Euclidean one, or `max|g|`.
    private static double norm(Backend backend, List<Trainable> weights, double p) {
        if (p == 2) {
            return GradientClipping.of(backend.kernels(), weights, 0).norm();
        }
        DoubleStream sizes = weights.stream()
                .flatMapToDouble(weight -> Arrays.stream(HostValues.doubles(backend, weight.grad())).map(Math::abs));
        return p == 1 ? sizes.sum() : sizes.max().orElse(0);
    }
}
