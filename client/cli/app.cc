#include "client/cli/app.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>

#include "client/alerts/alert_json.h"
#include "client/cases/outcome_json.h"
#include "client/cli/render.h"
#include "client/cli_common/exit_code.h"
#include "client/enrolment/device_store.h"
#include "client/texts/time_format.h"
#include "crypto/primitives/status.h"
#include "proto/errors/reasons.h"

namespace enlace::client {
namespace {

// Argon2id takes a second; a busy machine some more.
constexpr int kUnlockTimeoutMs = 60'000;
constexpr int kFirstReplayMs = 10'000;
constexpr int kReplayPollMs = 200;

absl::StatusOr<OutputMode> ParseOutput(const std::string& word) {
  if (word == "text") return OutputMode::kText;
  if (word == "json") return OutputMode::kJson;
  if (word == "jsonl") return OutputMode::kJsonl;
  return MakeError(Reason::kUsage, {{"what", "--output text|json|jsonl"}, {"program", "enlace"}});
}

size_t TerminalColumns(const texts::Environment& environment) {
  if (const auto columns = environment("COLUMNS")) {
    const long wanted = std::strtol(columns->c_str(), nullptr, 10);
    if (wanted > 0)
      return std::clamp(static_cast<size_t>(wanted), kScreenColumnsMin, kScreenColumnsMax);
  }
  winsize size{};
  if (isatty(STDOUT_FILENO) != 1 || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 ||
      size.ws_col == 0) {
    return kScreenColumnsDefault;
  }
  return std::clamp<size_t>(size.ws_col, kScreenColumnsMin, kScreenColumnsMax);
}

// The violations that an ALERT_REFUSED of the agent carries.
alerts::Violations ViolationsOf(const absl::Status& status) {
  const ErrorInfo info = InfoOf(status);
  const auto found = info.metadata.find(std::string(kViolationsKey));
  if (found == info.metadata.end()) return {};
  const nlohmann::json parsed =
      nlohmann::json::parse(found->second, nullptr, /*allow_exceptions=*/false);
  absl::StatusOr<alerts::Violations> violations = ViolationsFromJson(parsed);
  return violations.ok() ? *std::move(violations) : alerts::Violations();
}

}  // namespace

App::App(GlobalOptions options, Profile profile, const Console::Setup& setup)
    : options_(std::move(options)), profile_(std::move(profile)), console_(setup) {}

absl::StatusOr<std::unique_ptr<App>> App::Create(const GlobalOptions& options) {
  Profile::Request request;
  request.name = options.profile;
  ENLACE_ASSIGN_OR_RETURN(Profile profile, Profile::Open(request));
  const texts::Environment environment = texts::ProcessEnvironment();
  Console::Setup setup;
  setup.locale = texts::ChooseLocale(profile.Setting("lang", options.lang), environment);
  ENLACE_ASSIGN_OR_RETURN(setup.output, ParseOutput(options.output));
  setup.quiet = options.quiet;
  setup.color = !options.no_color && !environment("NO_COLOR") && isatty(STDOUT_FILENO) == 1;
  setup.can_ask = CanAsk();
  return std::unique_ptr<App>(new App(options, std::move(profile), setup));
}

int64_t App::now_ms() const {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

Screen App::MakeScreen() const {
  const texts::Environment environment = texts::ProcessEnvironment();
  Screen screen;
  screen.locale = console_.setup().locale;
  screen.zone = texts::Zone::OfHost(environment);
  screen.now_ms = now_ms();
  screen.columns = TerminalColumns(environment);
  screen.long_ids = options_.long_ids;
  return screen;
}

// What came while the vault was closed belongs on the first screen: waits until the agent has
// caught up, as long as it is online and for a bounded time.
void App::AwaitFirstReplay(AgentClient& agent) const {
  const int64_t until = now_ms() + kFirstReplayMs;
  uint64_t change = 0;
  while (now_ms() < until) {
    const absl::StatusOr<nlohmann::json> state =
        agent.Call("sync-state", nlohmann::json::object(), kFirstReplayMs);
    if (!state.ok() || !state->value("online", false) || state->value("replayed", false)) return;
    const absl::StatusOr<uint64_t> newer = agent.WaitChange(change, kReplayPollMs);
    if (!newer.ok()) return;
    change = *newer;
  }
}

absl::StatusOr<AgentClient> App::Agent() {
  ENLACE_ASSIGN_OR_RETURN(std::optional<AgentClient> running, AgentClient::Connect(profile_));
  if (running) {
    ENLACE_ASSIGN_OR_RETURN(const bool unlocked, running->Unlocked());
    if (unlocked) return *std::move(running);
  }
  if (!Vault::Exists(profile_.vault_path())) return MakeError(Reason::kNotEnrolled);
  ENLACE_ASSIGN_OR_RETURN(const SecretBytes passphrase,
                          ReadPassphrase(options_.passphrase, console_));
  if (running) {
    ENLACE_RETURN_IF_ERROR(running->Unlock(passphrase));
    AwaitFirstReplay(*running);
    return *std::move(running);
  }
  AgentClient::Start start;
  start.passphrase = &passphrase;
  ENLACE_ASSIGN_OR_RETURN(AgentClient started, AgentClient::StartAgent(profile_, start));
  AwaitFirstReplay(started);
  return started;
}

absl::StatusOr<OpenVault> App::Open() {
  ENLACE_ASSIGN_OR_RETURN(AgentClient agent, Agent());
  return OpenWith(agent);
}

absl::StatusOr<PublicRegistry> App::ReadRegistry() {
  ENLACE_ASSIGN_OR_RETURN(std::optional<AgentClient> agent, AgentClient::Connect(profile_));
  const absl::StatusOr<bool> unlocked = agent ? agent->Unlocked() : false;
  if (unlocked.ok() && *unlocked) {
    ENLACE_ASSIGN_OR_RETURN(const OpenVault open, OpenWith(*agent));
    ENLACE_ASSIGN_OR_RETURN(const RegistryFacts* facts, open.reader->Facts());
    return PublicRegistry{*facts, open.registry->refreshed_at_ms()};
  }
  ENLACE_ASSIGN_OR_RETURN(const std::unique_ptr<RegistryReplica> replica, OpenReplicaOf(profile_));
  return PublicRegistry{FactsOf(replica->registry(), ""), replica->refreshed_at_ms()};
}

absl::StatusOr<OpenVault> App::OpenWith(AgentClient& agent) {
  ENLACE_ASSIGN_OR_RETURN(const SecretBytes master_key, agent.MasterKey());
  OpenVault open;
  ENLACE_ASSIGN_OR_RETURN(
      open.vault,
      Vault::OpenWithMasterKey({profile_.vault_path(), VaultMode::kReader}, master_key, rng_));
  ENLACE_ASSIGN_OR_RETURN(const DeviceIdentity identity, LoadDevice(*open.vault));
  ENLACE_ASSIGN_OR_RETURN(open.registry,
                          RegistryCopy::Open({profile_.registry_path(), identity.pin, true}));
  const RegistrySource& source = *open.registry;
  open.reader = std::make_unique<CaseReader>(*open.vault, source);
  return open;
}

absl::StatusOr<nlohmann::json> App::Call(std::string_view op, const nlohmann::json& args,
                                         int timeout_ms) {
  ENLACE_ASSIGN_OR_RETURN(AgentClient agent, Agent());
  return agent.Call(op, args, std::max(timeout_ms, kUnlockTimeoutMs));
}

void App::Show(std::string_view command, const Page& page, const nlohmann::json& object) const {
  Print(page);
  console_.Json(command, object);
}

void App::ShowOne(std::string_view command, const std::function<Page()>& draw,
                  const std::function<nlohmann::json()>& object) const {
  if (console_.json()) return console_.Json(command, object());
  Print(draw());
}

void App::Print(const Page& page) const {
  // Thousands of lines in one write; plain ASCII is made line by line.
  const std::vector<std::string> lines = WholePage(page, options_.quiet);
  if (console_.setup().locale.ascii) {
    for (const std::string& line : lines) console_.Line(line);
  } else if (!lines.empty()) {
    std::string whole;
    for (const std::string& line : lines) whole += line + "\n";
    whole.pop_back();
    console_.Line(whole);
  }
}

// The same error with the instant that it names as people here read the clock.
absl::Status App::WithLocalTime(const absl::Status& status) const {
  ErrorInfo info = InfoOf(status);
  const auto time = info.metadata.find("time");
  if (time == info.metadata.end()) return status;
  const std::optional<int64_t> at_ms = alerts::ParseRfc3339(time->second);
  if (!at_ms) return status;
  const Screen screen = MakeScreen();
  time->second = texts::ShortDay(console_.language(), screen.zone, *at_ms, screen.now_ms) + " " +
                 texts::ClockTime(screen.zone, *at_ms) + " (" +
                 texts::OffsetName(screen.zone, *at_ms) + ")";
  absl::Status local = status;
  AttachInfo(info, local);
  return local;
}

int App::Fail(const absl::Status& status, const std::string& file_name) const {
  const alerts::Violations violations = ViolationsOf(status);
  if (violations.empty() || console_.json()) {
    std::vector<Violation> listed;
    const bool spanish = console_.language() == texts::Language::kSpanish;
    for (const alerts::Violation& one : violations) {
      listed.push_back({one.field, one.reason, spanish ? one.message_es : one.message_en,
                        spanish ? one.hint_es : one.hint_en});
    }
    console_.Error(console_.json() ? status : WithLocalTime(status), listed);
    return ExitNumberOf(status);
  }
  const Page page = RenderViolations(file_name, violations, MakeScreen());
  for (const std::string& line : page.lines) console_.Problem(line);
  return ExitNumberOf(status);
}

}  // namespace enlace::client
