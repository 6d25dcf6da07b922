#include "tests/kill/kill_clients.h"

#include <algorithm>
#include <limits>

#include "crypto/merkle/hash.h"
#include "crypto/primitives/sha256.h"
#include "proto/errors/rpc_status.h"

namespace enlace::testing {
namespace {

using std::chrono::milliseconds;

constexpr uint64_t kBurstMax = 8;
constexpr uint64_t kPauseMsMax = 600;
constexpr uint64_t kOwnInboxEvery = 200;
// A reader crashes after about so many responses, and confirms two of three.
constexpr uint64_t kResponsesPerCrash = 40;
constexpr milliseconds kCallDeadline{5000};

std::string HexOf(std::string_view bytes) { return ToHex(AsBytes(bytes)); }

}  // namespace

KillWriter::KillWriter(KillWorld& world, size_t number, uint64_t seed)
    : world_(world),
      number_(number),
      random_(seed),
      journal_(world.FolderOf(kWriterPrefix, number)) {}

void KillWriter::Connect() {
  world_.WaitForServer(starts_seen_);
  channel_ = world_.Connect(world_.writer(number_));
}

bool KillWriter::MayRepeat(const grpc::Status& status) {
  if (IsOfKilledServer(status)) return true;
  world_.Fail("writer " + std::to_string(number_) + ": " + NameOfEnd(status));
  return false;
}

void KillWriter::Answered(const v1::SendRequest& request, const v1::Acceptance& acceptance) {
  journal_.Append("acked " + HexOf(request.request_id()) + " " + HexOf(acceptance.header()));
}

bool KillWriter::OfferOne() {
  const auto stub = v1::RoomService::NewStub(channel_);
  while (!open_.empty()) {
    grpc::ClientContext context;
    SetDeadline(context, kCallDeadline);
    v1::SendResponse response;
    const grpc::Status status = stub->Send(&context, open_.front(), &response);
    if (!status.ok()) {
      MayRepeat(status);
      return false;
    }
    Answered(open_.front(), response.acceptance());
    open_.erase(open_.begin());
  }
  return true;
}

bool KillWriter::OfferBatch() {
  v1::SendBatchRequest batch;
  for (const v1::SendRequest& request : open_) *batch.add_requests() = request;
  const auto stub = v1::RoomService::NewStub(channel_);
  grpc::ClientContext context;
  SetDeadline(context, kCallDeadline);
  v1::SendBatchResponse response;
  const grpc::Status status = stub->SendBatch(&context, batch, &response);
  if (!status.ok()) {
    MayRepeat(status);
    return false;
  }
  std::vector<v1::SendRequest> left;
  for (int i = 0; i < response.results_size(); ++i) {
    const v1::SendResult& result = response.results(i);
    if (result.has_acceptance()) {
      Answered(open_[static_cast<size_t>(i)], result.acceptance());
    } else if (MayRepeat(ToGrpc(DecodeRpcStatus(result.refusal())))) {
      left.push_back(open_[static_cast<size_t>(i)]);
    }
  }
  open_ = std::move(left);
  return open_.empty();
}

bool KillWriter::Offer() { return number_ % 2 == 0 ? OfferOne() : OfferBatch(); }

void KillWriter::EmptyOwnInbox() {
  const auto stub = v1::InboxService::NewStub(channel_);
  grpc::ClientContext context;
  SetDeadline(context, kCallDeadline);
  v1::ConfirmRequest request;
  request.set_cursor(std::numeric_limits<uint64_t>::max());
  v1::ConfirmResponse response;
  const grpc::Status status = stub->Confirm(&context, request, &response);
  if (!status.ok()) MayRepeat(status);
}

void KillWriter::Run() {
  Connect();
  while (world_.writing() && !world_.failed()) {
    const uint64_t burst = 1 + random_() % kBurstMax;
    for (uint64_t i = 0; i < burst; ++i) {
      v1::SendRequest request = world_.NewMessage(number_);
      journal_.Append("attempt " + HexOf(request.request_id()) + " " + HexOf(request.room_id()) +
                      " " + ToHex(merkle::Sha256(AsBytes(request.envelope().message()))));
      open_.push_back(std::move(request));
    }
    sent_ += burst;
    while (!Offer() && !world_.failed()) Connect();
    if (sent_ % kOwnInboxEvery < kBurstMax) EmptyOwnInbox();
    world_.Pause(milliseconds(random_() % kPauseMsMax));
  }
}

KillReader::KillReader(KillWorld& world, size_t number, uint64_t seed)
    : world_(world),
      number_(number),
      random_(seed),
      journal_(world.FolderOf(kReaderPrefix, number)) {}

void KillReader::Recover() {
  cursor_ = 0;
  for (const JournalRecord& record : ReadJournal(world_.FolderOf(kReaderPrefix, number_))) {
    if (record[0] != "stand") cursor_ = std::stoull(record[1]);
  }
}

void KillReader::TakeItem(const v1::InboxItem& item) {
  const std::string cursor = std::to_string(item.cursor());
  if (item.has_entry()) {
    journal_.Append("item " + cursor + " " + HexOf(item.entry().header()) + " " +
                    ToHex(merkle::Sha256(AsBytes(item.entry().message()))));
  } else if (item.has_welcome()) {
    journal_.Append("welcome " + cursor + " " + HexOf(item.welcome().header()));
  } else {
    journal_.Append("other " + cursor);
  }
  cursor_ = item.cursor();
}

void KillReader::Take(const v1::SubscribeResponse& response) {
  for (const v1::InboxItem& item : response.items()) TakeItem(item);
  if (response.server_sequence() == 0) return;
  journal_.Append("stand " + std::to_string(response.server_sequence()) + " " +
                  HexOf(response.server_head()));
  stand_.set_generation(response.generation());
  stand_.set_server_sequence(response.server_sequence());
  stand_.set_server_head(response.server_head());
}

void KillReader::Confirm() {
  const auto stub = v1::InboxService::NewStub(channel_);
  grpc::ClientContext context;
  SetDeadline(context, kCallDeadline);
  v1::ConfirmRequest request;
  request.set_cursor(cursor_);
  v1::ConfirmResponse response;
  const grpc::Status status = stub->Confirm(&context, request, &response);
  if (!status.ok() && !IsOfKilledServer(status)) world_.Fail("confirm: " + NameOfEnd(status));
}

bool KillReader::Follow() {
  const bool last = !world_.reading();
  world_.WaitForServer(starts_seen_);
  channel_ = world_.Connect(world_.reader(number_));
  const auto stub = v1::InboxService::NewStub(channel_);
  grpc::ClientContext context;
  v1::SubscribeRequest request = stand_;
  request.set_cursor(cursor_);
  const auto stream = stub->Subscribe(&context, request);
  v1::SubscribeResponse response;
  bool done = false;
  bool crashed = false;
  while (!done && !crashed && stream->Read(&response)) {
    Take(response);
    if (random_() % 3 != 0 && !response.items().empty()) Confirm();
    // A reader that began after writing ended has everything once its replay is over; the others
    // begin again.
    done = response.replayed() && (last || !world_.reading());
    crashed = random_() % kResponsesPerCrash == 0;
  }
  const bool cancelled = done || crashed;
  if (cancelled) context.TryCancel();
  while (stream->Read(&response)) {
  }
  const grpc::Status status = stream->Finish();
  if (!cancelled && !IsOfKilledServer(status))
    world_.Fail("reader " + std::to_string(number_) + ": " + NameOfEnd(status));
  if (crashed) Recover();
  return done && last;
}

void KillReader::Run() {
  Recover();
  while (!world_.failed() && !Follow()) {
  }
}

}  // namespace enlace::testing
