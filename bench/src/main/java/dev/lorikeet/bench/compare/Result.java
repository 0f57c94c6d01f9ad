package dev.lorikeet.bench.compare;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What a [PairedRun] found out about one comparison.
///
/// @param suite      name of the suite
/// @param comparison name of the comparison
/// @param traits     see [Comparison]
/// @param work       what one run had to do
/// @param contenders one entry each, ours first
/// @param otherCores cores that were busy with other work meanwhile, on average; not a number if unknown
/// @param date       when it was measured, ISO 8601
public record Result(String suite, String comparison, Map<String, String> traits, Work work, List<Samples> contenders,
        double otherCores, String date) {
    public Result {
        traits = Map.copyOf(traits);
        contenders = List.copyOf(contenders);
    }

    /// The first contender: ours.
    @JsonIgnore
    public Samples ours() {
        return contenders.getFirst();
    }

    /// The others.
    @JsonIgnore
    public List<Samples> peers() {
        return contenders.subList(1, contenders.size());
    }

    /// The peer with the smallest median; empty if we were alone, or with a reference (trait `reference`) or with our
    /// own points of an axis (trait `axis`).
    @JsonIgnore
    public Optional<Samples> bestPeer() {
        if (traits.containsKey("reference") || traits.containsKey("axis")) {
            return Optional.empty();
        }
        return peers().stream().min(java.util.Comparator.comparingDouble(Samples::median));
    }

    /// How many times longer the best peer took: above 1 we are faster. Empty if we were alone.
    @JsonIgnore
    public Optional<Spread> speedup() {
        return bestPeer().map(peer -> peer.ratioTo(ours()));
    }

    /// Billions of operations per second of a contender; 0 if operations are unknown.
    public double gigaflops(Samples samples) {
        return work.flops() / samples.median() / 1e9;
    }

    /// Billions of bytes per second of a contender, counting what has to be moved at least; 0 if bytes are unknown.
    public double gigabytes(Samples samples) {
        return work.bytes() / samples.median() / 1e9;
    }
}
