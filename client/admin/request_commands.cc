#include "client/admin/request_commands.h"

#include <algorithm>
#include <map>
#include <optional>
#include <sstream>

#include "client/admin/authority_keys.h"
#include "client/admin/invitation_book.h"
#include "client/admin/publisher.h"
#include "client/cli_common/authority_name.h"
#include "client/cli_common/text_file.h"
#include "client/cli_common/words_line.h"
#include "client/session/request_id.h"
#include "crypto/identity/enrolment.h"
#include "crypto/primitives/status.h"
#include "proto/errors/reasons.h"

namespace enlace::client::admin {
namespace {

constexpr std::string_view kHiddenWord = "·····";
constexpr int64_t kExpiresSoonMs = 60LL * 24 * 60 * 60 * 1000;

using Words = std::array<std::string, identity::kVerificationWords>;

// A request that waits, with the invitation of ours that it was made with. Whoever has the
// invitation's id can send bytes that are no request: that one can be refused, and hinders no
// other.
struct Asking {
  std::optional<identity::EnrolmentRequest> request;
  GivenInvitation given;
  std::string officer_id;
};

absl::StatusOr<std::vector<Asking>> AllAsking(AdminContext& context) {
  ENLACE_ASSIGN_OR_RETURN(Vault * vault, context.OpenVault());
  ENLACE_ASSIGN_OR_RETURN(AdminContext::Online * online, context.Connect());
  ENLACE_ASSIGN_OR_RETURN(std::vector<GivenInvitation> book, LoadInvitations(*vault));
  v1::ListEnrolmentsRequest list;
  list.set_pending_only(true);
  ENLACE_ASSIGN_OR_RETURN(const v1::ListEnrolmentsResponse answer,
                          online->session->ListEnrolments(list, kCallTimeoutMs));
  std::vector<Asking> asking;
  for (const v1::Enrolment& one : answer.enrolments()) {
    const BytesView id = AsBytes(one.request().invitation_id());
    const auto given = std::find_if(book.begin(), book.end(), [&](const GivenInvitation& entry) {
      return EqualBytes(entry.id(), id);
    });
    // Another administrator's invitation is that administrator's to approve.
    if (given == book.end()) continue;
    absl::StatusOr<identity::EnrolmentRequest> request =
        identity::DecodeEnrolmentRequest(AsBytes(one.request().request()));
    ENLACE_ASSIGN_OR_RETURN(const identity::DeviceUri uri,
                            identity::DeviceUri::Parse(given->invitation.device_uri));
    asking.push_back({request.ok() ? std::optional(*std::move(request)) : std::nullopt,
                      std::move(*given), std::string(uri.officer_id())});
  }
  return asking;
}

absl::StatusOr<Asking> FindAsking(AdminContext& context, const std::string& officer_id) {
  ENLACE_ASSIGN_OR_RETURN(std::vector<Asking> all, AllAsking(context));
  for (Asking& one : all) {
    if (one.officer_id == officer_id) return std::move(one);
  }
  return MakeError(Reason::kRequestUnknown, {{"id", officer_id}});
}

std::string Offices(const identity::Invitation& invitation) {
  std::string out;
  for (const std::string& office : invitation.offices) out += (out.empty() ? "" : ", ") + office;
  return out;
}

// Lines "ID word word word word word word"; six words alone belong to `only_id`.
absl::StatusOr<std::map<std::string, Words>> ReadWords(const std::string& path,
                                                       const std::string& only_id) {
  ENLACE_ASSIGN_OR_RETURN(const std::string text, ReadWholeFile(path));
  std::map<std::string, Words> out;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream fields(line);
    std::vector<std::string> words;
    for (std::string word; fields >> word;) words.push_back(word);
    if (words.empty()) continue;
    if (words.size() == identity::kVerificationWords && !only_id.empty())
      words.insert(words.begin(), only_id);
    if (words.size() != identity::kVerificationWords + 1)
      return UsageError("--words: ID and six words in each line");
    std::copy(words.begin() + 1, words.end(), out[words[0]].begin());
  }
  return out;
}

// Refuses a request whose words were wrong too often.
absl::Status RejectSpent(AdminContext& context, const Asking& asking) {
  ENLACE_ASSIGN_OR_RETURN(Vault * vault, context.OpenVault());
  ENLACE_ASSIGN_OR_RETURN(AdminContext::Online * online, context.Connect());
  v1::RejectEnrolmentRequest reject;
  reject.set_request_id(NewRequestId(context.now_ms(), context.rng()));
  reject.set_invitation_id(ToText(asking.given.id()));
  reject.set_reason("three wrong words");
  ENLACE_RETURN_IF_ERROR(online->session->RejectEnrolment(reject, kCallTimeoutMs).status());
  ENLACE_RETURN_IF_ERROR(DeleteInvitation(asking.given.id(), *vault));
  return MakeError(Reason::kWordSpent);
}

// Counts a wrong answer durably before anything else: without network there are no more tries.
absl::Status SpendWord(AdminContext& context, Asking& asking) {
  ENLACE_ASSIGN_OR_RETURN(Vault * vault, context.OpenVault());
  ++asking.given.wrong_words;
  ENLACE_RETURN_IF_ERROR(SaveInvitation(asking.given, *vault));
  const int left = identity::kWrongWordsMax - asking.given.wrong_words;
  if (left <= 0) return RejectSpent(context, asking);
  return MakeError(Reason::kWordWrong, {{"left", std::to_string(left)}});
}

// The words vouch for the charter that the device named: it has to be the one in our log.
bool NamesLoggedCharter(const identity::EnrolmentRequest& request,
                        const identity::Registry& registry) {
  const identity::Charter* charter = registry.CharterByVersion(request.charter_version);
  if (charter == nullptr) return false;
  const absl::StatusOr<Bytes> body = identity::EncodeCharter(*charter);
  return body.ok() && identity::CharterHash(*body) == request.charter_hash;
}

// The six words with the hidden one left out, and the question for it.
absl::Status CompareByTelephone(AdminContext& context, Asking& asking, const Words& words) {
  const Console& console = context.console();
  Words shown = words;
  shown[asking.given.hidden_word] = kHiddenWord;
  console.Line(WordsLine(shown));
  while (true) {
    ENLACE_ASSIGN_OR_RETURN(
        const std::string typed,
        console.Ask({console.T(ENLACE_TEXT("Type the missing word as the officer reads it:")),
                     console.T(ENLACE_TEXT("the hidden word")), "--words"}));
    if (identity::SameWord(typed, words[asking.given.hidden_word])) return absl::OkStatus();
    absl::Status spent = SpendWord(context, asking);
    if (!HasReason(spent, Reason::kWordWrong)) return spent;
    console.Error(spent);
  }
}

absl::Status CompareFromFile(AdminContext& context, Asking& asking, const Words& words,
                             const Words& given) {
  for (size_t i = 0; i < words.size(); ++i) {
    if (!identity::SameWord(given[i], words[i])) return SpendWord(context, asking);
  }
  return absl::OkStatus();
}

absl::Status Admit(AdminContext& context, const AuthorityCa& ca, const Asking& asking,
                   const identity::CheckedEnrolment& checked) {
  ENLACE_ASSIGN_OR_RETURN(Vault * vault, context.OpenVault());
  ENLACE_ASSIGN_OR_RETURN(AdminContext::Online * online, context.Connect());
  const identity::Invitation& invitation = asking.given.invitation;
  const identity::InvitationKeys keys = identity::DeriveInvitationKeys(invitation.code);
  const identity::Issuer issuer{ca.certificate, ca.key, context.now_ms()};
  ENLACE_ASSIGN_OR_RETURN(const merkle::Hash commitment,
                          identity::CommitToCard(keys.card_salt.view(), invitation.card));
  const identity::Admission admission{issuer, online->registry().NextSequence(ca.fingerprint()),
                                      commitment};
  ENLACE_ASSIGN_OR_RETURN(const identity::Statement statement,
                          identity::AdmitDevice(checked, invitation, admission, context.rng()));
  ENLACE_ASSIGN_OR_RETURN(const Bytes entry, SignedEntry(ca, statement));
  ENLACE_ASSIGN_OR_RETURN(const Bytes card, identity::EncodeOfficerCard(invitation.card));
  v1::ApproveEnrolmentRequest approve;
  approve.set_request_id(NewRequestId(context.now_ms(), context.rng()));
  approve.set_invitation_id(ToText(asking.given.id()));
  approve.add_entries(ToText(entry));
  approve.mutable_card()->set_officer_id(asking.officer_id);
  approve.mutable_card()->set_salt(ToText(keys.card_salt.view()));
  approve.mutable_card()->set_card(ToText(card));
  ENLACE_RETURN_IF_ERROR(online->session->ApproveEnrolment(approve, kCallTimeoutMs).status());
  ENLACE_RETURN_IF_ERROR(DeleteInvitation(asking.given.id(), *vault));
  return context.Refresh(*online);
}

// The device stands in the registry.
void ShowAdmitted(const AdminContext& context, const identity::Registry& registry,
                  const Asking& asking) {
  const Console& console = context.console();
  const std::string name =
      AuthorityName(console.language(), registry.charter(), asking.given.invitation.authority);
  const identity::DeviceRecord* device = registry.FindDevice(asking.given.invitation.device_uri);
  const int64_t until_ms = device == nullptr ? 0 : device->certificates.back().not_after_ms;
  console.Paragraph(console.T(
      ENLACE_TEXT("{tick} Certificate signed with the CA of {authority} "
                  "and published. Valid until {day}."),
      {{"tick", console.glyphs().tick}, {"authority", name}, {"day", context.Day(until_ms)}}));
  console.Json("approve", {{"officer_id", asking.officer_id},
                           {"state", "approved"},
                           {"certificate_until", texts::Rfc3339(until_ms)}});
}

absl::Status ApproveOne(AdminContext& context, const AuthorityCa& ca, const std::string& officer_id,
                        const std::map<std::string, Words>& compared) {
  ENLACE_ASSIGN_OR_RETURN(Asking asking, FindAsking(context, officer_id));
  if (!asking.request) return MakeError(Reason::kRequestForged, {{"id", officer_id}});
  const identity::Invitation& invitation = asking.given.invitation;
  const absl::StatusOr<identity::CheckedEnrolment> checked =
      identity::CheckEnrolmentRequest(*asking.request, invitation);
  ENLACE_ASSIGN_OR_RETURN(const AdminContext::Online* online, context.Connect());
  if (!checked.ok() || !NamesLoggedCharter(*asking.request, online->registry())) {
    return MakeError(Reason::kRequestForged, {{"id", officer_id}});
  }
  if (asking.given.wrong_words >= identity::kWrongWordsMax) return RejectSpent(context, asking);
  const Console& console = context.console();
  console.Line(
      console.T(ENLACE_TEXT("{name} ({officer}) asks to enter {offices} from a new machine."),
                {{"name", texts::EscapeForDisplay(invitation.card.display_name)},
                 {"officer", officer_id},
                 {"offices", Offices(invitation)}}));
  const Words words = identity::WordsOf(*asking.request, invitation);
  if (compared.empty()) {
    ENLACE_RETURN_IF_ERROR(CompareByTelephone(context, asking, words));
  } else {
    const auto given = compared.find(officer_id);
    if (given == compared.end()) return UsageError("--words: no words for " + officer_id);
    ENLACE_RETURN_IF_ERROR(CompareFromFile(context, asking, words, given->second));
  }
  if (context.flags().dry_run) return absl::OkStatus();
  ENLACE_RETURN_IF_ERROR(Admit(context, ca, asking, *checked));
  ShowAdmitted(context, online->registry(), asking);
  return absl::OkStatus();
}

}  // namespace

