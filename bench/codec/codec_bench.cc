// Measures the frame codec: ratio, and speed of one core in each direction, of the inputs named on the command line
// (NAME=FILE, at most 256 MiB of each) and of some it makes itself. Every input is read back and compared.
// usage: codec_bench [--seconds S] [--codecs raw,lz4,zstd:1,...] [--json FILE] [NAME=FILE...]
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <functional>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "blob/codec/frame.h"

namespace {

using tp::blob::Codec;
using tp::blob::FrameOptions;

constexpr size_t kMadeBytes = 32u << 20;
constexpr size_t kMostBytes = 256u << 20;

struct Input {
  std::string name;
  std::string data;
};
struct Setting {
  std::string name;
  FrameOptions options;
};
struct Measured {
  std::string input, codec;
  double ratio = 0, compress_mb_s = 0, decompress_mb_s = 0;
};

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// Access logs of a service as loggers write them: fixed keys, a growing time, names from a few, ids at random.
std::string make_json_logs() {
  std::mt19937_64 random(7);
  const char* methods[] = {"GET", "GET", "GET", "GET", "PUT", "POST", "DELETE", "HEAD"};
  const char* buckets[] = {"checkpoints", "datasets", "logs", "images", "models"};
  const char* levels[] = {"info", "info", "info", "info", "info", "info", "warn", "error"};
  const int statuses[] = {200, 200, 200, 200, 200, 206, 204, 304, 404, 503};
  std::string out;
  uint64_t time_us = 1'764'000'000'000'000;
  while (out.size() < kMadeBytes) {
    time_us += random() % 2000;
    const uint64_t status = random() % 10;
    char line[640];
    std::snprintf(line, sizeof line,
                  "{\"ts\":\"2026-11-%02dT%02d:%02d:%02d.%06dZ\",\"level\":\"%s\",\"logger\":\"access\",\"host\":"
                  "\"node-%02d.cluster.local\",\"request_id\":\"%016llx\",\"method\":\"%s\",\"bucket\":\"%s\","
                  "\"key\":\"run-%llu/step-%06llu/shard-%05llu.bin\",\"status\":%d,\"bytes\":%llu,"
                  "\"duration_ms\":%llu.%03llu,\"remote\":\"10.0.%llu.%llu:%llu\","
                  "\"user_agent\":\"aws-sdk-cpp/1.11.352 ua/2.0 os/Linux lang/c++\",\"message\":\"request done\"}\n",
                  static_cast<int>(time_us / 86'400'000'000 % 28 + 1), static_cast<int>(time_us / 3'600'000'000 % 24),
                  static_cast<int>(time_us / 60'000'000 % 60), static_cast<int>(time_us / 1'000'000 % 60),
                  static_cast<int>(time_us % 1'000'000), levels[random() % 8], static_cast<int>(random() % 16),
                  static_cast<unsigned long long>(random()), methods[random() % 8], buckets[random() % 5],
                  static_cast<unsigned long long>(random() % 8), static_cast<unsigned long long>(random() % 2000 * 500),
                  static_cast<unsigned long long>(random() % 64), statuses[status],
                  static_cast<unsigned long long>(random() % 4 == 0 ? random() % 9'000'000 : 4096),
                  static_cast<unsigned long long>(random() % 40), static_cast<unsigned long long>(random() % 1000),
                  static_cast<unsigned long long>(random() % 4), static_cast<unsigned long long>(random() % 40),
                  static_cast<unsigned long long>(random() % 28'000 + 32'768));
    out += line;
  }
  out.resize(kMadeBytes);
  return out;
}

std::string make_random() {
  std::mt19937_64 random(11);
  std::string out(kMadeBytes, '\0');
  for (size_t i = 0; i + 8 <= out.size(); i += 8) {
    const uint64_t word = random();
    std::memcpy(out.data() + i, &word, sizeof word);
  }
  return out;
}

std::vector<tp::blob::EncodedFrames> encode_all(const std::string& data, const FrameOptions& options) {
  std::vector<tp::blob::EncodedFrames> blobs;
  for (size_t start = 0; start < data.size(); start += tp::blob::kMaxBlobBytes) {
    blobs.push_back(encode_frames(tp::BytesView(data).substr(start, tp::blob::kMaxBlobBytes), options));
  }
  return blobs;
}

/// Into `out`, which is as long as the data; false if a frame is refused.
bool decode_all(const std::vector<tp::blob::EncodedFrames>& blobs, std::string& out) {
  size_t done = 0;
  for (const auto& blob : blobs) {
    size_t offset = 0;
    const size_t blob_bytes = std::min<size_t>(tp::blob::kMaxBlobBytes, out.size() - done);
    for (size_t i = 0; i < blob.sizes.size(); ++i) {
      const size_t size = tp::blob::frame_data_bytes(blob_bytes, i);
      const tp::MutableBytes into(out.data() + done + i * tp::blob::kFrameBytes, size);
      if (!tp::blob::decode_frame(tp::BytesView(blob.bytes).substr(offset, blob.sizes[i]), into)) return false;
      offset += blob.sizes[i];
    }
    done += blob_bytes;
  }
  return true;
}

/// The fastest of the passes that fit into `seconds`, at least two: the machine has other things to do too.
double best_mb_s(size_t bytes, double seconds, const std::function<void()>& pass) {
  double best = 1e9;
  const auto start = std::chrono::steady_clock::now();
  for (int passes = 0; passes < 2 || seconds_since(start) < seconds; ++passes) {
    const auto begin = std::chrono::steady_clock::now();
    pass();
    best = std::min(best, seconds_since(begin));
  }
  return static_cast<double>(bytes) / best / 1e6;
}

Measured measure(const Input& input, const Setting& setting, double seconds) {
  Measured measured{input.name, setting.name};
  std::vector<tp::blob::EncodedFrames> blobs;
  measured.compress_mb_s =
      best_mb_s(input.data.size(), seconds, [&] { blobs = encode_all(input.data, setting.options); });
  std::string back(input.data.size(), '\0');
  bool read_back = true;
  measured.decompress_mb_s =
      best_mb_s(input.data.size(), seconds, [&] { read_back = decode_all(blobs, back) && read_back; });
  if (!read_back || back != input.data) {
    std::fprintf(stderr, "%s with %s does not read back\n", input.name.c_str(), setting.name.c_str());
    std::exit(1);
  }
  size_t stored = 0;
  for (const auto& blob : blobs) stored += blob.bytes.size();
  measured.ratio = static_cast<double>(input.data.size()) / static_cast<double>(stored);
  return measured;
}

Setting setting_of(const std::string& name) {
  Setting setting{name, {}};
  if (name == "raw") {
    setting.options.codec = Codec::kRaw;
  } else if (name == "lz4") {
    setting.options.codec = Codec::kLz4;
  } else if (name.starts_with("plain:")) {  // zstd without byte planes
    setting.options.byte_planes = false;
    setting.options.level = std::atoi(name.c_str() + std::strlen("plain:"));
  } else if (name.starts_with("zstd")) {
    setting.options.level = name.size() > 5 ? std::atoi(name.c_str() + 5) : 0;
  } else {
    std::fprintf(stderr, "no codec %s\n", name.c_str());
    std::exit(2);
  }
  return setting;
}

std::vector<std::string> parts_of(const std::string& text) {
  std::vector<std::string> parts;
  for (size_t start = 0; start <= text.size();) {
    const size_t end = std::min(text.find(',', start), text.size());
    parts.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  return parts;
}

Input read_input(const std::string& argument) {
  const size_t equals = argument.find('=');
  std::ifstream file(argument.substr(equals + 1), std::ios::binary);
  if (equals == std::string::npos || !file) {
    std::fprintf(stderr, "%s: not NAME=FILE\n", argument.c_str());
    std::exit(2);
  }
  Input input{argument.substr(0, equals), std::string(std::istreambuf_iterator<char>(file), {})};
  input.data.resize(std::min(input.data.size(), kMostBytes));
  return input;
}

void write_json(const std::string& path, const std::vector<Measured>& all) {
  std::ofstream file(path);
  file << "[";
  for (size_t i = 0; i < all.size(); ++i) {
    file << (i == 0 ? "\n" : ",\n") << R"(  {"input": ")" << all[i].input << R"(", "codec": ")" << all[i].codec
         << R"(", "ratio": )" << all[i].ratio << R"(, "compress_mb_s": )" << all[i].compress_mb_s
         << R"(, "decompress_mb_s": )" << all[i].decompress_mb_s << "}";
  }
  file << "\n]\n";
}

}  // namespace

