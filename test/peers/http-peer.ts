/**
 * Scripted HTTP/1.1 server for tests: it sends the bytes that a test gives on each connection, and
 * keeps the requests.
 */
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, type TlsOptions } from "node:tls";
import { until } from "../harness/conditions.ts";

export interface PeerRequest {
  line: string;
  /** By header name in lower case. */
  fields: Record<string, string>;
  body: string;
}

export class HttpPeerConnection {
  readonly socket: Socket;
  #received = "";

  constructor(socket: Socket) {
    this.socket = socket;
    socket.setEncoding("latin1");
    socket.on("data", (text) => {
      this.#received += String(text);
    });
    // The client may close a connection at any time.
    socket.on("error", () => {});
  }

  /** Waits for the next complete request. */
  request(): Promise<PeerRequest> {
    return until("a request comes", () => this.#take(), 1);
  }

  /** Sends a response with this status; the body is JSON unless `fields` has another type. */
  respond(body: string, status = "200 OK", fields: readonly string[] = []): void {
    const lines = [
      `HTTP/1.1 ${status}`,
      "Content-Type: application/json",
      ...fields,
      `Content-Length: ${Buffer.byteLength(body)}`,
    ];
    this.socket.write(`${lines.join("\r\n")}\r\n\r\n${body}`);
  }

  get isClosed(): boolean {
    return this.socket.closed;
  }

  /** Received bytes that no request has used. */
  get rest(): string {
    return this.#received;
  }

  #take(): PeerRequest | null {
    const headEnd = this.#received.indexOf("\r\n\r\n");
    if (headEnd < 0) return null;
    const [line = "", ...fieldLines] = this.#received.slice(0, headEnd).split("\r\n");
    const fields = Object.fromEntries(
      fieldLines.map((each) => {
        const [name = "", value = ""] = each.split(/:(.*)/s);
        return [name.toLowerCase(), value.trim()];
      }),
    );
    const bodyStart = headEnd + 4;
    const bodyEnd = bodyStart + Number(fields["content-length"]);
    if (this.#received.length < bodyEnd) return null;
    const body = this.#received.slice(bodyStart, bodyEnd);
    this.#received = this.#received.slice(bodyEnd);
    return { line, fields, body };
  }
}

export class HttpPeer {
  readonly endpoint: string;
  readonly #server: Server;
  readonly #accepted: HttpPeerConnection[] = [];
  readonly #all: HttpPeerConnection[] = [];
  #closed: Promise<void> | null = null;

  private constructor(server: Server, port: number, isSecure: boolean) {
    this.#server = server;
    this.endpoint = `127.0.0.1:${port}`;
    server.on(isSecure ? "secureConnection" : "connection", (socket: Socket) => {
      const connection = new HttpPeerConnection(socket);
      this.#accepted.push(connection);
      this.#all.push(connection);
    });
  }

  /** Listens on a free port of 127.0.0.1; uses TLS when `tls` is given. */
  static async listen(tls?: TlsOptions): Promise<HttpPeer> {
    const server = tls
      ? createTlsServer({ ...tls, noDelay: true })
      : createServer({ noDelay: true });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("no TCP address");
    return new HttpPeer(server, address.port, tls !== undefined);
  }

  /** Number of connections so far. */
  get connections(): number {
    return this.#all.length;
  }

  /** The next connection, in order of arrival. */
  accept(): Promise<HttpPeerConnection> {
    return until("a connection comes", () => this.#accepted.shift() ?? null, 1);
  }

  /** A second call does nothing more. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    for (const { socket } of this.#all) socket.destroy();
    const closed = once(this.#server, "close");
    this.#server.close();
    await closed;
  }
}
