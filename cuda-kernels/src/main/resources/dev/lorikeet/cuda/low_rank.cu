// The two products of a low-rank delta, (alpha/r)*B*A*x, and of its backward: into r <= 64 columns (shrink) and out of
// them (expand). Plain F32 in every math mode.
//
// Arithmetic intensity: r/2 FLOP per byte shrinking, r/4 expanding: for r = 8 a fifth of what would keep the arithmetic
// busy, so the large matrix decides, and no product through tensor cores could be faster. Bytes that must move:
// shrink 4 per element of x; expand 8 per element of c (read and written), 4 with beta = 0. The factors are small and
// stay in the first cache.
#include "common.cuh"

#define SHRINK_ROWS 4
#define SHRINK_COLS 8
#define EXPAND_ROWS 8

// values[n] of all lanes are summed; lane n holds sum n of 32 afterwards. Half of what a lane has goes to its partner
// at each step: 31 shuffles in place of 160.
__device__ inline float transposed_sum(float (&values)[32]) {
    int lane = threadIdx.x % 32;
#pragma unroll
    for (int half = 16; half > 0; half >>= 1) {
        bool upper = (lane & half) != 0;
#pragma unroll
        for (int n = 0; n < half; n++) {
            float keep = upper ? values[n + half] : values[n];
            float send = upper ? values[n] : values[n + half];
            values[n] = keep + __shfl_xor_sync(ALL_LANES, send, half);
        }
    }
    return values[0];
}

// c (N, r) <- beta*c + alpha*x*op(w), x (N, K). A warp takes 4 rows and 8 columns; its lanes share out K.
template <bool TRANSPOSED> __device__ inline void shrink(Rows c, Inputs x, Inputs w, float alpha, float beta) {
    int K = x.cols;
    int lane = threadIdx.x % 32;
    bool vector = wide(x);
    index_t warps = (index_t) gridDim.x * blockDim.x / 32;
    index_t groups = ((index_t) c.rows + SHRINK_ROWS - 1) / SHRINK_ROWS;
    int col0 = blockIdx.y * SHRINK_COLS;
    for (index_t g = ((index_t) blockIdx.x * blockDim.x + threadIdx.x) / 32; g < groups; g += warps) {
        index_t row0 = g * SHRINK_ROWS;
        float sums[32];
#pragma unroll
        for (int n = 0; n < 32; n++) {
            sums[n] = 0;
        }
        for (int k = 4 * lane; k < K; k += 128) {
            float4 v[SHRINK_ROWS];
#pragma unroll
            for (int i = 0; i < SHRINK_ROWS; i++) {
                v[i] = make_float4(0, 0, 0, 0);
                if (row0 + i < c.rows) {
                    const float* row = x.row(row0 + i);
                    if (vector) {
                        v[i] = load4(row + k);
                    } else {
                        v[i].x = row[k];
                        v[i].y = k + 1 < K ? row[k + 1] : 0;
                        v[i].z = k + 2 < K ? row[k + 2] : 0;
                        v[i].w = k + 3 < K ? row[k + 3] : 0;
                    }
                }
            }
#pragma unroll
            for (int b = 0; b < SHRINK_COLS; b++) {
                float f[4] = {0, 0, 0, 0};
#pragma unroll
                for (int e = 0; e < 4; e++) {
                    if (col0 + b < c.cols && k + e < K) {
                        f[e] = TRANSPOSED ? w.row(col0 + b)[k + e] : w.row(k + e)[col0 + b];
                    }
                }
#pragma unroll
                for (int i = 0; i < SHRINK_ROWS; i++) {
                    sums[i * SHRINK_COLS + b] += (v[i].x * f[0] + v[i].y * f[1]) + (v[i].z * f[2] + v[i].w * f[3]);
                }
            }
        }
        float sum = transposed_sum(sums);
        index_t row = row0 + lane / SHRINK_COLS;
        int col = col0 + lane % SHRINK_COLS;
        if (row < c.rows && col < c.cols) {
            float* at = c.row(row) + col;
            *at = beta == 0 ? alpha * sum : beta * *at + alpha * sum;
        }
    }
}

// w (r, K), as A lies in its file
extern "C" __global__ void shrink_transposed(Rows c, Inputs x, Inputs w, float alpha, float beta) {
    shrink<true>(c, x, w, alpha, beta);
}

// w (K, r), as B lies in its file
extern "C" __global__ void shrink_plain(Rows c, Inputs x, Inputs w, float alpha, float beta) {
    shrink<false>(c, x, w, alpha, beta);
}

// c (N, C) <- beta*c + alpha*x*op(w), x (N, r). A warp takes 8 rows and 128 columns, a lane 4 neighbouring columns.
template <bool TRANSPOSED> __device__ inline void expand(Rows c, Inputs x, Inputs w, float alpha, float beta) {
    int col = (blockIdx.x * 32 + threadIdx.x % 32) * 4;
    index_t groups = ((index_t) c.rows + EXPAND_ROWS - 1) / EXPAND_ROWS;
    index_t warps = (index_t) gridDim.y * (blockDim.x / 32);
    bool vector = wide(c);
    index_t warp = (index_t) blockIdx.y * (blockDim.x / 32) + threadIdx.x / 32;
    for (index_t g = warp; g < groups && col < c.cols; g += warps) {
        index_t row0 = g * EXPAND_ROWS;
        float sums[EXPAND_ROWS][4];
#pragma unroll
        for (int i = 0; i < EXPAND_ROWS; i++) {
#pragma unroll
            for (int e = 0; e < 4; e++) {
                sums[i][e] = 0;
            }
        }
        for (int k = 0; k < x.cols; k++) {
            float f[4];
#pragma unroll
            for (int e = 0; e < 4; e++) {
                f[e] = col + e >= c.cols ? 0 : TRANSPOSED ? w.row(col + e)[k] : w.row(k)[col + e];
            }
#pragma unroll
            for (int i = 0; i < EXPAND_ROWS; i++) {
                float v = row0 + i < c.rows ? x.row(row0 + i)[k] : 0;
#pragma unroll
                for (int e = 0; e < 4; e++) {
                    sums[i][e] += v * f[e];
                }
            }
        }
#pragma unroll
        for (int i = 0; i < EXPAND_ROWS; i++) {
            if (row0 + i < c.rows) {
                float* at = c.row(row0 + i) + col;
                if (vector) {
                    float4 old = beta == 0 ? make_float4(0, 0, 0, 0) : load4(at);
                    store4(at, make_float4(beta * old.x + alpha * sums[i][0], beta * old.y + alpha * sums[i][1],
                            beta * old.z + alpha * sums[i][2], beta * old.w + alpha * sums[i][3]));
                } else {
#pragma unroll
                    for (int e = 0; e < 4; e++) {
                        if (col + e < c.cols) {
                            at[e] = beta == 0 ? alpha * sums[i][e] : beta * at[e] + alpha * sums[i][e];
                        }
                    }
                }
            }
        }
    }
}

// w (C, r), as B lies in its file
extern "C" __global__ void expand_transposed(Rows c, Inputs x, Inputs w, float alpha, float beta) {
    expand<true>(c, x, w, alpha, beta);
}

// w (r, C), as A lies in its file
extern "C" __global__ void expand_plain(Rows c, Inputs x, Inputs w, float alpha, float beta) {
    expand<false>(c, x, w, alpha, beta);
}
