package dev.lorikeet.cuda;

import java.lang.foreign.MemorySegment;
import jcuda.Pointer;
import jcuda.driver.CUevent;
import jcuda.driver.CUevent_flags;
import jcuda.driver.JCudaDriver;

/// Pinned host buffers of one size, taken in turn. One that the device has yet to read is waited for.
final class Staging implements AutoCloseable {
    private final DriverContext context;
    private final Buffer[] buffers;
    private final int bytes;
    private int next;

    Staging(DriverContext context, int count, int bytes) {
        this.context = context;
        this.buffers = new Buffer[count];
        this.bytes = bytes;
    }

    /// Memory of the host that the device copies from and to by itself.
    final class Buffer {
        private final Pointer pointer = new Pointer();
        private final CUevent done = new CUevent();
        private final MemorySegment memory;
        private boolean inUse;

        private Buffer() {
            context.check(JCudaDriver.cuMemHostAlloc(pointer, bytes, 0), "%d bytes of pinned memory".formatted(bytes));
            context.check(JCudaDriver.cuEventCreate(done, CUevent_flags.CU_EVENT_DISABLE_TIMING), "an event");
            memory = MemorySegment.ofBuffer(pointer.getByteBuffer(0, bytes));
        }

        Pointer pointer() {
            return pointer;
        }

        MemorySegment memory() {
            return memory;
        }

        /// To be called when a copy from this buffer has been asked for.
        void used() {
            context.check(JCudaDriver.cuEventRecord(done, context.stream()), "an event");
            inUse = true;
        }

        private void await() {
            if (inUse) {
                context.check(JCudaDriver.cuEventSynchronize(done), "the end of a copy");
                inUse = false;
            }
        }
    }

    /// Bytes of one buffer.
    int bytes() {
        return bytes;
    }

    /// A buffer that nothing reads any more.
    Buffer next() {
        int i = next;
        next = (next + 1) % buffers.length;
        if (buffers[i] == null) {
            buffers[i] = new Buffer();
        }
        buffers[i].await();
        return buffers[i];
    }

    @Override
    public void close() {
        for (Buffer buffer : buffers) {
            if (buffer != null) {
                JCudaDriver.cuEventDestroy(buffer.done);
                JCudaDriver.cuMemFreeHost(buffer.pointer);
            }
        }
    }
}
