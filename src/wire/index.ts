/**
 * The HTTP/2 and gRPC client (RFC 9113, RFC 7541, gRPC over HTTP/2): all that other folders may
 * import of it. It knows nothing of etcd: addresses, TLS material and tokens are handed in.
 */
export { Status, statusName, statusOfHttp } from "./grpc-status.ts";
export { RenewingCalls } from "./renewing-calls.ts";
export { TokenHolder } from "./token-holder.ts";
export {
  type AnswerRead,
  type CallListener,
  CallMode,
  type Carried,
  type RequestTemplate,
  type SizedTemplate,
  type Transport,
  type TransportFactory,
  type TransportOptions,
} from "./transport.ts";
export { WireTransport } from "./wire-transport.ts";
