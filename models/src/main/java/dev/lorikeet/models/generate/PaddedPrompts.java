package dev.lorikeet.models.generate;

import java.util.Arrays;

/// Prompts that other tools have padded to one length.
public final class PaddedPrompts {
    /// Position that a padded place gets; nothing depends on it.
    private static final int PADDED = 1;

    private PaddedPrompts() {}

    /// Position ids as `generate()` of transformers counts them: `cumulative sum of the mask − 1`, and 1 at padded
    /// places.
    ///
    /// @param mask of one prompt: 0 where it is padded
    public static int[] positions(int[] mask) {
        int[] positions = new int[mask.length];
        int count = 0;
        for (int i = 0; i < mask.length; i++) {
            positions[i] = mask[i] == 0 ? PADDED : count++;
        }
        return positions;
    }

    /// The tokens of one prompt without its padding.
    public static int[] unpadded(int[] ids, int[] mask) {
        int[] tokens = new int[ids.length];
        int count = 0;
        for (int i = 0; i < ids.length; i++) {
            if (mask[i] != 0) {
                tokens[count++] = ids[i];
            }
        }
        return Arrays.copyOf(tokens, count);
    }
}
