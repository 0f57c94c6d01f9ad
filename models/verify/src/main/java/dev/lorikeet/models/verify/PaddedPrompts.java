package dev.lorikeet.models.verify;


/// Prompts that other tools have padded to one length.
final class PaddedPrompts {
    /// Position that a padded place gets; nothing depends on it.
    private static final int PADDED = 1;

    private PaddedPrompts() {}

    /// Position ids as `generate()` of transformers counts them: `cumulative sum of the mask − 1`, and 1 at padded
    /// places.
    ///
    /// @param mask of one prompt: 0 where it is padded
    static int[] positions(int[] mask) {
        int[] positions = new int[mask.length];
        int count = 0;
        for (int i = 0; i < mask.length; i++) {
            positions[i] = mask[i] == 0 ? PADDED : count++;
        }
        return positions;
    }
}
