package dev.lorikeet.models.metric.nlg;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/// A benchmark of texts: how its reference files are laid out, and the metrics that it is judged by, as its own scorer
/// computes them.
public enum ScoredTask {
    /// The E2E challenge: mteval's BLEU and NIST, METEOR, ROUGE-L and CIDEr over the Penn Treebank's words.
    E2E {
        @Override
        public List<Segment> read(List<Path> references, Path hypotheses) {
            if (references.size() != 1) {
                throw new IllegalArgumentException(
                        "the E2E challenge has one file of references, with an empty line behind each group; found "
                                + references.size() + " files");
            }
            return SegmentFiles.grouped(references.getFirst(), hypotheses);
        }

        @Override
        Map<String, Function<MeteorTables, TextMetric>> available() {
            Map<String, Function<MeteorTables, TextMetric>> metrics = new LinkedHashMap<>();
            metrics.put("bleu", _ -> Bleu.mteval());
            metrics.put("nist", _ -> new Nist());
            metrics.put("meteor", Meteor::e2e);
            metrics.put("rouge-l", _ -> RougeL.e2e());
            metrics.put("cider", _ -> CiderD.e2e());
            return metrics;
        }
    },

    /// The WebNLG challenge of 2017: multi-bleu in lower case, METEOR, TER.
    WEBNLG,

    /// DART, as WebNLG.
    DART,

    /// Any text, such as summaries: sacreBLEU and ROUGE-1, -2 and -L.
    TEXT {
        @Override
        Map<String, Function<MeteorTables, TextMetric>> available() {
            Map<String, Function<MeteorTables, TextMetric>> metrics = new LinkedHashMap<>();
            metrics.put("sacrebleu", _ -> Bleu.sacre());
            metrics.put("rouge-1", _ -> Rouge.n(1));
            metrics.put("rouge-2", _ -> Rouge.n(2));
            metrics.put("rouge-l", _ -> Rouge.longest());
            return metrics;
        }
    };

    /// What `--task` takes.
    public String title() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// Pairs the files.
    ///
    /// @throws dev.lorikeet.models.data.DataException if they cannot be read or do not pair up
    public List<Segment> read(List<Path> references, Path hypotheses) {
        return SegmentFiles.parallel(references, hypotheses);
    }

    /// Names of the task's metrics, in the order in which its tables have them.
    public List<String> metrics() {
        return List.copyOf(available().keySet());
    }

    /// A metric of the task.
    ///
    /// @param name   one of [#metrics()]
    /// @param tables for METEOR
    /// @throws IllegalArgumentException if the task has no such metric
    public TextMetric metric(String name, MeteorTables tables) {
        Function<MeteorTables, TextMetric> metric = available().get(name);
        if (metric == null) {
            throw new IllegalArgumentException("%s has no metric '%s': expected one of %s".formatted(
                    title(), name, String.join(", ", metrics())));
        }
        return metric.apply(tables);
    }

    Map<String, Function<MeteorTables, TextMetric>> available() {
        Map<String, Function<MeteorTables, TextMetric>> metrics = new LinkedHashMap<>();
        metrics.put("bleu", _ -> Bleu.multiBleu());
        metrics.put("meteor", Meteor::ofLines);
        metrics.put("ter", _ -> new Ter());
        return metrics;
    }
}
