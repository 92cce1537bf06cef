#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "services/ballots/tally/pb.h"
#include "services/ballots/tally/pb_export.h"

// For tests: .pb files written and read that must succeed.
namespace smederij::ballots::tally {

inline std::string MustWrite(const absl::StatusOr<PbDocument>& document) {
  EXPECT_TRUE(document.ok()) << document.status();
  const absl::StatusOr<std::string> text = WritePb(document.value_or(PbDocument()));
  EXPECT_TRUE(text.ok()) << text.status();
  return text.value_or("");
}

inline PbFile MustRead(absl::string_view text) {
  absl::StatusOr<PbFile> file = ReadPb(text, {.keep_voters = true});
  EXPECT_TRUE(file.ok()) << file.status() << '\n' << std::string(text);
  return file.ok() ? *std::move(file) : PbFile();
}

inline PbFile FileOf(Election election) {
  PbFile file;
  file.election = std::move(election);
  return file;
}

}  // namespace smederij::ballots::tally
