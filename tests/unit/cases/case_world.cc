#include "tests/unit/cases/case_world.h"

#include <cstdlib>
#include <iostream>

#include "client/alerts/compose.h"
#include "client/enrolment/device_store.h"
#include "crypto/room/signed_content.h"

namespace enlace::client::testing {
namespace {

using ::enlace::testing::WorldDevice;

template <typename Result>
void MustBeOk(const Result& result, const char* what) {
  if (result.ok()) return;
  std::cerr << what << " does not work here\n";
  std::abort();
}

PassphraseCost LowCost() {
  PassphraseCost cost;
  cost.memory_bytes = kPassphraseMemoryBytesMin;
  cost.passes = 1;
  return cost;
}

}  // namespace

Bytes RoomOf(const std::string& case_ref) {
  const merkle::Hash hash = merkle::Sha256(AsBytes("room of " + case_ref));
  return Bytes(hash.begin(), hash.begin() + 16);
}

vault::v1::StoredContent StoredMessage(const std::string& case_ref,
                                       const alert::v1::Content& content, uint64_t sequence) {
  room::SignedContent signed_content;
  signed_content.case_id = case_ref;
  signed_content.content = ToBytes(content.SerializeAsString());
  signed_content.signature = Bytes(64, 1);
  const merkle::Hash digest = merkle::Sha256(signed_content.content);
  vault::v1::StoredContent stored;
  stored.set_room_id(ToText(RoomOf(case_ref)));
  stored.set_sequence(sequence);
  stored.set_signed_content(ToText(room::EncodeSignedContent(signed_content)));
  stored.set_digest(ToText(BytesView(digest)));
  return stored;
}

CaseWorld::CaseWorld(const std::string& office) : office_(office) {
  for (const char* id :
       {"hn.consular", "mx.consular", "mx.trafficking", "pa.consular", "iom.sanjose"}) {
    world_.AddOffice(id);
  }
  const std::string authority = office.substr(0, office.find('.'));
  const WorldDevice made = world_.AddDevice("ofc-" + authority + "-001", "dev-1", {office});
  auto vault =
      Vault::Create(folder_.File("vault.db"),
                    SecretBytes::CopyOf(AsBytes("cuatro palabras de prueba")), rng_, LowCost());
  MustBeOk(vault, "making a vault");
  vault_ = *std::move(vault);
  auto tx = vault_->Begin();
  MustBeOk(tx, "a transaction");
  const DeviceIdentity device{made.uri,
                              made.tls,
                              made.mls,
                              made.tls_key.Clone(),
                              made.mls_key.Clone(),
                              {world_.charter().root, 1},
                              "localhost:1",
                              "localhost:2",
                              {},
                              ""};
  MustBeOk(SaveDevice(device, **tx), "saving the device");
  MustBeOk((*tx)->Commit(), "the commit");
  reader_ = std::make_unique<CaseReader>(*vault_, world_.registry());
  finder_ = std::make_unique<CaseFinder>(*vault_, *reader_);
}

void CaseWorld::Add(const std::string& case_ref, const alert::v1::Content& content,
                    const Sent& sent) {
  vault::v1::StoredContent stored = StoredMessage(case_ref, content, ++sequence_);
  stored.set_accepted_at_ms(sent.at_ms);
  stored.set_office_id(sent.office_id);
  stored.set_officer_id(sent.officer_id);
  stored.set_own(sent.office_id == office_);
  auto tx = vault_->Begin();
  MustBeOk(tx, "a transaction");
  const absl::Status added = CaseStore(*vault_).Add(**tx, {stored, content, {office_}});
  MustBeOk(added, "storing a message");
  MustBeOk((*tx)->Commit(), "the commit");
}

void CaseWorld::AddAlert(const alert::v1::CaseAlert& alert, const Sent& sent) {
  alert::v1::Content content;
  content.set_version(1);
  *content.mutable_alert()->mutable_alert() = alert;
  content.mutable_alert()->set_part(alert::v1::ALERT_PART_WHOLE);
  Add(alert.case_ref(), content, sent);
}

void CaseWorld::AddAction(const alert::v1::CaseAction& action, const Sent& sent) {
  alert::v1::Content content;
  content.set_version(1);
  *content.mutable_action()->mutable_action() = action;
  Add(action.case_ref(), content, sent);
}

void CaseWorld::Purge(const std::string& case_ref) {
  {
    auto tx = vault_->Begin();
    MustBeOk(tx, "a transaction");
    MustBeOk(CaseStore(*vault_).Purge(**tx, case_ref), "purging a case");
    MustBeOk((*tx)->Commit(), "the commit");
  }
  MustBeOk(vault_->Purge(), "purging the vault");
}

alert::v1::CaseAlert SmallAlert(const std::string& case_ref) {
  static uint32_t count = 0;
  ++count;
  std::array<uint8_t, 10> id{};
  for (size_t i = 0; i < sizeof(count); ++i) id[9 - i] = static_cast<uint8_t>(count >> (8 * i));
  alert::v1::CaseAlert alert;
  alert.set_schema_version(1);
  alert.set_alert_id(alerts::MakeUuidV7(kCaseNowMs, id));
  alert.set_case_ref(case_ref);
  alert.set_message_type(alert::v1::MESSAGE_TYPE_ALERT);
  alert.set_status(alert::v1::STATUS_ACTUAL);
  alert.set_alert_type(alert::v1::ALERT_TYPE_MISSING_MIGRANT);
  alert.set_priority(alert::v1::PRIORITY_HIGH);
  *alert.mutable_created_at() = alerts::FromMs(kCaseNowMs);
  *alert.mutable_ack_due_at() = alerts::FromMs(kCaseNowMs + 4 * kHourMs);
  *alert.mutable_response_due_at() = alerts::FromMs(kCaseNowMs + 72 * kHourMs);
  alert.add_requested_actions(alert::v1::REQUESTED_ACTION_LOCATE_PERSON);
  alert.mutable_handling()->set_tlp(alert::v1::TLP_AMBER);
  *alert.mutable_handling()->mutable_review_at() = alerts::FromMs(kCaseNowMs + 720 * kHourMs);
  *alert.mutable_handling()->mutable_delete_after() = alerts::FromMs(kCaseNowMs + 8760 * kHourMs);
  alert.mutable_sender()->set_office_id("hn.consular");
  alert.mutable_sender()->set_officer_id("ofc-hn-001");
  alert::v1::Recipient& recipient = *alert.add_recipients();
  recipient.set_office_id("mx.consular");
  recipient.set_role(alert::v1::ROLE_ACTION);
  alert.set_language("es");
  alert.set_subject("Asunto de " + case_ref);
  alert.set_body("Texto.");
  return alert;
}

}  // namespace enlace::client::testing
