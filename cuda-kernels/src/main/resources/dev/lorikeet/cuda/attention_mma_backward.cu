// Scaled dot-product attention over ragged sequences on tensor cores, backward, never storing the scores (Dao et al.,
// FlashAttention-2, 2023). Inputs, probabilities and slopes are rounded to BF16 or TF32 on their way into a product;
// the rest is F32.
//
// One kernel has a tile of queries and walks over keys for dq, another has a tile of keys and walks over queries for dk
// and dv: the scores are computed twice, so that no sum needs an atomic addition and results are the same every time.
// Arithmetic intensity: 14*D FLOP for each pair of query and key (6*D for dq, 8*D for dk and dv); a row of the other
// side, 8*D bytes, serves 64 rows: 48 and 64 FLOP per byte of the second cache. Bytes that must move: q, k, v, dout,
// dq, dk, dv once each, lse and delta.
#include "attention_mma.cuh"

#define OTHER 32                                                             // rows of the other side at a time

// p <- exp(s - lse), ds <- p*(mask*dout*v - delta) of 16 queries and OTHER keys from key0 on; without a delta as if it
// were 0
template <class T, int D> __device__ inline void slopes_of_queries(float (&p)[OTHER / 8][4],
        float (&ds)[OTHER / 8][4], const typename T::Element* qs, const typename T::Element* dos,
        const typename T::Element* ks, const typename T::Element* vs, const float (&normaliser)[2],
        const float (&delta)[2], const int (&seen)[2], index_t row0, int key0, const Spec& spec) {
    int g = threadIdx.x % 32 / 4;
    int t = threadIdx.x % 4;
    float scale = spec.scale * LOG2E;
    multiply_transposed<T, D, OTHER>(p, qs, ks);
    multiply_transposed<T, D, OTHER>(ds, dos, vs);
#pragma unroll
    for (int n = 0; n < OTHER / 8; n++) {
        float keep[4];
        kept_of_row(keep, spec, blockIdx.y, row0 + g, key0 + 8 * n + 2 * t);
#pragma unroll
        for (int e = 0; e < 4; e++) {
            bool sees = key0 + 8 * n + 2 * t + e % 2 < seen[e / 2];
            p[n][e] = sees ? exp2f(scale * p[n][e] - normaliser[e / 2]) : 0;
            ds[n][e] = sees ? p[n][e] * (keep[e] * ds[n][e] - delta[e / 2]) : 0;
        }
    }
}

// What a warp knows of its 16 queries
struct Queries {
    int first_row;                                                           // within the tile
    int own;                                                                 // how many there are
    int reach;                                                               // keys that any of them sees
    index_t row0;
    int seen[2];
    float normaliser[2];                                                     // lse in units of log2(e)
    float delta[2];
};

__device__ inline Queries queries_of_warp(const Inputs& lse, const Inputs& delta, const Tile& tile, const Spec& spec) {
    Queries own;
    int valid = min(TILE, tile.queries - tile.first);
    own.first_row = threadIdx.x / 32 * 16;
    own.own = max(0, min(16, valid - own.first_row));
    own.row0 = tile.query_row + tile.first + own.first_row;
    own.reach = own.own == 0 ? 0 : visible(spec, tile, tile.first + own.first_row + own.own - 1);
#pragma unroll
    for (int half = 0; half < 2; half++) {
        int i = threadIdx.x % 32 / 4 + 8 * half;
        own.seen[half] = i < own.own ? visible(spec, tile, tile.first + own.first_row + i) : 0;
        bool sees = own.seen[half] > 0;
        own.normaliser[half] = sees ? LOG2E * lse.row(own.row0 + i)[blockIdx.y] : 0;
        own.delta[half] = sees && delta.data != 0 ? delta.row(own.row0 + i)[blockIdx.y] : 0;
    }
    return own;
}

// Calls op(p, ds) for the keys of a tile of queries, OTHER at a time, which lie in ks then
template <class T, int D, class Op> __device__ inline void each_key(float* shared, const Queries& own,
        const Inputs& dout, const Inputs& q, const Inputs& k, const Inputs& v, const Tile& tile, const Spec& spec,
        Op op) {
    const int LD = Row<T, D>::LD;
    typename T::Element* qs = (typename T::Element*) shared;
    typename T::Element* dos = qs + TILE * LD;
    typename T::Element* ks = dos + TILE * LD;
    typename T::Element* vs = ks + OTHER * LD;
    int head = blockIdx.y;
    int valid = min(TILE, tile.queries - tile.first);
    load_rows<T, D, TILE>(qs, q, tile.query_row + tile.first, valid, head, spec.head_size);
    load_rows<T, D, TILE>(dos, dout, tile.query_row + tile.first, valid, head, spec.head_size);
    int end = visible(spec, tile, tile.first + valid - 1);
    for (int first = 0; first < end; first += OTHER) {
        __syncthreads();
        load_rows<T, D, OTHER>(ks, k, tile.key_row + first, min(OTHER, end - first), head, spec.head_size);
        load_rows<T, D, OTHER>(vs, v, tile.key_row + first, min(OTHER, end - first), head, spec.head_size);
        __syncthreads();
        if (first < own.reach) {
            float p[OTHER / 8][4];
            float ds[OTHER / 8][4];
            slopes_of_queries<T, D>(p, ds, qs + own.first_row * LD, dos + own.first_row * LD, ks, vs, own.normaliser,
                    own.delta, own.seen, own.row0, first, spec);
            op(p, ds, ks);
        }
    }
}

