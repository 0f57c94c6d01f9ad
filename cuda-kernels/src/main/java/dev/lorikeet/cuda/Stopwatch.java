package dev.lorikeet.cuda;

import jcuda.driver.CUevent;
import jcuda.driver.CUevent_flags;
import jcuda.driver.JCudaDriver;

/// Two events in the stream, and the time between them by the device's clock.
final class Stopwatch implements AutoCloseable {
    private final DriverContext context;
    private final CUevent start = new CUevent();
    private final CUevent end = new CUevent();

    Stopwatch(DriverContext context) {
        this.context = context;
        context.check(JCudaDriver.cuEventCreate(start, CUevent_flags.CU_EVENT_DEFAULT), "an event");
        context.check(JCudaDriver.cuEventCreate(end, CUevent_flags.CU_EVENT_DEFAULT), "an event");
    }

    /// Seconds from the beginning to the end of what `work` asks for.
    double seconds(Runnable work) {
        context.check(JCudaDriver.cuEventRecord(start, context.stream()), "an event");
        work.run();
        context.check(JCudaDriver.cuEventRecord(end, context.stream()), "an event");
        context.check(JCudaDriver.cuEventSynchronize(end), "the end of what is timed");
        float[] milliseconds = new float[1];
        context.check(JCudaDriver.cuEventElapsedTime(milliseconds, start, end), "the time between two events");
        return milliseconds[0] / 1e3;
    }

    @Override
    public void close() {
        JCudaDriver.cuEventDestroy(start);
        JCudaDriver.cuEventDestroy(end);
    }
}
