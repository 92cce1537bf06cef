#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "common/crypto/bytes.h"

// RFC 6962 Merkle trees: leaf hash SHA-256(0x00 ‖ leaf), node hash SHA-256(0x01 ‖ left ‖ right);
// the empty tree's root is SHA-256 of nothing.
namespace smederij::crypto {

Hash LeafHash(absl::string_view leaf);
Hash NodeHash(const Hash& left, const Hash& right);

// The right edge of a growing tree: the roots of its perfect subtrees, largest first. Enough to
// append and to know the root, in O(log n) memory.
class Frontier {
 public:
  Frontier() = default;
  // From Encode(); nullopt when the bytes do not hold one hash per set bit of `size`.
  static std::optional<Frontier> Decode(uint64_t size, absl::string_view bytes);

  uint64_t size() const { return size_; }
  Hash Root() const;
  void Append(const Hash& leaf_hash);
  std::string Encode() const;  // The hashes one after the other.

 private:
  uint64_t size_ = 0;
  std::vector<Hash> edge_;
};

// A whole tree in memory, with its inner nodes: for proofs. 64 bytes a leaf.
class MerkleTree {
 public:
  MerkleTree() = default;
  explicit MerkleTree(absl::Span<const Hash> leaf_hashes);

  uint64_t size() const { return levels_.empty() ? 0 : levels_[0].size(); }
  void Append(const Hash& leaf_hash);
  Hash Root() const { return Root(size()); }
  Hash Root(uint64_t size) const;  // Of the first `size` leaves; size ≤ size().

  // That leaf `index` is in the tree of the first `size` leaves; index < size ≤ size().
  std::vector<Hash> InclusionProof(uint64_t index, uint64_t size) const;
  // That the tree of `old_size` leaves is a prefix of that of `size`; 0 < old_size ≤ size ≤ size().
  std::vector<Hash> ConsistencyProof(uint64_t old_size, uint64_t size) const;

 private:
  Hash Range(uint64_t begin, uint64_t end) const;
  void Consistency(uint64_t old_size, uint64_t begin, uint64_t end, bool known,
                   std::vector<Hash>& proof) const;

  std::vector<std::vector<Hash>> levels_;  // levels_[k][i]: root of leaves [i·2^k, (i+1)·2^k).
};

bool VerifyInclusion(uint64_t index, uint64_t size, const Hash& leaf_hash,
                     absl::Span<const Hash> proof, const Hash& root);

// An old size of zero proves nothing and is refused.
bool VerifyConsistency(uint64_t old_size, uint64_t size, const Hash& old_root, const Hash& root,
                       absl::Span<const Hash> proof);

}  // namespace smederij::crypto
