// Scaled dot-product attention over ragged sequences on tensor cores, forward, never storing the scores (Dao et al.,
// FlashAttention-2, 2023). q, k, v and the probabilities are rounded to BF16 or TF32 on their way into a product;
// scores, the softmax and all sums are F32.
//
// Arithmetic intensity: 4*D FLOP for each pair of query and key. A tile of keys and values, 8*D bytes per key, serves
// 64 queries: 32 FLOP per byte, and it comes from the second cache for all but the first. Bytes that must move: q, k,
// v, out once each and 4 per query and head for lse: with T keys per query T/4 FLOP per byte, so that from about a
// thousand keys on the products decide (990 TFLOP/s in BF16 at 4.8 TB/s are 206 FLOP per byte).
#include "attention_mma.cuh"

template <class T, int D> __device__ inline void forward(float* shared, const Rows& out, const Rows& lse,
        const Inputs& q, const Inputs& k, const Inputs& v, const Tile& tile, const Spec& spec) {
    const int LD = Row<T, D>::LD;
    typename T::Element* qs = (typename T::Element*) shared;
    typename T::Element* ks = qs + TILE * LD;
    typename T::Element* vs = ks + TILE * LD;
    int head = blockIdx.y;
    int g = threadIdx.x % 32 / 4;
    int t = threadIdx.x % 4;
    int first_row = threadIdx.x / 32 * 16;                                   // of this warp, within the tile
    int valid = min(TILE, tile.queries - tile.first);
    int own = max(0, min(16, valid - first_row));                            // rows of this warp
    index_t row0 = tile.query_row + tile.first + first_row;
    load_rows<T, D, TILE>(qs, q, tile.query_row + tile.first, valid, head, spec.head_size);
    float largest[2] = {-INFINITE, -INFINITE};                               // in units of log2(e)
    float sum[2] = {0, 0};                                                   // of this lane's columns
    float sums[D / 8][4];
    clear(sums);
    float scale = spec.scale * LOG2E;
    int end = visible(spec, tile, tile.first + valid - 1);
    int reach = own == 0 ? 0 : visible(spec, tile, tile.first + first_row + own - 1);
    int seen[2];
#pragma unroll
    for (int half = 0; half < 2; half++) {
        int i = g + 8 * half;
        seen[half] = i < own ? visible(spec, tile, tile.first + first_row + i) : 0;
    }
    for (int first = 0; first < end; first += TILE) {
        __syncthreads();                                                     // the last tile is no longer needed
        load_rows<T, D, TILE>(ks, k, tile.key_row + first, min(TILE, end - first), head, spec.head_size);
        load_rows<T, D, TILE>(vs, v, tile.key_row + first, min(TILE, end - first), head, spec.head_size);
        __syncthreads();
        if (first >= reach) {
            continue;                                                        // no row of this warp sees these keys
        }
        float p[TILE / 8][4];
        multiply_transposed<T, D, TILE>(p, qs + first_row * LD, ks);
        float top[2] = {largest[0], largest[1]};
#pragma unroll
        for (int n = 0; n < TILE / 8; n++) {
#pragma unroll
            for (int e = 0; e < 4; e++) {
                p[n][e] = first + 8 * n + 2 * t + e % 2 < seen[e / 2] ? scale * p[n][e] : -INFINITE;
                top[e / 2] = fmaxf(top[e / 2], p[n][e]);
            }
        }
        float base[2];
#pragma unroll
        for (int half = 0; half < 2; half++) {
            top[half] = row_max(top[half]);
            base[half] = top[half] == -INFINITE ? 0 : top[half];
            float shrink = exp2f(largest[half] - base[half]);
            largest[half] = top[half];
            sum[half] *= shrink;
#pragma unroll
            for (int n = 0; n < D / 8; n++) {
                sums[n][2 * half] *= shrink;
                sums[n][2 * half + 1] *= shrink;
            }
        }
#pragma unroll
        for (int n = 0; n < TILE / 8; n++) {
            float keep[4];
            kept_of_row(keep, spec, head, row0 + g, first + 8 * n + 2 * t);
#pragma unroll
            for (int e = 0; e < 4; e++) {
                float probability = exp2f(p[n][e] - base[e / 2]);
                sum[e / 2] += probability;
                p[n][e] = probability * keep[e];
            }
        }
        multiply_add<T, D, TILE>(sums, p, vs);
    }
    float inverse[2];
#pragma unroll
    for (int half = 0; half < 2; half++) {
        float all = row_sum(sum[half]);
        inverse[half] = all == 0 ? 0 : 1 / all;
        int i = g + 8 * half;
        if (i < own && t == 0 && lse.data != 0) {
            lse.row(row0 + i)[head] = all == 0 ? -INFINITE : LN2 * largest[half] + logf(all);
        }
    }
    store_rows<D>(out, row0, own, head, spec.head_size, sums, inverse, 0);
}

extern "C" __global__ void __launch_bounds__(32 * WARPS, 2) ENTRY(attention)(Rows out, Rows lse, Inputs q, Inputs k,
        Inputs v, const Tile* tiles, Spec spec) {
    DYNAMIC_SHARED(shared);
    const Tile& tile = tiles[blockIdx.x];
    forward<INPUT, HEAD_SIZE>(shared, out, lse, q, k, v, tile, resolved(spec, tile));
}
