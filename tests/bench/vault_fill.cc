// Fills the vault of an enrolled profile with cases, for tests/bench/vault_bench.py.
//
// Usage: vault_fill PROFILE PASSPHRASE_FILE OFFICE COUNT
//
// Writes through CaseStore, as the engine does with verified messages: one alert for each case, to
// OFFICE, and for most of them the sender's closing. Names, words and numbers come from a fixed
// seed.
#include <array>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <random>

#include "client/alerts/compose.h"
#include "client/cases/case_store.h"
#include "client/profile/profile.h"
#include "client/vault/vault.h"
#include "crypto/primitives/system_rng.h"
#include "crypto/room/signed_content.h"
#include "enlace/alert/v1/content.pb.h"

namespace enlace::client {
namespace {

using alert::v1::CaseAlert;

constexpr int64_t kDayMs = 86'400'000;
constexpr int64_t kFirstMs = 1'700'000'000'000;
constexpr int kCasesPerTransaction = 250;
constexpr size_t kWords = 4'000;
constexpr size_t kBodyWords = 90;
// Of each hundred cases so many are still open, and of those one in ten waits for an
// acknowledgement.
constexpr int kOpenOfHundred = 4;
constexpr std::array<const char*, 12> kSyllables = {"ba", "cre", "di",  "fo",  "gu", "la",
                                                    "me", "nor", "pia", "ros", "te", "zun"};

class Maker {
 public:
  explicit Maker(std::string office) : office_(std::move(office)) {
    for (size_t i = 0; i < kWords; ++i) words_.push_back(MakeWord(i));
  }

