// RuntimeLock: threads take turns at what they share.
#pragma once

#include <chrono>

namespace hekla {

/// Held while a computation is evaluated, compiled or run, and while values are read or assigned, so that
/// each of these happens as a whole: devices with their caches, and the values beside nodes, are shared by
/// all threads. Threads get it in the order in which they ask, and one that has it may take it again.
/// Building and differentiating graphs needs none, nor does giving tensors up.
///
/// Across fork() it is held, so that the child finds everything whole.
class RuntimeLock {
 public:
  RuntimeLock();
  RuntimeLock(const RuntimeLock&) = delete;
  RuntimeLock& operator=(const RuntimeLock&) = delete;
  ~RuntimeLock();
};

/// For whoever holds the lock for long, between two pieces of work: when the process ends
/// (stop_other_threads), this thread does not return from here.
void stop_if_process_ends();

/// To be called at exit. From now on no other thread gets the lock: each that asks for it stops there, and
/// ends if the process has not ended a few seconds later, as something may be waiting for it. Waits until the
/// lock is free, at most for `patience`. False if it then is not, or if this thread itself has it.
bool stop_other_threads(std::chrono::milliseconds patience);

/// Whether that was called.
bool process_ends();

}  // namespace hekla
