// Scaled dot-product attention over ragged sequences, never storing the scores (Dao et al., FlashAttention, 2022; the
// online softmax is Milakov and Gimelshein's, 2018). F32 on the ordinary cores, backward.
//
// Arithmetic intensity: 14*D FLOP for each pair of query and key (the scores are computed twice, so that no sum needs
// an atomic addition and results are the same every time); a tile of the other side, 8*D bytes per row, serves B rows.
// Bytes that must move: q, k, v, dout, dq, dk, dv once each, lse and delta.
#include "attention_f32.cuh"

// p and ds of a tile of queries and a tile of keys: p = mask*exp(s - lse), ds = exp(s - lse)*(mask*dout*v - delta);
// if there is no delta yet, ds with delta = 0 and p without the mask
template <int D, int B> __device__ inline void slopes(float (&p)[B / 16][4], float (&ds)[B / 16][4], const float* qs,
        const float* ks, const float* vs, const float* dos, const Inputs& lse, const Inputs& delta, const Tile& tile,
        int query0, int key0, const Spec& spec) {
    typedef Shape<D, B> S;
    int head = blockIdx.y;
    int ty = threadIdx.x / S::TX;
    int tx = threadIdx.x % S::TX;
    dots<D, B>(p, qs, ks);
    dots<D, B>(ds, dos, vs);
#pragma unroll
    for (int a = 0; a < S::RT; a++) {
        int i = query0 + ty * S::RT + a;
        index_t row = tile.query_row + i;
        int seen = i < tile.queries ? visible(spec, tile, i) : 0;
        float normaliser = seen > 0 ? lse.row(row)[head] : 0;
        float dot = seen > 0 && delta.data != 0 ? delta.row(row)[head] : 0;
#pragma unroll
        for (int b = 0; b < S::CT; b++) {
            int j = key0 + tx + S::TX * b;
            float probability = j < seen ? expf(spec.scale * p[a][b] - normaliser) : 0;
            float mask = j < seen ? kept(spec, head, row, j) : 0;
            p[a][b] = delta.data != 0 ? mask * probability : probability;
            ds[a][b] = probability * (mask * ds[a][b] - dot);
        }
    }
}

// delta <- sum over the keys of mask*exp(s - lse)*(dout*v) over the sum of exp(s - lse): what sum of dout*out is, where
// out was not kept; the weights sum up to 1 only as nearly as lse is rounded
template <int D, int B> __device__ inline void weigh_delta(float* shared, const Rows& delta, const Inputs& dout,
        const Inputs& lse, const Inputs& q, const Inputs& k, const Inputs& v, const Tile& tile, const Spec& spec) {
    typedef Shape<D, B> S;
    float* qs = shared;
    float* ks = qs + B * S::LD;
    float* vs = ks + B * S::LD;
    float* dos = vs + B * S::LD;
    int ty = threadIdx.x / S::TX;
    int tx = threadIdx.x % S::TX;
    int valid = min(B, tile.queries - tile.first);
    index_t row0 = tile.query_row + tile.first;
    load_tile<D, B>(qs, q, row0, valid, blockIdx.y, spec.head_size);
    load_tile<D, B>(dos, dout, row0, valid, blockIdx.y, spec.head_size);
    float sums[S::RT];
    float totals[S::RT];
#pragma unroll
    for (int a = 0; a < S::RT; a++) {
        sums[a] = 0;
        totals[a] = 0;
    }
    Inputs none = {0, 0, 0, 0};
    int end = visible(spec, tile, tile.first + valid - 1);
    for (int first = 0; first < end; first += B) {
        __syncthreads();
        load_tile<D, B>(ks, k, tile.key_row + first, min(B, end - first), blockIdx.y, spec.head_size);
        load_tile<D, B>(vs, v, tile.key_row + first, min(B, end - first), blockIdx.y, spec.head_size);
        __syncthreads();
        float p[S::RT][S::CT];
        float ds[S::RT][S::CT];
        slopes<D, B>(p, ds, qs, ks, vs, dos, lse, none, tile, tile.first, first, spec);
#pragma unroll
        for (int a = 0; a < S::RT; a++) {
            sums[a] += (ds[a][0] + ds[a][1]) + (ds[a][2] + ds[a][3]);
            totals[a] += (p[a][0] + p[a][1]) + (p[a][2] + p[a][3]);
        }
    }
#pragma unroll
    for (int a = 0; a < S::RT; a++) {
        for (int distance = S::TX / 2; distance > 0; distance >>= 1) {
            sums[a] += __shfl_xor_sync(ALL_LANES, sums[a], distance);
            totals[a] += __shfl_xor_sync(ALL_LANES, totals[a], distance);
        }
        int i = ty * S::RT + a;
        if (i < valid && tx == 0) {
            delta.row(row0 + i)[blockIdx.y] = totals[a] == 0 ? 0 : sums[a] / totals[a];
        }
    }
}

