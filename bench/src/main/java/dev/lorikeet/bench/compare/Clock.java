package dev.lorikeet.bench.compare;

import java.util.concurrent.locks.LockSupport;

/// Time as a [PairedRun] sees it; tests bring their own.
interface Clock {
    /// The machine's.
    Clock SYSTEM = new Clock() {
        @Override
        public double seconds() {
            return System.nanoTime() / 1e9;
        }

        @Override
        public void pause(double seconds) {
            long until = System.nanoTime() + (long) (seconds * 1e9);
            for (long left = until - System.nanoTime(); left > 0; left = until - System.nanoTime()) {
                LockSupport.parkNanos(left);
            }
        }
    };

    /// Seconds since some moment.
    double seconds();

    /// Does nothing for so long.
    void pause(double seconds);
}
