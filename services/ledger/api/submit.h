#pragma once

#include <functional>
#include <string>
#include <utility>

#include "common/rpc/reply.h"
#include "services/ledger/api/convert.h"
#include "services/ledger/api/writer.h"

// From a handler to the writer and back.
namespace smederij::ledger {

using Render = std::function<std::string(const Effect&)>;

// Queues a parsed command; the reply is given away to its batch.
template <class Request, class Response>
void Submit(Writer& writer, const rpc::Call& call, const Request& request, Command command,
            Render render, rpc::Reply<Response> reply) {
  const absl::Time deadline = call.deadline;
  Write write{.command = std::move(command),
              .method = Request::descriptor()->name(),
              .caller = CallerOf(call),
              .request_hash = rpc::RequestHash(request),
              .render = std::move(render)};
  auto done = [reply = std::move(reply)](absl::StatusOr<WriteAnswer> answer) mutable {
    if (!answer.ok()) return reply(std::move(answer).status());
    Response response;
    if (!response.ParseFromString(answer->response)) {
      return reply(absl::InternalError("a stored answer does not parse"));
    }
    if (answer->replayed) reply.MarkReplayed();
    reply(std::move(response));
  };
  writer.Submit(std::move(write), deadline, std::move(done));
}

// What a command on one budget answers; an empty entry where there was nothing to post.
inline Render RenderPosted(BudgetId budget) {
  return [budget](const Effect& effect) {
    v1::Posted posted;
    posted.set_budget_id(budget.ToString());
    if (!effect.entries.empty()) posted = PostedOf(effect.entries.front());
    return posted.SerializeAsString();
  };
}

}  // namespace smederij::ledger
