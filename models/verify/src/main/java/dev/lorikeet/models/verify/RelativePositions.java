package dev.lorikeet.models.verify;

/// Relative positions of DeBERTa-v2: query minus key, in buckets that widen with the distance, as rows of the table of
/// `2·span` relative embeddings.
///
/// Distances up to `mid = buckets/2` keep their value; a larger one becomes
/// `sign·(⌈ln(|d|/mid) / ln((max − 1)/mid)·(mid − 1)⌉ + mid)` (`make_log_bucket_position` of transformers). Logarithms
/// are rounded to single precision as there, since the ceiling makes the last bit matter.
///
/// @param buckets     `position_buckets`; 0 or less for none: distances are only clamped
/// @param maxDistance `max_relative_positions`, or `max_position_embeddings` where the config has a number below 1
public record RelativePositions(int buckets, int maxDistance) {
    public RelativePositions {
        if (maxDistance < 1) {
            throw new IllegalArgumentException("max_relative_positions must be >= 1, was " + maxDistance);
        }
    }

    /// Half the number of rows of the table.
    public int span() {
        return buckets > 0 ? buckets : maxDistance;
    }

    /// The bucket of a distance; the distance itself without buckets.
    public int bucket(int distance) {
        int mid = buckets / 2;
        if (buckets <= 0 || Math.abs(distance) <= mid) {
            return distance;
        }
        float furthest = (float) Math.log((float) (maxDistance - 1) / mid);
        float ratio = (float) Math.log((float) Math.abs(distance) / mid) / furthest;
        int logarithmic = (int) Math.ceil(ratio * (mid - 1)) + mid;
        return Integer.signum(distance) * logarithmic;
    }

    /// Which row a query looks at for a key at that distance.
    public int contentToPosition(int distance) {
        return Math.clamp((long) bucket(distance) + span(), 0, 2 * span() - 1);
    }

    /// Which row a key looks at for a query at that distance.
    public int positionToContent(int distance) {
        return Math.clamp((long) -bucket(distance) + span(), 0, 2 * span() - 1);
    }
}
