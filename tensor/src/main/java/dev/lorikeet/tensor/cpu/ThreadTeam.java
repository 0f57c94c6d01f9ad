package dev.lorikeet.tensor.cpu;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/// The threads of one CPU backend: the caller and `threads − 1` daemon workers that share the parts of a job.
///
/// Kernels are called thousands of times per training step, so a hand-over must cost about a microsecond: an idle
/// worker spins for a short while before it parks, and so does a caller that waits for the last part. One job runs at a
/// time and jobs do not nest; whoever shares a team synchronises.
///
/// Parts are handed out dynamically, so which thread runs a part is chance. A kernel that reduces must therefore choose
/// its parts from the size of the problem, never from [#threads()]: then its result is the same for any number of
/// threads.
final class ThreadTeam implements AutoCloseable {
    /// One share of a job. Called once for every part number, on any thread of the team.
    @FunctionalInterface
    interface Part {
        void run(int part);
    }

    /// Rows `from … to − 1` of a job split by [#forRows].
    @FunctionalInterface
    interface RowRange {
        void run(int from, int to);
    }

    /// How often a waiting thread looks before it parks: about 30 µs, longer than the Java code between two kernels.
    private static final int SPINS = 1_000;

    /// Chunks per thread in [#forRows]: enough that a thread disturbed by another program does not delay the job.
    private static final int CHUNKS_PER_THREAD = 4;

    private final Worker[] workers;
    private final AtomicBoolean busy = new AtomicBoolean();
    private volatile Job current;
    private volatile boolean closed;

    private ThreadTeam(int threads) {
        workers = new Worker[threads - 1];
        for (int i = 0; i < workers.length; i++) {
            workers[i] = new Worker(i + 1);
        }
    }

    /// A team of `threads` threads, the caller included. Throws [IllegalArgumentException] if `threads` is not
    /// positive.
    static ThreadTeam of(int threads) {
        if (threads < 1) {
            throw new IllegalArgumentException("a team needs at least 1 thread, was " + threads);
        }
        ThreadTeam team = new ThreadTeam(threads);
        for (Worker worker : team.workers) {
            worker.thread.start();
        }
        return team;
    }

    /// Threads of the team, the caller included.
    int threads() {
        return workers.length + 1;
    }

    /// Number of the calling thread within the team, from 0 (the caller of [#run]) to `threads − 1`: a part that needs
    /// scratch memory finds its own by it. Which member runs a part is chance, so nothing else may depend on it.
    int member() {
        Thread thread = Thread.currentThread();
        for (int i = 0; i < workers.length; i++) {
            if (workers[i].thread == thread) {
                return i + 1;
            }
        }
        return 0;
    }

    /// Runs `body` for the parts `0 … parts − 1` and returns when all of them are done. The first exception that a part
    /// throws is thrown here, and parts that have not begun by then are skipped.
    ///
    /// Throws [IllegalStateException] if the team is closed or already runs a job, for instance when a part calls it.
    void run(int parts, Part body) {
        if (closed) {
            throw new IllegalStateException("the thread team is closed");
        }
        if (!busy.compareAndSet(false, true)) {
            throw new IllegalStateException("the thread team already runs a job; jobs neither nest nor overlap");
        }
        try {
            if (parts <= 1 || workers.length == 0) {
                for (int part = 0; part < parts; part++) {
                    body.run(part);
                }
            } else {
                runTogether(new Job(parts, body));
            }
        } finally {
            busy.set(false);
        }
    }

    /// Runs `body` over ranges that cover the rows `0 … rows − 1`; each range begins at a multiple of `grain`. Ranges
    /// depend on the number of threads: only for bodies that treat each group of `grain` rows independently.
    void forRows(int rows, int grain, RowRange body) {
        int groups = Math.ceilDiv(rows, grain);
        int chunks = Math.min(groups, workers.length == 0 ? 1 : CHUNKS_PER_THREAD * threads());
        if (chunks <= 0) {
            return;
        }
        run(chunks, part -> {
            long from = (long) part * groups / chunks * grain;
            long to = Math.min(rows, (part + 1L) * groups / chunks * grain);
            body.run((int) from, (int) to);
        });
    }

    /// Ends the workers and waits for them.
    @Override
    public void close() {
        closed = true;
        for (Worker worker : workers) {
            LockSupport.unpark(worker.thread);
        }
        boolean interrupted = false;
        for (Worker worker : workers) {
            while (worker.thread.isAlive()) {
                try {
                    worker.thread.join();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void runTogether(Job job) {
        current = job;
        int helpers = Math.min(workers.length, job.parts - 1);
        for (int i = 0; i < helpers; i++) {
            if (workers[i].parked) {
                LockSupport.unpark(workers[i].thread);
            }
        }
        job.work();
        job.awaitEnd();
        current = null;
        job.rethrow();
    }

    /// One call of [#run]. A job of its own for each call, so that a worker that wakes late finds no parts left instead
    /// of taking parts of the next job under the old body.
    private static final class Job {
        final int parts;
        private final Part body;
        private final Thread caller = Thread.currentThread();
        private final AtomicInteger next = new AtomicInteger();
        private final AtomicInteger done = new AtomicInteger();
        private final AtomicReference<Throwable> failure = new AtomicReference<>();
        private volatile boolean callerParked;

        Job(int parts, Part body) {
            this.parts = parts;
            this.body = body;
        }

        boolean hasParts() {
            return next.get() < parts;
        }

        void work() {
            int part;
            while ((part = next.getAndIncrement()) < parts) {
                try {
                    if (failure.get() == null) {
                        body.run(part);
                    }
                } catch (Throwable e) {
                    failure.compareAndSet(null, e);
                } finally {
                    if (done.incrementAndGet() == parts && callerParked) {
                        LockSupport.unpark(caller);
                    }
                }
            }
        }

        void awaitEnd() {
            for (int spin = 0; spin < SPINS; spin++) {
                if (done.get() == parts) {
                    return;
                }
                Thread.onSpinWait();
            }
            callerParked = true;
            boolean interrupted = false;
            while (done.get() != parts) {
                LockSupport.park(this);
                interrupted |= Thread.interrupted();
            }
            if (interrupted) {
                caller.interrupt();
            }
        }

        void rethrow() {
            switch (failure.get()) {
                case null -> { }
                case RuntimeException e -> throw e;
                case Error e -> throw e;
                case Throwable e -> throw new IllegalStateException("a part of a job failed", e);
            }
        }
    }

    private final class Worker implements Runnable {
        final Thread thread;
        volatile boolean parked;

        Worker(int number) {
            thread = Thread.ofPlatform().name("lorikeet-cpu-" + number).daemon().unstarted(this);
        }

        @Override
        public void run() {
            while (!closed) {
                Job job = awaitJob();
                if (job != null) {
                    job.work();
                }
            }
        }

        private Job awaitJob() {
            for (int spin = 0; spin < SPINS; spin++) {
                Job job = current;
                if (job != null && job.hasParts()) {
                    return job;
                }
                Thread.onSpinWait();
            }
            parked = true;
            Job job = current;
            if (!closed && (job == null || !job.hasParts())) {
                LockSupport.park(ThreadTeam.this);
            }
            parked = false;
            return null;
        }
    }
}
