#pragma once

#include <random>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/crypto/note.h"
#include "services/ballots/bundle/bundle.h"

// What somebody may do to a bundle's files.
namespace smederij::ballots::testing {

// Units that can be dropped, repeated or moved: lines of texts, leaves of entries, else 32 bytes.
inline std::vector<std::string> UnitsOf(const std::string& path, const std::string& bytes) {
  std::vector<std::string> units;
  if (absl::StartsWith(path, "tile/entries")) {
    crypto::ByteReader in(bytes);
    while (in.left() > 0) {
      const uint16_t length = in.U16();
      units.push_back(crypto::ByteWriter().U16(length).Raw(in.Raw(length)).bytes());
    }
  } else if (path == bundle::kOpeningsFile || path == bundle::kPaperFile ||
             path == bundle::kTurnoutFile || path == bundle::kCheckpointFile) {
    for (const absl::string_view line : absl::StrSplit(bytes, '\n')) {
      units.push_back(absl::StrCat(line, "\n"));
    }
    units.pop_back();
  } else {
    for (size_t at = 0; at < bytes.size(); at += 32) units.push_back(bytes.substr(at, 32));
  }
  return units;
}

// A file after one of many small wrongs: a flipped bit, a cut, something behind it, a unit dropped,
// repeated or moved, another byte. May be what it was.
inline std::string Tampered(const std::string& path, const std::string& bytes,
                            std::mt19937_64& random) {
  std::vector<std::string> units = UnitsOf(path, bytes);
  const size_t a = random() % units.size(), b = random() % units.size();
  std::string bent = bytes;
  switch (random() % 8) {
    case 0:
    case 1: {
      const size_t bit = random() % (bytes.size() * 8);
      bent[bit / 8] = static_cast<char>(bent[bit / 8] ^ (1 << (bit % 8)));
      return bent;
    }
    case 2:
      return bytes.substr(0, random() % bytes.size());
    case 3:
      return absl::StrCat(bytes, std::string(1 + random() % 40, static_cast<char>(random())));
    case 4:
      units.erase(units.begin() + static_cast<int64_t>(a));
      return absl::StrJoin(units, "");
    case 5:
      units.insert(units.begin() + static_cast<int64_t>(a), units[b]);
      return absl::StrJoin(units, "");
    case 6:
      std::swap(units[a], units[b]);
      return absl::StrJoin(units, "");
    default:
      bent[random() % bent.size()] = static_cast<char>(random());
      return bent;
  }
}

// A checkpoint may carry more signature lines than ours: witnesses add theirs.
inline bool SaysTheSame(const bundle::Files& good, const bundle::Files& bent) {
  const auto manifest = DecodeManifest(good.at("manifest.bin"));
  const auto verifier = crypto::NoteVerifier::Parse(manifest->log_verifier_key);
  const auto opened = crypto::OpenNote(bent.at("checkpoint"), {*verifier});
  return bent.at("checkpoint") != good.at("checkpoint") && opened.ok() &&
         *opened == *crypto::OpenNote(good.at("checkpoint"), {*verifier});
}

}  // namespace smederij::ballots::testing
