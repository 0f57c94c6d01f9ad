// Scaled dot-product attention over ragged sequences, forward and backward, never storing the scores (Dao et al.,
// FlashAttention, 2022; the online softmax is Milakov and Gimelshein's, 2018). F32 on the ordinary cores.
//
// A tile is B queries (backward of keys and values: B keys) of one sequence; a block takes one tile and one head and
// walks over the keys (queries) that can see it, B at a time, in shared memory. Arithmetic intensity: 4*D FLOP for each
// pair of query and key forward, 10*D backward (the scores are computed twice, so that no sum needs an atomic addition
// and results are the same every time); a tile of keys and values, 8*D bytes per key, serves B queries: B/2 FLOP per
// byte. Bytes that must move: q, k, v, out once each and 4 per query and head for lse; backward q, k, v, out, dout, dq,
// dk, dv.
//
// D is the head size rounded up to 32, 64, 96 or 128, zeros filling the rest. Threads: 16 rows times B/4 columns, each
// with B/16 rows and 4 columns of the scores.
#include "common.cuh"

struct Tile {
    int query_row;                                                           // first row of the sequence's queries
    int queries;
    int key_row;
    int keys;
    int first;                                                               // first query or key, within the sequence
};

struct Spec {
    int head_size;
    float scale;
    int causal;
    float kept;                                                              // 1/(1 - dropout)
    word64 threshold;                                                        // dropout*2^32; 0: none
    index_t query_rows;
    RandomKey key;
};

// How many keys query i of a sequence sees.
__device__ inline int visible(const Spec& spec, const Tile& tile, int i) {
    return spec.causal ? max(0, min(i + tile.keys - tile.queries + 1, tile.keys)) : tile.keys;
}

// 0 or 1/(1 - dropout) for key j of the query in row `row`.
__device__ inline float kept(const Spec& spec, int head, index_t row, int j) {
    if (spec.threshold == 0) {
        return 1;
    }
    index_t element = ((head * spec.query_rows + row) << 20) + j;
    Words words = philox(spec.key, (word64) (element >> 2));
    int at = (int) (element & 3);
    unsigned word = at == 0 ? words.w[0] : at == 1 ? words.w[1] : at == 2 ? words.w[2] : words.w[3];
    return word >= spec.threshold ? spec.kept : 0;
}

template <int D, int B> struct Shape {
    static const int LD = D + 4;                                             // of rows in shared memory, in floats
    static const int THREADS = 4 * B;
    static const int TX = B / 4;                                             // threads along columns
    static const int RT = B / 16;                                            // score rows of a thread
    static const int CT = 4;                                                 // score columns of a thread, TX apart
    static const int DT = D / TX;                                            // head columns of a thread, TX apart
    static const int LS = B + 4;                                             // of rows of scores, in floats
};

// shared (B, D) <- rows row0 ... row0 + valid of one head, zeros elsewhere
template <int D, int B> __device__ inline void load_tile(float* shared, const Inputs& m, index_t row0, int valid,
        int head, int head_size) {
    typedef Shape<D, B> S;
    const float* base = m.data + (index_t) head * head_size;
    bool vector = ((size_t) base & 15) == 0 && m.stride % 4 == 0 && head_size % 4 == 0;
    for (int n = threadIdx.x; n < B * (D / 4); n += S::THREADS) {
        int i = n / (D / 4);
        int c = n % (D / 4) * 4;
        const float* row = base + (row0 + i) * m.stride + c;
        float4 v = make_float4(0, 0, 0, 0);
        if (i < valid && c < head_size) {
            if (vector) {
                v = load4(row);
            } else {
                v.x = row[0];
                v.y = c + 1 < head_size ? row[1] : 0;
                v.z = c + 2 < head_size ? row[2] : 0;
                v.w = c + 3 < head_size ? row[3] : 0;
            }
        }
        store4(shared + i * S::LD + c, v);
    }
}

// scores[a][b] <- a-th row of this thread in `left` times b-th row in `right`, both (B, D)
template <int D, int B> __device__ inline void dots(float (&scores)[B / 16][4], const float* left,
        const float* right) {
    typedef Shape<D, B> S;
    int ty = threadIdx.x / S::TX;
    int tx = threadIdx.x % S::TX;
#pragma unroll
    for (int a = 0; a < S::RT; a++) {
#pragma unroll
        for (int b = 0; b < S::CT; b++) {
            scores[a][b] = 0;
        }
    }
#pragma unroll 4
    for (int c = 0; c < D; c += 4) {
        float4 l[S::RT];
#pragma unroll
        for (int a = 0; a < S::RT; a++) {
            l[a] = load4(left + (ty * S::RT + a) * S::LD + c);
        }
#pragma unroll
        for (int b = 0; b < S::CT; b++) {
            float4 r = load4(right + (tx + S::TX * b) * S::LD + c);
#pragma unroll
            for (int a = 0; a < S::RT; a++) {
                scores[a][b] += (l[a].x * r.x + l[a].y * r.y) + (l[a].z * r.z + l[a].w * r.w);
            }
        }
    }
}

