#include "rt/digest/digest_service.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <random>

#include "rt/digest/digest_stream.h"
#include "rt/runtime.h"

namespace tp::rt {
namespace {

Bytes openssl_digest(const EVP_MD* algorithm, BytesView bytes) {
  Bytes digest(static_cast<size_t>(EVP_MD_get_size(algorithm)), '\0');
  EXPECT_EQ(EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(digest.data()), nullptr, algorithm,
                       nullptr),
            1);
  return digest;
}

Bytes random_bytes(size_t size, uint32_t seed) {
  std::mt19937 random(seed);
  Bytes bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());
  return bytes;
}

/// Cuts at random, small pieces in place and empty ones through the service included.
Task<void> hash_stream(DigestService* service, uint32_t seed, size_t* agreed) {
  std::mt19937 random(seed);
  const Bytes bytes = random_bytes(random() % 300'000, seed);
  DigestStream stream(*service);
  for (BytesView rest = bytes; !rest.empty();) {
    const size_t most = random() % 3 == 0 ? 200 : 80'000;
    const BytesView piece = rest.substr(0, random() % most);
    rest.remove_prefix(piece.size());
    if (random() % 8 == 0) {
      stream.update_here(piece);
    } else {
      Loop* home = &Loop::current();
      TP_CO_TRY_VOID(co_await stream.update(piece));
      EXPECT_EQ(home, &Loop::current());
    }
  }
  const Md5Digest digest = stream.finish();
  if (as_view(digest) == openssl_digest(EVP_md5(), bytes)) ++*agreed;
  co_return ok;
}

Task<void> hash_other(DigestService* service, uint32_t seed, size_t* agreed) {
  const Bytes bytes = random_bytes(seed % 100'000, seed);
  Hasher hasher(ChecksumAlgorithm::kSha256);
  const size_t half = bytes.size() / 2;
  TP_CO_TRY_VOID(co_await service->update(hasher, BytesView(bytes).substr(0, half)));
  TP_CO_TRY_VOID(co_await service->update(hasher, BytesView(bytes).substr(half)));
  if (hasher.finish() == openssl_digest(EVP_sha256(), bytes)) ++*agreed;
  co_return ok;
}

Task<void> hash_many(DigestService* service, uint32_t first_seed, uint32_t count, size_t* agreed) {
  TaskGroup group;
  for (uint32_t i = 0; i < count; ++i) {
    group.spawn(i % 5 == 4 ? hash_other(service, first_seed + i * 7919, agreed)
                           : hash_stream(service, first_seed + i, agreed));
  }
  co_await group.join();
  co_return ok;
}

TEST(DigestService, ManyStreamsAgreeWithOpenssl) {
  for (const unsigned threads : {1u, 3u}) {
    Runtime runtime({.loops = 1});
    DigestService service(threads);
    size_t agreed = 0;
    ASSERT_TRUE(runtime.block_on(hash_many(&service, 1000 * threads, 60, &agreed)));
    EXPECT_EQ(agreed, 60u);
  }
}

TEST(DigestService, StreamsOfSeveralLoopsShareTheLanes) {
  Runtime runtime({.loops = 2});
  DigestService service;
  size_t agreed[2] = {0, 0};
  std::thread other([&] { EXPECT_TRUE(runtime.block_on(hash_many(&service, 5000, 20, &agreed[1]), 1)); });
  EXPECT_TRUE(runtime.block_on(hash_many(&service, 6000, 20, &agreed[0]), 0));
  other.join();
  EXPECT_EQ(agreed[0], 20u);
  EXPECT_EQ(agreed[1], 20u);
}

TEST(DigestService, OneStreamAloneAgreesWithOpenssl) {
  Runtime runtime({.loops = 1});
  DigestService service;
  size_t agreed = 0;
  ASSERT_TRUE(runtime.block_on(hash_stream(&service, 42, &agreed)));
  EXPECT_EQ(agreed, 1u);
}

Task<void> update_after_stop(DigestService* service) {
  DigestStream stream(*service);
  stream.update_here("kept");
  const auto refused = co_await stream.update("refused");
  EXPECT_FALSE(refused);
  if (!refused) EXPECT_EQ(refused.error().code, Code::kUnavailable);
  EXPECT_EQ(as_view(stream.finish()), openssl_digest(EVP_md5(), "kept"));
  co_return ok;
}

TEST(DigestService, AfterStopItRefusesAndHashesNothing) {
  Runtime runtime({.loops = 1});
  DigestService service(2);
  service.stop();
  service.stop();
  EXPECT_TRUE(runtime.block_on(update_after_stop(&service)));
}

Task<void> stop_amid_updates(DigestService* service, const Bytes* bytes) {
  std::vector<Md5> hashes(30);
  TaskGroup group;
  size_t finished = 0;
  auto one = [](DigestService* to, Md5* md5, const Bytes* input, size_t* count) -> Task<void> {
    TP_CO_TRY_VOID(co_await to->update(*md5, *input));
    ++*count;
    co_return ok;
  };
  for (auto& md5 : hashes) group.spawn(one(service, &md5, bytes, &finished));
  service->stop();  // returns only when the accepted pieces are hashed; their completions are posted to this loop
  co_await group.join();
  EXPECT_EQ(finished, hashes.size());
  const Bytes expected = openssl_digest(EVP_md5(), *bytes);
  for (auto& md5 : hashes) EXPECT_EQ(as_view(md5.finish()), expected);
  co_return ok;
}

TEST(DigestService, StopFinishesWhatWasAccepted) {
  Runtime runtime({.loops = 1});
  DigestService service;
  const Bytes bytes = random_bytes(1'000'003, 9);
  EXPECT_TRUE(runtime.block_on(stop_amid_updates(&service, &bytes)));
}

}  // namespace
}  // namespace tp::rt
