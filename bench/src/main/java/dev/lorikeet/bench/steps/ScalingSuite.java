package dev.lorikeet.bench.steps;

import dev.lorikeet.bench.compare.Comparison;
import dev.lorikeet.bench.compare.Contender;
import dev.lorikeet.bench.compare.Contest;
import dev.lorikeet.bench.compare.Suite;
import dev.lorikeet.bench.compare.Work;
import dev.lorikeet.models.gpt2.Gpt2Config;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Backends;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// How the cost of a training step grows with batch, sequence, rank, layers and threads. The points of an axis take
/// turns like contenders and are named by their value; the trait `expected` lists the costs that the operations
/// predict, relative to the first point.
public final class ScalingSuite implements Suite {
    private static final String MODEL = "gpt2";

    /// One point: a model, a rank, a batch of equal sequences, a number of threads.
    private record Point(int layers, int rank, int sequences, int length, int threads) {
        LoraStep open(Backend backend) {
            int[] lengths = new int[sequences];
            Arrays.fill(lengths, length);
            return new LoraStep(backend, model(layers), rank, lengths);
        }

        /// Multiply-adds of a step, counted as two: linear forward and input gradient (the first block's `c_attn` needs
        /// none), LoRA, the half of attention that causality leaves (2.5 times as much backward), the head three times.
        double flops() {
            Gpt2Config config = model(layers);
            double C = config.nEmbd();
            double tokens = (double) sequences * length;
            double block = 2 * tokens * 12 * C * C;
            double adapter = 2 * tokens * (2 * rank * C + 2 * rank * C) * 3;
            double attention = 3.5 * 4 * sequences * C * length * (length + 1.0) / 2;
            double head = 2 * 2 * tokens * C * config.vocabSize();
            return layers * (2 * block + adapter + attention) - 2 * tokens * 3 * C * C + head;
        }
    }

    private static Gpt2Config model(int layers) {
        Gpt2Config c = Gpt2Config.published(MODEL);
        return new Gpt2Config(c.vocabSize(), c.nPositions(), c.nEmbd(), layers, c.nHead(), c.nInner(), c.activation(),
                c.layerNormEpsilon(), c.initializerRange(), 0, 0, 0, c.scaleAttnWeights(), c.scaleByLayer(),
                c.tieWordEmbeddings(), c.eosTokenId());
    }

    @Override
    public String name() {
        return "scaling";
    }

    @Override
    public String about() {
        return "the cost of a training step of GPT-2 small against batch, sequence, rank, layers and threads";
    }

    @Override
    public List<Comparison> comparisons() {
        int all = Runtime.getRuntime().availableProcessors();
        int[] threads = IntStream.rangeClosed(1, all).filter(n -> n == all || Integer.bitCount(n) == 1).toArray();
        List<Comparison> axes = new ArrayList<>();
        axes.add(axis("batch", new int[] {1, 2, 4, 8}, n -> new Point(12, 4, n, 128, all)));
        axes.add(axis("sequence", new int[] {128, 256, 512, 1024}, n -> new Point(12, 4, 1, n, all)));
        axes.add(axis("rank", new int[] {1, 4, 16, 64}, n -> new Point(12, n, 2, 128, all)));
        axes.add(axis("layers", new int[] {3, 6, 12}, n -> new Point(n, 4, 2, 128, all)));
        if (threads.length > 1) {
            axes.add(axis("threads", threads, n -> new Point(12, 4, 2, 128, n)));
        }
        return axes;
    }

    private static Comparison axis(String name, int[] values, IntFunction<Point> points) {
        Point first = points.apply(values[0]);
        DoubleUnaryOperator cost = value -> {
            Point point = points.apply((int) value);
            return point.flops() / point.threads() / (first.flops() / first.threads());
        };
        String expected = Arrays.stream(values)
                .mapToObj(value -> String.format(java.util.Locale.ROOT, "%.4f", cost.applyAsDouble(value)))
                .collect(Collectors.joining(","));
        // tolerance 1: the points train different models or batches, and all losses are positive
        return new Comparison("against " + name, Work.items(first.sequences() * first.length(), "tokens"), 1,
                Map.of("axis", name, "expected", expected), () -> contest(values, points));
    }

    private static Contest contest(int[] values, IntFunction<Point> points) {
        List<Contender> contenders = new ArrayList<>();
        List<AutoCloseable> shared = new ArrayList<>();
        for (int value : values) {
            Point point = points.apply(value);
            Backend backend = Backends.open("cpu:" + point.threads());
            LoraStep step = point.open(backend);
            shared.add(backend);
            shared.add(step);
            contenders.add(Contender.of(Integer.toString(value), () -> step.step().loss()));
        }
        return new Contest(contenders, shared);
    }
}
