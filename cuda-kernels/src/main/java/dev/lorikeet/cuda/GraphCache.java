package dev.lorikeet.cuda;

import dev.lorikeet.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.OptionalLong;

/// Stands before a device and finds out what is asked of it again and again: the steps of a training run with batches
/// of one shape. Memory scopes hand out the same addresses in every step of a shape, so that most steps ask for exactly
/// what the one before them asked for, and a part of a step that did is captured as a graph and given to the device as
/// one.
///
/// While [#run] runs, requests are held back, [#SEGMENT] of them at a time. When so many have come, or a result is
/// wanted, they are compared with what the last run of the same shape asked for at this point:
///
/// - the same, and captured: the graph is launched;
/// - the same, but not captured: captured, and launched;
/// - something else: asked for one by one, and remembered in place of the other.
///
/// Comparing comes first, so that a graph never does what was not asked for; and while the device works on one segment
/// the host is busy with the next. A shape that asks for something else time after time is given up, with the first
/// difference in the log, and so is everything if the device cannot capture. What must differ from step to step
/// therefore lies in device memory that uploads fill: token ids, labels, the tiles of attention ([Tiles]), and the
/// first random stream of the step ([Stream#replay]).
///
/// Batches of an epoch that are [padded][dev.lorikeet.tensor.Sequences#padded] to buckets have some ten to thirty
/// shapes (`bench/gpu/README.md`), windows of several micro-batches twice as many.
final class GraphCache implements Launcher, Blas, DeviceMemory {
    /// Requests of a segment. One launch of a graph for so many leaves next to nothing of their cost; more of them
    /// would let the device wait for the host at the beginning of a step.
    static final int SEGMENT = 64;
    /// Runs that may differ, one after the other, from the one before them until a shape is given up.
    static final int PATIENCE = 6;
    /// Shapes that are remembered, and how many may have been evicted without one replay until the log says so.
    static final int SHAPES = 64;
    private static final int EVICTIONS = 64;
    private static final System.Logger LOG = System.getLogger(GraphCache.class.getName());

    /// Some requests of a run in their order.
    private static final class Segment {
        private List<Request> requests = List.of();
        private Graphs.Graph graph;
        private final List<MemorySegment> pinned = new ArrayList<>();
        private long launched;

        private void forget() {
            if (graph != null) {
                graph.close();
                graph = null;
            }
        }
    }

    /// What is known of the runs of one shape.
    private static final class Shape {
        private final List<Segment> segments = new ArrayList<>();
        private int differences;
        private boolean givenUp;
    }

    private final Launcher launcher;
    private final Blas blas;
    private final DeviceMemory memory;
    private final Graphs graphs;
    private final Arguments scratch = new Arguments();
    private final LinkedHashMap<Object, Shape> shapes = new LinkedHashMap<>(16, 0.75f, true);
    private final List<Request> held = new ArrayList<>();
    private Shape running;
    private int next;
    private int uploads;
    private boolean differs;
    private long synchronizations;
    private long graphLaunches;
    private long replayedRuns;
    private boolean allReplayed;
    private int evictions;
    private boolean captureFailed;

    GraphCache(Launcher launcher, Blas blas, DeviceMemory memory, Graphs graphs) {
        this.launcher = launcher;
        this.blas = blas;
        this.memory = memory;
        this.graphs = graphs;
    }

    /// How often a graph has been launched.
    long graphLaunches() {
        return graphLaunches;
    }

    /// How many runs were carried out as graphs from beginning to end.
    long replayedRuns() {
        return replayedRuns;
    }

    /// Does `work`, which asks for the same whenever `shape` is equal, as far as the caller can tell.
    void run(Object shape, Runnable work) {
        Shape known = captureFailed ? null : known(shape);
        if (known == null || known.givenUp) {
            work.run();
            return;
        }
        running = known;
        next = 0;
        uploads = 0;
        differs = false;
        allReplayed = true;
        try {
            work.run();
            flush();
            if (next < known.segments.size()) {
                differ("nothing more", "more");
                forget(known, next);
            }
            known.differences = differs ? known.differences : 0;
            replayedRuns += allReplayed && next > 0 ? 1 : 0;
        } finally {
            held.clear();
            running = null;
        }
        if (captureFailed) {
            shapes.values().forEach(each -> forget(each, 0));
            shapes.clear();
        } else if (known.givenUp) {
            forget(known, 0);
        }
    }

    private Shape known(Object shape) {
        Shape known = shapes.computeIfAbsent(shape, _ -> new Shape());
        if (shapes.size() > SHAPES) {
            forget(shapes.pollFirstEntry().getValue(), 0);
            if (++evictions == EVICTIONS && graphLaunches == 0) {
                LOG.log(System.Logger.Level.INFO, ("kernels of steps are launched one by one, because %d steps had "
                        + "ever new shapes: batches of few distinct shapes let steps be replayed")
                        .formatted(EVICTIONS));
            }
        }
        return known;
    }

    /// Forgets what a shape asked for from segment `from` on.
    private void forget(Shape shape, int from) {
        List<Segment> gone = shape.segments.subList(from, shape.segments.size());
        if (gone.stream().anyMatch(segment -> segment.launched == synchronizations)) {
            synchronize(memory);                             // the device may be busy with them
        }
        for (Segment segment : gone) {
            segment.forget();
            segment.pinned.forEach(graphs::release);
        }
        gone.clear();
    }

    private void hold(Request request) {
        held.add(request);
        if (held.size() == SEGMENT) {
            flush();
        }
    }

