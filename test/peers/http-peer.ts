/**
 * The scripted HTTP/1.1 server of tests: each connection gets the bytes that a test writes, and keeps
 * the requests that come.
 */
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, type TlsOptions } from "node:tls";
import { until } from "../harness/conditions.ts";

export interface PeerRequest {
  line: string;
  /** By their names in small letters. */
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
    // The client may end a connection as it likes.
    socket.on("error", () => {});
  }

  /** The next request, once it has come whole. */
  request(): Promise<PeerRequest> {
    return until("a request comes", () => this.#take(), 1);
  }

  /** A response of that status, of JSON unless `fields` has more to say. */
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

  /** What has come and was not taken as a request. */
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

  /** Listens on a free port of 127.0.0.1; with `tls` for connections over TLS. */
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

  /** How many connections have come. */
  get connections(): number {
    return this.#all.length;
  }

  /** The next connection, in the order in which they came. */
  accept(): Promise<HttpPeerConnection> {
    return until("a connection comes", () => this.#accepted.shift() ?? null, 1);
  }

  /** Closing it again does nothing more. */
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
