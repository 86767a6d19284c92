// RuntimeLock: the lock that serializes threads' access to shared devices, caches and values.
#pragma once

#include <chrono>

namespace hekla {

/// Held while a computation is evaluated, compiled or run, and while values are read or assigned, so that
/// each of these is atomic: all threads share the devices with their caches and the values of nodes. The lock
/// is fair (threads get it in the order in which they ask) and recursive (a thread that has it may take it
/// again). Building and differentiating graphs needs no lock, nor does destroying tensors.
///
/// It is held across fork(), so that the child finds a consistent state.
class RuntimeLock {
 public:
  RuntimeLock();
  RuntimeLock(const RuntimeLock&) = delete;
  RuntimeLock& operator=(const RuntimeLock&) = delete;
  ~RuntimeLock();
};

/// Called between two pieces of work by code that holds the lock for long: when the process ends
/// (stop_other_threads), this thread does not return from here.
void stop_if_process_ends();

/// To be called at exit. From now on no other thread gets the lock: each that asks for it stops there, and
/// ends if the process has not ended a few seconds later, as something may be waiting for it. Waits until the
/// lock is free, at most for `patience`. False if it then is not, or if this thread itself has it.
bool stop_other_threads(std::chrono::milliseconds patience);

/// Whether stop_other_threads() was called.
bool process_ends();

}  // namespace hekla
