#pragma once

#include "absl/status/statusor.h"
#include "common/rpc/call.h"
#include "common/rpc/router.h"
#include "services/registry/api/desk.h"
#include "services/registry/api/particulars.h"
#include "services/registry/api/pseudonyms.h"
#include "services/registry/api/write.h"
#include "smederij/registry/v1/polling.pb.h"

namespace smederij::registry {

namespace v1 = smederij::registry::v1;

// The desk of a station on the polling evening, but for the tablet's own call, which is
// CredentialApi's. Thread-safe.
class PollingApi {
 public:
  // The references outlive it.
  PollingApi(const Database& database, const Pseudonyms& pseudonyms, const ParticularsSeal& seal)
      : database_(database), pseudonyms_(pseudonyms), seal_(seal) {}
  void Mount(rpc::Router& router);

 private:
  absl::StatusOr<v1::OfficerAssignment> AssignOfficer(const rpc::Call& call,
                                                      const v1::AssignOfficerRequest& request);
  absl::StatusOr<v1::ListRollResponse> ListRoll(const rpc::Call& call,
                                                const v1::ListRollRequest& request);
  absl::StatusOr<v1::FindOnRollResponse> FindOnRoll(const rpc::Call& call,
                                                    const v1::FindOnRollRequest& request);
  absl::StatusOr<v1::RollMark> MarkPaper(const rpc::Call& call,
                                         const v1::MarkPaperRequest& request);
  absl::StatusOr<v1::PaperReturn> CancelPaper(const rpc::Call& call,
                                              const v1::CancelPaperRequest& request);
  absl::StatusOr<v1::ImportMarksResponse> ImportMarks(const rpc::Call& call,
                                                      const v1::ImportMarksRequest& request);
  absl::StatusOr<v1::KioskTicket> IssueKioskTicket(const rpc::Call& call,
                                                   const v1::IssueKioskTicketRequest& request);
  absl::StatusOr<v1::StationReport> ReportStation(const rpc::Call& call,
                                                  const v1::ReportStationRequest& request);

  absl::StatusOr<v1::RollLine> Printed(const PrintedLine& printed) const;

  const Database& database_;
  const Pseudonyms& pseudonyms_;
  const ParticularsSeal& seal_;
};

}  // namespace smederij::registry
