package dev.lorikeet.models.hub;

/// Is told how a pull goes.
public interface PullListener {
    /// Files begin to be fetched.
    ///
    /// @param total bytes of all that are not in the cache as a whole
    void onStart(long total);

    /// A file that is not in the cache begins to be fetched.
    ///
    /// @param name    its name
    /// @param present bytes of it that an earlier attempt has left here
    /// @param size    bytes in all
    void onFile(String name, long present, long size);

    /// More bytes of the current file are on the disk; `present` is smaller than before where it had to start again.
    void onBytes(long present);

    /// Something that a person who waits wants to know, in a sentence.
    void onNote(String note);
}
