package dev.lorikeet.models.data;

/// The order of the examples of one epoch.
@FunctionalInterface
interface Order {
    /// Which example is the `i`-th.
    int at(int i);
}
