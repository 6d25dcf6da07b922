// The commands of `enlace`, one function each: parsed options to exit code.
//
// Each prints its own result or error. Thread safety: one thread.
#pragma once

#include <string>
#include <vector>

#include "client/cli/app.h"

namespace enlace::client {

struct JoinOptions {
  // File or paste string; empty with --resume.
  std::string invitation;
  bool resume = false;
  // Leave after the request instead of waiting for the approval.
  bool no_wait = false;
  // The person has compared server and charter: no question.
  bool yes = false;
  // Where the six words go besides the screen, for an administrator who compares them in person.
  std::string words_out;
};
int RunJoin(App& app, const JoinOptions& options);

struct SendOptions {
  std::string file;
  std::vector<std::string> attach;
  bool fill = false;
  std::string office;
  // Seconds; 0 = do not wait.
  int wait_s = 0;
};
int RunSend(App& app, const SendOptions& options);
int RunCheck(App& app, const std::string& file);

int RunInbox(App& app);
int RunShow(App& app, const std::string& case_text, bool long_ids);
int RunStatus(App& app, const std::string& case_text);

struct AckOptions {
  std::string case_text;
  std::string office;
  int wait_s = 0;
};
int RunAck(App& app, const AckOptions& options);

struct AttachmentOptions {
  std::string case_text;
  std::string attachment;
  std::string out;
};
int RunAttachment(App& app, const AttachmentOptions& options);

struct WatchOptions {
  std::string hook;
  // Seconds; 0 = until interrupted.
  int for_s = 0;
};
int RunWatch(App& app, const WatchOptions& options);

int RunSync(App& app, int timeout_s);
int RunUnlock(App& app);
int RunLock(App& app);
// The agent itself: not for people.
int RunAgent(App& app);

// What `enlace` alone says.
int RunNothing(App& app);

}  // namespace enlace::client
