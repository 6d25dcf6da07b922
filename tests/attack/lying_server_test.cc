// An honest machine against a server that changes what it delivers.
#include <gtest/gtest.h>

#include "client/alerts/workflow.h"
#include "client/cases/case_store.h"
#include "crypto/room/log_chain.h"
#include "proto/errors/reasons.h"
#include "tests/attack/modified_client.h"
#include "tests/integration/support/client_world.h"
#include "tests/integration/support/vault_words.h"

namespace enlace::testing {
namespace {

using namespace alert::v1;  // the model's codes
using client::StreamCallbacks;
using client::Subscription;

// What the lie does to an item; false drops it.
using Lie = std::function<bool(v1::InboxItem&)>;

// What the server lies about; what is absent is as the real server has it.
struct Lies {
  Lie inbox = [](v1::InboxItem&) { return true; };
  std::function<void(v1::ClaimKeyPackagesResponse&)> claimed = [](v1::ClaimKeyPackagesResponse&) {};
  std::function<void(v1::GetHeadResponse&)> head = [](v1::GetHeadResponse&) {};
  std::function<void(v1::ListRoomsResponse&)> rooms = [](v1::ListRoomsResponse&) {};
  // Not a lie: what the real server said to a report.
  std::function<void(const absl::Status&)> reported = [](const absl::Status&) {};
};

class LyingSession final : public client::SessionInterface {
 public:
  LyingSession(std::unique_ptr<client::SessionInterface> real, Lies lies)
      : real_(std::move(real)), lies_(std::move(lies)) {}

  absl::Status WaitConnected(int timeout_ms, const std::atomic<bool>& cancelled) override {
    return real_->WaitConnected(timeout_ms, cancelled);
  }

#define ENLACE_FORWARD(name)                                                                \
  absl::StatusOr<v1::name##Response> name(const v1::name##Request& request, int timeout_ms) \
      override {                                                                            \
    return real_->name(request, timeout_ms);                                                \
  }
  ENLACE_FORWARD(ListEntries)
  ENLACE_FORWARD(GetProof)
  ENLACE_FORWARD(Publish)
  ENLACE_FORWARD(GetCards)
  ENLACE_FORWARD(LeaseCaseNumbers)
  ENLACE_FORWARD(UploadKeyPackages)
  ENLACE_FORWARD(CreateRoom)
  ENLACE_FORWARD(Commit)
  ENLACE_FORWARD(Send)
  ENLACE_FORWARD(SendBatch)
  ENLACE_FORWARD(GetRoom)
  ENLACE_FORWARD(GetTree)
  ENLACE_FORWARD(AcquireRemovalLease)
  ENLACE_FORWARD(GetReceipt)
  ENLACE_FORWARD(Confirm)
  ENLACE_FORWARD(CreateBlob)
  ENLACE_FORWARD(PutChunk)
  ENLACE_FORWARD(CreateInvitation)
  ENLACE_FORWARD(ListEnrolments)
  ENLACE_FORWARD(ApproveEnrolment)
  ENLACE_FORWARD(RejectEnrolment)
  ENLACE_FORWARD(GetOverview)
#undef ENLACE_FORWARD

  absl::StatusOr<v1::ClaimKeyPackagesResponse> ClaimKeyPackages(
      const v1::ClaimKeyPackagesRequest& request, int timeout_ms) override {
    absl::StatusOr<v1::ClaimKeyPackagesResponse> answer =
        real_->ClaimKeyPackages(request, timeout_ms);
    if (answer.ok()) lies_.claimed(*answer);
    return answer;
  }
  absl::StatusOr<v1::ReportUnprocessableResponse> ReportUnprocessable(
      const v1::ReportUnprocessableRequest& request, int timeout_ms) override {
    absl::StatusOr<v1::ReportUnprocessableResponse> answer =
        real_->ReportUnprocessable(request, timeout_ms);
    lies_.reported(answer.status());
    return answer;
  }
  absl::StatusOr<v1::ListRoomsResponse> ListRooms(const v1::ListRoomsRequest& request,
                                                  int timeout_ms) override {
    absl::StatusOr<v1::ListRoomsResponse> answer = real_->ListRooms(request, timeout_ms);
    if (answer.ok()) lies_.rooms(*answer);
    return answer;
  }
  absl::StatusOr<v1::GetHeadResponse> GetHead(const v1::GetHeadRequest& request,
                                              int timeout_ms) override {
    absl::StatusOr<v1::GetHeadResponse> answer = real_->GetHead(request, timeout_ms);
    if (answer.ok()) lies_.head(*answer);
    return answer;
  }

