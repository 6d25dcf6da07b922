#include "client/admin/trial.h"

#include <signal.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <thread>

#include "client/admin/ca_commands.h"
#include "client/admin/charter_commands.h"
#include "client/admin/charter_file.h"
#include "client/admin/office_commands.h"
#include "client/admin/people_commands.h"
#include "client/admin/program.h"
#include "client/admin/request_commands.h"
#include "client/cli_common/text_file.h"
#include "crypto/primitives/status.h"
#include "proto/errors/reasons.h"

namespace enlace::client::admin {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPassphrase = "cuatro palabras para probar esto\n";
constexpr int kServerStartMs = 30'000;
constexpr int kPollMs = 20;
constexpr std::string_view kSecretariat = "ts";

struct TrialOfficer {
  std::string_view profile;
  std::string_view id;
  std::string_view name;
};
struct TrialOffice {
  std::string_view id;
  std::string_view zone;
  std::string_view phone;
  TrialOfficer officer;
};
struct TrialAuthority {
  std::string_view id;
  std::string_view standing;
  std::string_view name_es, name_en;  // Of organisations; countries have their usual names.
  std::string_view administrator;
  std::array<TrialOffice, 2> offices;
  bool small = false;  // Part of the small conference too.
};

// Fictional people; offices and officers' ids are those of the given cases.
constexpr std::array<TrialAuthority, 7> kConference = {{
    {"hn",
     "member",
     "",
     "",
     "Carmen Aguilar",
     {{{"hn.consular", "America/Tegucigalpa", "+50400000007", {"hn", "ofc-hn-007", "Marta Zúniga"}},
       {}}},
     true},
    {"mx",
     "member",
     "",
     "",
     "Luis Ortega",
     {{{"mx.consular", "America/Mexico_City", "+520000000021", {"mx", "ofc-mx-021", "Rosa Medina"}},
       {"mx.trafficking",
        "America/Mexico_City",
        "+520000000044",
        {"mxt", "ofc-mx-044", "Jorge Salas"}}}},
     true},
    {"us",
     "member",
     "",
     "",
     "Ann Carter",
     {{{"us.consular", "America/New_York", "+12025550112", {"us", "ofc-us-005", "Daniel Reed"}},
       {}}}},
    {"gt",
     "member",
     "",
     "",
     "Ana Pérez",
     {{{"gt.consular", "America/Guatemala", "+50200000009", {"gt", "ofc-gt-009", "Óscar Lima"}},
       {}}}},
    {"pa",
     "member",
     "",
     "",
     "Elena Ríos",
     {{{"pa.consular", "America/Panama", "+50700000003", {"pa", "ofc-pa-003", "Iván Castro"}},
       {}}}},
    {"iom",
     "organisation",
     "Organización Internacional para las Migraciones",
     "International Organization for Migration",
     "Nadia Haddad",
     {{{"iom.sanjose", "America/Costa_Rica", "", {}}, {}}}},
    {"ts",
     "organisation",
     "Secretaría Técnica de la CRM",
     "Technical Secretariat of the RCM",
     "Inés Mora",
     {{{"ts.secretariat", "America/Costa_Rica", "", {}}, {}}},
     true},
}};

// One run of the trial: folders, contexts of administrators, addresses.
class Conference {
 public:
  Conference(const Console& console, const TrialOptions& options,
             const JoinEnvironment& environment)
      : console_(console),
        options_(options),
        environment_(environment),
        folder_(fs::absolute(options.folder)) {}

  absl::Status Make();

 private:
  absl::Status Prepare();
  absl::Status MakeServer();
  absl::Status MakeCharter();
  absl::Status StartServer();
  absl::Status WriteConfig(const std::string& charter_root) const;
  absl::Status Admit(const TrialAuthority& authority);
  absl::Status Enrol(AdminContext& context, const TrialOffice& office);
  absl::StatusOr<AdminContext*> ContextOf(std::string_view authority);
  absl::Status Enlace(std::vector<std::string> arguments) const;
  void Say(std::string_view text) const { console_.Line(text); }
  std::string In(std::string_view name) const { return (folder_ / name).string(); }
  std::vector<const TrialAuthority*> Authorities() const;
  void Explain() const;

