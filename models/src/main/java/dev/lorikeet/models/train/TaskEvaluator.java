package dev.lorikeet.models.train;

import dev.lorikeet.autograd.Tape;
import dev.lorikeet.models.HostValues;
import dev.lorikeet.models.SequenceClassifier;
import dev.lorikeet.models.batch.LabelledBatch;
import dev.lorikeet.models.data.BatchSize;
import dev.lorikeet.models.data.Batches;
import dev.lorikeet.models.data.EncodedSentences;
import dev.lorikeet.models.metric.Metric;
import dev.lorikeet.tensor.Pool;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;

/// Predicts held-out sentences and judges the predictions: the class with the largest score, or the number itself.
/// Where there are several sets, each has its figures (`accuracy_matched`) beside those of all together (`accuracy`).
///
/// @param pool    where to compute
/// @param model   the model
/// @param metrics what judges; the first one decides
/// @param sets    held-out sentences by name; one set alone needs none
/// @param batch   sentences per batch
public record TaskEvaluator(
        Pool pool, SequenceClassifier model, List<Metric> metrics, Map<String, EncodedSentences> sets, int batch)
        implements Evaluator {
    /// Predictions beside labels, and the summed loss.
    private record Predicted(double[] predictions, double[] labels, double loss) {
        Predicted plus(Predicted other) {
            return new Predicted(
                    DoubleStream.concat(Arrays.stream(predictions), Arrays.stream(other.predictions)).toArray(),
                    DoubleStream.concat(Arrays.stream(labels), Arrays.stream(other.labels)).toArray(),
                    loss + other.loss);
        }
    }

    @Override
    public TaskEvaluation evaluate() {
        Map<String, Double> figures = new LinkedHashMap<>();
        Map<String, Double> parts = new LinkedHashMap<>();
        Predicted all = new Predicted(new double[0], new double[0], 0);
        for (Map.Entry<String, EncodedSentences> set : sets.entrySet()) {
            Predicted one = predict(set.getValue());
            all = all.plus(one);
            if (sets.size() > 1) {
                metrics.forEach(metric -> parts.put(
                        metric.name() + "_" + set.getKey(), metric.of(one.predictions(), one.labels())));
            }
        }
        for (Metric metric : metrics) {
            figures.put(metric.name(), metric.of(all.predictions(), all.labels()));
        }
        figures.putAll(parts);
        figures.put("loss", all.loss() / all.labels().length);
        return new TaskEvaluation(figures, metrics.getFirst().name());
    }

    private Predicted predict(EncodedSentences sentences) {
        double[] predictions = new double[sentences.size()];
        double loss = 0;
        int done = 0;
        Batches<LabelledBatch> batches =
                Batches.inOrder(sentences, BatchSize.ofSequences(batch), sentences::pack);
        for (LabelledBatch each : batches.first(sentences.size())) {
            try (Tape tape = Tape.inference(pool)) {
                double[] logits = HostValues.doubles(pool.backend(), model.logits(tape, each.text()).value());
                int classes = logits.length / each.labelled();
                for (int i = 0; i < each.labelled(); i++) {
                    double[] row = Arrays.copyOfRange(logits, i * classes, (i + 1) * classes);
                    predictions[done++] = classes == 1 ? row[0] : largest(row);
                    loss += loss(row, each.labels()[i]);
                }
            }
        }
        return new Predicted(predictions, sentences.labels(), loss);
    }

    private static int largest(double... scores) {
        int at = 0;
        for (int i = 1; i < scores.length; i++) {
            at = scores[i] > scores[at] ? i : at;
        }
        return at;
    }

    /// `−log softmax(z)[label]`, or `(z − label)²` of a single number.
    private static double loss(double[] logits, double label) {
        if (logits.length == 1) {
            return (logits[0] - label) * (logits[0] - label);
        }
        double largest = Arrays.stream(logits).max().orElseThrow();
        double sum = Arrays.stream(logits).map(z -> Math.exp(z - largest)).sum();
        return largest + Math.log(sum) - logits[(int) label];
    }
}
