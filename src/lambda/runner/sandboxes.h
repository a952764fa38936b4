// Sandboxes: the port through which environments are made and ended. LauncherClient is the real
// one; tests have their own. Control strand only. Requests answer nothing; what becomes of them is
// told to the observer later, never from inside a request.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "lambda/launcher/channel.h"
#include "lambda/launcher/protocol.h"

namespace tidegate::lambda {

class Sandboxes {
 public:
  struct Started {
    pid_t init = -1;                        // first process of the sandbox, host numbering
    launch::Fd runtime_api, endpoint, log;  // two listening sockets, read end of a pipe
    // Tells in bytes how much memory the sandbox took at most; "" where nobody counts.
    std::string peak_file;
  };
  struct Exit {
    std::uint32_t generation = 0;
    int wait_status = 0;
    std::string exec_error;  // why the program could not be executed, "" when it ran
    bool out_of_memory = false;
  };
  class Observer {
   public:
    virtual ~Observer() = default;
    virtual void started(std::uint64_t id, Started) = 0;
    virtual void failed(std::uint64_t id, std::string why) = 0;  // nothing was made
    // The runtime's process number Exit::generation ended; the sandbox and its /tmp are still
    // there.
    virtual void exited(std::uint64_t id, Exit) = 0;
    virtual void ended(std::uint64_t id, bool out_of_memory) = 0;
    // All sandboxes are gone and none can be made any more.
    virtual void lost() = 0;
  };

  virtual ~Sandboxes() = default;
  virtual void observe(Observer*) = 0;
  virtual void start(std::uint64_t id, launch::Spec) = 0;  // starts process 1 too
  virtual void restart(std::uint64_t id, std::uint32_t generation) = 0;
  virtual void stop(std::uint64_t id) = 0;  // the process and its children; not the sandbox
  virtual void kill(std::uint64_t id) = 0;
  // Its processes stand still, go on. What is restarted, stopped or killed need not be thawed.
  virtual void freeze(std::uint64_t id) = 0;
  virtual void thaw(std::uint64_t id) = 0;
};

}  // namespace tidegate::lambda
