package dev.lorikeet.cuda;

import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;
import jcuda.Pointer;
import jcuda.driver.CUgraph;
import jcuda.driver.CUgraphExec;
import jcuda.driver.CUresult;
import jcuda.driver.CUstreamCaptureMode;
import jcuda.driver.JCudaDriver;

/// CUDA graphs, captured from the one stream that all work goes through.
///
/// What CUDA asks of a capture, and how it is met:
///
/// - The stream is neither the legacy default stream nor synchronised with it: [DriverContext] makes it non-blocking.
/// - Nothing waits for the stream, queries it or records an event of another one's; no memory is allocated or freed, no
///   module loaded. A segment holds launches, products and uploads only, and was carried out plainly in an earlier run,
///   when its kernels were compiled, loaded (lazily, at their first launch) and given their shared memory.
/// - cuBLAS would allocate a workspace in the middle of a capture unless it has one: [CublasBlas] gives it one, after
///   its stream was set, since setting the stream takes the workspace away. `alpha` and `beta` are read while it is
///   asked (pointer mode host), and become constants of the graph, as do all arguments of kernels.
/// - An upload becomes a node that reads its source when the graph runs: pinned memory of its own, which
///   [GraphCache] fills anew only when the device has read the last content.
final class DriverGraphs implements Graphs {
    private final DriverContext context;
    private final Map<Long, Pointer> pinned = new HashMap<>();

    DriverGraphs(DriverContext context) {
        this.context = context;
    }

    @Override
    public Graph capture(Runnable requests) {
        context.makeCurrent();
        // calls of other threads (a second device's, say) are none of this capture's business
        context.check(JCudaDriver.cuStreamBeginCapture(context.stream(),
                CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_THREAD_LOCAL), "a graph to capture");
        CUgraph graph = new CUgraph();
        int status = CUresult.CUDA_ERROR_UNKNOWN;
        boolean complete = false;
        context.capturing(true);
        try {
            requests.run();
            complete = true;
        } finally {
            context.capturing(false);
            status = JCudaDriver.cuStreamEndCapture(context.stream(), graph);   // or the stream would capture for ever
            if (!complete && status == CUresult.CUDA_SUCCESS) {
                JCudaDriver.cuGraphDestroy(graph);                              // a part is of no use
            }
        }
        context.check(status, "the captured graph");
        CUgraphExec executable = new CUgraphExec();
        // without flags: there are no allocations in it to be freed, and all its nodes have one priority
        status = JCudaDriver.cuGraphInstantiate(executable, graph, 0);
        JCudaDriver.cuGraphDestroy(graph);
        context.check(status, "a graph that can be launched");
        int kernels = context.capturedKernels();
        return new Graph() {
            @Override
            public void launch() {
                context.makeCurrent();
                context.check(JCudaDriver.cuGraphLaunch(executable, context.stream()), "a graph's launch");
                context.launchedGraph(kernels);
            }

            @Override
            public void close() {
                context.makeCurrent();
                JCudaDriver.cuGraphExecDestroy(executable);
            }
        };
    }

    @Override
    public MemorySegment pinned(long bytes) {
        context.makeCurrent();
        Pointer pointer = new Pointer();
        int status = JCudaDriver.cuMemHostAlloc(pointer, bytes, 0);
        if (status != CUresult.CUDA_SUCCESS) {
            throw new LaunchFailed("no %,d bytes of pinned host memory: %s".formatted(bytes,
                    DriverContext.describe(status)));
        }
        MemorySegment memory = MemorySegment.ofBuffer(pointer.getByteBuffer(0, bytes));
        pinned.put(memory.address(), pointer);
        return memory;
    }

    @Override
    public void release(MemorySegment memory) {
        context.makeCurrent();
        JCudaDriver.cuMemFreeHost(pinned.remove(memory.address()));
    }
}
