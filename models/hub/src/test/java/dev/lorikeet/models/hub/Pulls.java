package dev.lorikeet.models.hub;

import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/// Pulls from a [FakeHub] without waiting between attempts, and remembers what was said and waited.
final class Pulls implements PullListener {
    static final HubName NAME = new HubName("owner/tiny");

    final List<String> notes = new CopyOnWriteArrayList<>();
    final List<Duration> pauses = new CopyOnWriteArrayList<>();
    final List<String> started = new CopyOnWriteArrayList<>();
    final HubCache cache;
    private final String endpoint;
    private HttpClient client = HubHttp.client();
    private Token token = Token.NONE;
    private Duration patience = Duration.ofSeconds(30);
    long total;
    long present;

    Pulls(FakeHub hub, Path cache) {
        this(hub.endpoint(), cache);
    }

    Pulls(String endpoint, Path cache) {
        this.endpoint = endpoint;
        this.cache = new HubCache(cache);
    }

    Pulls with(Token given) {
        token = given;
        return this;
    }

    Pulls with(Duration given) {
        patience = given;
        return this;
    }

    Pulls with(HttpClient given) {
        client = given;
        return this;
    }

    HubPull open() {
        Retries retries = new Retries(3, wait -> {
            pauses.add(wait);
            Thread.sleep(1);
        }, this);
        return new HubPull(Endpoint.parse(endpoint, "--endpoint"), token, cache,
                new HubPull.Connection(client, patience), retries, this);
    }

    PullPlan plan() {
        return open().plan(NAME, Revision.MAIN);
    }

    Path fetch() {
        return fetch(Revision.MAIN);
    }

    Path fetch(Revision revision) {
        HubPull pull = open();
        return pull.fetch(pull.plan(NAME, revision));
    }

    @Override
    public void onStart(long bytes) {
        total = bytes;
    }

    @Override
    public void onFile(String name, long here, long size) {
        started.add(name + " " + here + "/" + size);
    }

    @Override
    public void onBytes(long here) {
        present = here;
    }

    @Override
    public void onNote(String note) {
        notes.add(note);
    }
}
