package dev.lorikeet.bench.gpu;

/// What a part does, in its process.
@FunctionalInterface
public interface Measurement {
    /// Measures or checks something and tells rows.
    ///
    /// @param rest what the part's name says behind the first slash; empty if nothing
    /// @throws Exception what makes the part fail; rows told before stay
    void run(PartSettings settings, String rest, Rows rows) throws Exception;
}
