package dev.lorikeet.bench.gpu;

import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/// Somebody who makes training steps in turns with others, on one device.
interface StepContender {
    /// `lorikeet`, `eager`, `compiled`.
    String name();

    /// Starts anew and makes a few steps.
    ///
    /// @return their losses, of the first five
    /// @throws PyTorchProcess.PyTorchFailed if it cannot
    List<Double> start();

    /// Seconds for `count` steps, one after the other.
    ///
    /// @throws PyTorchProcess.PyTorchFailed if it cannot
    double run(int count);

    /// Memory in bytes by what it is; asked after the race.
    Map<String, Object> memory();

    /// Share of the steps that were CUDA graphs from beginning to end; empty where there are none. Asked after the
    /// race.
    default OptionalDouble repeated() {
        return OptionalDouble.empty();
    }

    /// Gives back what it has taken since [#start].
    void stop();
}
