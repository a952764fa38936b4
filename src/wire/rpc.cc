#include "wire/rpc.h"

namespace tidegate::wire {

Rpc rpc_of(const HeaderList& headers) {
  Rpc rpc = Rpc::none;
  for (const auto& [name, value] : headers) {
    if (name == "smithy-protocol" && value == "rpc-v2-cbor") return Rpc::cbor;
    if (name == "x-amz-target") rpc = Rpc::json;
  }
  return rpc;
}

Status decode_rpc(Rpc rpc, const Row& row, std::string_view body, void* object) {
  if (!row.input) return done;
  if (rpc == Rpc::cbor) return decode_cbor(body, *row.input, object);
  return decode_json(body.empty() ? "{}" : body, *row.input, object);
}

EncodedReply encode_rpc_body(Rpc rpc, const Shape& shape, const void* object) {
  EncodedReply reply;
  if (rpc == Rpc::cbor) {
    reply.headers = {{"smithy-protocol", "rpc-v2-cbor"}, {"Content-Type", "application/cbor"}};
    reply.body = encode_cbor(shape, object);
  } else {
    reply.headers = {{"Content-Type", "application/x-amz-json-1.0"}};
    reply.body = encode_json(shape, object);
  }
  return reply;
}

EncodedReply encode_rpc(Rpc rpc, const Row& row, const void* object) {
  EncodedReply reply = encode_rpc_body(rpc, *row.output, object);
  reply.status = row.status;
  if (!row.output->name.empty()) return reply;
  // The operation has no answer at all: RPC v2 sends no body then, and names no type of one.
  reply.body.clear();
  if (rpc == Rpc::cbor) reply.headers.pop_back();
  return reply;
}

}  // namespace tidegate::wire
