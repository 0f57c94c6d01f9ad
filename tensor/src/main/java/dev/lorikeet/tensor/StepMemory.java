package dev.lorikeet.tensor;

/// How a [Pool] comes by its storages. Everything is as the pool's methods of the same names say.
sealed interface StepMemory extends AutoCloseable permits RecycledStorages, Regions {
    Storage take(long bytes);

    Storage takeTemporary(long bytes);

    Storage takeForBackward(long bytes);

    void give(Storage storage);

    void beginStep();

    long allocations();

    long ownedBytes();

    @Override
    void close();
}