absl::Status Pending(AdminContext& context) {
  ENLACE_ASSIGN_OR_RETURN(const std::vector<Asking> all, AllAsking(context));
  const Console& console = context.console();
  nlohmann::json list = nlohmann::json::array();
  if (all.empty()) console.Line(console.T(ENLACE_TEXT("Nobody asks to be admitted.")));
  for (const Asking& one : all) {
    console.Line(texts::PadRight(one.officer_id, 20) + " " +
                 texts::PadRight(Offices(one.given.invitation), 24) + " " +
                 texts::EscapeForDisplay(one.given.invitation.card.display_name));
    nlohmann::json row = {{"officer_id", one.officer_id},
                          {"offices", one.given.invitation.offices},
                          {"readable", one.request.has_value()}};
    if (one.request) {
      row["requested_at"] = texts::Rfc3339(one.request->requested_at_ms);
    } else {
      console.Line("  " + console.T(ENLACE_TEXT("what came is no request; refuse it: "
                                                "enlace-admin reject {officer} REASON"),
                                    {{"officer", one.officer_id}}));
    }
    list.push_back(std::move(row));
  }
  if (!all.empty()) {
    console.Next(console.T(ENLACE_TEXT("Next: enlace-admin approve {officer}"),
                           {{"officer", all.front().officer_id}}));
  }
  console.Json("pending", {{"requests", list}});
  return absl::OkStatus();
}

