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

// Gives `value` to the warp, waits until all lanes have done so, returns that of lane `lane`.
uint64_t exchange(uint64_t value, int lane);

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
    uint64_t bits = 0;
    std::memcpy(&bits, &value, sizeof(T));
    bits = exchange(bits, from);
    std::memcpy(&value, &bits, sizeof(T));
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

template <class T> inline T min(T a, T b) { return b < a ? b : a; }
template <class T> inline T max(T a, T b) { return a < b ? b : a; }

#endif
