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
final class DriverGraphs implements Graphs {
    private final DriverContext context;
    private final Map<Long, Pointer> pinned = new HashMap<>();

    DriverGraphs(DriverContext context) {
        this.context = context;
    }

    @Override
    public Graph capture(Runnable requests) {
        context.makeCurrent();
        context.check(JCudaDriver.cuStreamBeginCapture(context.stream(),
                CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_THREAD_LOCAL), "a graph to capture");
        CUgraph graph = new CUgraph();
        context.capturing(true);
        try {
            requests.run();
        } catch (LaunchFailed e) {
            JCudaDriver.cuStreamEndCapture(context.stream(), graph);     // what there is of it is of no use
            throw e;
        } finally {
            context.capturing(false);
        }
        context.check(JCudaDriver.cuStreamEndCapture(context.stream(), graph), "the captured graph");
        CUgraphExec executable = new CUgraphExec();
        int status = JCudaDriver.cuGraphInstantiate(executable, graph, 0);
        JCudaDriver.cuGraphDestroy(graph);
        context.check(status, "a graph that can be launched");
        return new Graph() {
            @Override
            public void launch() {
                context.makeCurrent();
                context.check(JCudaDriver.cuGraphLaunch(executable, context.stream()), "a graph's launch");
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
