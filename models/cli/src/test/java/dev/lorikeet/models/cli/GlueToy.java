package dev.lorikeet.models.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/// Sentences whose label is one word, in the form of SST-2, MRPC, STS-B and MNLI, and a RoBERTa of two blocks that has
/// read them for a moment.
record GlueToy(Path base, Path data) {
    private static final List<String> FILLERS =
            List.of("the", "film", "story", "of", "and", "with", "was", "this", "that", "old", "young", "house");
    private static final List<String> GOOD = List.of("good", "fine");
    private static final List<String> BAD = List.of("bad", "poor");

    /// Writes the data and pretrains the model.
    static GlueToy in(Path directory) throws IOException {
        Path data = directory.resolve("glue");
        write(data);
        Path text = Files.writeString(directory.resolve("text.txt"), Files.readString(data.resolve("SST-2/train.tsv")));
        Path base = directory.resolve("base");
        StringWriter said = new StringWriter();
        int code = Main.run(new PrintWriter(said), new PrintWriter(said), "pretrain", "--model", "roberta", "--text",
                text.toString(), "--valid", text.toString(), "--layers", "2", "--width", "32", "--heads", "2",
                "--context", "48", "--vocabulary", "330", "--pairs", "0.5", "--batch", "4", "--steps", "20",
                "--warmup", "2", "--eval-every", "0", "--out", base.toString());
        if (code != 0) {
            throw new IllegalStateException(said.toString());
        }
        return new GlueToy(base, data);
    }

    private static void write(Path data) throws IOException {
        for (String task : List.of("SST-2", "MNLI", "MRPC", "STS-B")) {
            Files.createDirectories(data.resolve(task));
        }
        Random random = new Random(5);
        for (String part : List.of("train", "dev")) {
            int count = part.equals("train") ? 160 : 40;
            StringBuilder sst = new StringBuilder("sentence\tlabel\n");
            StringBuilder mrpc = new StringBuilder("Quality\t#1 ID\t#2 ID\t#1 String\t#2 String\n");
            StringBuilder sts = new StringBuilder("sentence1\tsentence2\tscore\n");
            StringBuilder mnli = new StringBuilder();
            for (int i = 0; i < count; i++) {
                sst.append(sentence(random, i % 2 == 0 ? GOOD : BAD)).append('\t').append(1 - i % 2).append('\n');
                String first = sentence(random, GOOD);
                String second = sentence(random, i % 3 == 0 ? GOOD : BAD);
                mrpc.append(i % 3 == 0 ? 1 : 0).append("\t1\t2\t").append(first).append('\t').append(second)
                        .append('\n');
                sts.append(first).append('\t').append(second).append('\t').append(i % 3 == 0 ? "4.5" : "0.5")
                        .append('\n');
                mnli.append("{\"premise\": \"%s\", \"hypothesis\": \"%s\", \"label\": \"%s\"}%n".formatted(first,
                        second, List.of("entailment", "neutral", "contradiction").get(i % 3)));
            }
            Files.writeString(data.resolve("SST-2/" + part + ".tsv"), sst);
            Files.writeString(data.resolve("MRPC/" + part + ".tsv"), mrpc);
            Files.writeString(data.resolve("STS-B/" + part + ".tsv"), sts);
            Files.writeString(data.resolve("MNLI/" + (part.equals("dev") ? "dev_matched" : part) + ".jsonl"), mnli);
            Files.writeString(data.resolve("MNLI/dev_mismatched.jsonl"), mnli);
        }
    }

    private static String sentence(Random random, List<String> decisive) {
        List<String> words = new ArrayList<>();
        for (int i = 0; i < 3 + random.nextInt(5); i++) {
            words.add(FILLERS.get(random.nextInt(FILLERS.size())));
        }
        words.add(random.nextInt(words.size()), decisive.get(random.nextInt(decisive.size())));
        return String.join(" ", words);
    }
}
