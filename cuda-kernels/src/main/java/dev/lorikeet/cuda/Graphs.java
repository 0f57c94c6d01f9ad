package dev.lorikeet.cuda;

import java.lang.foreign.MemorySegment;

/// A device that can be given many requests as one: CUDA graphs.
interface Graphs {
    /// Remembers what `requests` asks of this device, which does none of it now. Among them are launches, products and
    /// uploads from [#pinned] memory, nothing else.
    ///
    /// @throws LaunchFailed if the device cannot
    Graph capture(Runnable requests);

    /// Memory of the host that uploads of a graph come from, until it is given back or the device is closed.
    MemorySegment pinned(long bytes);

    /// Gives back what [#pinned] gave. Nothing may read it any more.
    void release(MemorySegment pinned);

    /// Requests as one.
    interface Graph extends AutoCloseable {
        /// Asks for all of them, in their order. Uploads bring what is in their memory when they are carried out.
        void launch();

        @Override
        void close();
    }
}
