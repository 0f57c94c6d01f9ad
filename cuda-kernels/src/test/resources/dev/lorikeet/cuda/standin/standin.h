// What the stand-ins for NVIDIA's libraries share: a device that is the host, asked through the driver's interface.
//
// It is strict where a driver is lenient or slow to tell: work is done only when its end is waited for, so that what
// the host changes too early shows; memory is NaN until it is written; copies and products must lie inside of one block;
// asynchronous copies must come from pinned memory; nothing but launches, copies and products may be captured; grids
// and shared memory have a real device's limits.
#ifndef LORIKEET_STANDIN
#define LORIKEET_STANDIN

#include <cstddef>
#include <functional>

#define API extern "C" __attribute__((visibility("default")))

// True if the calling thread has a context that is alive.
API bool standin_has_context();

// Does `work` in the order of the one stream, or puts it into the graph that is being captured.
void standin_enqueue(void* stream, std::function<void()> work) __attribute__((visibility("default")));

// True if `bytes` bytes from `address` on lie inside of one block of device memory.
API bool standin_holds(const void* address, size_t bytes);

// Says on standard error what was wrong with a call; `status`, to be returned.
API int standin_refuses(int status, const char* what);

#endif