absl::Status Approve(AdminContext& context, const ApproveOptions& options) {
  ENLACE_ASSIGN_OR_RETURN(Vault * vault, context.OpenVault());
  ENLACE_ASSIGN_OR_RETURN(const AuthorityCa ca, LoadCa(*vault));
  std::map<std::string, Words> compared;
  if (!options.words_file.empty()) {
    const std::string only = options.officer_ids.size() == 1 ? options.officer_ids.front() : "";
    ENLACE_ASSIGN_OR_RETURN(compared, ReadWords(options.words_file, only));
    if (compared.empty()) return UsageError("--words: the file holds no words");
  }
  for (const std::string& officer_id : options.officer_ids) {
    ENLACE_RETURN_IF_ERROR(ApproveOne(context, ca, officer_id, compared));
  }
  return absl::OkStatus();
}

absl::Status Reject(AdminContext& context, const std::string& officer_id,
                    const std::string& reason) {
  ENLACE_ASSIGN_OR_RETURN(Vault * vault, context.OpenVault());
  ENLACE_ASSIGN_OR_RETURN(AdminContext::Online * online, context.Connect());
  ENLACE_ASSIGN_OR_RETURN(const Asking asking, FindAsking(context, officer_id));
  const Console& console = context.console();
  ENLACE_ASSIGN_OR_RETURN(
      const bool go_on,
      context.ConfirmChanges(
          {console.T(ENLACE_TEXT("the request of {officer} is refused and its invitation spent"),
                     {{"officer", officer_id}})}));
  if (!go_on) return absl::OkStatus();
  v1::RejectEnrolmentRequest reject;
  reject.set_request_id(NewRequestId(context.now_ms(), context.rng()));
  reject.set_invitation_id(ToText(asking.given.id()));
  reject.set_reason(reason);
  ENLACE_RETURN_IF_ERROR(online->session->RejectEnrolment(reject, kCallTimeoutMs).status());
  ENLACE_RETURN_IF_ERROR(DeleteInvitation(asking.given.id(), *vault));
  console.Line(console.T(ENLACE_TEXT("{tick} Refused."), {{"tick", console.glyphs().tick}}));
  console.Json("reject", {{"officer_id", officer_id}, {"state", "rejected"}});
  return absl::OkStatus();
}

