// Attention of one query per sequence over a cache of keys and values, as generation asks for it (Dao et al.,
// Flash-Decoding, 2023). Plain F32 in every math mode.
//
// A block takes CHUNK keys of one sequence and one head, so that a single long sequence occupies many multiprocessors;
// where a sequence has more keys, a second kernel joins its chunks in their order. Groups of lanes take a key each,
// four columns per lane, and keep a softmax of their own, which are joined at the end.
//
// Arithmetic intensity: 4*D FLOP for 8*D bytes of a key and its value, half a FLOP per byte: memory decides. Bytes that
// must move: k and v once; for each chunk of a longer sequence 4*(D + 2) written and read again, 1/CHUNK of that.
#include "attention.cuh"

#define CHUNK 128
#define THREADS 128

template <int D> struct Group {
    static const int LANES = D / 4;
    static const int COUNT = THREADS / LANES;
    static const int PART = D + 2;                                           // weighted values, largest score, sum
};

template <int D> __device__ inline void decode(const Rows& out, const Rows& lse, float* parts, const Inputs& q,
        const Inputs& k, const Inputs& v, const Tile& tile, const Spec& spec) {
    typedef Group<D> G;
    const int AHEAD = 4;                                                     // keys that a group reads at once
    __shared__ float all[G::COUNT][G::PART];
    int head = blockIdx.y;
    int c = threadIdx.x % G::LANES * 4;
    int group = threadIdx.x / G::LANES;
    if (tile.queries == 0) {
        return;
    }
    int count = min(CHUNK, tile.keys - tile.first);
    bool wide_k = wide_head(k, head, spec.head_size);
    bool wide_v = wide_head(v, head, spec.head_size);
    float4 query = load_columns(q, tile.query_row, head, c, spec.head_size, wide_head(q, head, spec.head_size));
    float largest = -INFINITE;
    float sum = 0;
    float4 sums = make_float4(0, 0, 0, 0);
    for (int first = 0; first < count; first += AHEAD * G::COUNT) {
        float score[AHEAD];
        float4 value[AHEAD];
        float top = largest;
#pragma unroll
        for (int u = 0; u < AHEAD; u++) {
            int j = first + u * G::COUNT + group;
            float4 key = make_float4(0, 0, 0, 0);
            value[u] = make_float4(0, 0, 0, 0);
            if (j < count) {
                key = load_columns(k, tile.key_row + tile.first + j, head, c, spec.head_size, wide_k);
                value[u] = load_columns(v, tile.key_row + tile.first + j, head, c, spec.head_size, wide_v);
            }
            score[u] = (query.x * key.x + query.y * key.y) + (query.z * key.z + query.w * key.w);
        }
#pragma unroll
        for (int u = 0; u < AHEAD; u++) {
#pragma unroll
            for (int distance = G::LANES / 2; distance > 0; distance >>= 1) {
                score[u] += __shfl_xor_sync(ALL_LANES, score[u], distance);
            }
            score[u] = first + u * G::COUNT + group < count ? spec.scale * score[u] : -INFINITE;
            top = fmaxf(top, score[u]);
        }
        float base = top == -INFINITE ? 0 : top;
        float shrink = expf(largest - base);
        largest = top;
        sum *= shrink;
        sums = make_float4(sums.x * shrink, sums.y * shrink, sums.z * shrink, sums.w * shrink);
#pragma unroll
        for (int u = 0; u < AHEAD; u++) {
            float p = expf(score[u] - base);
            sum += p;
            p *= kept(spec, head, tile.query_row, tile.first + first + u * G::COUNT + group);
            sums.x += p * value[u].x;
            sums.y += p * value[u].y;
            sums.z += p * value[u].z;
            sums.w += p * value[u].w;
        }
    }
    all[group][c] = sums.x;
    all[group][c + 1] = sums.y;
    all[group][c + 2] = sums.z;
    all[group][c + 3] = sums.w;
    if (c == 0) {
        all[group][D] = largest;
        all[group][D + 1] = sum;
    }
    __syncthreads();
    float top = all[0][D];
    for (int n = 1; n < G::COUNT; n++) {
        top = fmaxf(top, all[n][D]);
    }
    float denominator = 0;
    for (int n = 0; n < G::COUNT; n++) {
        denominator += all[n][D + 1] * expf(all[n][D] - top);
    }
    bool whole = tile.keys <= CHUNK;
    float* part = parts + ((index_t) blockIdx.x * gridDim.y + head) * G::PART;
    for (int d = threadIdx.x; d < D; d += THREADS) {
        float numerator = 0;
        for (int n = 0; n < G::COUNT; n++) {
            numerator += all[n][d] * expf(all[n][D] - top);
        }
        if (!whole) {
            part[d] = numerator;
        } else if (d < spec.head_size) {
            out.row(tile.query_row)[head * spec.head_size + d] = numerator / denominator;
        }
    }
    if (threadIdx.x == 0) {
        if (!whole) {
            part[D] = top;
            part[D + 1] = denominator;
        } else if (lse.data != 0) {
            lse.row(tile.query_row)[head] = top + logf(denominator);
        }
    }
}

// The chunks of a sequence, which follow each other in the list, joined by the block of its first.
template <int D> __device__ inline void join(const Rows& out, const Rows& lse, const float* parts, const Tile& tile,
        const Spec& spec) {
    if (tile.queries == 0 || tile.first != 0 || tile.keys <= CHUNK) {
        return;
    }
    int head = blockIdx.y;
    index_t step = (index_t) gridDim.y * Group<D>::PART;
    const float* part = parts + blockIdx.x * step + head * Group<D>::PART;
    int chunks = (tile.keys + CHUNK - 1) / CHUNK;
    float top = -INFINITE;
    for (int n = 0; n < chunks; n++) {
        top = fmaxf(top, part[n * step + D]);
    }
    float denominator = 0;
    float numerator = 0;
    int d = threadIdx.x;
    for (int n = 0; n < chunks; n++) {
        float shrink = expf(part[n * step + D] - top);
        denominator += part[n * step + D + 1] * shrink;
        numerator += part[n * step + d] * shrink;
    }
    if (d < spec.head_size) {
        out.row(tile.query_row)[head * spec.head_size + d] = numerator / denominator;
    }
    if (d == 0 && lse.data != 0) {
        lse.row(tile.query_row)[head] = top + logf(denominator);
    }
}

#define ATTENTION(D)                                                                                                  \
    extern "C" __global__ void __launch_bounds__(THREADS) attention_decode_##D(Rows out, Rows lse, float* parts,      \
            Inputs q, Inputs k, Inputs v, const Tile* tiles, Spec spec) {                                             \
        const Tile& tile = tiles[blockIdx.x];                                                                         \
        decode<D>(out, lse, parts, q, k, v, tile, resolved(spec, tile));                                              \
    }                                                                                                                 \
    extern "C" __global__ void __launch_bounds__(D) attention_decode_join_##D(Rows out, Rows lse, const float* parts, \
            const Tile* tiles, Spec spec) {                                                                           \
        const Tile& tile = tiles[blockIdx.x];                                                                         \
        join<D>(out, lse, parts, tile, resolved(spec, tile));                                                         \
    }

ATTENTION(32)
ATTENTION(64)
ATTENTION(128)
