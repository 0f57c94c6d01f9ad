package dev.lorikeet.tensor.cpu;

/// What a product needs from its surroundings while it runs: threads and memory.
///
/// @param workspace address of the memory that all parts share
/// @param scratches address of the scratch memory of the first thread, others follow
/// @param scratchBytes bytes of scratch of one thread
record GemmJobs(ThreadTeam team, long workspace, long scratches, long scratchBytes) {
    /// Below this many floating-point operations (a few microseconds) waking another thread costs more than it saves.
    private static final long WORTH_SHARING = 400_000;

    /// Runs the parts of a job that does about `operations` floating-point operations (a moved value counts as 8).
    void run(int parts, long operations, ThreadTeam.Part body) {
        if (operations < WORTH_SHARING) {
            for (int part = 0; part < parts; part++) {
                body.run(part);
            }
        } else {
            team.run(parts, body);
        }
    }

    /// The same surroundings without the first `bytes` of the shared memory.
    GemmJobs behind(long bytes) {
        return new GemmJobs(team, workspace + bytes, scratches, scratchBytes);
    }

    /// Scratch memory of the calling thread, good until the part ends.
    long scratch() {
        return scratches + team.member() * scratchBytes;
    }
}
