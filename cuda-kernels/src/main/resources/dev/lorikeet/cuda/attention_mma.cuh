// Tiles of attention on tensor cores. A block of 4 warps has a tile of 64 rows, a warp 16 of them; the rows of the
// other side come 64 or 32 at a time into shared memory, rounded on their way. A warp's scores stay in registers: what
// one product leaves there is the left operand of the next.
//
// T is Bf16 or Tf32, D the head size rounded up to a multiple of 16, zeros filling the rest. The two are given to the
// compiler as INPUT and HEAD_SIZE, so that only what a model needs is ever compiled; the names of kernels end with
// them. In the comments g and t are a lane's as in mma.cuh: of 16 rows it has g and g + 8, of 8 columns 2t and 2t + 1.
#ifndef LORIKEET_ATTENTION_MMA
#define LORIKEET_ATTENTION_MMA
#include "attention.cuh"
#include "mma.cuh"

#define JOIN_NAMES(name, input, size) name##_##input##_##size
#define JOIN_VALUES(name, input, size) JOIN_NAMES(name, input, size)
#define ENTRY(name) JOIN_VALUES(name, INPUT, HEAD_SIZE)

#define WARPS 4
#define TILE 64
#define LOG2E 1.4426950408889634f
#define LN2 0.6931471805599453f

// Elements from one row to the next in shared memory
template <class T, int D> struct Row {
    static const int LD = D + T::GAP;
};

// shared (B, D) <- rows row0 ... row0 + valid of one head, zeros elsewhere
template <class T, int D, int B> __device__ inline void load_rows(typename T::Element* shared, const Inputs& m,
        index_t row0, int valid, int head, int head_size) {
    bool wide = wide_head(m, head, head_size);
    for (int n = threadIdx.x; n < B * (D / 4); n += 32 * WARPS) {
        int i = n / (D / 4);
        int c = n % (D / 4) * 4;
        float4 v = make_float4(0, 0, 0, 0);
        if (i < valid) {
            v = load_columns(m, row0 + i, head, c, head_size, wide);
        }
        T::store(shared + i * Row<T, D>::LD + c, v);
    }
}

template <int N> __device__ inline void clear(float (&c)[N][4]) {
#pragma unroll
    for (int n = 0; n < N; n++) {
        c[n][0] = c[n][1] = c[n][2] = c[n][3] = 0;
    }
}

// dots (16, B) <- left (16, D) times the transposed of right (B, D)
template <class T, int D, int B> __device__ inline void multiply_transposed(float (&dots)[B / 8][4],
        const typename T::Element* left, const typename T::Element* right) {
    const int LD = Row<T, D>::LD;
    clear(dots);
#pragma unroll
    for (int k = 0; k < D; k += T::K) {
        unsigned a[4];
        T::left(a, left + k, LD);
#pragma unroll
        for (int n = 0; n < B / 16; n++) {
            unsigned b[2][2];
            T::right_transposed(b, right + 16 * n * LD + k, LD);
            T::multiply(dots[2 * n], a, b[0]);
            T::multiply(dots[2 * n + 1], a, b[1]);
        }
    }
}

// sums (16, D) <- sums + left (16, B) times right (B, D)
template <class T, int D, int B> __device__ inline void multiply_add(float (&sums)[D / 8][4],
        const float (&left)[B / 8][4], const typename T::Element* right) {
    const int LD = Row<T, D>::LD;
    const int PARTS = T::K / 8;
#pragma unroll
    for (int k = 0; k < B / T::K; k++) {
        float part[PARTS][4];
#pragma unroll
        for (int p = 0; p < PARTS; p++) {
#pragma unroll
            for (int e = 0; e < 4; e++) {
                part[p][e] = left[k * PARTS + p][e];
            }
        }
        unsigned a[4];
        T::left(a, part);
#pragma unroll
        for (int n = 0; n < D / 16; n++) {
            unsigned b[2][2];
            T::right(b, right + k * T::K * LD + 16 * n, LD);
            T::multiply(sums[2 * n], a, b[0]);
            T::multiply(sums[2 * n + 1], a, b[1]);
        }
    }
}

