#pragma once

#include <functional>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/rpc/call.h"
#include "common/rpc/encoded.h"
#include "common/rpc/reader.h"
#include "common/rpc/reply.h"
#include "common/rpc/router.h"

namespace smederij::rpc {

// The front page of an api: every RPC, for how long at most, what runs it. Who may call is the
// proto's access option.
//
//   void LedgerApi::Mount(rpc::Router& router) {
//     rpc::Table table(router, *this);
//     table.Unary("GetBudget", kRead, &LedgerApi::GetBudget);
//     table.Grouped("PostTransfer", kWrite, &LedgerApi::PostTransfer);
//   }
//
// Message types are read from the member pointer; mistakes are told by Router::Complete. Request
// and call are valid until the handler returns. `api` outlives the router.
template <class Api>
class Table {
 public:
  // A method belongs to the service, of those in its request's file, that has it. Where that is not
  // one (a request type from elsewhere, two services with the same method), give the full name.
  Table(Router& router, Api& api, absl::string_view service = "")
      : router_(router), api_(api), service_(service) {}

  // A straight-line function that may block; runs on the router's bounded executor.
  template <class Req, class Res>
  void Unary(absl::string_view name, absl::Duration budget,
             absl::StatusOr<Res> (Api::*handler)(const Call&, const Req&)) {
    AddUnary<Req, Res>(name, budget, handler);
  }
  template <class Req, class Res>
  void Unary(absl::string_view name, absl::Duration budget,
             absl::StatusOr<Res> (Api::*handler)(const Call&, const Req&) const) {
    AddUnary<Req, Res>(name, budget, handler);
  }

  // Starts on the executor and returns soon; whoever finishes the work calls the reply.
  template <class Req, class Res>
  void Grouped(absl::string_view name, absl::Duration budget,
               void (Api::*handler)(const Call&, const Req&, Reply<Res>)) {
    Add<Req, Res>(name, budget, internal::Kind::kGrouped,
                  [api = &api_, handler](internal::Invocation& invocation) {
                    Req request;
                    absl::Status status = internal::Parse(invocation.bytes(), request);
                    if (!status.ok()) return invocation.Conclude(std::move(status));
                    (api->*handler)(invocation.call(), request, Reply<Res>(&invocation));
                  });
  }

  // Reads a stream of requests, gives one answer; may answer before the stream's end. Holds one of
  // the router's stream threads.
  template <class Req, class Res>
  void ClientStream(absl::string_view name, absl::Duration budget,
                    absl::StatusOr<Res> (Api::*handler)(const Call&, Reader<Req>&)) {
    Add<Req, Res>(
        name, budget, internal::Kind::kClientStream,
        [api = &api_, handler](internal::Invocation& invocation) {
          Reader<Req> reader(invocation);
          invocation.Conclude(internal::Serialize((api->*handler)(invocation.call(), reader)));
        });
  }

 private:
  template <class Req, class Res, class Handler>
  void AddUnary(absl::string_view name, absl::Duration budget, Handler handler) {
    Add<Req, Res>(
        name, budget, internal::Kind::kUnary,
        [api = &api_, handler](internal::Invocation& invocation) {
          Req request;
          absl::Status status = internal::Parse(invocation.bytes(), request);
          if (!status.ok()) return invocation.Conclude(std::move(status));
          invocation.Conclude(internal::Serialize((api->*handler)(invocation.call(), request)));
        });
  }

  template <class Req, class Res>
  void Add(absl::string_view name, absl::Duration budget, internal::Kind kind,
           std::function<void(internal::Invocation&)> run) {
    router_.Mount({.service = service_,
                   .name = name,
                   .budget = budget,
                   .kind = kind,
                   .input = Req::descriptor(),
                   .output = Res::descriptor(),
                   .run = std::move(run)});
  }

  Router& router_;
  Api& api_;
  absl::string_view service_;
};

}  // namespace smederij::rpc
