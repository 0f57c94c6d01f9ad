package dev.lorikeet.models.data;

/// How much goes into a batch: examples are added in order until one of the limits would be passed.
///
/// @param sequences most sequences, at least 1
/// @param rows      most rows (tokens fed to the model) of all sequences together, at least 1
public record BatchSize(int sequences, int rows) {
    /// Refuses limits below 1.
    public BatchSize {
        if (sequences < 1 || rows < 1) {
            throw new IllegalArgumentException("a batch holds at least 1 sequence and 1 row: %d sequences, %d rows"
                    .formatted(sequences, rows));
        }
    }

    /// This number of sequences, however long.
    public static BatchSize ofSequences(int sequences) {
        return new BatchSize(sequences, Integer.MAX_VALUE);
    }

    /// As many sequences as fit into this number of rows.
    public static BatchSize ofRows(int rows) {
        return new BatchSize(Integer.MAX_VALUE, rows);
    }

    boolean limitsRows() {
        return rows < Integer.MAX_VALUE;
    }
}