  absl::StatusOr<std::unique_ptr<Subscription>> Subscribe(const v1::SubscribeRequest& request,
                                                          StreamCallbacks callbacks) override {
    auto told = callbacks.on_response;
    callbacks.on_response = [this, told](const v1::SubscribeResponse& response) {
      v1::SubscribeResponse lied = response;
      lied.clear_items();
      for (v1::InboxItem item : response.items()) {
        if (lies_.inbox(item)) *lied.add_items() = std::move(item);
      }
      return told(lied);
    };
    return real_->Subscribe(request, std::move(callbacks));
  }

  absl::Status GetBlob(const v1::GetBlobRequest& request, int timeout_ms,
                       const std::function<absl::Status(BytesView)>& on_chunk) override {
    return real_->GetBlob(request, timeout_ms, on_chunk);
  }

 private:
  std::unique_ptr<client::SessionInterface> real_;
  Lies lies_;
};

class LyingServerTest : public ::testing::Test {
 protected:
  // This machine is served by a liar; the others are not.
  static void ServeBy(Officer& officer, const Lies& lies) {
    officer.TurnOff();
    officer.SetWrap([lies](std::unique_ptr<client::SessionInterface> real) {
      return std::make_unique<LyingSession>(std::move(real), lies);
    });
    officer.TurnOn();
  }
  // mx.consular's inbox lies.
  void Lied(Lie lie) {
    Lies lies;
    lies.inbox = std::move(lie);
    ServeBy(mx_, lies);
    world_.Settle();
  }

  void Send() {
    const auto sent = hn_.Send(FreshCase("A01", {{"mx.consular"}, {"us.consular"}}));
    ASSERT_TRUE(sent.ok()) << InfoOf(sent.status()).metadata["violations"];
    world_.Until([&] { return us_.Show(kCaseA01).ok(); }, "the alert at us.consular");
    world_.Until([&] { return mx_.Show(kCaseA01).ok(); }, "the alert at mx.consular");
    world_.Settle();
  }

