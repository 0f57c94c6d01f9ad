package dev.lorikeet.models.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lorikeet.models.text.Tokenizer;
import dev.lorikeet.models.text.Tokenizers;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `lorikeet tokenize`: lines of standard input to token ids, or back.
@Command(
        name = "tokenize",
        description = "Turn each line of standard input into token ids, or with --decode ids into text.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  echo 'Hello world' | lorikeet tokenize --base gpt2",
            "  echo '\"two\\nlines\"' | lorikeet tokenize --json",
            "  echo '15496 995' | lorikeet tokenize --base gpt2 --decode"
        })
final class TokenizeCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private BaseOption base;

    @Option(names = "--json", description = "Lines are JSON strings (and, with --decode, are printed as such).")
    private boolean json;

    @Option(names = "--decode", description = "Lines are ids separated by blanks or commas; print the text they "
            + "stand for.")
    private boolean decode;

    @Override
    public Integer call() throws IOException {
        Tokenizer tokenizer = Tokenizers.open(base.directory());
        ObjectMapper mapper = new ObjectMapper();
        PrintWriter out = spec.commandLine().getOut();
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        long number = 0;
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            number++;
            if (decode) {
                String text = tokenizer.decode(ids(line, number));
                out.println(json ? mapper.writeValueAsString(text) : text);
            } else {
                int[] ids = tokenizer.encode(json ? string(mapper, line, number) : line);
                out.println(Arrays.stream(ids).mapToObj(Integer::toString).collect(Collectors.joining(" ")));
            }
        }
        out.flush();
        return 0;
    }

    private static String string(ObjectMapper mapper, String line, long number) {
        try {
            return mapper.readValue(line, String.class);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(
                    "standard input, line %d: expected a JSON string, found %s".formatted(number, line), e);
        }
    }

    private static int[] ids(String line, long number) {
        try {
            return Arrays.stream(line.strip().split("[\\s,]+"))
                    .filter(part -> !part.isEmpty())
                    .map(part -> part.replaceAll("[\\[\\]]", ""))
                    .filter(part -> !part.isEmpty())
                    .mapToInt(Integer::parseInt)
                    .toArray();
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    "standard input, line %d: expected token ids, found %s".formatted(number, line), e);
        }
    }
}
