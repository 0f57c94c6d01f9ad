package dev.lorikeet.models.data;

/// How many examples there are, and how long each is: what cutting them into batches needs to know.
public interface Sized {
    /// Number of examples, at least 1.
    int size();

    /// Rows of example `i`: tokens that are fed to the model.
    int rows(int i);
}