// sums[a][n] += sum over j of weights[row a][j]*values[j][column n], weights (B, B) by row
template <int D, int B> __device__ inline void weigh(float (&sums)[B / 16][4 * D / B], const float* weights,
        const float* values) {
    typedef Shape<D, B> S;
    int ty = threadIdx.x / S::TX;
    int tx = threadIdx.x % S::TX;
#pragma unroll 2
    for (int j = 0; j < B; j++) {
        float w[S::RT];
#pragma unroll
        for (int a = 0; a < S::RT; a++) {
            w[a] = weights[(ty * S::RT + a) * S::LS + j];
        }
#pragma unroll
        for (int n = 0; n < S::DT; n++) {
            float v = values[j * S::LD + tx + S::TX * n];
#pragma unroll
            for (int a = 0; a < S::RT; a++) {
                sums[a][n] += w[a] * v;
            }
        }
    }
}

// dst[row0 + i][head] <- beta*dst + factor*sums for the rows i < valid of the tile
template <int D, int B> __device__ inline void store_tile(const Rows& dst, index_t row0, int valid, int head,
        int head_size, const float (&sums)[B / 16][4 * D / B], float factor, float beta) {
    typedef Shape<D, B> S;
    int ty = threadIdx.x / S::TX;
    int tx = threadIdx.x % S::TX;
#pragma unroll
    for (int a = 0; a < S::RT; a++) {
        int i = ty * S::RT + a;
        if (i < valid) {
            float* row = dst.row(row0 + i) + (index_t) head * head_size;
#pragma unroll
            for (int n = 0; n < S::DT; n++) {
                int c = tx + S::TX * n;
                if (c < head_size) {
                    float value = factor * sums[a][n];
                    row[c] = beta == 0 ? value : beta * row[c] + value;
                }
            }
        }
    }
}

template <int D, int B> __device__ inline void clear(float (&sums)[B / 16][4 * D / B]) {
#pragma unroll
    for (int a = 0; a < B / 16; a++) {
#pragma unroll
        for (int n = 0; n < 4 * D / B; n++) {
            sums[a][n] = 0;
        }
    }
}

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

#define ATTENTION(D, FORWARD_B, BACKWARD_B)                                                                           \
    extern "C" __global__ void __launch_bounds__(4 * FORWARD_B) attention_##D(Rows out, Rows lse, Inputs q, Inputs k, \
            Inputs v, const Tile* tiles, Spec spec) {                                                                 \
        DYNAMIC_SHARED(shared);                                                                                       \
        forward<D, FORWARD_B>(shared, out, lse, q, k, v, tiles[blockIdx.x], spec);                                    \
    }                                                                                                                 \
    extern "C" __global__ void __launch_bounds__(4 * BACKWARD_B) attention_weights_delta_##D(Rows delta, Inputs dout, \
            Inputs lse, Inputs q, Inputs k, Inputs v, const Tile* tiles, Spec spec) {                                 \
        DYNAMIC_SHARED(shared);                                                                                       \
        weigh_delta<D, BACKWARD_B>(shared, delta, dout, lse, q, k, v, tiles[blockIdx.x], spec);                       \
    }                                                                                                                 \
    extern "C" __global__ void __launch_bounds__(4 * BACKWARD_B) attention_backward_queries_##D(Rows dq,              \
            Inputs delta, Inputs dout, Inputs lse, Inputs q, Inputs k, Inputs v, const Tile* tiles, Spec spec,        \
            float beta) {                                                                                             \
        DYNAMIC_SHARED(shared);                                                                                       \
        backward_queries<D, BACKWARD_B>(shared, dq, delta, dout, lse, q, k, v, tiles[blockIdx.x], spec, beta);        \
    }                                                                                                                 \
    extern "C" __global__ void __launch_bounds__(4 * BACKWARD_B) attention_backward_keys_##D(Rows dk, Rows dv,        \
            Inputs delta, Inputs dout, Inputs lse, Inputs q, Inputs k, Inputs v, const Tile* tiles, Spec spec,        \
            float beta) {                                                                                             \
        DYNAMIC_SHARED(shared);                                                                                       \
        backward_keys<D, BACKWARD_B>(shared, dk, dv, delta, dout, lse, q, k, v, tiles[blockIdx.x], spec, beta);       \
    }

ATTENTION(32, 64, 32)
ATTENTION(64, 64, 32)
ATTENTION(96, 32, 32)
ATTENTION(128, 32, 32)

// delta (N, heads) <- sum over a head's columns of dout*out; one warp for a row and head
extern "C" __global__ void attention_delta(Rows delta, Inputs dout, Inputs out, int head_size) {
    index_t warps = (index_t) gridDim.x * blockDim.x / 32;
    index_t all = (index_t) delta.rows * delta.cols;
    for (index_t n = ((index_t) blockIdx.x * blockDim.x + threadIdx.x) / 32; n < all; n += warps) {
        index_t i = n / delta.cols;
        int head = (int) (n % delta.cols);
        float sum = 0;
        for (int c = threadIdx.x % 32; c < head_size; c += 32) {
            index_t at = (index_t) head * head_size + c;
            sum += dout.row(i)[at] * out.row(i)[at];
        }
        sum = warp_sum(sum);
        if (threadIdx.x % 32 == 0) {
            delta.row(i)[head] = sum;
        }
    }
}
