// Rpc: how the newest SDKs speak to a service that began with the query protocol: in JSON 1.0, or
// by Smithy's RPC v2 in CBOR. Rows and shapes are those of the query protocol; a request's headers
// say which it is. Source: Smithy's specification of awsJson1_0 and rpcv2Cbor, RFC 8949. Pure; any
// thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "wire/codec.h"
#include "wire/router.h"

namespace tidegate::wire {

enum class Rpc : std::uint8_t { none, json, cbor };

Rpc rpc_of(const HeaderList&);

// As decode_request and encode_reply.
Status decode_rpc(Rpc, const Row&, std::string_view body, void* object);
EncodedReply encode_rpc(Rpc, const Row&, const void* object);
// A body of any shape, with the headers that it has.
EncodedReply encode_rpc_body(Rpc, const Shape&, const void* object);

// Any legal encoding of an item; depth ≤ 32, nothing after the map. Tags but that of a time, and
// members given twice, are refused.
Status decode_cbor(std::string_view bytes, const Shape&, void* object);
std::string encode_cbor(const Shape&, const void* object);

template <class T>
std::string encode_cbor(const T& object) {
  return encode_cbor(shape_of<T>::value, &object);
}

}  // namespace tidegate::wire