  ClientWorld world_;
  Officer& hn_ = world_.Add("ofc-hn-007", "hn.consular");
  Officer& mx_ = world_.Add("ofc-mx-021", "mx.consular");
  Officer& us_ = world_.Add("ofc-us-005", "us.consular");
};

TEST_F(LyingServerTest, MessageNamedAnotherOffices_IsNotBelieved) {
  Send();
  Lied([](v1::InboxItem& item) {
    if (item.has_entry() && item.entry().envelope().sender_office_id() == "us.consular")
      item.mutable_entry()->mutable_envelope()->set_sender_office_id("gt.consular");
    return true;
  });
  ASSERT_TRUE(us_.Act(kCaseA01, ACTION_ACKNOWLEDGE).ok());
  world_.Settle();
  EXPECT_TRUE(hn_.Show(kCaseA01)->table.CaseRow("us.consular")->acknowledged.happened());
  EXPECT_FALSE(mx_.Show(kCaseA01)->table.CaseRow("us.consular")->acknowledged.happened());
  EXPECT_EQ(mx_.Show(kCaseA01)->signature_problem, "SENDER_INVALID");
}

TEST_F(LyingServerTest, MessageDroppedFromTheLog_FreezesTheRoomHere) {
  Send();
  bool dropped = false;
  Lied([&dropped](v1::InboxItem& item) {
    const bool first =
        item.has_entry() && !dropped && item.entry().envelope().sender_office_id() == "us.consular";
    dropped = dropped || first;
    return !first;
  });
  ASSERT_TRUE(us_.Act(kCaseA01, ACTION_ACCEPT).ok());
  world_.Until([&] { return mx_.Show(kCaseA01)->trouble.reason == "ROOM_FROZEN"; },
               "the gap is noticed");
  EXPECT_TRUE(dropped);
  const auto acted = mx_.Act(kCaseA01, ACTION_ACKNOWLEDGE);
  ASSERT_TRUE(acted.ok());
  EXPECT_EQ(acted->at("outcome").at("state"), static_cast<int>(alerts::RowState::kQueued))
      << "nothing is sent into a room whose log does not hold together";
}

TEST_F(LyingServerTest, MessageThatComesAgainInsteadOfTheNext_CountsOnce_AndIsNoticed) {
  Send();
  std::optional<v1::RoomEntry> first;
  size_t replaced = 0;
  Lied([&first, &replaced](v1::InboxItem& item) {
    const bool of_us =
        item.has_entry() && item.entry().envelope().sender_office_id() == "us.consular";
    if (!of_us) return true;
    if (!first) {
      first = item.entry();
    } else if (replaced == 0) {
      *item.mutable_entry() = *first;
      ++replaced;
    }
    return true;
  });
  const auto acknowledgements = [&] {
    const auto view = mx_.Show(kCaseA01);
    size_t count = 0;
    for (const alerts::HistoryStep& step : view->table.history)
      count += step.action == ACTION_ACKNOWLEDGE && step.office_id == "us.consular" ? 1 : 0;
    return count;
  };
  ASSERT_TRUE(us_.Act(kCaseA01, ACTION_ACKNOWLEDGE).ok());
  world_.Until([&] { return acknowledgements() == 1; }, "the acknowledgement");
  ASSERT_TRUE(us_.Act(kCaseA01, ACTION_ACCEPT).ok());
  ASSERT_TRUE(us_.Act(kCaseA01, ACTION_ANSWER, {{"note", "Localizado."}}).ok());
  world_.Until([&] { return mx_.Show(kCaseA01)->trouble.reason == "ROOM_FROZEN"; },
               "that a message is missing");
  EXPECT_EQ(replaced, 1u);
  EXPECT_EQ(acknowledgements(), 1u);
  EXPECT_FALSE(mx_.Show(kCaseA01)->table.CaseRow("us.consular")->accepted.happened());
}

TEST_F(LyingServerTest, OtherTimeOfAcceptance_IsNoticed) {
  Send();
  Lied([](v1::InboxItem& item) {
    if (!item.has_entry()) return true;
    auto header = room::DecodeLogHeader(AsBytes(item.entry().header()));
    if (header.ok()) {
      header->accepted_at_ms -= 3'600'000;
      item.mutable_entry()->set_header(ToText(room::EncodeLogHeader(*header)));
    }
    return true;
  });
  ASSERT_TRUE(us_.Act(kCaseA01, ACTION_ACCEPT).ok());
  world_.Until([&] { return mx_.Show(kCaseA01)->trouble.reason == "ROOM_FROZEN"; },
               "a log that does not continue");
}

TEST_F(LyingServerTest, ChangedMessage_IsNotOpened) {
  Send();
  Lied([](v1::InboxItem& item) {
    std::string* message = item.has_entry() ? item.mutable_entry()->mutable_message() : nullptr;
    if (message != nullptr && !message->empty()) message->back() ^= 1;
    return true;
  });
  ASSERT_TRUE(us_.Act(kCaseA01, ACTION_ACCEPT).ok());
  world_.Until([&] { return mx_.Show(kCaseA01)->trouble.reason == "ROOM_FROZEN"; },
               "content that is not what its header names");
  EXPECT_FALSE(mx_.Show(kCaseA01)->table.CaseRow("us.consular")->accepted.happened());
}

TEST_F(LyingServerTest, CommitThatCannotBeApplied_IsReported_AndTheRoomEnteredAnew) {
  Send();
  bool spoilt = false;
  std::vector<absl::Status> reports;
  Lies lies;
  lies.inbox = [&spoilt](v1::InboxItem& item) {
    if (!item.has_entry() || spoilt) return true;
    auto header = room::DecodeLogHeader(AsBytes(item.entry().header()));
    if (!header.ok() || header->kind != room::LogKind::kCommit) return true;
    spoilt = true;
    std::string& commit = *item.mutable_entry()->mutable_message();
    commit.back() ^= 1;
    header->content_hash = merkle::Sha256(AsBytes(commit));
    item.mutable_entry()->set_header(ToText(room::EncodeLogHeader(*header)));
    return true;
  };
  lies.reported = [&reports](const absl::Status& answer) { reports.push_back(answer); };
  ServeBy(mx_, lies);
  world_.Settle();
  // A colleague of us.consular's enters the room: a commit that mx.consular gets spoilt.
  world_.Add("ofc-us-006", "us.consular");
  world_.Until([&] { return !reports.empty(); }, "the report");
  world_.Settle();
  EXPECT_TRUE(spoilt);
  ASSERT_EQ(reports.size(), 1u);
  EXPECT_TRUE(reports.front().ok()) << reports.front();
  ASSERT_TRUE(us_.Act(kCaseA01, ACTION_ACCEPT).ok());
  world_.Until(
      [&] { return mx_.Show(kCaseA01)->table.CaseRow("us.consular")->accepted.happened(); },
      "the acceptance in the room that was entered anew");
  EXPECT_EQ(mx_.Show(kCaseA01)->trouble.reason, "");
}

// A server that hands out another country's keys: whoever these are, nothing is encrypted to them.
class SwappedKeysTest : public LyingServerTest {
 protected:
  // What the server really has for pa.consular's machine.
  v1::ClaimedKeyPackage KeysOfPa() {
    v1::ClaimedKeyPackage keys;
    const absl::Status claimed = RunModified(world_, us_, [&](ModifiedClient& client) {
      v1::ClaimKeyPackagesRequest request;
      request.add_device_uris(pa_.device().uri.text());
      request.set_request_id(world_.rcm().RequestId());
      const auto answer = client.session().ClaimKeyPackages(request, client::kCallTimeoutMs);
      if (answer.ok() && answer->key_packages_size() == 1) keys = answer->key_packages(0);
      return answer.status();
    });
    EXPECT_TRUE(claimed.ok()) << claimed;
    EXPECT_FALSE(keys.key_package().empty());
    return keys;
  }