// dq <- beta*dq + scale*ds*k
template <int D, int B> __device__ inline void backward_queries(float* shared, const Rows& dq, const Inputs& delta,
        const Inputs& dout, const Inputs& lse, const Inputs& q, const Inputs& k, const Inputs& v, const Tile& tile,
        const Spec& spec, float beta) {
    typedef Shape<D, B> S;
    float* qs = shared;
    float* ks = qs + B * S::LD;
    float* vs = ks + B * S::LD;
    float* dos = vs + B * S::LD;
    float* dss = dos + B * S::LD;
    int head = blockIdx.y;
    int ty = threadIdx.x / S::TX;
    int tx = threadIdx.x % S::TX;
    int valid = min(B, tile.queries - tile.first);
    index_t row0 = tile.query_row + tile.first;
    load_tile<D, B>(qs, q, row0, valid, head, spec.head_size);
    load_tile<D, B>(dos, dout, row0, valid, head, spec.head_size);
    float sums[S::RT][S::DT];
    clear<D, B>(sums);
    int end = visible(spec, tile, tile.first + valid - 1);
    for (int first = 0; first < end; first += B) {
        __syncthreads();
        load_tile<D, B>(ks, k, tile.key_row + first, min(B, end - first), head, spec.head_size);
        load_tile<D, B>(vs, v, tile.key_row + first, min(B, end - first), head, spec.head_size);
        __syncthreads();
        float p[S::RT][S::CT];
        float ds[S::RT][S::CT];
        slopes<D, B>(p, ds, qs, ks, vs, dos, lse, delta, tile, tile.first, first, spec);
#pragma unroll
        for (int a = 0; a < S::RT; a++) {
#pragma unroll
            for (int b = 0; b < S::CT; b++) {
                dss[(ty * S::RT + a) * S::LS + tx + S::TX * b] = ds[a][b];
            }
        }
        __syncthreads();
        weigh<D, B>(sums, dss, ks);
    }
    store_tile<D, B>(dq, row0, valid, head, spec.head_size, sums, spec.scale, beta);
}

