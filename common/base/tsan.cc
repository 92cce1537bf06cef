// Linked into every program of a ThreadSanitizer build, and into no other.
//
// The system's Abseil is not instrumented: ThreadSanitizer sees neither absl::Mutex lock nor
// absl::CondVar wait, and reports everything they guard as a race. The functions below stand in
// front of the library's (a program's symbols win over a shared library's), call them, and tell the
// sanitizer what they mean. gRPC's own locks are Abseil's too, and become visible with them; what
// it hands over without a lock, an operation from the thread that starts it to the one that
// completes it, is told here as well.

#include <dlfcn.h>
#include <grpc/grpc.h>
#include <sanitizer/tsan_interface.h>

#include <cstring>

#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "common/base/check.h"

extern "C" {
// What stands in the environment's TSAN_OPTIONS wins over these.
const char* __tsan_default_options() { return "ignore_noninstrumented_modules=1"; }

// The end of a call goes to another thread inside gRPC, past anything that can be told from here.
// What it destroys there is gRPC's own.
const char* __tsan_default_suppressions() { return "race:Impl::~ServerCallback\n"; }

void AnnotateIgnoreReadsBegin(const char* file, int line);
void AnnotateIgnoreReadsEnd(const char* file, int line);
void AnnotateIgnoreWritesBegin(const char* file, int line);
void AnnotateIgnoreWritesEnd(const char* file, int line);
}

namespace {

// The library's function behind one of ours: the next of the same mangled name, which differs
// between distributions (Abseil's inline namespace) and is therefore asked of ours.
template <class Function>
Function Behind(Function ours) {
  void* address = nullptr;
  std::memcpy(&address, &ours, sizeof(address));
  Dl_info info = {};
  CHECK(dladdr(address, &info) != 0 && info.dli_sname != nullptr);
  void* const theirs = dlsym(RTLD_NEXT, info.dli_sname);
  CHECK(theirs != nullptr && theirs != address);
  std::memcpy(&ours, &theirs, sizeof(theirs));
  return ours;
}

}  // namespace

#define ACQUIRES(name)                             \
  void absl::Mutex::name() {                       \
    static const auto real = Behind(&Mutex::name); \
    (this->*real)();                               \
    __tsan_acquire(this);                          \
  }
#define RELEASES(name)                             \
  void absl::Mutex::name() {                       \
    static const auto real = Behind(&Mutex::name); \
    __tsan_release(this);                          \
    (this->*real)();                               \
  }
#define TRIES(name)                                \
  bool absl::Mutex::name() {                       \
    static const auto real = Behind(&Mutex::name); \
    const bool locked = (this->*real)();           \
    if (locked) __tsan_acquire(this);              \
    return locked;                                 \
  }
#define WAITS(result, name, parameters, ...)       \
  result absl::Mutex::name parameters {            \
    static const auto real = Behind(&Mutex::name); \
    __tsan_release(this);                          \
    struct Acquire {                               \
      ~Acquire() { __tsan_acquire(mutex); }        \
      Mutex* mutex;                                \
    } const acquire{this};                         \
    return (this->*real)(__VA_ARGS__);             \
  }
#define CONDITION_WAITS(result, name, parameters, ...) \
  result absl::CondVar::name parameters {              \
    static const auto real = Behind(&CondVar::name);   \
    __tsan_release(mutex);                             \
    struct Acquire {                                   \
      ~Acquire() { __tsan_acquire(held); }             \
      Mutex* held;                                     \
    } const acquire{mutex};                            \
    return (this->*real)(__VA_ARGS__);                 \
  }

