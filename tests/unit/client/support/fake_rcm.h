// A conference in memory: charter, authority hn with its CA, and a server that serves its log. It
// can be told to lie, so that clients show that they notice.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "client/session/session_interface.h"
#include "crypto/identity/charter.h"
#include "crypto/identity/enrolment.h"
#include "crypto/identity/invitation.h"
#include "crypto/identity/issue.h"
#include "crypto/identity/registry.h"
#include "crypto/primitives/system_rng.h"

namespace enlace::client::testing {

inline constexpr int64_t kStartMs = 1'795'000'000'000;

class FakeRcm {
 public:
  FakeRcm();

  // Bodies of statements by hn's CA, stamped and logged.
  void Log(identity::StatementBody body);
  // The next version of the charter, changed by `change`, signed and logged.
  void LogCharter(const std::function<void(identity::Charter&)>& change);
  void LogOffice(const std::string& office_id);

  identity::Charter charter() const { return charter_; }
  identity::CharterPin pin() const { return {charter_.root, 1}; }
  merkle::SignedHead SignedHead() const;
  // For ofc-hn-007 at hn.consular.
  identity::Invitation Invite();
  // Admits whoever asked. `change` may spoil the statement before it is signed.
  void Approve(const std::function<void(identity::DeviceEnrolled&)>& change = {});
  void Reject(const std::string& reason);
  // A log entry as an administrator hands it in.
  void Take(const std::string& entry);

  crypto::SystemRng rng;
  int64_t now_ms = kStartMs;
  identity::PrivateKey ca_key;
  identity::Certificate ca;
  crypto::SigningKey log_key;
  std::vector<Bytes> entries;
  identity::Invitation invitation;

  // What the server has and does.
  v1::EnrolmentState state = v1::ENROLMENT_STATE_OPEN;
  std::string request;  // EncodeEnrolmentRequest's bytes.
  std::string admission;
  std::string reject_reason;
  int requests = 0;
  int uploaded_key_packages = 0;
  absl::Status request_answer;  // What RequestEnrolment says after it took the request.
  absl::Status upload_answer;
  absl::Status reject_answer;
  size_t entries_shown = SIZE_MAX;  // ListEntries gives no more than these.
  std::function<void(merkle::SignedHead&)> spoil_head;

 private:
  void Append(identity::LogEntry entry);

  crypto::SigningKey charter_key_;
  identity::Charter charter_;
  std::unique_ptr<identity::Registry> registry_;
};

// Both listeners of `rcm`, which must outlive them.
std::unique_ptr<SessionInterface> ConnectTo(FakeRcm& rcm);
std::unique_ptr<EnrolmentInterface> ConnectForEnrolment(FakeRcm& rcm);

}  // namespace enlace::client::testing
