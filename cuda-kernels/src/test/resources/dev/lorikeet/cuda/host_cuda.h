// CUDA's words with a plain C++ meaning, so that the `.cu` sources compile for the host and their arithmetic can be
// tested where there is no GPU.
//
// A block runs as cooperative fibers, one for each of its threads, on one thread of the system; blocks run one after
// the other. A fiber runs until it meets a barrier or a warp shuffle and continues when all that must take part have
// come. So results are the same every time. A barrier that not every thread of the block reaches, or a shuffle that not
// every lane of the warp reaches, ends the launch with an error, where a GPU would hang or return garbage.
#ifndef LORIKEET_HOST_CUDA
#define LORIKEET_HOST_CUDA

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <utility>

#ifndef __global__                             // the compiler of the tests looks for kernels by another meaning of it
#define __global__
#endif
#define __device__
#define __host__
#define __forceinline__ inline
#define __align__(n) alignas(n)
#define __shared__ static                      // blocks do not overlap in time, so one copy serves them all
#define __launch_bounds__(...)
#define __grid_constant__
#define DYNAMIC_SHARED(name) float* name = lorikeet::dynamic_shared

struct Dim3 { unsigned x, y, z; };
struct alignas(16) float4 { float x, y, z, w; };
struct alignas(16) uint4 { unsigned x, y, z, w; };

inline float4 make_float4(float x, float y, float z, float w) { return float4{x, y, z, w}; }

namespace lorikeet {
extern float* dynamic_shared;

// Waits until every thread of the block has come; the disjunction of what they brought.
int barrier(int value);

// What each lane of a warp brought, by lane.
const int LANE_WORDS = 6;
typedef uint32_t LaneWords[LANE_WORDS];

// Gives up to LANE_WORDS words to the warp, waits until all lanes have done so, returns what all of them gave: valid
// until this lane's next call but one.
const LaneWords* exchange(const uint32_t* words, int count);

int lane();

typedef void (*Body)(void** arguments);

// Runs a grid; 0, or 1 if threads of a block waited for each other in vain.
int run(Body body, void** arguments, Dim3 grid, Dim3 block, int shared_bytes);

template <class... A, size_t... I>
inline void call(void (*kernel)(A...), void** arguments, std::index_sequence<I...>) {
    kernel(*(typename std::remove_cv<A>::type*) arguments[I]...);
}

template <class... A> inline void call(void (*kernel)(A...), void** arguments) {
    call(kernel, arguments, std::index_sequence_for<A...>());
}

template <class T> inline T shuffle(T value, int from) {
    static_assert(sizeof(T) <= 8, "shuffles move up to 8 bytes");
    uint32_t words[2] = {0, 0};
    std::memcpy(words, &value, sizeof(T));
    std::memcpy(&value, exchange(words, 2)[from], sizeof(T));
    return value;
}
}  // namespace lorikeet

// What a launch calls: the grid and one pointer for each argument, as the driver gets them.
#define LORIKEET_ENTRY(name)                                                                                          \
    extern "C" __attribute__((visibility("default"))) int launch_##name(int x, int y, int threads, int shared_bytes,  \
            void** arguments) {                                                                                       \
        return lorikeet::run([](void** a) { lorikeet::call(name, a); }, arguments,                                    \
                Dim3{(unsigned) x, (unsigned) y, 1}, Dim3{(unsigned) threads, 1, 1}, shared_bytes);                   \
    }

extern Dim3 threadIdx, blockIdx, blockDim, gridDim;

inline void __syncthreads() { lorikeet::barrier(0); }
inline int __syncthreads_or(int value) { return lorikeet::barrier(value); }

template <class T> inline T __shfl_xor_sync(unsigned, T value, int mask) {
    return lorikeet::shuffle(value, lorikeet::lane() ^ mask);
}

template <class T> inline T __shfl_sync(unsigned, T value, int from) { return lorikeet::shuffle(value, from & 31); }

inline unsigned __umulhi(unsigned a, unsigned b) { return (unsigned) ((uint64_t) a * b >> 32); }

inline int __float_as_int(float x) {
    int bits;
    std::memcpy(&bits, &x, 4);
    return bits;
}

