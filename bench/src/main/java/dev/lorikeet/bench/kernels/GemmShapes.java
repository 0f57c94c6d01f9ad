package dev.lorikeet.bench.kernels;

import java.util.ArrayList;
import java.util.List;

/// The products of LoRA training and of decoding. Blocks of RoBERTa-base are those of GPT-2 small with forward and
/// input gradient exchanged (its weights are stored the other way round), so they are here once.
final class GemmShapes {
    private static final int VOCABULARY = 50257;

    private GemmShapes() {}

    /// Frozen weights in training: forward and input gradient of each projection, and the head.
    static List<GemmShape> frozen() {
        List<GemmShape> shapes = new ArrayList<>();
        block(shapes, "gpt2", 1024, 768);
        block(shapes, "gpt2-medium", 512, 1024);
        head(shapes, "gpt2", 1024, 768);
        head(shapes, "gpt2-medium", 512, 1024);
        return List.copyOf(shapes);
    }

    /// Few rows: short batches, and the head as our loss computes it, a chunk of rows at a time.
    static List<GemmShape> few() {
        List<GemmShape> shapes = new ArrayList<>();
        block(shapes, "gpt2", 64, 768);
        head(shapes, "gpt2", 48, 768);
        return List.copyOf(shapes);
    }

    /// What LoRA adds to a projection of 768 columns at some rank, and decoding one token.
    static List<GemmShape> thin() {
        List<GemmShape> shapes = new ArrayList<>();
        for (int r : new int[] {8, 64}) {
            shapes.add(GemmShape.nt("h = x Aᵀ", 1024, 768, r));
            shapes.add(GemmShape.nt("y += h Bᵀ", 1024, r, 768));
            shapes.add(GemmShape.nn("dh = dy B", 1024, 768, r));
            shapes.add(GemmShape.nn("dx += dh A", 1024, r, 768));
            shapes.add(GemmShape.tn("dA = dhᵀ x", r, 1024, 768));
            shapes.add(GemmShape.tn("dB = dyᵀ h", 768, 1024, r));
        }
        shapes.add(GemmShape.nn("gpt2 c_attn, one token", 1, 768, 2304));
        shapes.add(GemmShape.nn("gpt2 c_proj, one token", 1, 768, 768));
        shapes.add(GemmShape.nn("gpt2 c_fc, one token", 1, 768, 3072));
        shapes.add(GemmShape.nn("gpt2 mlp.c_proj, one token", 1, 3072, 768));
        shapes.add(GemmShape.nt("gpt2 head, one token", 1, 768, VOCABULARY));
        return List.copyOf(shapes);
    }

    /// GPT-2's projections: c_attn, attn.c_proj, c_fc, mlp.c_proj.
    private static void block(List<GemmShape> shapes, String model, int rows, int c) {
        shapes.add(GemmShape.nn(model + " c_attn forward", rows, c, 3 * c));
        shapes.add(GemmShape.nn(model + " c_proj forward", rows, c, c));
        shapes.add(GemmShape.nn(model + " c_fc forward", rows, c, 4 * c));
        shapes.add(GemmShape.nn(model + " mlp.c_proj forward", rows, 4 * c, c));
        shapes.add(GemmShape.nt(model + " c_attn gradient", rows, 3 * c, c));
        shapes.add(GemmShape.nt(model + " c_proj gradient", rows, c, c));
        shapes.add(GemmShape.nt(model + " c_fc gradient", rows, 4 * c, c));
        shapes.add(GemmShape.nt(model + " mlp.c_proj gradient", rows, c, 4 * c));
    }

    private static void head(List<GemmShape> shapes, String model, int rows, int c) {
        shapes.add(GemmShape.nt(model + " head forward", rows, c, VOCABULARY));
        shapes.add(GemmShape.nn(model + " head gradient", rows, VOCABULARY, c));
    }
}
