package dev.lorikeet.cuda;

/// What a device was asked to run last, for the message of a failure that shows itself later.
///
/// @param what   was launched
/// @param remedy how to find out which kernel failed
record LastLaunch(String what, String remedy) {
    static LastLaunch of(Kernel kernel) {
        return new LastLaunch(kernel.toString(), "set CUDA_LAUNCH_BLOCKING=1 and the one that failed is named");
    }

    /// A graph is one launch: only when its kernels are launched one by one can the one that failed be named.
    static LastLaunch ofGraph(int device, int kernels) {
        return new LastLaunch("a graph of %,d kernels".formatted(kernels),
                "open the device as cuda:%d:nographs, set CUDA_LAUNCH_BLOCKING=1, and the kernel that failed is named"
                        .formatted(device));
    }

    /// A clause for the end of a message.
    String advice() {
        return "the last launch was %s (%s), and the process cannot use this device any more if a kernel failed"
                .formatted(what, remedy);
    }
}
