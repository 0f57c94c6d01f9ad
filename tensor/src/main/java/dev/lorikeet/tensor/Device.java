package dev.lorikeet.tensor;

/// Where a backend computes: `cpu`, `scalar`, `cuda:0`.
///
/// @param kind  the backend's name
/// @param index which device of that kind, from 0
public record Device(String kind, int index) {
    @Override
    public String toString() {
        return kind.equals("cuda") ? kind + ":" + index : kind;
    }
}
