package dev.lorikeet.bench.memory;

import java.util.List;
import java.util.Map;

/// How a process treats the C library's heap, where the JIT and libtorch have their memory.
public enum NativeHeap {
    /// As the system does it.
    DEFAULT(List.of(), Map.of()),

    /// One arena, trimmed twice a second, as the project's launcher sets it.
    TRIMMED(List.of("-XX:TrimNativeHeapInterval=500"), Map.of("MALLOC_ARENA_MAX", "1"));

    private final List<String> options;
    private final Map<String, String> environment;

    NativeHeap(List<String> options, Map<String, String> environment) {
        this.options = options;
        this.environment = environment;
    }

    /// Options of a JVM.
    public List<String> options() {
        return options;
    }

    /// Variables of the process.
    public Map<String, String> environment() {
        return environment;
    }
}
