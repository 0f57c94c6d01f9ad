// Tiles of attention in F32 on the ordinary cores.
//
// D is the head size rounded up to 32, 64, 96 or 128, zeros filling the rest; B is the number of rows of a tile.
// Threads: 16 rows times B/4 columns, each with B/16 rows and 4 columns of the scores.
#ifndef LORIKEET_ATTENTION_F32
#define LORIKEET_ATTENTION_F32
#include "attention.cuh"

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
    bool wide = wide_head(m, head, head_size);
    for (int n = threadIdx.x; n < B * (D / 4); n += S::THREADS) {
        int i = n / (D / 4);
        int c = n % (D / 4) * 4;
        float4 v = make_float4(0, 0, 0, 0);
        if (i < valid) {
            v = load_columns(m, row0 + i, head, c, head_size, wide);
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

#endif
