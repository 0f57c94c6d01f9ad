package dev.lorikeet.autograd;

import java.util.ArrayList;
import java.util.List;

/// The scope of one block's temporaries: `try (Frame frame = tape.frame()) { … return frame.keep(y); }`. At the closing
/// brace everything allocated inside returns to the pool, except what was kept (it moves to the enclosing frame) and
/// what recorded ops have saved (it returns after their backward).
public final class Frame implements AutoCloseable {
    private final Leases owner;
    private final Frame parent;
    private final List<Lease> leases = new ArrayList<>();

    Frame(Leases owner, Frame parent) {
        this.owner = owner;
        this.parent = parent;
    }

    void add(Lease lease) {
        leases.add(lease);
    }

    Frame parent() {
        return parent;
    }

    /// Lets an activation outlive this frame; returns it.
    public Activation keep(Activation activation) {
        Lease lease = activation.lease();
        if (lease != null && parent != null && leases.remove(lease)) {
            parent.add(lease);
        }
        return activation;
    }

    /// @throws IllegalStateException if a frame opened inside this one is still open
    @Override
    public void close() {
        owner.leave(this);
        leases.forEach(Lease::leaveFrame);
        leases.clear();
    }
}