  CaseAlert Alert(int number, int64_t at_ms) {
    CaseAlert alert;
    alert.set_schema_version(1);
    std::array<uint8_t, 10> id{};
    for (uint8_t& byte : id) byte = static_cast<uint8_t>(random_());
    alert.set_alert_id(alerts::MakeUuidV7(at_ms, id));
    char reference[32];
    std::snprintf(reference, sizeof(reference), "HN-%04d-%06d", 2023 + number % 4, number);
    alert.set_case_ref(reference);
    alert.set_message_type(alert::v1::MESSAGE_TYPE_ALERT);
    alert.set_status(alert::v1::STATUS_ACTUAL);
    alert.set_alert_type(static_cast<alert::v1::AlertType>(1 + number % 18));
    alert.set_priority(static_cast<alert::v1::Priority>(1 + number % 3));
    *alert.mutable_created_at() = alerts::FromMs(at_ms);
    *alert.mutable_ack_due_at() = alerts::FromMs(at_ms + kDayMs);
    *alert.mutable_response_due_at() = alerts::FromMs(at_ms + 7 * kDayMs);
    alert.add_requested_actions(alert::v1::REQUESTED_ACTION_LOCATE_PERSON);
    alert.mutable_handling()->set_tlp(alert::v1::TLP_AMBER);
    *alert.mutable_handling()->mutable_review_at() = alerts::FromMs(at_ms + 3'650 * kDayMs);
    *alert.mutable_handling()->mutable_delete_after() = alerts::FromMs(at_ms + 7'300 * kDayMs);
    alert.mutable_sender()->set_office_id("hn.consular");
    alert.mutable_sender()->set_officer_id("ofc-hn-007");
    alert::v1::Recipient& recipient = *alert.add_recipients();
    recipient.set_office_id(office_);
    recipient.set_role(alert::v1::ROLE_ACTION);
    alert.set_language("es");
    alert.set_subject("Se busca a una persona: " + Text(6));
    alert.set_body(Text(kBodyWords));
    AddPerson(number, alert);
    return alert;
  }

 private:
  static std::string MakeWord(size_t index) {
    std::string word;
    for (size_t rest = index + 12; rest > 0; rest /= kSyllables.size())
      word += kSyllables[rest % kSyllables.size()];
    return word;
  }
  // Few words are frequent, most are rare.
  const std::string& Word() {
    const double uniform = std::uniform_real_distribution<double>(0, 1)(random_);
    return words_[static_cast<size_t>(std::pow(uniform, 3) * (kWords - 1))];
  }
  std::string Text(size_t count) {
    std::string text;
    for (size_t i = 0; i < count; ++i) text += (i == 0 ? "" : " ") + Word();
    return text;
  }
  void AddPerson(int number, CaseAlert& alert) {
    alert::v1::Person& person = *alert.add_persons();
    person.set_local_id("p1");
    person.set_role(alert::v1::PERSON_ROLE_SUBJECT);
    person.set_given_names(Word() + " " + Word());
    person.set_family_names(Word() + " " + Word());
    person.set_sex(static_cast<alert::v1::Sex>(1 + number % 2));
    person.mutable_birth_date()->set_year(1960 + static_cast<uint32_t>(number) % 60);
    person.mutable_birth_date()->set_month(1 + static_cast<uint32_t>(number) % 12);
    person.mutable_birth_date()->set_day(1 + static_cast<uint32_t>(number) % 28);
    person.add_nationalities("HND");
    person.add_phones("+504" + std::to_string(90'000'000 + number));
    alert::v1::IdDocument& document = *person.add_documents();
    document.set_type(alert::v1::DOCUMENT_TYPE_PASSPORT);
    document.set_issuing_state("HND");
    char text[16];
    std::snprintf(text, sizeof(text), "E%07d", number);
    document.set_number(text);
  }

  std::string office_;
  std::mt19937_64 random_{20261118};
  std::vector<std::string> words_;
};

class Filler {
 public:
  Filler(Vault& vault, std::string office) : vault_(vault), office_(std::move(office)) {}

  absl::Status Fill(int count) {
    Maker maker(office_);
    for (int from = 0; from < count; from += kCasesPerTransaction) {
      auto tx = vault_.Begin();
      if (!tx.ok()) return tx.status();
      for (int i = from; i < std::min(count, from + kCasesPerTransaction); ++i) {
        if (absl::Status status = AddCase(maker, i + 1, **tx); !status.ok()) return status;
      }
      if (absl::Status status = (*tx)->Commit(); !status.ok()) return status;
    }
    return absl::OkStatus();
  }

 private:
  absl::Status AddCase(Maker& maker, int number, VaultTransaction& tx) {
    const int64_t at_ms = kFirstMs + int64_t{number} * 1'900'000;
    alert::v1::Content content;
    content.set_version(1);
    CaseAlert& alert = *content.mutable_alert()->mutable_alert();
    alert = maker.Alert(number, at_ms);
    content.mutable_alert()->set_part(alert::v1::ALERT_PART_WHOLE);
    if (absl::Status status = Add(alert, content, at_ms, tx); !status.ok()) return status;
    const bool open = number % 100 < kOpenOfHundred;
    const bool waits = open && number % 10 == 0;
    if (waits) return absl::OkStatus();
    alert::v1::Content step;
    step.set_version(1);
    alert::v1::CaseAction& action = *step.mutable_action()->mutable_action();
    action.set_action_id("step-" + std::to_string(number));
    action.set_alert_id(alert.alert_id());
    action.set_case_ref(alert.case_ref());
    action.set_action(open ? alert::v1::ACTION_ACKNOWLEDGE : alert::v1::ACTION_CLOSE);
    if (!open) action.set_outcome(alert::v1::OUTCOME_LOCATED_ALIVE);
    action.mutable_actor()->set_office_id(open ? office_ : "hn.consular");
    action.mutable_actor()->set_officer_id(open ? "ofc-mx-021" : "ofc-hn-007");
    return Add(alert, step, at_ms + 3'600'000, tx);
  }

  absl::Status Add(const CaseAlert& alert, const alert::v1::Content& content, int64_t at_ms,
                   VaultTransaction& tx) {
    room::SignedContent signed_content;
    signed_content.case_id = alert.case_ref();
    signed_content.content = ToBytes(content.SerializeAsString());
    signed_content.signature = Bytes(64, 1);
    const merkle::Hash room = merkle::Sha256(AsBytes("room of " + alert.case_ref()));
    const merkle::Hash digest = merkle::Sha256(signed_content.content);
    const std::string office =
        content.has_action() ? content.action().action().actor().office_id() : "hn.consular";
    vault::v1::StoredContent stored;
    stored.set_room_id(ToText(BytesView(room).first(16)));
    stored.set_sequence(++sequence_);
    stored.set_signed_content(ToText(room::EncodeSignedContent(signed_content)));
    stored.set_digest(ToText(BytesView(digest)));
    stored.set_accepted_at_ms(at_ms);
    stored.set_office_id(office);
    stored.set_officer_id(content.has_action() ? content.action().action().actor().officer_id()
                                               : "ofc-hn-007");
    return CaseStore(vault_).Add(tx, {stored, content, {office_}});
  }

  Vault& vault_;
  std::string office_;
  uint64_t sequence_ = 0;
};

int Main(int argc, char** argv) {
  if (argc != 5) {
    std::cerr << "usage: vault_fill PROFILE PASSPHRASE_FILE OFFICE COUNT\n";
    return 2;
  }
  Profile::Request request;
  request.name = argv[1];
  absl::StatusOr<Profile> profile = Profile::Open(request);
  std::string passphrase;
  std::ifstream in(argv[2]);
  std::getline(in, passphrase);
  crypto::SystemRng rng;
  if (!profile.ok()) {
    std::cerr << profile.status() << "\n";
    return 1;
  }
  absl::StatusOr<std::unique_ptr<Vault>> vault = Vault::Open(
      {profile->vault_path(), VaultMode::kOwner}, SecretBytes::CopyOf(AsBytes(passphrase)), rng);
  absl::Status status = vault.status();
  if (status.ok()) status = Filler(**vault, argv[3]).Fill(std::atoi(argv[4]));
  if (status.ok()) status = (*vault)->Purge();
  if (!status.ok()) std::cerr << status << "\n";
  return status.ok() ? 0 : 1;
}

}  // namespace
}  // namespace enlace::client

int main(int argc, char** argv) { return enlace::client::Main(argc, argv); }