// dst[row0 + i][head] <- beta*dst + factor[half]*sums for the warp's rows i < valid
template <int D> __device__ inline void store_rows(const Rows& dst, index_t row0, int valid, int head, int head_size,
        const float (&sums)[D / 8][4], const float (&factor)[2], float beta) {
    int lane = threadIdx.x % 32;
#pragma unroll
    for (int half = 0; half < 2; half++) {
        int i = lane / 4 + 8 * half;
        if (i < valid) {
            float* row = dst.row(row0 + i) + (index_t) head * head_size;
#pragma unroll
            for (int n = 0; n < D / 8; n++) {
#pragma unroll
                for (int e = 0; e < 2; e++) {
                    int c = 8 * n + lane % 4 * 2 + e;
                    if (c < head_size) {
                        float value = factor[half] * sums[n][2 * half + e];
                        row[c] = beta == 0 ? value : beta * row[c] + value;
                    }
                }
            }
        }
    }
}

// The sum, or the largest, of what the four lanes of a row have
__device__ inline float row_sum(float value) {
    value += __shfl_xor_sync(ALL_LANES, value, 1);
    return value + __shfl_xor_sync(ALL_LANES, value, 2);
}

__device__ inline float row_max(float value) {
    value = fmaxf(value, __shfl_xor_sync(ALL_LANES, value, 1));
    return fmaxf(value, __shfl_xor_sync(ALL_LANES, value, 2));
}

__device__ inline unsigned pick(const Words& words, int n) {
    return n == 0 ? words.w[0] : n == 1 ? words.w[1] : n == 2 ? words.w[2] : words.w[3];
}

__device__ inline Words mask_words(const Spec& spec, int head, index_t row, int j) {
    index_t element = ((head * spec.own_rows + row) << 20) + j;
    return philox(spec.key, (word64) (element >> 2));
}

// keep[2*half + e] <- 0 or 1/(1 - dropout) for query row + 8*half and key j + e; row is that of g, j that of 2t in a
// block of 8 keys. A draw has the words of four keys, which two lanes share out: the even one draws for row g, the odd
// one for row g + 8. All lanes must take part.
__device__ inline void kept_of_row(float (&keep)[4], const Spec& spec, int head, index_t row, int j) {
    if (spec.threshold == 0) {
        keep[0] = keep[1] = keep[2] = keep[3] = 1;
        return;
    }
    bool odd = threadIdx.x % 2 != 0;
    Words words = mask_words(spec, head, row + (odd ? 8 : 0), j);
    unsigned first = __shfl_xor_sync(ALL_LANES, odd ? words.w[0] : words.w[2], 1);
    unsigned second = __shfl_xor_sync(ALL_LANES, odd ? words.w[1] : words.w[3], 1);
    keep[0] = (odd ? first : words.w[0]) >= spec.threshold ? spec.kept : 0;
    keep[1] = (odd ? second : words.w[1]) >= spec.threshold ? spec.kept : 0;
    keep[2] = (odd ? words.w[2] : first) >= spec.threshold ? spec.kept : 0;
    keep[3] = (odd ? words.w[3] : second) >= spec.threshold ? spec.kept : 0;
}

// keep[2*half + e] <- the same for key j + 8*half and query row + e; j is that of g, row that of 2t. Here the four
// lanes with neighbouring g share draws: lane m of them draws for the m-th of the four pairs (half, e) and hands each
// of the others its word. All lanes must take part.
__device__ inline void kept_of_column(float (&keep)[4], const Spec& spec, int head, index_t row, int j) {
    if (spec.threshold == 0) {
        keep[0] = keep[1] = keep[2] = keep[3] = 1;
        return;
    }
    int m = threadIdx.x / 4 % 4;
    Words own = mask_words(spec, head, row + m % 2, j + m / 2 * 8);
    Words got;
#pragma unroll
    for (int s = 0; s < 4; s++) {
        got.w[s] = __shfl_xor_sync(ALL_LANES, pick(own, m ^ s), 4 * s);
    }
#pragma unroll
    for (int pair = 0; pair < 4; pair++) {
        keep[pair] = pick(got, pair ^ m) >= spec.threshold ? spec.kept : 0;
    }
}

#endif
