package dev.lorikeet.autograd;

import dev.lorikeet.tensor.Pool;
import dev.lorikeet.tensor.Storage;

/// Step memory on loan from the pool. It goes back when neither a frame nor a recorded op holds it any more.
final class Lease {
    private final Pool pool;
    private final Storage storage;
    private boolean framed = true;
    private int saves;
    private int version;
    private boolean returned;

    Lease(Pool pool, Storage storage) {
        this.pool = pool;
        this.storage = storage;
    }

    Storage storage() {
        return storage;
    }

    boolean isReturned() {
        return returned;
    }

    /// How often an op has worked in place on the content.
    int version() {
        return version;
    }

    /// An op is about to work in place: whoever looks at the old content does so in vain.
    void overwrite() {
        version++;
    }

    boolean isSaved() {
        return saves > 0;
    }

    /// A recorded op needs the content in its backward.
    void save() {
        saves++;
    }

    /// An op that saved it has run its backward.
    void unsave() {
        saves--;
        returnIfUnused();
    }

    /// The frame that held it has closed.
    void leaveFrame() {
        framed = false;
        returnIfUnused();
    }

    private void returnIfUnused() {
        if (!framed && saves == 0 && !returned) {
            returned = true;
            pool.give(storage);
        }
    }

    /// The step is over.
    void end() {
        if (!returned) {
            returned = true;
            pool.give(storage);
        }
    }
}
