#include "replay/compressor.h"

#define ZLIB_CONST
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <limits>

#include "base/contract.h"

namespace muster::recording {
namespace {

constexpr std::size_t kOutputBytes = 64U << 10;
constexpr int kZstdLevel = 3;

/// Room of kOutputBytes at the end of a string.
char* more_room(std::string& out) {
  out.resize(out.size() + kOutputBytes);
  return out.data() + out.size() - kOutputBytes;
}

class GzipCompressor final : public Compressor {
 public:
  GzipCompressor() {
    constexpr int kGzip = 15 + 16;
    constexpr int kMemoryLevel = 8;
    const int begun = deflateInit2(&stream_, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kGzip, kMemoryLevel,
                                   Z_DEFAULT_STRATEGY);
    MUSTER_ASSERT(begun == Z_OK);
  }
  ~GzipCompressor() override { deflateEnd(&stream_); }
  GzipCompressor(const GzipCompressor&) = delete;
  GzipCompressor& operator=(const GzipCompressor&) = delete;

  void compress(std::string_view bytes, bool last, std::string& out) override {
    MUSTER_ASSERT(bytes.size() <= std::numeric_limits<uInt>::max());
    stream_.next_in = reinterpret_cast<const Bytef*>(bytes.data());
    stream_.avail_in = static_cast<uInt>(bytes.size());
    do {
      stream_.next_out = reinterpret_cast<Bytef*>(more_room(out));
      stream_.avail_out = kOutputBytes;
      const int result = deflate(&stream_, last ? Z_FINISH : Z_NO_FLUSH);
      MUSTER_ASSERT(result != Z_STREAM_ERROR);
      out.resize(out.size() - stream_.avail_out);
    } while (stream_.avail_out == 0);
  }

 private:
  z_stream stream_{};
};

class ZstdCompressor final : public Compressor {
 public:
  ZstdCompressor() {
    MUSTER_ASSERT(stream_ != nullptr);
    ZSTD_CCtx_setParameter(stream_.get(), ZSTD_c_compressionLevel, kZstdLevel);
    ZSTD_CCtx_setParameter(stream_.get(), ZSTD_c_checksumFlag, 1);
  }

  void compress(std::string_view bytes, bool last, std::string& out) override {
    ZSTD_inBuffer from{bytes.data(), bytes.size(), 0};
    const ZSTD_EndDirective directive = last ? ZSTD_e_end : ZSTD_e_continue;
    std::size_t left = 0;
    do {
      ZSTD_outBuffer to{more_room(out), kOutputBytes, 0};
      left = ZSTD_compressStream2(stream_.get(), &to, &from, directive);
      MUSTER_ASSERT(ZSTD_isError(left) == 0);
      out.resize(out.size() - (kOutputBytes - to.pos));
    } while (last ? left > 0 : from.pos < from.size);
  }

 private:
  struct Free {
    void operator()(ZSTD_CCtx* stream) const { ZSTD_freeCCtx(stream); }
  };

  std::unique_ptr<ZSTD_CCtx, Free> stream_{ZSTD_createCCtx()};
};

}  // namespace

std::unique_ptr<Compressor> make_compressor(RecordingCompression compression) {
  switch (compression) {
    case RecordingCompression::kNone:
      break;
    case RecordingCompression::kGzip:
      return std::make_unique<GzipCompressor>();
    case RecordingCompression::kZstd:
      return std::make_unique<ZstdCompressor>();
  }
  return nullptr;
}

}  // namespace muster::recording