// delta <- sum over the keys of mask*exp(s - lse)*(dout*v) over the sum of exp(s - lse): what sum of dout*out is, where
// out was not kept; the weights sum up to 1 only as nearly as lse is rounded
template <class T, int D> __device__ inline void weigh_delta(float* shared, const Rows& delta, const Inputs& dout,
        const Inputs& lse, const Inputs& q, const Inputs& k, const Inputs& v, const Tile& tile, const Spec& spec) {
    Inputs none = {0, 0, 0, 0};
    Queries own = queries_of_warp(lse, none, tile, spec);
    float sums[2] = {0, 0};
    float totals[2] = {0, 0};
    each_key<T, D>(shared, own, dout, q, k, v, tile, spec,
            [&](const float (&p)[OTHER / 8][4], const float (&ds)[OTHER / 8][4], const typename T::Element*) {
#pragma unroll
        for (int n = 0; n < OTHER / 8; n++) {
#pragma unroll
            for (int e = 0; e < 4; e++) {
                sums[e / 2] += ds[n][e];
                totals[e / 2] += p[n][e];
            }
        }
    });
#pragma unroll
    for (int half = 0; half < 2; half++) {
        float sum = row_sum(sums[half]);
        float total = row_sum(totals[half]);
        int i = threadIdx.x % 32 / 4 + 8 * half;
        if (i < own.own && threadIdx.x % 4 == 0) {
            delta.row(own.row0 + i)[blockIdx.y] = total == 0 ? 0 : sum / total;
        }
    }
}

// dq <- beta*dq + scale*ds*k
template <class T, int D> __device__ inline void backward_queries(float* shared, const Rows& dq, const Inputs& delta,
        const Inputs& dout, const Inputs& lse, const Inputs& q, const Inputs& k, const Inputs& v, const Tile& tile,
        const Spec& spec, float beta) {
    Queries own = queries_of_warp(lse, delta, tile, spec);
    float sums[D / 8][4];
    clear(sums);
    each_key<T, D>(shared, own, dout, q, k, v, tile, spec,
            [&](const float (&)[OTHER / 8][4], const float (&ds)[OTHER / 8][4], const typename T::Element* ks) {
        multiply_add<T, D, OTHER>(sums, ds, ks);
    });
    const float factor[2] = {spec.scale, spec.scale};
    store_rows<D>(dq, own.row0, own.own, blockIdx.y, spec.head_size, sums, factor, beta);
}

// The transposed of p*mask and ds: 16 keys from key0 on and OTHER queries from query0 on
template <class T, int D> __device__ inline void slopes_of_keys(float (&p)[OTHER / 8][4], float (&ds)[OTHER / 8][4],
        const typename T::Element* ks, const typename T::Element* vs, const typename T::Element* qs,
        const typename T::Element* dos, const Inputs& lse, const Inputs& delta, const Tile& tile, int key0,
        int query0, const Spec& spec) {
    int g = threadIdx.x % 32 / 4;
    int t = threadIdx.x % 4;
    float scale = spec.scale * LOG2E;
    multiply_transposed<T, D, OTHER>(p, ks, qs);
    multiply_transposed<T, D, OTHER>(ds, vs, dos);
#pragma unroll
    for (int n = 0; n < OTHER / 8; n++) {
        int i = query0 + 8 * n + 2 * t;
        index_t row = tile.query_row + i;
        float keep[4];
        kept_of_column(keep, spec, blockIdx.y, row, key0 + g);
#pragma unroll
        for (int e = 0; e < 2; e++) {
            int seen = i + e < tile.queries ? visible(spec, tile, i + e) : 0;
            float normaliser = seen > 0 ? LOG2E * lse.row(row + e)[blockIdx.y] : 0;
            float dot = seen > 0 ? delta.row(row + e)[blockIdx.y] : 0;
#pragma unroll
            for (int half = 0; half < 2; half++) {
                int at = 2 * half + e;
                bool sees = key0 + g + 8 * half < seen;
                float probability = sees ? exp2f(scale * p[n][at] - normaliser) : 0;
                ds[n][at] = sees ? probability * (keep[at] * ds[n][at] - dot) : 0;
                p[n][at] = keep[at] * probability;
            }
        }
    }
}

