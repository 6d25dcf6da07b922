// RoomService of the wire contract: decode, authorise, core, encode.
//
// A batch is one operation, so that its messages share one group; each message in it is accepted or
// refused for itself.
//
// Thread safety: gRPC's threads. Ownership: borrows the context, which outlives it.
#pragma once

#include "enlace/v1/room.grpc.pb.h"
#include "server/services/unary.h"

namespace enlace::server {

class RoomService : public v1::RoomService::CallbackService {
 public:
  explicit RoomService(const ServiceContext& services) : services_(services) {}

  UnaryReactor* CreateRoom(grpc::CallbackServerContext* context,
                           const v1::CreateRoomRequest* request,
                           v1::CreateRoomResponse* response) override;
  UnaryReactor* Commit(grpc::CallbackServerContext* context, const v1::CommitRequest* request,
                       v1::CommitResponse* response) override;
  UnaryReactor* Send(grpc::CallbackServerContext* context, const v1::SendRequest* request,
                     v1::SendResponse* response) override;
  UnaryReactor* SendBatch(grpc::CallbackServerContext* context, const v1::SendBatchRequest* request,
                          v1::SendBatchResponse* response) override;
  UnaryReactor* GetRoom(grpc::CallbackServerContext* context, const v1::GetRoomRequest* request,
                        v1::GetRoomResponse* response) override;
  UnaryReactor* GetTree(grpc::CallbackServerContext* context, const v1::GetTreeRequest* request,
                        v1::GetTreeResponse* response) override;
  UnaryReactor* ListRooms(grpc::CallbackServerContext* context, const v1::ListRoomsRequest* request,
                          v1::ListRoomsResponse* response) override;
  UnaryReactor* AcquireRemovalLease(grpc::CallbackServerContext* context,
                                    const v1::AcquireRemovalLeaseRequest* request,
                                    v1::AcquireRemovalLeaseResponse* response) override;
  UnaryReactor* ReportUnprocessable(grpc::CallbackServerContext* context,
                                    const v1::ReportUnprocessableRequest* request,
                                    v1::ReportUnprocessableResponse* response) override;
  UnaryReactor* GetReceipt(grpc::CallbackServerContext* context,
                           const v1::GetReceiptRequest* request,
                           v1::GetReceiptResponse* response) override;

 private:
  const ServiceContext& services_;
};

}  // namespace enlace::server
