package dev.lorikeet.models.cli;

import dev.lorikeet.models.LanguageModel;
import dev.lorikeet.models.ModelConfig;
import dev.lorikeet.models.base.Attached;
import dev.lorikeet.models.base.BaseModel;
import dev.lorikeet.models.data.PromptLayout;
import dev.lorikeet.models.generate.Generator;
import dev.lorikeet.models.generate.Sampling;
import dev.lorikeet.models.text.Tokenizer;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Pool;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `lorikeet generate`: continues prompts.
@Command(
        name = "generate",
        description = "Continue one or more prompts with a language model, as it is or adapted.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  lorikeet generate 'It was a dark night'",
            "  lorikeet generate --adapter run/adapter --data-to-text 'name : Aromi | type : pub'",
            "  lorikeet generate --base gpt2 --temperature 0.8 --top-p 0.9 --seed 7 'Once upon a time'",
            "  lorikeet generate --adapter run/adapter --data-to-text --beams 10 --length-penalty 0.9 \\",
            "      --no-repeat-ngram 4 --paper-beams 'name : Aromi | type : pub'"
        })
final class GenerateCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private BaseOption base;

    @Mixin
    private BaseDTypeOption baseDType;

    @Mixin
    private AdapterOption adapter;

    @Parameters(arity = "1..*", paramLabel = "PROMPT", description = "Text to continue.")
    private List<String> prompts;

    @Option(names = "--data-to-text",
            description = "The prompts are inputs of a data-to-text task: lay them out as in training and print the "
                    + "completion.")
    private boolean dataToText;

    @Option(names = "--max-tokens", defaultValue = "200", paramLabel = "N", description = "Default: ${DEFAULT-VALUE}.")
    private int maxTokens;

    @Option(names = "--temperature", defaultValue = "0", paramLabel = "T",
            description = "0 takes the likeliest token. Default: ${DEFAULT-VALUE}.")
    private double temperature;

    @Option(names = "--top-k", defaultValue = "0", paramLabel = "K", description = "Default: ${DEFAULT-VALUE} (all).")
    private int topK;

    @Option(names = "--top-p", defaultValue = "1", paramLabel = "P", description = "Default: ${DEFAULT-VALUE}.")
    private double topP;

    @Option(names = "--seed", defaultValue = "0", description = "Default: ${DEFAULT-VALUE}.")
    private long seed;

    @Mixin
    private BeamOptions beams;

    @Mixin
    private DeviceOption device;

    @Override
    public Integer call() {
        beams.check();
        Sampling sampling = new Sampling(temperature, topK, topP, seed);
        PrintWriter out = spec.commandLine().getOut();
        try (Backend backend = device.open(); Pool pool = new Pool(backend);
                BaseModel model = base.open(backend, baseDType.type());
                Attached<LanguageModel> attached = adapter.attach(
                        model, model.capable(ModelConfig::languageModel, "predict the next token"))) {
            baseDType.report(spec.commandLine().getErr(), model);
            Tokenizer tokenizer = model.tokenizer();
            PromptLayout layout = dataToText ? new PromptLayout(tokenizer) : null;
            List<int[]> ids = prompts.stream()
                    .map(prompt -> dataToText ? layout.prompt(prompt) : tokenizer.encode(prompt))
                    .toList();
            int end = tokenizer.endOfText().orElse(-1);
            List<int[]> results = beams.isChosen()
                    ? beams.search(attached.model(), pool, ids.stream(), maxTokens, end)
                    : new Generator(attached.model(), pool)
                            .generate(ids, maxTokens, sampling, token -> token == end, (_, _) -> {});
            for (int i = 0; i < results.size(); i++) {
                int[] tokens = results.get(i);
                out.println(dataToText ? layout.completion(tokens) : prompts.get(i) + text(tokenizer, tokens, end));
            }
        }
        return 0;
    }

    private static String text(Tokenizer tokenizer, int[] tokens, int end) {
        int length = tokens.length > 0 && tokens[tokens.length - 1] == end ? tokens.length - 1 : tokens.length;
        return tokenizer.decode(Arrays.copyOf(tokens, length));
    }
}
