#include "server/archive/secret_file.h"

#include <sys/stat.h>

#include <cerrno>
#include <fstream>
#include <iterator>
#include <system_error>

namespace tp::server {

namespace {
constexpr off_t kMaxBytes = 64 << 10;
constexpr mode_t kOthers = S_IRWXG | S_IRWXO;
}  // namespace

Result<Bytes> read_secret_file(const std::string& path) {
  struct stat about {};
  if (::stat(path.c_str(), &about) != 0) {
    const Code code = errno == ENOENT ? Code::kNotFound : errno == EACCES ? Code::kPermissionDenied : Code::kIo;
    return fail(code, path + ": " + std::generic_category().message(errno));
  }
  if (!S_ISREG(about.st_mode)) return fail(Code::kInvalidArgument, path + " is not a file");
  if ((about.st_mode & kOthers) != 0) {
    return fail(Code::kPermissionDenied, path + " holds secrets and others than its owner may use it: chmod 600");
  }
  if (about.st_size > kMaxBytes) return fail(Code::kTooLarge, path + " is too large to be a file of keys");
  std::ifstream file(path, std::ios::binary);
  Bytes text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (file.bad() || text.size() != static_cast<size_t>(about.st_size)) return fail(Code::kIo, path + " cannot be read");
  return text;
}

std::vector<std::string> secret_lines(const Bytes& text) {
  std::vector<std::string> lines;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    std::string line = text.substr(begin, end - begin);
    begin = end + 1;
    const size_t first = line.find_first_not_of(" \t\r");
    if (first == std::string::npos || line[first] == '#') continue;
    lines.push_back(line.substr(first, line.find_last_not_of(" \t\r") - first + 1));
  }
  return lines;
}

}  // namespace tp::server