  const Console& console_;
  const TrialOptions& options_;
  const JoinEnvironment& environment_;
  fs::path folder_;
  std::ofstream log_;
  std::unique_ptr<Console> quiet_;
  std::map<std::string, std::unique_ptr<AdminContext>, std::less<>> contexts_;
  std::string main_address_;
  std::string enrolment_address_;
};

std::vector<const TrialAuthority*> Conference::Authorities() const {
  std::vector<const TrialAuthority*> out;
  for (const TrialAuthority& authority : kConference) {
    if (!options_.small || authority.small) out.push_back(&authority);
  }
  return out;
}

absl::Status Conference::Prepare() {
  std::error_code error;
  if (fs::exists(folder_) && !fs::is_empty(folder_, error))
    return MakeError(Reason::kFileExists, {{"path", folder_.string()}});
  fs::create_directories(folder_, error);
  for (const char* part : {"home", "invitations"}) {
    fs::create_directories(folder_ / part, error);
    fs::permissions(folder_ / part, fs::perms::owner_all, error);
  }
  if (error)
    return MakeError(Reason::kFileNotWritable,
                     {{"path", folder_.string()}, {"what", error.message()}});
  ENLACE_RETURN_IF_ERROR(WriteWholeFile({In("passphrase"), false}, AsBytes(kPassphrase)));
  // Children and our own profiles live below the folder.
  if (setenv("ENLACE_HOME", In("home").c_str(), 1) != 0) return MakeError(Reason::kInternal);
  log_.open(In("trial.log"), std::ios::app);
  Console::Setup setup = console_.setup();
  setup.output = OutputMode::kText;
  setup.can_ask = false;
  setup.out = &log_;
  setup.err = &log_;
  quiet_ = std::make_unique<Console>(setup);
  return absl::OkStatus();
}

absl::StatusOr<AdminContext*> Conference::ContextOf(std::string_view authority) {
  const auto known = contexts_.find(authority);
  if (known != contexts_.end()) return known->second.get();
  Profile::Request request;
  request.program = "enlace-admin";
  request.name = std::string(authority);
  ENLACE_ASSIGN_OR_RETURN(Profile profile, Profile::Open(request));
  AdminFlags flags;
  flags.yes = true;
  flags.passphrase.file = In("passphrase");
  auto context = std::make_unique<AdminContext>(*quiet_, std::move(profile), flags, environment_);
  return (contexts_[std::string(authority)] = std::move(context)).get();
}

absl::Status Conference::Enlace(std::vector<std::string> arguments) const {
  ENLACE_ASSIGN_OR_RETURN(const std::string program, SiblingProgram("enlace"));
  return RunProgram({program, std::move(arguments), {}, In("trial.log")});
}

absl::Status Conference::WriteConfig(const std::string& charter_root) const {
  std::string text = "data_folder = \"" + In("server") + "\"\npublic_name = \"localhost\"\n";
  if (!charter_root.empty()) text += "charter_root = \"" + charter_root + "\"\n";
  text += "[listen]\naddresses = [\"127.0.0.1\"]\nport = 0\nenrolment_port = 0\n";
  return WriteWholeFile({In("server.toml"), true}, AsBytes(text));
}

absl::Status Conference::MakeServer() {
  Say(console_.T(ENLACE_TEXT("server: its key and certificate")));
  ENLACE_RETURN_IF_ERROR(WriteConfig(""));
  ENLACE_ASSIGN_OR_RETURN(const std::string program, SiblingProgram("enlace-server"));
  return RunProgram({program, {"init", "--config", In("server.toml")}, {}, In("trial.log")});
}

absl::Status Conference::MakeCharter() {
  Say(console_.T(ENLACE_TEXT("authorities: each makes its CA, the Secretariat the charter")));
  for (const TrialAuthority* authority : Authorities()) {
    ENLACE_ASSIGN_OR_RETURN(AdminContext * context, ContextOf(authority->id));
    CaInitOptions init;
    init.authority = std::string(authority->id);
    init.name = std::string(authority->administrator);
    ENLACE_RETURN_IF_ERROR(CaInit(*context, init));
    ENLACE_RETURN_IF_ERROR(CaExport(*context, In("ca-" + init.authority + ".pem")));
  }
  ENLACE_ASSIGN_OR_RETURN(AdminContext * secretariat, ContextOf(kSecretariat));
  ENLACE_RETURN_IF_ERROR(CharterKey(*secretariat));
  CharterInitOptions draft;
  draft.out = In("charter.pem");
  draft.server_identity = In("server/server-identity.json");
  ENLACE_RETURN_IF_ERROR(CharterInit(*secretariat, draft));
  for (const TrialAuthority* authority : Authorities()) {
    CharterAddOptions add;
    add.file = draft.out;
    add.authority = std::string(authority->id);
    add.ca_files = {In("ca-" + add.authority + ".pem")};
    add.standing = std::string(authority->standing);
    add.name_es = std::string(authority->name_es);
    add.name_en = std::string(authority->name_en);
    ENLACE_RETURN_IF_ERROR(CharterAdd(*secretariat, add));
  }
  return CharterSign(*secretariat, draft.out);
}

absl::Status Conference::StartServer() {
  Say(console_.T(ENLACE_TEXT("server: pinned to the charter and started")));
  ENLACE_ASSIGN_OR_RETURN(const CharterFile charter, ReadCharterFile(In("charter.pem")));
  ENLACE_RETURN_IF_ERROR(WriteConfig(ToHex(charter.charter.root)));
  ENLACE_ASSIGN_OR_RETURN(const std::string program, SiblingProgram("enlace-server"));
  ENLACE_ASSIGN_OR_RETURN(
      const int pid,
      StartProgram({program,
                    {"run", "--config", In("server.toml"), "--ports-file", In("ports.json")},
                    {},
                    In("server.log")}));
  ENLACE_RETURN_IF_ERROR(
      WriteWholeFile({In("server.pid"), true}, AsBytes(std::to_string(pid) + "\n")));
  for (int waited = 0; waited < kServerStartMs; waited += kPollMs) {
    if (fs::exists(In("ports.json"))) break;
    if (kill(pid, 0) != 0) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(kPollMs));
  }
  ENLACE_ASSIGN_OR_RETURN(const std::string text, ReadWholeFile(In("ports.json")));
  const nlohmann::json ports = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!ports.is_object() || !ports.contains("main") || !ports.contains("enrolment"))
    return MakeError(Reason::kInternal);
  main_address_ = "127.0.0.1:" + std::to_string(ports["main"].get<int>());
  enrolment_address_ = "127.0.0.1:" + std::to_string(ports["enrolment"].get<int>());
  ENLACE_ASSIGN_OR_RETURN(AdminContext * secretariat, ContextOf(kSecretariat));
  return CharterPublish(*secretariat, {In("charter.pem"), enrolment_address_});
}

