package dev.lorikeet.models.cli;

import dev.lorikeet.models.hub.Endpoint;
import dev.lorikeet.models.hub.HubCache;
import dev.lorikeet.models.hub.HubEnvironment;
import dev.lorikeet.models.hub.HubName;
import dev.lorikeet.models.hub.HubPull;
import dev.lorikeet.models.hub.PullPlan;
import dev.lorikeet.models.hub.Revision;
import dev.lorikeet.models.hub.Token;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `lorikeet pull`: a model or an adapter from a hub into the cache.
@Command(
        name = "pull",
        description = "Fetch a model (config, tokenizer, weights) or a PEFT adapter from a Hugging Face-style hub into "
                + "the cache, and print its directory. Afterwards --base and --adapter take its name. What an "
                + "interrupted pull has fetched is kept, and the same command goes on from there.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Environment: HF_ENDPOINT, HF_TOKEN, HF_HOME, HF_HUB_CACHE, HF_HUB_OFFLINE as",
            "Hugging Face's tools use them; the cache is shared with these. A proxy is",
            "given with LORIKEET_JAVA_OPTS='-Dhttps.proxyHost=proxy -Dhttps.proxyPort=3128'.",
            "Exit codes: 0 done, 1 the network or the hub failed, 2 something that was given",
            "cannot be used.",
            "",
            "Examples:",
            "  lorikeet pull gpt2",
            "  lorikeet generate --base gpt2 'Once upon a time'",
            "  lorikeet pull FacebookAI/roberta-base --revision main --dry-run",
            "  lorikeet pull OWNER/ADAPTER --token-file token.txt",
            "  lorikeet pull gpt2 --endpoint https://hub.example.com --cache models"
        })
final class PullCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "NAME", description = "owner/name, or a legacy name such as gpt2.")
    private String name;

    @Option(names = "--revision", defaultValue = "main", paramLabel = "REVISION",
            description = "Branch, tag or commit. Default: ${DEFAULT-VALUE}.")
    private String revision;

    @Option(names = "--endpoint", paramLabel = "URL",
            description = "Address of the hub. Default: HF_ENDPOINT or https://huggingface.co.")
    private String endpoint;

    @Option(names = "--token-file", paramLabel = "FILE",
            description = "File that holds an access token. Default: HF_TOKEN, or the token that a login to Hugging "
                    + "Face has saved. It is sent to the endpoint alone and never printed.")
    private Path tokenFile;

    @Option(names = "--cache", paramLabel = "DIR",
            description = "Cache folder. Default: HF_HUB_CACHE, $HF_HOME/hub or ~/.cache/huggingface/hub. "
                    + "Other commands look for names there, or in HF_HUB_CACHE=DIR.")
    private Path cacheFolder;

    @Option(names = "--dry-run", description = "Only print the files and their sizes.")
    private boolean dryRun;

    @Override
    public Integer call() {
        HubEnvironment environment = HubEnvironment.system();
        HubName model = new HubName(name);
        Revision wanted = new Revision(revision);
        Endpoint hub = environment.endpoint(endpoint);
        HubCache cache = environment.cache(cacheFolder);
        Token token = environment.token(tokenFile, hub);
        environment.requireOnline();
        PrintWriter err = spec.commandLine().getErr();
        try (HubPull pull = HubPull.of(hub, token, cache, new DownloadLine(err, Terminal.isInteractive()))) {
            PullPlan plan = pull.plan(model, wanted);
            if (dryRun) {
                print(plan);
                return 0;
            }
            Path directory = pull.fetch(plan);
            err.printf(Locale.ROOT, "%s at commit %s: %d files, %,d bytes, of which %,d were fetched%n", model,
                    plan.commit(), plan.files().size(), plan.size(), plan.missing());
            spec.commandLine().getOut().println(directory);
        }
        return 0;
    }

    private void print(PullPlan plan) {
        PrintWriter out = spec.commandLine().getOut();
        out.printf("%s at commit %s%n", plan.name(), plan.commit());
        for (PullPlan.PlannedFile planned : plan.files()) {
            long present = planned.present();
            out.printf(Locale.ROOT, "%,18d  %s%s%n", planned.file().size(), planned.file().name(),
                    planned.isHere() ? "  (in the cache)"
                            : present > 0 ? String.format(Locale.ROOT, "  (%,d bytes in the cache)", present) : "");
        }
        out.printf(Locale.ROOT, "%,18d  bytes in %d files, %,d to fetch%n", plan.size(), plan.files().size(),
                plan.missing());
        out.flush();
    }
}
