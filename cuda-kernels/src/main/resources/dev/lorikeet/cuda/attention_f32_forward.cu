// Scaled dot-product attention over ragged sequences, never storing the scores (Dao et al., FlashAttention, 2022; the
// online softmax is Milakov and Gimelshein's, 2018). F32 on the ordinary cores, forward.
//
// Arithmetic intensity: 4*D FLOP for each pair of query and key; a tile of keys and values, 8*D bytes per key, serves B
// queries: B/2 FLOP per byte. Bytes that must move: q, k, v, out once each and 4 per query and head for lse.
#include "attention_f32.cuh"

// out <- softmax(scale*q*k')*v, lse <- ln of the denominators; lse.data may be null
template <int D, int B> __device__ inline void forward(float* shared, const Rows& out, const Rows& lse,
        const Inputs& q, const Inputs& k, const Inputs& v, const Tile& tile, const Spec& spec) {
    typedef Shape<D, B> S;
    float* qs = shared;
    float* ks = qs + B * S::LD;
    float* vs = ks + B * S::LD;
    float* ps = vs + B * S::LD;
    int head = blockIdx.y;
    int ty = threadIdx.x / S::TX;
    int tx = threadIdx.x % S::TX;
    int valid = min(B, tile.queries - tile.first);
    index_t row0 = tile.query_row + tile.first;
    load_tile<D, B>(qs, q, row0, valid, head, spec.head_size);
    float largest[S::RT];
    float sum[S::RT];
    float sums[S::RT][S::DT];
#pragma unroll
    for (int a = 0; a < S::RT; a++) {
        largest[a] = -INFINITE;
        sum[a] = 0;
    }
    clear<D, B>(sums);
    int end = visible(spec, tile, tile.first + valid - 1);
    for (int first = 0; first < end; first += B) {
        __syncthreads();                                                     // the last tile is no longer needed
        load_tile<D, B>(ks, k, tile.key_row + first, min(B, end - first), head, spec.head_size);
        load_tile<D, B>(vs, v, tile.key_row + first, min(B, end - first), head, spec.head_size);
        __syncthreads();
        float scores[S::RT][S::CT];
        dots<D, B>(scores, qs, ks);
#pragma unroll
        for (int a = 0; a < S::RT; a++) {
            int i = ty * S::RT + a;
            int seen = i < valid ? visible(spec, tile, tile.first + i) : 0;
            float top = largest[a];
#pragma unroll
            for (int b = 0; b < S::CT; b++) {
                int j = first + tx + S::TX * b;
                scores[a][b] = j < seen ? spec.scale * scores[a][b] : -INFINITE;
                top = fmaxf(top, scores[a][b]);
            }
            for (int distance = S::TX / 2; distance > 0; distance >>= 1) {
                top = fmaxf(top, __shfl_xor_sync(ALL_LANES, top, distance));
            }
            float shrink = top == -INFINITE ? 1 : expf(largest[a] - top);
            float part = 0;
#pragma unroll
            for (int b = 0; b < S::CT; b++) {
                int j = first + tx + S::TX * b;
                float p = j < seen ? expf(scores[a][b] - top) : 0;
                part += p;
                ps[i * S::LS + tx + S::TX * b] = p == 0 ? 0 : p * kept(spec, head, row0 + i, j);
            }
            for (int distance = S::TX / 2; distance > 0; distance >>= 1) {
                part += __shfl_xor_sync(ALL_LANES, part, distance);
            }
            largest[a] = top;
            sum[a] = sum[a] * shrink + part;
#pragma unroll
            for (int n = 0; n < S::DT; n++) {
                sums[a][n] *= shrink;
            }
        }
        __syncthreads();
        weigh<D, B>(sums, ps, vs);
    }
#pragma unroll
    for (int a = 0; a < S::RT; a++) {
        int i = ty * S::RT + a;
        float inverse = sum[a] == 0 ? 0 : 1 / sum[a];
#pragma unroll
        for (int n = 0; n < S::DT; n++) {
            sums[a][n] *= inverse;
        }
        if (i < valid && tx == 0 && lse.data != 0) {
            lse.row(row0 + i)[head] = sum[a] == 0 ? -INFINITE : largest[a] + logf(sum[a]);
        }
    }
    store_tile<D, B>(out, row0, valid, head, spec.head_size, sums, 1, 0);
}

#define ATTENTION(D, B)                                                                                               \
    extern "C" __global__ void __launch_bounds__(4 * B) attention_f32_##D##_##B(Rows out, Rows lse, Inputs q,         \
            Inputs k, Inputs v, const Tile* tiles, Spec spec) {                                                       \
        DYNAMIC_SHARED(shared);                                                                                       \
        const Tile& tile = tiles[blockIdx.x];                                                                         \
        forward<D, B>(shared, out, lse, q, k, v, tile, resolved(spec, tile));                                         \
    }

ATTENTION(32, 64)
ATTENTION(64, 64)
ATTENTION(64, 32)
ATTENTION(96, 32)
ATTENTION(128, 32)
ATTENTION(128, 16)
