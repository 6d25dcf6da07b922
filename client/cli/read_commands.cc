// inbox, show, status, attachment, and `enlace` alone.

#include <filesystem>

#include "client/cli/commands.h"
#include "client/cli/render.h"
#include "client/cli_common/exit_code.h"
#include "crypto/primitives/status.h"
#include "proto/errors/reasons.h"

namespace enlace::client {
namespace {

constexpr int kDownloadTimeoutMs = 15 * 60 * 1000;
constexpr int kMarkReadTimeoutMs = 10'000;

// A view read from the vault, shown; or the error.
template <typename Read, typename Draw>
int ShowView(App& app, std::string_view command, Read read, Draw draw) {
  absl::StatusOr<OpenVault> open = app.Open();
  if (!open.ok()) return app.Fail(open.status());
  const auto view = read(*open->reader);
  if (!view.ok()) return app.Fail(view.status());
  app.ShowOne(
      command, [&] { return draw(*view); }, [&] { return JsonOf(*view); });
  return 0;
}

// What the vault says of this machine, with what only its files and its agent know.
absl::StatusOr<MachineView> MachineNow(const App& app, const CaseReader& reader) {
  ENLACE_ASSIGN_OR_RETURN(MachineView view, reader.Machine(app.now_ms()));
  std::error_code unknown;
  const uintmax_t bytes = std::filesystem::file_size(app.profile().vault_path(), unknown);
  if (!unknown) view.vault_bytes = bytes;
  // This very command counts as use of the vault.
  view.unlocked_until_ms = app.now_ms() + kAgentIdleLockMs;
  return view;
}

}  // namespace

int RunInbox(App& app) {
  if (app.options().output == "jsonl") {
    absl::StatusOr<OpenVault> open = app.Open();
    if (!open.ok()) return app.Fail(open.status());
    const absl::StatusOr<InboxView> view = open->reader->Inbox(app.now_ms());
    if (!view.ok()) return app.Fail(view.status());
    for (const InboxRow& row : view->rows) app.console().Json("inbox", JsonOf(row));
    return 0;
  }
  return ShowView(
      app, "inbox", [&](const CaseReader& reader) { return reader.Inbox(app.now_ms()); },
      [&](const InboxView& view) { return RenderInbox(view, app.MakeScreen()); });
}

int RunShow(App& app, const std::string& case_text, bool long_ids) {
  absl::StatusOr<OpenVault> open = app.Open();
  if (!open.ok()) return app.Fail(open.status());
  const absl::StatusOr<std::string> case_ref = open->reader->Resolve(case_text, app.now_ms());
  if (!case_ref.ok()) return app.Fail(case_ref.status());
  const absl::StatusOr<CaseView> view = open->reader->Case(*case_ref, app.now_ms());
  if (!view.ok()) return app.Fail(view.status());
  Screen screen = app.MakeScreen();
  screen.long_ids = long_ids;
  app.Show("show", RenderCase(*view, screen), JsonOf(*view));
  // Shown is read: the office's read receipt is the agent's business, and offline it waits in the
  // queue.
  const absl::StatusOr<nlohmann::json> marked =
      app.Call("mark-read", {{"case", *case_ref}}, kMarkReadTimeoutMs);
  if (!marked.ok()) return app.Fail(marked.status());
  return view->signature == SignatureState::kInvalid ? static_cast<int>(ExitCode::kUnverified) : 0;
}

int RunStatus(App& app, const std::string& case_text) {
  if (case_text.empty()) {
    return ShowView(
        app, "status", [&](const CaseReader& reader) { return MachineNow(app, reader); },
        [&](const MachineView& view) { return RenderMachine(view, app.MakeScreen()); });
  }
  absl::StatusOr<OpenVault> open = app.Open();
  if (!open.ok()) return app.Fail(open.status());
  const absl::StatusOr<std::string> case_ref = open->reader->Resolve(case_text, app.now_ms());
  if (!case_ref.ok()) return app.Fail(case_ref.status());
  const absl::StatusOr<StatusView> view = open->reader->Status(*case_ref, app.now_ms());
  if (!view.ok()) return app.Fail(view.status());
  app.Show("status", RenderStatus(*view, app.MakeScreen()), JsonOf(*view));
  // Somebody who was addressed has no device that could read it.
  return view->offices_without_devices.empty() ? 0 : static_cast<int>(ExitCode::kPartial);
}

int RunAttachment(App& app, const AttachmentOptions& options) {
  absl::StatusOr<OpenVault> open = app.Open();
  if (!open.ok()) return app.Fail(open.status());
  const absl::StatusOr<std::string> case_ref =
      open->reader->Resolve(options.case_text, app.now_ms());
  if (!case_ref.ok()) return app.Fail(case_ref.status());
  const absl::StatusOr<CaseView> view = open->reader->Case(*case_ref, app.now_ms());
  if (!view.ok()) return app.Fail(view.status());
  if (options.attachment.empty()) {
    app.Show("attachment", RenderAttachments(*view, app.MakeScreen()), AttachmentsJson(*view));
    return 0;
  }
  if (options.out.empty()) {
    return app.Fail(
        MakeError(Reason::kUsage, {{"what", "--out FILE"}, {"program", "enlace attachment"}}));
  }
  const absl::StatusOr<nlohmann::json> saved =
      app.Call("attachment",
               {{"case", *case_ref},
                {"attachment", options.attachment},
                {"out", std::filesystem::absolute(options.out).string()}},
               kDownloadTimeoutMs);
  if (!saved.ok()) return app.Fail(saved.status());
  app.console().Line(
      app.console().T(ENLACE_TEXT("{tick} saved as {path}"),
                      {{"tick", app.console().glyphs().tick}, {"path", options.out}}));
  app.console().Json("attachment", *saved);
  return 0;
}

int RunNothing(App& app) {
  if (Vault::Exists(app.profile().vault_path()) && app.console().setup().can_ask)
    return RunInbox(app);
  const Console& console = app.console();
  console.Line(console.T(ENLACE_TEXT(
      "Enlace: case alerts between liaison offices, readable only by those addressed.")));
  console.Line(console.T(
      ENLACE_TEXT("Your administrator gives you an invitation. Then: enlace join INVITATION")));
  console.Line(console.T(ENLACE_TEXT("All commands: enlace --help")));
  return 0;
}

}  // namespace enlace::client
