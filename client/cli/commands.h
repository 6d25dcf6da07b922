// The commands of `enlace`, one function each: parsed options to exit code.
//
// Each prints its own result or error. Thread safety: one thread.
#pragma once

#include <string>
#include <string_view>
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
// `new TYPE` and `update CASE`.
struct TemplateOptions {
  std::string name;
  // The type, or the case.
  std::string subject;
  std::string out;
  bool list = false;
};
int RunNew(App& app, const TemplateOptions& options);
// USAGE: `word` is none of the types, or empty.
absl::Status UnknownType(texts::Language language, const std::string& word,
                         std::string_view program);
int RunUpdate(App& app, const TemplateOptions& options);

struct ComposeOptions {
  // A code of the model; empty: a draft goes on, or the type is asked for.
  std::string type;
};
// Needs a terminal.
int RunCompose(App& app, const ComposeOptions& options);

struct CheckOptions {
  // "-" is stdin.
  std::string file;
  // The server's time, RFC 3339; empty = as far as this machine knows it.
  std::string at;
};
int RunCheck(App& app, const CheckOptions& options);

int RunInbox(App& app);
int RunShow(App& app, const std::string& case_text, bool long_ids);
int RunStatus(App& app, const std::string& case_text);

struct CasesOptions {
  bool open = false;
  bool overdue = false;
  std::string office;
  // A code of the model: missing-migrant.
  std::string type;
  // A day, or an age such as 7d or 12h.
  std::string since;
  size_t limit = 100;
};
int RunCases(App& app, const CasesOptions& options);

struct ReviewOptions {
  // Review dates that come within so many days are shown too.
  int64_t days = 0;
  size_t limit = 100;
};
int RunReview(App& app, const ReviewOptions& options);

struct SearchOptions {
  std::vector<std::string> words;
  size_t limit = 50;
};
int RunSearch(App& app, const SearchOptions& options);
// A number, or "-" for a number or a machine readable zone on stdin.
int RunDocument(App& app, const std::string& number);
// Needs no vault. An empty place means all offices.
int RunDirectory(App& app, const std::string& place);

struct StatsOptions {
  // Days of the machine's zone, both included.
  std::string from, to;
  bool csv = false;
};
int RunStats(App& app, const StatsOptions& options);

// A workflow verb: what its words and options gave.
struct VerbOptions {
  // The command's own name, for JSON and usage errors.
  std::string name;
  // enlace.alert.v1.Action.
  int action = 0;
  std::string case_text;
  // The second word: an officer, an office, a reason, an outcome, a time.
  std::string operand;
  std::string office;
  // Whom a national system acts for.
  std::string officer;
  std::string note;
  std::string outcome;
  std::vector<std::string> fields;
  std::vector<std::string> attach;
  // `correct`: the update with the right values, sent before the correction.
  std::string file;
  // `refer`: allow another office's referral instead of referring.
  bool permit = false;
  // `decline`, `close`: the codes instead of a step.
  bool list = false;
  // Seconds; 0 = do not wait.
  int wait_s = 0;
};
int RunVerb(App& app, const VerbOptions& options);

struct AttachmentOptions {
  std::string case_text;
  std::string attachment;
  std::string out;
};
int RunAttachment(App& app, const AttachmentOptions& options);

struct ReceiptOptions {
  std::string case_text;
  std::string out;
  // A proof to verify instead of making one, and the charter that the verifier trusts.
  std::string verify;
  std::string charter_root;
};
int RunReceipt(App& app, const ReceiptOptions& options);

struct WatchOptions {
  std::string hook;
  // Seconds; 0 = until interrupted.
  int for_s = 0;
};
int RunWatch(App& app, const WatchOptions& options);

// An officer's or an office's id. Needs no vault.
int RunVerify(App& app, const std::string& subject);
// Exit code of the first thing that is wrong.
int RunDoctor(App& app);
int RunSync(App& app, int timeout_s);
int RunUnlock(App& app);
int RunLock(App& app);
// The agent itself: not for people.
int RunAgent(App& app);

// What `enlace` alone says.
int RunNothing(App& app);

}  // namespace enlace::client
