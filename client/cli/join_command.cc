// join: an officer's first day.

#include <csignal>
#include <thread>

#include "client/cli/commands.h"
#include "client/cli/registry_copy.h"
#include "client/cli_common/authority_name.h"
#include "client/cli_common/exit_code.h"
#include "client/cli_common/text_file.h"
#include "client/cli_common/words_line.h"
#include "client/enrolment/join.h"
#include "client/texts/code_names.h"
#include "crypto/primitives/status.h"
#include "proto/errors/reasons.h"

namespace enlace::client {
namespace {

constexpr int64_t kAskAgainMs = 2'000;
constexpr int64_t kWaitForApprovalMs = 15 * 60 * 1000;

// An invitation is a file's name or the paste string itself.
absl::StatusOr<std::string> InvitationText(const std::string& given) {
  if (given.starts_with("enlace-invitation-")) return given;
  return ReadWholeFile(given);
}

std::string ListOf(const std::vector<std::string>& items) {
  std::string out;
  for (const std::string& item : items) out += (out.empty() ? "" : ", ") + item;
  return out;
}

void ShowGreeting(const App& app, const Join& join) {
  const identity::Invitation& invitation = join.invitation();
  const Console& console = app.console();
  console.Line(console.T(
      ENLACE_TEXT("Invitation of {authority} for {name}, {offices}"),
      {{"authority", AuthorityName(console.language(), join.charter(), invitation.authority)},
       {"name", texts::EscapeForDisplay(invitation.card.display_name)},
       {"offices", ListOf(invitation.offices)}}));
  console.Line(
      console.T(ENLACE_TEXT("  server {server} · charter of the RCM, fingerprint {fingerprint}"),
                {{"server", texts::EscapeForDisplay(join.charter()->server.name)},
                 {"fingerprint", identity::ShortFingerprint(invitation.charter_pin.root)}}));
}

void ShowWords(const App& app, const Join& join) {
  const Console& console = app.console();
  const std::string& phone = join.invitation().administrator_phone;
  console.Line(
      phone.empty()
          ? console.T(ENLACE_TEXT("Read these words to your administrator by telephone:"))
          : console.T(
                ENLACE_TEXT("Read these words to your administrator by telephone, at {phone}:"),
                {{"phone", texts::EscapeForDisplay(phone)}}));
  console.Line("");
  console.Line(WordsLine(join.words()));
  console.Line("");
}

absl::Status WriteWords(const std::string& path, const Join& join) {
  if (path.empty()) return absl::OkStatus();
  std::string text;
  for (const std::string& word : join.words()) text += (text.empty() ? "" : " ") + word;
  return WriteWholeFile({path, false}, AsBytes(text + "\n"));
}

absl::Status Agree(const App& app, const JoinOptions& options) {
  if (options.yes) return absl::OkStatus();
  const Console& console = app.console();
  ENLACE_ASSIGN_OR_RETURN(
      const bool agreed,
      console.Confirm({console.T(ENLACE_TEXT("Is that what you were told? [y/N]")),
                       console.T(ENLACE_TEXT("your agreement")), "--yes"}));
  return agreed ? absl::OkStatus() : MakeError(Reason::kInvitationDeclined);
}

absl::StatusOr<std::unique_ptr<Join>> BeginOrResume(App& app, const JoinOptions& options,
                                                    const JoinEnvironment& environment) {
  if (options.resume) {
    ENLACE_ASSIGN_OR_RETURN(const SecretBytes passphrase,
                            ReadPassphrase(app.options().passphrase, app.console()));
    return Join::Resume(app.profile(), passphrase, environment);
  }
  ENLACE_ASSIGN_OR_RETURN(const std::string text, InvitationText(options.invitation));
  ENLACE_ASSIGN_OR_RETURN(std::unique_ptr<Join> join,
                          Join::Begin(app.profile(), text, environment));
  ShowGreeting(app, *join);
  ENLACE_RETURN_IF_ERROR(Agree(app, options));
  ENLACE_ASSIGN_OR_RETURN(const SecretBytes passphrase,
                          ReadNewPassphrase(app.options().passphrase, app.console()));
  ENLACE_RETURN_IF_ERROR(join->Request(passphrase));
  ShowWords(app, *join);
  ENLACE_RETURN_IF_ERROR(WriteWords(options.words_out, *join));
  return join;
}

absl::StatusOr<Joined> WaitForApproval(App& app, Join& join, bool wait) {
  const int64_t until = app.now_ms() + kWaitForApprovalMs;
  while (true) {
    absl::StatusOr<Joined> joined = join.Finish();
    const bool pending = HasReason(joined.status(), Reason::kEnrolmentPending) ||
                         HasReason(joined.status(), Reason::kServerUnreachable);
    if (!pending || !wait || app.now_ms() >= until) return joined;
    std::this_thread::sleep_for(std::chrono::milliseconds(kAskAgainMs));
  }
}

absl::Status RunJoinSteps(App& app, const JoinOptions& options) {
  const JoinEnvironment environment = JoinEnvironment::OfSystem(app.rng());
  ENLACE_ASSIGN_OR_RETURN(std::unique_ptr<Join> join, BeginOrResume(app, options, environment));
  const Console& console = app.console();
  const bool wait = !options.no_wait && !options.resume;
  if (wait) {
    console.Line(console.T(
        ENLACE_TEXT("Waiting for the approval. You may close this; later: enlace join --resume")));
  }
  absl::StatusOr<Joined> joined = WaitForApproval(app, *join, wait);
  // A request that was sent and is not decided is what --no-wait asked for.
  if (options.no_wait && HasReason(joined.status(), Reason::kEnrolmentPending)) {
    console.Next(console.T(ENLACE_TEXT("After the approval: enlace join --resume")));
    console.Json("join", {{"state", "pending"}});
    return absl::OkStatus();
  }
  ENLACE_RETURN_IF_ERROR(joined.status());
  Profile profile = app.profile();
  ENLACE_RETURN_IF_ERROR(RememberPin(profile, joined->device));
  const int64_t until_ms = joined->device.tls_certificate.not_after_ms();
  console.Line(console.T(ENLACE_TEXT("{tick} Admitted to {offices}. Certificate until {day}."),
                         {{"tick", console.glyphs().tick},
                          {"offices", ListOf(joined->offices)},
                          {"day", texts::IsoDay(until_ms)}}));
  console.Next(console.T(ENLACE_TEXT("Next: enlace inbox")));
  console.Json("join", {{"state", "admitted"},
                        {"officer_id", std::string(joined->device.uri.officer_id())},
                        {"offices", joined->offices},
                        {"certificate_until", texts::Rfc3339(until_ms)}});
  return absl::OkStatus();
}

}  // namespace

int RunJoin(App& app, const JoinOptions& options) {
  if (!options.resume && options.invitation.empty()) {
    return app.Fail(MakeError(Reason::kUsage,
                              {{"what", "enlace join INVITATION"}, {"program", "enlace join"}}));
  }
  const absl::Status joined = RunJoinSteps(app, options);
  return joined.ok() ? 0 : app.Fail(joined);
}

}  // namespace enlace::client
