package dev.lorikeet.models.hub;

import dev.lorikeet.tensor.io.Checkpoint;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// Fetches models and adapters from a hub into a cache.
///
/// ```java
/// try (HubPull pull = HubPull.of(endpoint, token, cache, listener)) {
///     Path directory = pull.fetch(pull.plan(new HubName("gpt2"), Revision.MAIN));
/// }
/// ```
public final class HubPull implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int RETRIES = 5;

    private final Endpoint endpoint;
    private final Token token;
    private final HubCache cache;
    private final Connection connection;
    private final Retries retries;
    private final PullListener listener;

    /// How to reach a server.
    ///
    /// @param client   follows no redirects
    /// @param patience how long a server may be silent
    record Connection(HttpClient client, Duration patience) {}

    HubPull(Endpoint endpoint, Token token, HubCache cache, Connection connection, Retries retries,
            PullListener listener) {
        this.endpoint = endpoint;
        this.token = token;
        this.cache = cache;
        this.connection = connection;
        this.retries = retries;
        this.listener = listener;
    }

    /// @param token sent to the endpoint alone
    public static HubPull of(Endpoint endpoint, Token token, HubCache cache, PullListener listener) {
        return new HubPull(endpoint, token, cache, new Connection(HubHttp.client(), PATIENCE),
                new Retries(RETRIES, Thread::sleep, listener), listener);
    }

    /// Asks the hub what there is to fetch; nothing is written.
    ///
    /// @throws HubException      if the hub cannot be reached or does not answer as one
    /// @throws HubInputException if it has no such model, does not give it out, or it is none
    public PullPlan plan(HubName name, Revision revision) {
        HubHttp http = http(name, revision);
        HubFiles hub = new HubFiles(http, retries);
        Listing listing = hub.listing(endpoint.repository(name, revision.id()));
        if (revision.isCommit() && !revision.id().equals(listing.commit())) {
            throw new HubException("%s: expected commit %s, found %s; check the endpoint".formatted(
                    http.show(endpoint.repository(name, revision.id())), revision, listing.commit()));
        }
        FileSelection selection = FileSelection.of(name, listing.files().keySet());
        List<RemoteFile> files = new ArrayList<>();
        for (String file : selection.files()) {
            files.add(describe(hub, name, listing, file));
        }
        Set<String> shards = new LinkedHashSet<>();
        for (RemoteFile file : List.copyOf(files)) {
            if (selection.indices().contains(file.name())) {
                shards.addAll(shards(hub, name, listing, file));
            }
        }
        for (String shard : shards) {
            files.add(describe(hub, name, listing, shard));
        }
        return new PullPlan(name, revision, listing.commit(),
                files.stream().map(file -> new PullPlan.PlannedFile(file, present(name, file))).toList());
    }

    private RemoteFile describe(HubFiles hub, HubName name, Listing listing, String file) {
        return hub.describe(endpoint.file(name, listing.commit(), file), file, listing.commit(),
                listing.files().get(file));
    }

    private List<String> shards(HubFiles hub, HubName name, Listing listing, RemoteFile index) {
        byte[] content = hub.content(endpoint.file(name, listing.commit(), index.name()), index);
        List<String> shards = Checkpoint.shardNames(Path.of(name.id(), index.name()), content);
        List<String> missing = shards.stream().filter(shard -> !listing.files().containsKey(shard)).toList();
        if (!missing.isEmpty()) {
            throw new HubInputException("%s: %s lists %s, which the repository does not have; give another revision"
                    .formatted(name, index.name(), Printable.printable(String.join(", ", missing))));
        }
        return shards;
    }

    private long present(HubName name, RemoteFile file) {
        return cache.has(name, file) ? file.size()
                : Math.min(file.size(), PartialFile.present(cache.blob(name, file.checksum())));
    }

    /// Fetches what is missing. What an interrupted call has left is taken up by the next; until all is here and has
    /// been checked, the cache shows the state from before.
    ///
    /// @return the model's directory
    /// @throws HubException                 if the hub fails for good
    /// @throws java.io.UncheckedIOException if the cache cannot be written
    public Path fetch(PullPlan plan) {
        requireSpace(plan);
        listener.onStart(plan.toFetch());
        BlobFetch fetch = new BlobFetch(http(plan.name(), plan.revision()), retries, listener);
        for (PullPlan.PlannedFile planned : plan.files()) {
            fetch(fetch, plan, planned.file());
            cache.link(plan.name(), plan.commit(), planned.file());
        }
        cache.remember(plan.name(), plan.revision(), plan.commit());
        return cache.snapshot(plan.name(), plan.commit());
    }

    private void fetch(BlobFetch fetch, PullPlan plan, RemoteFile file) {
        if (cache.has(plan.name(), file)) {
            return;
        }
        try (PullLock _ = PullLock.acquire(cache.lock(plan.name(), file.checksum()), retries,
                () -> listener.onNote(file.name() + ": another process is fetching it; waiting"))) {
            if (!cache.has(plan.name(), file)) {
                fetch.fetch(endpoint.file(plan.name(), plan.commit(), file.name()), file,
                        cache.blob(plan.name(), file.checksum()));
            }
        }
    }

    private void requireSpace(PullPlan plan) {
        try {
            Files.createDirectories(cache.root());
            long free = Files.getFileStore(cache.root()).getUsableSpace();
            if (plan.missing() > free) {
                throw new HubInputException(("%s: expected room for %s, found %s; free some, or give another cache "
                        + "folder, such as by HF_HUB_CACHE").formatted(
                                cache.root(), Printable.bytes(plan.missing()), Printable.bytes(free)), "cache");
            }
        } catch (IOException e) {
            throw new CacheException("cannot write %s: %s".formatted(cache.root(), e), e);
        }
    }

    private HubHttp http(HubName name, Revision revision) {
        return new HubHttp(connection.client(), endpoint, token, connection.patience(),
                new HttpErrors(name, revision, endpoint));
    }

    /// Lets go of the connections.
    @Override
    public void close() {
        connection.client().shutdownNow();
    }
}
