// Random numbers and dropout by Philox: element i is word i mod 4 of block i div 4, wherever the rows lie, so that the
// numbers are those of every other device and a mask is drawn again in the backward pass instead of being stored.
//
// Arithmetic intensity: about 100 integer operations for 4 elements, 12 per byte written; with dropout's 8 bytes per
// element the memory is still the slower part. Bytes that must move: 4 per element written, 4 per element read.
#include "common.cuh"

// Calls op(element, word, partner) for the elements of this thread. The partner of an even element is the next word, of
// an odd one the word before: normal numbers come in pairs.
template <class Op> __device__ inline void each_word(int rows, int cols, RandomKey given, Op op) {
    RandomKey key = resolved(given);
    index_t size = (index_t) rows * cols;
    index_t threads = (index_t) gridDim.x * blockDim.x;
    for (index_t block = (index_t) blockIdx.x * blockDim.x + threadIdx.x; 4 * block < size; block += threads) {
        Words words = philox(key, (word64) block);
        index_t row = rows == 1 ? 0 : 4 * block / cols;
        index_t col = 4 * block - row * cols;
        for (int k = 0; k < 4 && 4 * block + k < size; k++) {
            op(row, (int) col, words.w[k], words.w[k ^ 1], k & 1);
            if (++col == cols) {
                col = 0;
                row++;
            }
        }
    }
}

// (word + 1/2)/2^32, in (0, 1)
__device__ inline double uniform_of(unsigned word) { return (word + 0.5) * 2.3283064365386963e-10; }

// dst <- low + (high - low)*u
extern "C" __global__ void uniform(Rows dst, double low, double high, RandomKey key) {
    each_word(dst.rows, dst.cols, key, [=](index_t i, int j, unsigned word, unsigned, int) {
        dst.row(i)[j] = (float) (low + (high - low) * uniform_of(word));
    });
}

// dst <- mean + deviation*z by Box and Muller's transform of each pair of words
extern "C" __global__ void normal(Rows dst, double mean, double deviation, RandomKey key) {
    each_word(dst.rows, dst.cols, key, [=](index_t i, int j, unsigned word, unsigned partner, int odd) {
        double radius = sqrt(-2 * log(uniform_of(odd ? partner : word)));
        double angle = 6.283185307179586 * uniform_of(odd ? word : partner);
        dst.row(i)[j] = (float) (mean + deviation * radius * (odd ? cos(angle) : sin(angle)));
    });
}

// dst <- beta*dst + mask*src/(1 - p); kept are words of at least `threshold` = p*2^32. In place if beta = 0.
extern "C" __global__ void dropout(Rows dst, Inputs src, word64 threshold, float kept, RandomKey key, float beta) {
    each_word(dst.rows, dst.cols, key, [=](index_t i, int j, unsigned word, unsigned, int) {
        float value = word >= threshold ? kept * src.row(i)[j] : 0.0f;
        float* d = dst.row(i) + j;
        *d = beta == 0 ? value : beta * *d + value;
    });
}
