package dev.lorikeet.models.cli;

import dev.lorikeet.models.LanguageModel;
import dev.lorikeet.models.generate.BeamSearch;
import dev.lorikeet.models.generate.BeamSettings;
import dev.lorikeet.models.generate.PaperBeamSearch;
import dev.lorikeet.tensor.Pool;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `--beams` and what goes with it.
final class BeamOptions {
    /// Options that choose a token at random, which beams do not.
    private static final List<String> SAMPLING = List.of("--temperature", "--top-k", "--top-p", "--seed");

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Option(names = "--beams", paramLabel = "N",
            description = "Search for the likeliest continuation with N beams instead of taking token after token.")
    private Integer beams;

    @Option(names = "--length-penalty", paramLabel = "X",
            description = "With --beams: a continuation scores log p / length^X. Default: 1.")
    private Double lengthPenalty;

    @Option(names = "--no-repeat-ngram", paramLabel = "N",
            description = "With --beams: no N tokens appear twice. Default: 0 (no such rule).")
    private Integer noRepeatNgram;

    @Option(names = "--paper-beams",
            description = "With --beams: search as the LoRA paper's GPT-2 example does, which looks for repeats "
                    + "in the continuation only. For E2E: --beams 10 --length-penalty 0.9 "
                    + "--no-repeat-ngram 4.")
    private boolean paper;

    boolean isChosen() {
        return beams != null;
    }

    /// @throws ParameterException for options that make no sense together
    void check() {
        if (beams == null && (lengthPenalty != null || noRepeatNgram != null || paper)) {
            throw new ParameterException(
                    spec.commandLine(), "--length-penalty, --no-repeat-ngram and --paper-beams need --beams N");
        }
        if (beams == null) {
            return;
        }
        if (beams < 1) {
            throw new ParameterException(spec.commandLine(), "--beams must be at least 1, was " + beams);
        }
        if (noRepeatNgram != null && noRepeatNgram < 0) {
            throw new ParameterException(
                    spec.commandLine(), "--no-repeat-ngram must be at least 0, was " + noRepeatNgram);
        }
        SAMPLING.stream().filter(spec.commandLine().getParseResult()::hasMatchedOption).findFirst().ifPresent(name -> {
            throw new ParameterException(spec.commandLine(),
                    "--beams takes the likeliest continuation: leave out %s, which draws one".formatted(name));
        });
    }

    /// The best continuation of each prompt.
    List<int[]> search(LanguageModel model, Pool pool, Stream<int[]> prompts, int maxTokens, int end) {
        return prompts.map(prompt -> {
            int room = Math.min(maxTokens, model.maxPositions() - prompt.length);
            BeamSettings settings = new BeamSettings(
                    beams, Math.max(room, 1), lengthPenalty == null ? 1 : lengthPenalty,
                    noRepeatNgram == null ? 0 : noRepeatNgram, end < 0 ? Set.of() : Set.of(end),
                    BeamSettings.Stopping.HEURISTIC);
            return paper
                    ? new PaperBeamSearch(model, pool).search(prompt, settings).tokens()
                    : new BeamSearch(model, pool).search(prompt, settings).getFirst().tokens();
        }).toList();
    }
}