  // hn.consular sends A01 to us.consular with the keys that the liar gives; the alert must not be
  // sent at all.
  void ExpectNothingSent(const std::function<void(v1::ClaimKeyPackagesResponse&)>& claimed) {
    Lies lies;
    lies.claimed = claimed;
    ServeBy(hn_, lies);
    world_.Settle();
    const auto sent = hn_.Send(FreshCase("A01", {{"us.consular"}}));
    ASSERT_TRUE(sent.ok()) << InfoOf(sent.status()).metadata["violations"];
    EXPECT_NE(sent->at("outcome").at("state"), static_cast<int>(alerts::RowState::kSent));
    const auto item = hn_.Call("outbox-item", {{"item_id", sent->at("item_id")}});
    ASSERT_TRUE(item.ok());
    EXPECT_NE(item->at("reason"), "");
    for (Officer* officer : {&us_, &pa_}) {
      ASSERT_TRUE(officer->Call("sync", nlohmann::json::object()).ok());
      EXPECT_FALSE(officer->Show(kCaseA01).ok());
    }
    EXPECT_EQ(WordsIn(pa_, {"Zelandieta"}), std::vector<std::string>());
  }

  Officer& pa_ = world_.Add("ofc-pa-003", "pa.consular");
};

TEST_F(SwappedKeysTest, OfAnotherDevice_AreNotUsed) {
  const v1::ClaimedKeyPackage of_pa = KeysOfPa();
  ExpectNothingSent([of_pa](v1::ClaimKeyPackagesResponse& answer) {
    for (v1::ClaimedKeyPackage& one : *answer.mutable_key_packages())
      one.set_key_package(of_pa.key_package());
  });
}

TEST_F(SwappedKeysTest, OfADeviceThatNobodyAskedFor_AreNotUsed) {
  const v1::ClaimedKeyPackage of_pa = KeysOfPa();
  ExpectNothingSent(
      [of_pa](v1::ClaimKeyPackagesResponse& answer) { *answer.add_key_packages() = of_pa; });
}

TEST_F(LyingServerTest, LossThatWasNeverDeclared_OpensNoSuccessor) {
  Send();
  size_t asked = 0;
  Lies lies;
  lies.rooms = [&asked](v1::ListRoomsResponse& answer) {
    ++asked;
    for (v1::RoomSummary& room : *answer.mutable_rooms()) room.set_sequence(1);
  };
  const auto room_of_case = [this] {
    const auto vault = hn_.OpenVault();
    const auto record = client::CaseStore(*vault).Find(kCaseA01);
    return record.ok() && record->has_value() ? (*record)->room_id() : std::string();
  };
  const std::string before = room_of_case();
  ServeBy(hn_, lies);
  world_.Settle();
  EXPECT_GT(asked, 0u);
  EXPECT_EQ(room_of_case(), before);
  ASSERT_TRUE(
      hn_.Act(kCaseA01, ACTION_CORRECT,
              {{"note", "El apellido."}, {"corrected_fields", {"persons[p1].family_names"}}})
          .ok());
  ASSERT_TRUE(us_.Act(kCaseA01, ACTION_ACCEPT).ok());
  world_.Settle();
  EXPECT_EQ(hn_.Show(kCaseA01)->trouble.reason, "");
  EXPECT_TRUE(hn_.Show(kCaseA01)->table.CaseRow("us.consular")->accepted.happened());
}

TEST_F(LyingServerTest, OlderRegistryThanSeen_StopsSending) {
  Send();
  v1::GetHeadResponse old;
  Lies lies;
  lies.head = [&old](v1::GetHeadResponse& answer) {
    if (old.signed_head().empty()) old = answer;
    answer = old;
  };
  ServeBy(mx_, lies);
  world_.Settle();
  // The real log grows; a message of us.consular names its head.
  world_.Add("ofc-us-006", "us.consular");
  ASSERT_TRUE(us_.Call("sync", nlohmann::json::object()).ok());
  ASSERT_TRUE(us_.Act(kCaseA01, ACTION_ACCEPT).ok());
  world_.Until(
      [&] {
        const auto state = mx_.Call("sync-state", nlohmann::json::object());
        return state.ok() && state->contains("trouble") &&
               state->at("trouble").at("reason") == "SERVER_BEHIND";
      },
      "that the server serves less than it names");
  const auto acted = mx_.Act(kCaseA01, ACTION_ACKNOWLEDGE);
  ASSERT_TRUE(acted.ok());
  EXPECT_EQ(acted->at("outcome").at("state"), static_cast<int>(alerts::RowState::kQueued));
  EXPECT_FALSE(hn_.Show(kCaseA01)->table.CaseRow("mx.consular")->acknowledged.happened());
}

}  // namespace
}  // namespace enlace::testing