    /// What is known of the segment that is being filled.
    private Segment current() {
        if (next == running.segments.size()) {
            running.segments.add(new Segment());
        }
        return running.segments.get(next);
    }

    /// Gives the device what was held back.
    private void flush() {
        if (running == null || held.isEmpty()) {
            return;
        }
        List<Request> now = List.copyOf(held);
        held.clear();
        Segment segment = current();
        next++;
        uploads = 0;
        segment.launched = synchronizations;
        if (!segment.requests.equals(now)) {
            segment.forget();
            if (!segment.requests.isEmpty()) {
                differ(now, segment.requests);
            }
            segment.requests = now;
            allReplayed = false;
            ask(now);
        } else if (running.givenUp || captureFailed || segment.graph == null && !captured(segment)) {
            allReplayed = false;
            ask(now);
        } else {
            graphLaunches++;
            segment.graph.launch();
        }
    }

    private boolean captured(Segment segment) {
        try {
            segment.graph = graphs.capture(() -> ask(segment.requests));
            return true;
        } catch (LaunchFailed e) {
            stopCapturing(e);
            return false;
        }
    }

    /// No graphs from now on, whatever the shape.
    private void stopCapturing(LaunchFailed reason) {
        captureFailed = true;
        LOG.log(System.Logger.Level.INFO, "kernels of steps are launched one by one, because the device cannot capture "
                + "them as a graph: " + reason.getMessage());
    }

    private void ask(List<Request> requests) {
        requests.forEach(request -> request.ask(launcher, blas, memory, scratch));
    }

    private void differ(List<Request> now, List<Request> before) {
        int i = 0;
        while (i < Math.min(now.size(), before.size()) && now.get(i).equals(before.get(i))) {
            i++;
        }
        differ(i < now.size() ? now.get(i) : "nothing more", i < before.size() ? before.get(i) : "nothing");
    }

    private void differ(Object now, Object before) {
        if (!differs) {
            differs = true;
            if (++running.differences == PATIENCE) {
                giveUp("it asks for something else each time: first %s, then %s".formatted(before, now));
            }
        }
    }

    private void giveUp(String reason) {
        running.givenUp = true;
        LOG.log(System.Logger.Level.INFO, "kernels of a step are launched one by one, because " + reason);
    }

    @Override
    public void launch(Kernel kernel, int x, int y, int threads, int sharedBytes, Arguments arguments) {
        if (running == null) {
            launcher.launch(kernel, x, y, threads, sharedBytes, arguments);
        } else {
            hold(new Request.Launch(kernel, x, y, threads, sharedBytes, arguments.copy()));
        }
    }

    @Override
    public int sharedBytesOfBlock() {
        return launcher.sharedBytesOfBlock();
    }

    @Override
    public void gemm(Tensor c, Tensor a, boolean transposeA, Tensor b, boolean transposeB, float alpha, float beta,
            boolean tensorFloat) {
        if (running == null) {
            blas.gemm(c, a, transposeA, b, transposeB, alpha, beta, tensorFloat);
        } else {
            hold(new Request.Product(c, a, transposeA, b, transposeB, alpha, beta, tensorFloat));
        }
    }

    @Override
    public void upload(long address, MemorySegment src) {
        if (running == null) {
            memory.upload(address, src);
        } else if (src.byteSize() > 0) {                     // there is no pinned memory of no bytes
            MemorySegment copy;
            try {
                copy = pinned(src);
            } catch (LaunchFailed e) {
                stopCapturing(e);
                allReplayed = false;
                flush();
                memory.upload(address, src);
                return;
            }
            hold(new Request.Upload(address, copy));
        }
    }

    /// A copy of `src` where the graph of the present segment will look for it.
    private MemorySegment pinned(MemorySegment src) {
        Segment segment = current();
        if (segment.launched == synchronizations && !segment.requests.isEmpty()) {
            synchronize(memory);                             // the device may have yet to read the last content
        }
        int i = uploads++;
        if (i == segment.pinned.size()) {
            segment.pinned.add(graphs.pinned(src.byteSize()));
        } else if (segment.pinned.get(i).byteSize() != src.byteSize()) {
            segment.forget();                                // its graph reads the old one
            graphs.release(segment.pinned.get(i));
            segment.pinned.set(i, graphs.pinned(src.byteSize()));
        }
        return segment.pinned.get(i).copyFrom(src);
    }

    @Override
    public long allocate(long bytes) {
        return memory.allocate(bytes);
    }

    /// What was asked for before may use that memory.
    @Override
    public void free(long address) {
        flush();
        memory.free(address);
    }

    @Override
    public void download(MemorySegment dst, long address) {
        flush();
        memory.download(dst, address);
        synchronizations++;
    }

    @Override
    public void synchronize() {
        flush();
        synchronize(memory);
    }

    /// What `work` asks for is carried out in the time that is taken.
    @Override
    public double seconds(Runnable work) {
        flush();
        double seconds = memory.seconds(() -> {
            work.run();
            flush();
        });
        synchronizations++;
        return seconds;
    }

    @Override
    public OptionalLong takenBytes() {
        return memory.takenBytes();
    }

    private void synchronize(DeviceMemory device) {
        device.synchronize();
        synchronizations++;
    }

    @Override
    public void close() {
        try {
            synchronize(memory);                             // no kernel may run when its module is unloaded
        } finally {
            shapes.values().forEach(shape -> forget(shape, 0));
            launcher.close();
            blas.close();
            memory.close();
        }
    }
}
