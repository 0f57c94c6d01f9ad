package dev.lorikeet.cuda;

/// A kernel could not be compiled or started, or failed while it ran. The message names it, the shapes of its operands
/// and its grid.
public final class LaunchFailed extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public LaunchFailed(String message) {
        super(message);
    }

    /// `problem` of a launch, in one sentence.
    static LaunchFailed of(Kernel kernel, int x, int y, int threads, int sharedBytes, Arguments arguments,
            String problem) {
        return new LaunchFailed("kernel %s with %s in %d x %d blocks of %d threads and %d bytes of shared memory: %s"
                .formatted(kernel, arguments, x, y, threads, sharedBytes, problem));
    }
}