ACQUIRES(Lock)
ACQUIRES(ReaderLock)
RELEASES(Unlock)
RELEASES(ReaderUnlock)
TRIES(TryLock)
TRIES(ReaderTryLock)
WAITS(void, LockWhen, (const Condition& condition), condition)
WAITS(bool, LockWhenWithTimeout, (const Condition& condition, Duration timeout), condition, timeout)
WAITS(bool, LockWhenWithDeadline, (const Condition& condition, Time deadline), condition, deadline)
WAITS(void, Await, (const Condition& condition), condition)
WAITS(bool, AwaitWithTimeout, (const Condition& condition, Duration timeout), condition, timeout)
WAITS(bool, AwaitWithDeadline, (const Condition& condition, Time deadline), condition, deadline)
CONDITION_WAITS(void, Wait, (Mutex * mutex), mutex)
CONDITION_WAITS(bool, WaitWithTimeout, (Mutex * mutex, Duration timeout), mutex, timeout)
CONDITION_WAITS(bool, WaitWithDeadline, (Mutex * mutex, Time deadline), mutex, deadline)

// A condition is evaluated inside the library, by whoever holds the mutex at that moment: perhaps
// the thread that unlocks it. What it reads is guarded in a way that cannot be told.
bool absl::Condition::Eval() const {
  static const auto real = Behind(&Condition::Eval);
  AnnotateIgnoreReadsBegin(__FILE__, __LINE__);
  AnnotateIgnoreWritesBegin(__FILE__, __LINE__);
  const bool held = (this->*real)();
  AnnotateIgnoreWritesEnd(__FILE__, __LINE__);
  AnnotateIgnoreReadsEnd(__FILE__, __LINE__);
  return held;
}

// Notification and BlockingCounter take no lock when they need not wait.
void absl::Notification::Notify() {
  static const auto real = Behind(&Notification::Notify);
  __tsan_release(this);
  (this->*real)();
}
void absl::Notification::WaitForNotification() const {
  static const auto real = Behind(&Notification::WaitForNotification);
  (this->*real)();
  __tsan_acquire(const_cast<Notification*>(this));
}
bool absl::Notification::WaitForNotificationWithTimeout(Duration timeout) const {
  static const auto real = Behind(&Notification::WaitForNotificationWithTimeout);
  const bool notified = (this->*real)(timeout);
  if (notified) __tsan_acquire(const_cast<Notification*>(this));
  return notified;
}
bool absl::Notification::WaitForNotificationWithDeadline(Time deadline) const {
  static const auto real = Behind(&Notification::WaitForNotificationWithDeadline);
  const bool notified = (this->*real)(deadline);
  if (notified) __tsan_acquire(const_cast<Notification*>(this));
  return notified;
}
bool absl::BlockingCounter::DecrementCount() {
  static const auto real = Behind(&BlockingCounter::DecrementCount);
  __tsan_release(this);
  return (this->*real)();
}
void absl::BlockingCounter::Wait() {
  static const auto real = Behind(&BlockingCounter::Wait);
  (this->*real)();
  __tsan_acquire(this);
}

namespace {

// What was done before something was sent comes before what is done after something was received:
// one edge for all calls, as the sanitizer has it for all sockets where it sees them.
char network;

}  // namespace

extern "C" {

grpc_call_error grpc_call_start_batch(grpc_call* call, const grpc_op* operations, size_t count,
                                      void* tag, void* reserved) {
  static const auto real = Behind(&grpc_call_start_batch);
  __tsan_release(&network);
  return real(call, operations, count, tag, reserved);
}

grpc_event grpc_completion_queue_next(grpc_completion_queue* queue, gpr_timespec deadline,
                                      void* reserved) {
  static const auto real = Behind(&grpc_completion_queue_next);
  const grpc_event event = real(queue, deadline, reserved);
  if (event.type == GRPC_OP_COMPLETE) __tsan_acquire(&network);
  return event;
}

grpc_event grpc_completion_queue_pluck(grpc_completion_queue* queue, void* tag,
                                       gpr_timespec deadline, void* reserved) {
  static const auto real = Behind(&grpc_completion_queue_pluck);
  const grpc_event event = real(queue, tag, deadline, reserved);
  if (event.type == GRPC_OP_COMPLETE) __tsan_acquire(&network);
  return event;
}

}  // extern "C"
