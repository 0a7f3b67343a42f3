#include "replay/expander.h"

#define ZLIB_CONST
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include <algorithm>
#include <bit>
#include <limits>
#include <string>

#include "base/contract.h"

namespace muster::recording {
namespace {

constexpr std::string_view kZstdMagic = "\x28\xB5\x2F\xFD";
constexpr std::string_view kZstdSkippable = "\x2A\x4D\x18";  // behind 0x50 to 0x5F
constexpr std::string_view kGzipMagic = "\x1F\x8B";

Status damaged(const std::string& what) {
  return {StatusCode::kBadInput, "the compressed data are damaged: " + what};
}

template <typename T>
T limited(std::size_t size) {
  return static_cast<T>(std::min<std::size_t>(size, std::numeric_limits<T>::max()));
}

class GzipExpander final : public Expander {
 public:
  explicit GzipExpander(const RecordingLimits& limits) : ratio_max_(limits.gzip_ratio_max) {
    constexpr int kGzipOnly = 15 + 16;
    const int begun = inflateInit2(&stream_, kGzipOnly);
    MUSTER_ASSERT(begun == Z_OK);
  }
  ~GzipExpander() override { inflateEnd(&stream_); }
  GzipExpander(const GzipExpander&) = delete;
  GzipExpander& operator=(const GzipExpander&) = delete;

  Status expand(Bytes& from, Room& to) override {
    while (to.size > 0) {
      if (complete_) {  // one member behind the other is one content
        if (from.size == 0) break;
        inflateReset(&stream_);
        complete_ = false;
      }
      const auto in = limited<uInt>(from.size);
      const auto out = limited<uInt>(to.size);
      stream_.next_in = reinterpret_cast<const Bytef*>(from.data);
      stream_.avail_in = in;
      stream_.next_out = reinterpret_cast<Bytef*>(to.data);
      stream_.avail_out = out;
      const int result = inflate(&stream_, Z_NO_FLUSH);
      from.data += in - stream_.avail_in;
      from.size -= in - stream_.avail_in;
      to.data += out - stream_.avail_out;
      to.size -= out - stream_.avail_out;
      if (result == Z_BUF_ERROR) break;  // nothing more without more input
      if (result != Z_OK && result != Z_STREAM_END) {
        return damaged(stream_.msg != nullptr ? stream_.msg : "not gzip");
      }
      complete_ = result == Z_STREAM_END;
    }
    return {};
  }

  bool complete() const override { return complete_; }
  std::uint64_t ratio_max() const override { return ratio_max_; }

 private:
  std::uint64_t ratio_max_;
  z_stream stream_{};
  bool complete_ = false;
};

class ZstdExpander final : public Expander {
 public:
  explicit ZstdExpander(const RecordingLimits& limits)
      : window_bytes_max_(limits.window_bytes_max), ratio_max_(limits.zstd_ratio_max) {
    MUSTER_ASSERT(stream_ != nullptr);
    const ZSTD_bounds logs = ZSTD_dParam_getBounds(ZSTD_d_windowLogMax);
    const int log = static_cast<int>(std::bit_width(window_bytes_max_)) - 1;
    ZSTD_DCtx_setParameter(stream_.get(), ZSTD_d_windowLogMax,
                           std::clamp(log, logs.lowerBound, logs.upperBound));
  }

  Status expand(Bytes& from, Room& to) override {
    while (to.size > 0) {
      ZSTD_inBuffer in{from.data, from.size, 0};
      ZSTD_outBuffer out{to.data, to.size, 0};
      const std::size_t result = ZSTD_decompressStream(stream_.get(), &out, &in);
      from.data += in.pos;
      from.size -= in.pos;
      to.data += out.pos;
      to.size -= out.pos;
      if (ZSTD_isError(result) != 0) return failure(result);
      if (in.pos > 0 || out.pos > 0) complete_ = result == 0;
      if (from.size == 0 && (to.size > 0 || out.pos == 0)) break;
    }
    return {};
  }

  bool complete() const override { return complete_; }
  std::uint64_t ratio_max() const override { return ratio_max_; }

 private:
  struct Free {
    void operator()(ZSTD_DCtx* stream) const { ZSTD_freeDCtx(stream); }
  };

  Status failure(std::size_t result) const {
    if (ZSTD_getErrorCode(result) == ZSTD_error_frameParameter_windowTooLarge) {
      return {StatusCode::kLimit, "zstd would need a larger window than the limit of " +
                                      std::to_string(window_bytes_max_) + " bytes"};
    }
    return damaged(ZSTD_getErrorName(result));
  }

  std::size_t window_bytes_max_;
  std::uint64_t ratio_max_;
  std::unique_ptr<ZSTD_DCtx, Free> stream_{ZSTD_createDCtx()};
  bool complete_ = false;
};

}  // namespace

std::unique_ptr<Expander> make_expander(std::string_view begin, const RecordingLimits& limits) {
  if (begin.starts_with(kGzipMagic)) return std::make_unique<GzipExpander>(limits);
  const bool skippable = begin.size() >= kZstdMagic.size() && (begin[0] & '\xF0') == '\x50' &&
                         begin.substr(1).starts_with(kZstdSkippable);
  if (begin.starts_with(kZstdMagic) || skippable) {
    return std::make_unique<ZstdExpander>(limits);
  }
  return nullptr;
}

}  // namespace muster::recording
