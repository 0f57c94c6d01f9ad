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
        head(shapes, "gpt2", 60, 768);
        head(shapes, "gpt2", 252, 768);
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
        shapes.add(GemmShape.nn("gpt2 c_attn, one token", 1, 768, 2304).forward());
        shapes.add(GemmShape.nn("gpt2 c_proj, one token", 1, 768, 768).forward());
        shapes.add(GemmShape.nn("gpt2 c_fc, one token", 1, 768, 3072).forward());
        shapes.add(GemmShape.nn("gpt2 mlp.c_proj, one token", 1, 3072, 768).forward());
        shapes.add(GemmShape.nt("gpt2 head, one token", 1, 768, VOCABULARY).forward());
        return List.copyOf(shapes);
    }

    /// GPT-2's projections: c_attn, attn.c_proj, c_fc, mlp.c_proj.
    private static void block(List<GemmShape> shapes, String model, int rows, int c) {
        shapes.add(GemmShape.nn(model + " c_attn", rows, c, 3 * c).forward());
        shapes.add(GemmShape.nn(model + " c_proj", rows, c, c).forward());
        shapes.add(GemmShape.nn(model + " c_fc", rows, c, 4 * c).forward());
        shapes.add(GemmShape.nn(model + " mlp.c_proj", rows, 4 * c, c).forward());
        shapes.add(GemmShape.nt(model + " c_attn", rows, 3 * c, c).gradient());
        shapes.add(GemmShape.nt(model + " c_proj", rows, c, c).gradient());
        shapes.add(GemmShape.nt(model + " c_fc", rows, 4 * c, c).gradient());
        shapes.add(GemmShape.nt(model + " mlp.c_proj", rows, c, 4 * c).gradient());
    }

    private static void head(List<GemmShape> shapes, String model, int rows, int c) {
        shapes.add(GemmShape.nt(model + " head", rows, c, VOCABULARY).forward());
        shapes.add(GemmShape.nn(model + " head", rows, VOCABULARY, c).gradient());
    }
}
