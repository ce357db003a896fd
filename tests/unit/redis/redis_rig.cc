#include "redis_rig.h"

#include <array>
#include <charconv>

#include "rt/await.h"

namespace tp::redis::testing {

namespace {

Task<void> serve(RedisServer* server, std::unique_ptr<io::Stream> stream) {
  co_return co_await server->serve(std::move(stream));
}

Task<void> send(io::Stream* stream, Bytes bytes, bool* done) {
  const std::array<BytesView, 1> pieces = {bytes};
  [[maybe_unused]] const Result<void> sent = co_await stream->write_all(pieces);
  *done = true;
  co_return ok;
}

size_t whole_replies(BytesView bytes, size_t* count) {
  size_t at = 0;
  for (*count = 0;; ++*count) {
    const size_t size = reply_size(bytes.substr(at));
    if (size == 0) return at;
    at += size;
  }
}

Task<void> receive(io::Stream* stream, Bytes* received, size_t replies) {
  std::vector<char> buffer(1 << 20);
  for (;;) {
    size_t count = 0;
    whole_replies(*received, &count);
    if (count >= replies) co_return ok;
    const auto got = co_await stream->read_some(buffer);
    if (!got || *got == 0) co_return ok;
    received->append(buffer.data(), *got);
  }
}

Task<void> converse(io::Stream* stream, Bytes sent, Bytes* received, size_t replies) {
  rt::TaskGroup sending;
  bool done = false;
  sending.spawn(send(stream, std::move(sent), &done));
  TP_CO_TRY_VOID(co_await receive(stream, received, replies));
  co_await sending.join();
  co_return ok;
}

Task<void> send_and_wait(io::Stream* stream, Bytes sent, unsigned turns, bool* done) {
  rt::TaskGroup sending;
  sending.spawn(send(stream, std::move(sent), done));
  for (unsigned i = 0; i < turns && !*done; ++i) co_await rt::yield();
  const bool in_time = *done;
  if (!in_time) stream->close();
  co_await sending.join();
  *done = in_time;
  co_return ok;
}

}  // namespace

Bytes request(const std::vector<std::string>& words) {
  Bytes out = "*" + std::to_string(words.size()) + "\r\n";
  for (const std::string& word : words) out += "$" + std::to_string(word.size()) + "\r\n" + word + "\r\n";
  return out;
}

size_t reply_size(BytesView bytes) {
  const size_t line = bytes.find("\r\n");
  if (line == BytesView::npos) return 0;
  int64_t number = 0;
  std::from_chars(bytes.data() + 1, bytes.data() + line, number);
  size_t size = line + 2;
  size_t parts = 0;
  switch (bytes[0]) {
    case '$':
    case '=':
      if (number < 0) return size;
      size += static_cast<size_t>(number) + 2;
      return size <= bytes.size() ? size : 0;
    case '*':
    case '~':
      parts = number < 0 ? 0 : static_cast<size_t>(number);
      break;
    case '%':
      parts = 2 * static_cast<size_t>(number);
      break;
    default:
      return size;
  }
  for (; parts > 0; --parts) {
    const size_t part = reply_size(bytes.substr(size));
    if (part == 0) return 0;
    size += part;
  }
  return size;
}

Task<Login> TestBinder::authenticate(std::string user, std::string password, std::string) {
  co_await rt::yield();
  if (password != "secret") co_return fail(Code::kUnauthenticated, "wrong");
  Login login;
  const size_t at = user.find('@');
  login.user = user.substr(0, at);
  login.tenant = login.user;
  login.default_volume = at == std::string::npos ? "cache" : user.substr(at + 1);
  co_return login;
}

Task<Binding> TestBinder::bind(Login login, std::string volume) {
  co_await rt::yield();
  if (refuses) co_return fail(Code::kPermissionDenied, "refused");
  const auto found = volumes.find(volume);
  if (found == volumes.end()) co_return fail(Code::kNotFound, "no such volume");
  Binding binding;
  binding.volume = found->second;
  binding.tenant = login.tenant;
  binding.may_write = may_write;
  co_return binding;
}

RedisRig::RedisRig() {
  cache::TokenCache::Options options;
  options.runtime = &runtime_;
  options.files = &files_;
  options.background = false;  // tests say when
  auto opened = runtime_.block_on(cache::TokenCache::open(options));
  TP_CHECK(opened.has_value());
  cache_ = std::move(*opened);
  cache::CacheSettings settings;
  settings.capacity_bytes = 0;
  settings.profile_toml = "";
  for (const uint64_t number : {1, 2}) {
    const std::string name = number == 1 ? "cache" : "other";
    auto volume = runtime_.block_on(cache_->open_volume(VolumeId(number), name, settings));
    TP_CHECK(volume.has_value());
    binder_.volumes[name] = *volume;
  }
}

RedisRig::~RedisRig() {
  peer_.reset();
  if (server_) EXPECT_EQ(server_->stats().connections, 0u);
  server_.reset();
  binder_.volumes.clear();
  EXPECT_TRUE(runtime_.block_on(cache_->close()));
}

void RedisRig::open(RedisOptions options) {
  peer_.reset();
  server_ = std::make_unique<RedisServer>(runtime_, binder_, std::move(options));
}

RedisRig::Peer::Peer(RedisRig& rig, memory::MemoryStreamOptions options) : rig_(rig) {
  const auto start = [](Peer* self, memory::MemoryStreamOptions how) -> Task<void> {
    auto ends = memory::make_stream_pair(how);
    self->stream_ = std::move(ends.first);
    self->served_.spawn(serve(self->rig_.server_.get(), std::move(ends.second)));
    co_return ok;
  };
  EXPECT_TRUE(rig_.runtime_.block_on(start(this, options)));
}

RedisRig::Peer::~Peer() {
  const auto stop = [](Peer* self) -> Task<void> {
    self->stream_->close();
    co_await self->served_.join();
    self->stream_.reset();
    co_return ok;
  };
  EXPECT_TRUE(rig_.runtime_.block_on(stop(this)));
}

Bytes RedisRig::Peer::say(Bytes sent, size_t replies) {
  EXPECT_TRUE(rig_.runtime_.block_on(converse(stream_.get(), std::move(sent), &received_, replies)));
  size_t at = 0;
  for (size_t i = 0; i < replies && at < received_.size(); ++i) {
    const size_t size = reply_size(BytesView(received_).substr(at));
    if (size == 0) break;
    at += size;
  }
  Bytes answer = received_.substr(0, at);
  received_.erase(0, at);
  return answer;
}

Bytes RedisRig::Peer::operator()(const std::string& words) {
  std::vector<std::string> split;
  size_t at = 0;
  while (at < words.size()) {
    const size_t end = std::min(words.find(' ', at), words.size());
    split.push_back(words.substr(at, end - at));
    at = end + 1;
  }
  return ask(split);
}

bool RedisRig::Peer::send_only(Bytes sent, unsigned turns) {
  bool done = false;
  EXPECT_TRUE(rig_.runtime_.block_on(send_and_wait(stream_.get(), std::move(sent), turns, &done)));
  return done;
}

bool RedisRig::Peer::ended() {
  const auto wait = [](Peer* self, bool* end) -> Task<void> {
    std::array<char, 64> space;
    const MutableBytes into(space);
    const auto got = co_await self->stream_->read_some(into);
    *end = !got || *got == 0;
    co_return ok;
  };
  bool end = false;
  EXPECT_TRUE(rig_.runtime_.block_on(wait(this, &end)));
  return end;
}

}  // namespace tp::redis::testing