// dk <- beta*dk + scale*ds'*q        dv <- beta*dv + p'*dout        for a tile of keys; either may be null
template <class T, int D> __device__ inline void backward_keys(float* shared, const Rows& dk, const Rows& dv,
        const Inputs& delta, const Inputs& dout, const Inputs& lse, const Inputs& q, const Inputs& k, const Inputs& v,
        const Tile& tile, const Spec& spec, float beta) {
    const int LD = Row<T, D>::LD;
    typename T::Element* ks = (typename T::Element*) shared;
    typename T::Element* vs = ks + TILE * LD;
    typename T::Element* qs = vs + TILE * LD;
    typename T::Element* dos = qs + OTHER * LD;
    int head = blockIdx.y;
    int first_row = threadIdx.x / 32 * 16;
    int valid = min(TILE, tile.keys - tile.first);
    int own = max(0, min(16, valid - first_row));
    load_rows<T, D, TILE>(ks, k, tile.key_row + tile.first, valid, head, spec.head_size);
    load_rows<T, D, TILE>(vs, v, tile.key_row + tile.first, valid, head, spec.head_size);
    float sums_k[D / 8][4];
    float sums_v[D / 8][4];
    clear(sums_k);
    clear(sums_v);
    int begin = spec.causal ? max(0, tile.first + tile.queries - tile.keys) : 0;   // the first query that sees a key
    for (int first = begin / OTHER * OTHER; first < tile.queries; first += OTHER) {
        int rows = min(OTHER, tile.queries - first);
        __syncthreads();
        load_rows<T, D, OTHER>(qs, q, tile.query_row + first, rows, head, spec.head_size);
        load_rows<T, D, OTHER>(dos, dout, tile.query_row + first, rows, head, spec.head_size);
        __syncthreads();
        int key0 = tile.first + first_row;
        if (own > 0 && key0 < visible(spec, tile, first + rows - 1)) {       // else none sees a key of this warp
            float p[OTHER / 8][4];
            float ds[OTHER / 8][4];
            slopes_of_keys<T, D>(p, ds, ks + first_row * LD, vs + first_row * LD, qs, dos, lse, delta, tile, key0,
                    first, spec);
            multiply_add<T, D, OTHER>(sums_v, p, dos);
            multiply_add<T, D, OTHER>(sums_k, ds, qs);
        }
    }
    index_t row0 = tile.key_row + tile.first + first_row;
    if (dk.data != 0) {
        const float factor[2] = {spec.scale, spec.scale};
        store_rows<D>(dk, row0, own, head, spec.head_size, sums_k, factor, beta);
    }
    if (dv.data != 0) {
        const float factor[2] = {1, 1};
        store_rows<D>(dv, row0, own, head, spec.head_size, sums_v, factor, beta);
    }
}

extern "C" __global__ void __launch_bounds__(32 * WARPS, 2) ENTRY(attention_delta)(Rows delta, Inputs dout, Inputs lse,
        Inputs q, Inputs k, Inputs v, const Tile* tiles, Spec spec) {
    DYNAMIC_SHARED(shared);
    const Tile& tile = tiles[blockIdx.x];
    weigh_delta<INPUT, HEAD_SIZE>(shared, delta, dout, lse, q, k, v, tile, resolved(spec, tile));
}

extern "C" __global__ void __launch_bounds__(32 * WARPS, 2) ENTRY(attention_queries)(Rows dq, Inputs delta, Inputs dout,
        Inputs lse, Inputs q, Inputs k, Inputs v, const Tile* tiles, Spec spec, float beta) {
    DYNAMIC_SHARED(shared);
    const Tile& tile = tiles[blockIdx.x];
    backward_queries<INPUT, HEAD_SIZE>(shared, dq, delta, dout, lse, q, k, v, tile, resolved(spec, tile), beta);
}

extern "C" __global__ void __launch_bounds__(32 * WARPS, 2) ENTRY(attention_keys)(Rows dk, Rows dv, Inputs delta,
        Inputs dout, Inputs lse, Inputs q, Inputs k, Inputs v, const Tile* tiles, Spec spec, float beta) {
    DYNAMIC_SHARED(shared);
    const Tile& tile = tiles[blockIdx.x];
    backward_keys<INPUT, HEAD_SIZE>(shared, dk, dv, delta, dout, lse, q, k, v, tile, resolved(spec, tile), beta);
}
