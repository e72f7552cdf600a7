/**
 * Probes an endpoint: whether its listener speaks HTTP/2, with TLS or without, as etcd's client port
 * does. Where it does not, one clear line names what it is; gRPC's own error would only be UNAVAILABLE.
 */
import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { howToLeaveTls } from "../access/asked-for-tls.ts";
import { tlsFault } from "../access/tls-fault.ts";
import { BenchError, EXIT, unreachableError } from "../errors.ts";
import { splitEndpoint } from "../net/host-port.ts";
import type { TlsMaterial } from "../net/tls-connect.ts";
import { connectionOptionsOf, HTTP2_PROTOCOL, secureContextOf } from "../net/tls-connect.ts";

/** RFC 9113 3.4: the preface, then a SETTINGS frame (here an empty one). */
const HELLO = Buffer.concat([
  Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "latin1"),
  Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]),
]);
const FRAME_HEADER_BYTES = 9;
const SETTINGS = 4;
const TLS_ALERT = 0x15;

const MAY_WANT_TLS =
  "it may want TLS (write https://, with --cacert for an authority of your own), or be a proxy whose etcd is down";
const noHandshake = (tls: TlsMaterial) =>
  `it ends the connection in the middle of TLS's handshake, as a server without TLS does: ${howToLeaveTls(tls)}, or name a TLS port`;
const MAY_WANT_CERTIFICATE =
  "it may want a client certificate (--cert and --key), or be a proxy whose etcd is down";

/** What came of the knock; `bytes` is what the server sent first. */
type Answer =
  | { kind: "bytes"; bytes: Buffer }
  | { kind: "closed"; bytes: Buffer; connected: boolean }
  | { kind: "silent"; connected: boolean }
  | { kind: "no-h2" }
  | { kind: "error"; error: NodeJS.ErrnoException; connected: boolean };

/**
 * Resolves where the server's first frame is SETTINGS.
 * @param endpoint `host:port`
 * @param flagName where the user named the endpoint
 * @param tls null: HTTP/2 without TLS
 * @throws BenchError (unreachable) in one line: the flag, the endpoint, what is there, the fix.
 */
export async function probeEndpoint(
  endpoint: string,
  timeoutMs: number,
  flagName = "--endpoints",
  tls: TlsMaterial | null = null,
): Promise<void> {
  const answer = await knock(endpoint, timeoutMs, tls);
  const fault = judge(endpoint, timeoutMs, tls, answer);
  if (fault === null) return;
  const message = `${flagName} ${endpoint}: ${fault}`;
  throw isSilent(answer, tls) ? new NoAnswerError(message) : unreachableError(message);
}

/** Nothing answers at an endpoint; what answers, and is no etcd or refuses, is another error (exit 3). */
export class NoAnswerError extends BenchError {
  constructor(message: string, cause?: unknown) {
    super(message, EXIT.unreachable, { cause });
  }
}

/** What refuses a handshake, or closes at once, is there. */
function isSilent(answer: Answer, tls: TlsMaterial | null): boolean {
  if (answer.kind === "silent") return true;
  if (answer.kind !== "error" || answer.connected || codeOf(answer.error) === "ECONNRESET") {
    return false;
  }
  return tls === null || tlsFault(answer.error, tls) === null;
}

function knock(endpoint: string, timeoutMs: number, tls: TlsMaterial | null): Promise<Answer> {
  return new Promise((resolve) => {
    let connected = false;
    let bytes = Buffer.alloc(0);
    const timer = setTimeout(() => settle({ kind: "silent", connected }), timeoutMs);
    const settle = (answer: Answer): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(
        bytes.length > 0 && answer.kind !== "bytes" ? { kind: "closed", bytes, connected } : answer,
      );
    };
    const socket = openSocket(endpoint, tls, (isHttp2) => {
      connected = true;
      if (isHttp2) socket.write(HELLO);
      else settle({ kind: "no-h2" });
    });
    socket.on("data", (chunk) => {
      bytes = Buffer.concat([bytes, chunk]);
      if (bytes.length >= FRAME_HEADER_BYTES) settle({ kind: "bytes", bytes });
    });
    socket.on("end", () => settle({ kind: "closed", bytes, connected }));
    socket.on("close", () => settle({ kind: "closed", bytes, connected }));
    socket.on("error", (error) => settle({ kind: "error", error, connected }));
  });
}

