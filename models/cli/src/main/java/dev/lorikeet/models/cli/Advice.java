package dev.lorikeet.models.cli;

import dev.lorikeet.models.choice.Remedy;
import dev.lorikeet.models.train.TrainingRun;
import dev.lorikeet.tensor.OutOfDeviceMemory;
import dev.lorikeet.tensor.io.FormatException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/// Says what the library's words for choices are on the command line: `batch must be >= 1` becomes `--batch must be
/// >= 1`, and a message that is about several choices gets their options in parentheses. Options that the command does
/// not have are left out.
final class Advice {
    /// Choices whose option is called otherwise.
    private static final Map<String, String> OTHERWISE = Map.of(
            "output", "--out", "smoothing", "--label-smoothing", "recompute", "--checkpoint-blocks");

    private Advice() {}

    /// The message of a failure with the options of a command.
    static String message(Exception failure, CommandSpec command) {
        String message = failure.getMessage() == null ? failure.toString() : failure.getMessage();
        List<String> choices = choices(failure, command);
        if (choices.size() == 1 && message.startsWith(choices.getFirst() + " must ")) {
            return options(choices, command).map(option -> option + message.substring(choices.getFirst().length()))
                    .findFirst().orElse(message);
        }
        String options = options(choices, command).collect(Collectors.joining(", "));
        if (options.isEmpty()) {
            return message;
        }
        boolean sentence = message.endsWith(".");
        return "%s (%s)%s".formatted(
                sentence ? message.substring(0, message.length() - 1) : message, options, sentence ? "." : "");
    }

    private static List<String> choices(Exception failure, CommandSpec command) {
        return switch (failure) {
            case Remedy remedy -> remedy.choices();
            case OutOfDeviceMemory _ -> List.of("batch", "recompute", "baseDtype");
            case FormatException damaged when isOfRun(damaged, command) -> List.of("output");
            default -> List.of();
        };
    }

    /// Whether a file that a resumed run has written itself is at fault.
    private static boolean isOfRun(FormatException damaged, CommandSpec command) {
        OptionSpec out = command.findOption("--out");
        Path file = damaged.file();
        return out != null && out.getValue() instanceof Path directory && file.startsWith(directory)
                && command.findOption("--resume") != null
                && (file.endsWith(TrainingRun.STATE_FILE) || file.getFileName().toString().startsWith("metrics."));
    }

    private static Stream<String> options(List<String> choices, CommandSpec command) {
        return choices.stream()
                .map(choice -> OTHERWISE.getOrDefault(choice,
                        "--" + choice.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT)))
                .filter(option -> command.findOption(option) != null);
    }
}