inline float __int_as_float(int bits) {
    float x;
    std::memcpy(&x, &bits, 4);
    return x;
}

// The fragments of `mma.cuh`, element by element.

inline float bf16_to_float(uint32_t bits) { return __int_as_float((int) (bits << 16)); }

inline uint32_t float_to_bf16(float x) {
    uint32_t bits = (uint32_t) __float_as_int(x);
    return x != x ? bits >> 16 | 0x40u : (bits + 0x7FFFu + (bits >> 16 & 1u)) >> 16;
}

inline unsigned pack_bf16(float low, float high) { return float_to_bf16(high) << 16 | float_to_bf16(low); }

inline unsigned to_tf32(float x) {
    unsigned bits = (unsigned) __float_as_int(x);
    return std::isfinite(x) ? (bits + 0x1000u) & ~0x1FFFu : bits;
}

// c <- c + a*b for this lane's elements of c: element(words, i) is the i-th of the inputs that a lane holds, of which
// there are `each` in a word.
template <class Element> inline void lorikeet_mma(float (&c)[4], const unsigned (&a)[4], const unsigned (&b)[2], int K,
        int each, Element element) {
    uint32_t own[6] = {a[0], a[1], a[2], a[3], b[0], b[1]};
    const lorikeet::LaneWords* lanes = lorikeet::exchange(own, 6);
    int g = lorikeet::lane() / 4;
    int t = lorikeet::lane() % 4;
    for (int e = 0; e < 4; e++) {
        float sum = 0;
        for (int k = 0; k < K; k++) {
            int half = k / (4 * each);                                       // the four lanes of a row share out K/2
            int holder = k / each % 4;
            const uint32_t* left = lanes[4 * g + holder];
            const uint32_t* right = lanes[4 * (2 * t + e % 2) + holder];
            sum += element(left[2 * half + e / 2], k % each) * element(right[4 + half], k % each);
        }
        c[e] += sum;
    }
}

inline void mma_bf16(float (&c)[4], const unsigned (&a)[4], const unsigned (&b)[2]) {
    lorikeet_mma(c, a, b, 16, 2, [](uint32_t word, int i) { return bf16_to_float(word >> 16 * i & 0xFFFFu); });
}

// What a tensor core does not look at is 0 here, so that an input that was not rounded shows.
inline void mma_tf32(float (&c)[4], const unsigned (&a)[4], const unsigned (&b)[2]) {
    lorikeet_mma(c, a, b, 8, 1, [](uint32_t word, int) { return __int_as_float((int) (word & ~0x1FFFu)); });
}

// The row that lane 8*n + i named: row i of matrix n.
inline const uint16_t* lorikeet_matrix_row(const lorikeet::LaneWords* lanes, int n, int i) {
    const uint16_t* row;
    std::memcpy(&row, lanes[8 * n + i], sizeof(row));
    return row;
}

inline const lorikeet::LaneWords* lorikeet_matrix_rows(const void* row) {
    uint32_t own[2];
    std::memcpy(own, &row, sizeof(row));
    return lorikeet::exchange(own, 2);
}

inline void load_matrices(unsigned (&words)[4], const void* row) {
    const lorikeet::LaneWords* lanes = lorikeet_matrix_rows(row);
    for (int n = 0; n < 4; n++) {
        std::memcpy(&words[n], lorikeet_matrix_row(lanes, n, lorikeet::lane() / 4) + lorikeet::lane() % 4 * 2, 4);
    }
}

inline void load_transposed(unsigned (&words)[4], const void* row) {
    const lorikeet::LaneWords* lanes = lorikeet_matrix_rows(row);
    int g = lorikeet::lane() / 4;
    int t = lorikeet::lane() % 4;
    for (int n = 0; n < 4; n++) {
        words[n] = lorikeet_matrix_row(lanes, n, 2 * t)[g]
                | (uint32_t) lorikeet_matrix_row(lanes, n, 2 * t + 1)[g] << 16;
    }
}

template <class T> inline T min(T a, T b) { return b < a ? b : a; }
template <class T> inline T max(T a, T b) { return a < b ? b : a; }

#endif