absl::Status Conference::Enrol(AdminContext& context, const TrialOffice& office) {
  const TrialOfficer& officer = office.officer;
  const std::string invitation = In("invitations/" + std::string(officer.id) + ".txt");
  const std::string words = In("invitations/" + std::string(officer.id) + ".words");
  InviteOptions invite;
  invite.office = std::string(office.id);
  invite.name = std::string(officer.name);
  invite.officer_id = std::string(officer.id);
  invite.out = invitation;
  ENLACE_RETURN_IF_ERROR(OfficerInvite(context, invite));
  const std::vector<std::string> profile = {"--profile", std::string(officer.profile),
                                            "--passphrase-file", In("passphrase")};
  std::vector<std::string> join = profile;
  join.insert(join.end(), {"join", invitation, "--yes", "--no-wait", "--words-out", words});
  ENLACE_RETURN_IF_ERROR(Enlace(join));
  ENLACE_RETURN_IF_ERROR(Approve(context, {{std::string(officer.id)}, words}));
  std::vector<std::string> resume = profile;
  resume.insert(resume.end(), {"join", "--resume"});
  return Enlace(resume);
}

absl::Status Conference::Admit(const TrialAuthority& authority) {
  ENLACE_ASSIGN_OR_RETURN(AdminContext * context, ContextOf(authority.id));
  CaPublishOptions publish;
  publish.charter_file = In("charter.pem");
  publish.server_address = main_address_;
  publish.enrolment_address = enrolment_address_;
  ENLACE_RETURN_IF_ERROR(CaPublish(*context, publish));
  for (const TrialOffice& office : authority.offices) {
    if (office.id.empty()) continue;
    OfficeCreateOptions create;
    create.office_id = std::string(office.id);
    create.time_zone = std::string(office.zone);
    create.duty_phone = std::string(office.phone);
    ENLACE_RETURN_IF_ERROR(OfficeCreate(*context, create));
    if (office.officer.id.empty()) {
      Say("  " + create.office_id);
      continue;
    }
    ENLACE_RETURN_IF_ERROR(Enrol(*context, office));
    Say("  " + create.office_id + "  " + std::string(office.officer.id) + "  --profile " +
        std::string(office.officer.profile));
  }
  return absl::OkStatus();
}

void Conference::Explain() const {
  Say("");
  Say(console_.T(ENLACE_TEXT("The server runs at {address}. To go on by hand:"),
                 {{"address", main_address_}}));
  Say("  export ENLACE_HOME=" + In("home"));
  Say("  enlace --profile hn --passphrase-file " + In("passphrase") + " inbox");
  Say(console_.T(ENLACE_TEXT("To end it: kill $(cat {file})"), {{"file", In("server.pid")}}));
}

absl::Status Conference::Make() {
  ENLACE_RETURN_IF_ERROR(Prepare());
  ENLACE_RETURN_IF_ERROR(MakeServer());
  ENLACE_RETURN_IF_ERROR(MakeCharter());
  ENLACE_RETURN_IF_ERROR(StartServer());
  Say(console_.T(
      ENLACE_TEXT("offices and officers: invited, joined, compared word by word, admitted")));
  for (const TrialAuthority* authority : Authorities()) ENLACE_RETURN_IF_ERROR(Admit(*authority));
  Explain();
  console_.Json(
      "trial",
      {{"folder", folder_.string()}, {"main", main_address_}, {"enrolment", enrolment_address_}});
  return absl::OkStatus();
}

}  // namespace

absl::Status Trial(AdminContext& context, const TrialOptions& options) {
  return Conference(context.console(), options, context.environment()).Make();
}

}  // namespace enlace::client::admin