absl::Status Status(AdminContext& context) {
  ENLACE_ASSIGN_OR_RETURN(const std::vector<Asking> asking, AllAsking(context));
  ENLACE_ASSIGN_OR_RETURN(AdminContext::Online * online, context.Connect());
  const identity::Registry& registry = online->registry();
  const Console& console = context.console();
  console.Line(texts::Plural(console.language(), "{count} request waits", "{count} requests wait",
                             asking.size()));
  std::vector<std::string> expiring;
  for (const identity::OfficerRecord* officer : registry.OfficersOf(online->authority())) {
    for (const identity::DeviceRecord* device : officer->devices) {
      const int64_t left = device->certificates.back().not_after_ms - context.now_ms();
      if (!device->revoked_at && left < kExpiresSoonMs) expiring.push_back(device->uri.text());
    }
  }
  console.Line(texts::Plural(console.language(), "{count} certificate expires within 60 days",
                             "{count} certificates expire within 60 days", expiring.size()));
  std::vector<std::string> empty;
  for (const identity::OfficeRecord* office : registry.Offices()) {
    const bool mine =
        office->open() && identity::AuthorityOfOffice(office->id) == online->authority();
    if (mine && registry.ActiveDevicesOf(office->id, context.now_ms()).empty())
      empty.push_back(office->id);
  }
  for (const std::string& office : empty) {
    console.Line(console.T(ENLACE_TEXT("{office}: no active machine, nobody could read an alert"),
                           {{"office", office}}));
  }
  if (!asking.empty()) console.Next(console.T(ENLACE_TEXT("Next: enlace-admin pending")));
  console.Json(
      "status",
      {{"requests", asking.size()}, {"expiring", expiring}, {"offices_without_machines", empty}});
  return absl::OkStatus();
}

}  // namespace enlace::client::admin
