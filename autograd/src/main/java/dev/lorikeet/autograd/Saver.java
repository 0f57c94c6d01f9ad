package dev.lorikeet.autograd;

import dev.lorikeet.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Notes what an op keeps for its backward.
public final class Saver {
    private final Tape tape;
    private final List<Tensor> saved = new ArrayList<>();

    Saver(Tape tape) {
        this.tape = tape;
    }

    /// Keeps `tensor` until the op's backward has run; returns it.
    public Tensor keep(Tensor tensor) {
        saved.add(tensor);
        return tensor;
    }

    /// Keeps `tensor` if `needed`, otherwise returns null.
    public Tensor when(boolean needed, Tensor tensor) {
        return needed && tensor != null ? keep(tensor) : null;
    }

    /// `x` for the backward, if `needed`, otherwise null: kept, unless the op that made it can compute it again.
    public Operand operand(boolean needed, Variable x) {
        if (!needed) {
            return null;
        }
        Optional<Recomputable> source = tape.recomputable(x);
        return source.isPresent()
                ? new Operand.Recomputed(source.get(), x.dtype(), x.shape())
                : new Operand.Kept(keep(x.value()));
    }

    List<Tensor> saved() {
        return saved;
    }
}