function openSocket(
  endpoint: string,
  tls: TlsMaterial | null,
  onConnect: (isHttp2: boolean) => void,
): Socket {
  const { host, port } = splitEndpoint(endpoint);
  if (tls === null) {
    return connectTcp({ host, port, noDelay: true }, () => onConnect(true));
  }
  const socket = connectTls(
    {
      host,
      port,
      ...connectionOptionsOf(tls, host),
      secureContext: secureContextOf(tls),
      ALPNProtocols: [HTTP2_PROTOCOL],
    },
    () => onConnect(socket.alpnProtocol === HTTP2_PROTOCOL),
  );
  return socket;
}

/** Node gathers the attempts at several addresses in one AggregateError. */
function codeOf(error: NodeJS.ErrnoException | AggregateError): string {
  const first = "errors" in error ? (error.errors[0] as NodeJS.ErrnoException) : error;
  return first.code ?? first.message;
}

/** The fault in a few words with its fix; null where HTTP/2 answered. */
function judge(
  endpoint: string,
  timeoutMs: number,
  tls: TlsMaterial | null,
  answer: Answer,
): string | null {
  const mayWant = tls !== null ? MAY_WANT_CERTIFICATE : MAY_WANT_TLS;
  switch (answer.kind) {
    case "silent":
      return answer.connected
        ? `it takes the connection but says nothing in ${timeoutMs} ms: is etcd frozen there, or is it another service?`
        : `no answer in ${timeoutMs} ms: check the address and the firewalls between`;
    case "no-h2":
      return "it speaks TLS, but no HTTP/2 over it: name etcd's client port";
    case "error": {
      const fault = tls === null ? null : tlsFault(answer.error, tls);
      if (fault !== null) return fault;
      // A reset after the greeting is a server that closed on bytes that it did not like.
      if (answer.connected) return `it closes the connection at once: ${mayWant}`;
      return connectFault(endpoint, codeOf(answer.error), tls);
    }
    case "closed":
      if (tls !== null && !answer.connected) return noHandshake(tls);
      if (answer.bytes.length === 0) return `it closes the connection at once: ${mayWant}`;
      return bytesFault(answer.bytes);
    case "bytes":
      return bytesFault(answer.bytes);
  }
}

function connectFault(endpoint: string, code: string, tls: TlsMaterial | null): string {
  switch (code) {
    case "ECONNRESET":
      return tls !== null
        ? noHandshake(tls)
        : "it resets the connection (ECONNRESET): check what listens there";
    case "ECONNREFUSED":
      return "nothing listens there (ECONNREFUSED): start etcd or correct the address";
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return `the host ${splitEndpoint(endpoint).host} does not resolve (${code}): correct the name or use an address`;
    default:
      return `no connection (${code}): check the address and the network between`;
  }
}

function bytesFault(bytes: Buffer): string | null {
  if (bytes.subarray(0, 7).toString("latin1") === "HTTP/1.") {
    return "it speaks HTTP/1, not gRPC: name etcd's client port, not its peer or metrics port";
  }
  if (bytes[0] === TLS_ALERT && bytes[1] === 3) {
    return "it speaks TLS: write https://, with --cacert for an authority of your own";
  }
  // RFC 9113 6.5: SETTINGS belongs to the connection, stream 0; the greeting is no ACK.
  const isSettings =
    bytes.length >= FRAME_HEADER_BYTES &&
    bytes[3] === SETTINGS &&
    bytes[4] === 0 &&
    bytes.readUInt32BE(5) === 0 &&
    bytes.readUIntBE(0, 3) % 6 === 0;
  return isSettings ? null : "it does not speak HTTP/2: name etcd's client port";
}
