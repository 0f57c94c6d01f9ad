package dev.lorikeet.models.train;

import dev.lorikeet.models.choice.Remedy;
import java.util.List;

/// Training met a loss, a gradient or a weight that is NaN or infinite. The message names the step and the tensor; the
/// last checkpoint is from before it happened.
public final class NonFiniteLossException extends RuntimeException implements Remedy {
    private static final long serialVersionUID = 1L;

    public NonFiniteLossException(long step, String tensor, double value) {
        super(("step %d: %s is %s; training stopped and the last checkpoint was kept. A lower learning rate or "
                + "gradient clipping usually helps").formatted(step, tensor, value));
    }

    @Override
    public List<String> choices() {
        return List.of("lr", "clip");
    }
}