// dk <- beta*dk + scale*ds'*q        dv <- beta*dv + p'*dout        for a tile of keys; either may be null
template <int D, int B> __device__ inline void backward_keys(float* shared, const Rows& dk, const Rows& dv,
        const Inputs& delta, const Inputs& dout, const Inputs& lse, const Inputs& q, const Inputs& k, const Inputs& v,
        const Tile& tile, const Spec& spec, float beta) {
    typedef Shape<D, B> S;
    float* qs = shared;
    float* ks = qs + B * S::LD;
    float* vs = ks + B * S::LD;
    float* dos = vs + B * S::LD;
    float* dss = dos + B * S::LD;                                            // transposed: a row for each key
    float* ps = dss + B * S::LS;
    int head = blockIdx.y;
    int ty = threadIdx.x / S::TX;
    int tx = threadIdx.x % S::TX;
    int valid = min(B, tile.keys - tile.first);
    index_t row0 = tile.key_row + tile.first;
    load_tile<D, B>(ks, k, row0, valid, head, spec.head_size);
    load_tile<D, B>(vs, v, row0, valid, head, spec.head_size);
    float sums_k[S::RT][S::DT];
    float sums_v[S::RT][S::DT];
    clear<D, B>(sums_k);
    clear<D, B>(sums_v);
    int begin = spec.causal ? max(0, tile.first + tile.queries - tile.keys) : 0;   // the first query that sees a key
    for (int first = begin / B * B; first < tile.queries; first += B) {
        int rows = min(B, tile.queries - first);
        __syncthreads();
        load_tile<D, B>(qs, q, tile.query_row + first, rows, head, spec.head_size);
        load_tile<D, B>(dos, dout, tile.query_row + first, rows, head, spec.head_size);
        __syncthreads();
        float p[S::RT][S::CT];
        float ds[S::RT][S::CT];
        slopes<D, B>(p, ds, qs, ks, vs, dos, lse, delta, tile, first, tile.first, spec);
#pragma unroll
        for (int a = 0; a < S::RT; a++) {
#pragma unroll
            for (int b = 0; b < S::CT; b++) {
                ps[(tx + S::TX * b) * S::LS + ty * S::RT + a] = p[a][b];
                dss[(tx + S::TX * b) * S::LS + ty * S::RT + a] = ds[a][b];
            }
        }
        __syncthreads();
        weigh<D, B>(sums_v, ps, dos);
        weigh<D, B>(sums_k, dss, qs);
    }
    if (dk.data != 0) {
        store_tile<D, B>(dk, row0, valid, head, spec.head_size, sums_k, spec.scale, beta);
    }
    if (dv.data != 0) {
        store_tile<D, B>(dv, row0, valid, head, spec.head_size, sums_v, 1, beta);
    }
}

#define ATTENTION(D, B)                                                                                               \
    extern "C" __global__ void __launch_bounds__(4 * B) attention_f32_delta_##D##_##B(Rows delta, Inputs dout,        \
            Inputs lse, Inputs q, Inputs k, Inputs v, const Tile* tiles, Spec spec) {                                 \
        DYNAMIC_SHARED(shared);                                                                                       \
        const Tile& tile = tiles[blockIdx.x];                                                                         \
        weigh_delta<D, B>(shared, delta, dout, lse, q, k, v, tile, resolved(spec, tile));                             \
    }                                                                                                                 \
    extern "C" __global__ void __launch_bounds__(4 * B) attention_f32_queries_##D##_##B(Rows dq, Inputs delta,        \
            Inputs dout, Inputs lse, Inputs q, Inputs k, Inputs v, const Tile* tiles, Spec spec, float beta) {        \
        DYNAMIC_SHARED(shared);                                                                                       \
        const Tile& tile = tiles[blockIdx.x];                                                                         \
        backward_queries<D, B>(shared, dq, delta, dout, lse, q, k, v, tile, resolved(spec, tile), beta);              \
    }                                                                                                                 \
    extern "C" __global__ void __launch_bounds__(4 * B) attention_f32_keys_##D##_##B(Rows dk, Rows dv, Inputs delta,  \
            Inputs dout, Inputs lse, Inputs q, Inputs k, Inputs v, const Tile* tiles, Spec spec, float beta) {        \
        DYNAMIC_SHARED(shared);                                                                                       \
        const Tile& tile = tiles[blockIdx.x];                                                                         \
        backward_keys<D, B>(shared, dk, dv, delta, dout, lse, q, k, v, tile, resolved(spec, tile), beta);             \
    }

ATTENTION(32, 32)
ATTENTION(64, 32)
ATTENTION(96, 32)
ATTENTION(96, 16)
ATTENTION(128, 32)
ATTENTION(128, 16)
