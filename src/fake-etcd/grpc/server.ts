/**
 * A small gRPC server on loopback, over wire/'s HTTP/2: hands each call to its method. As etcd does, it
 * may serve HTTP/1.1 on the same port.
 */
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { CLIENT_PREFACE } from "#wire/framing";
import { ServedConnection } from "./connection.ts";
import type { Methods } from "./methods.ts";
import type { Outgoing } from "./outgoing.ts";

/** Node's own 511 would drop some of a thousand connections that open at once. */
const BACKLOG = 4_096;

export interface GrpcServer {
  readonly port: number;
  /** Connections that are open. */
  readonly connections: number;
  /** Closes all connections without an HTTP/2 frame, as a server that is killed does. */
  dropConnections(): void;
  close(): Promise<void>;
}

export interface GrpcServerOptions {
  /** Called for each connection: those that get the same methods share what the methods keep. */
  methods: () => Methods;
  /** A unary call is answered, or a message of a stream has come. */
  onAnswer?: () => void;
  /** Takes a connection that does not begin as HTTP/2 does; absent: each is one of HTTP/2. */
  serveHttp1?: (socket: Socket) => void;
  /** A connection has opened or closed. */
  onConnections?: () => void;
}

export async function startGrpcServer(options: GrpcServerOptions): Promise<GrpcServer> {
  const { methods, serveHttp1, onAnswer = () => {}, onConnections = () => {} } = options;
  const sockets = new Set<Socket>();
  const unflushed = new Set<Outgoing>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on("close", () => {
      sockets.delete(socket);
      onConnections();
    });
    const serve = () => {
      new ServedConnection(socket, { methods: methods(), unflushed, onAnswer });
    };
    if (serveHttp1 === undefined) serve();
    else {
      // As little as one octet tells: no method of HTTP/1.1 that etcd serves begins as the preface does.
      socket.once("data", (chunk: Buffer) => {
        if (chunk[1] === CLIENT_PREFACE[1]) serve();
        else serveHttp1(socket);
        socket.emit("data", chunk);
      });
    }
    onConnections();
  });
  server.listen({ host: "127.0.0.1", port: 0, backlog: BACKLOG });
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no TCP address");
  const dropConnections = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: address.port,
    get connections() {
      return sockets.size;
    },
    dropConnections,
    async close() {
      dropConnections();
      const closed = once(server, "close");
      server.close();
      await closed;
    },
  };
}