int main(int argc, char** argv) {
  double seconds = 1;
  std::string codecs = "lz4,zstd", json;
  std::vector<Input> inputs;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    const bool has_value = i + 1 < argc;
    if (argument == "--seconds" && has_value) {
      seconds = std::atof(argv[++i]);
    } else if (argument == "--codecs" && has_value) {
      codecs = argv[++i];
    } else if (argument == "--json" && has_value) {
      json = argv[++i];
    } else {
      inputs.push_back(read_input(argument));
    }
  }
  inputs.push_back({"json_logs", make_json_logs()});
  inputs.push_back({"random", make_random()});
  inputs.push_back({"zeros", std::string(kMadeBytes, '\0')});

  std::vector<Measured> all;
  std::printf("%-20s %-9s %9s %14s %16s\n", "input", "codec", "ratio", "compress MB/s", "decompress MB/s");
  for (const Input& input : inputs) {
    for (const std::string& codec : parts_of(codecs)) {
      all.push_back(measure(input, setting_of(codec), seconds));
      const Measured& m = all.back();
      std::printf("%-20s %-9s %9.4f %14.0f %16.0f\n", m.input.c_str(), m.codec.c_str(), m.ratio, m.compress_mb_s,
                  m.decompress_mb_s);
      std::fflush(stdout);
    }
  }
  if (!json.empty()) write_json(json, all);
  return 0;
}
