/** Runs commands from a socket, one for each connection, for resident-client.ts. */
import { createServer, type Socket } from "node:net";
import { createInterface } from "node:readline";
import type { CommandEnd, CommandRequest } from "./resident-bench.ts";
import type { CommandAnswer } from "./resident-client.ts";

export interface ResidentServer {
  close(): Promise<void>;
}

/** @param run gets a signal that is aborted when the client is gone */
export async function serveResidents(
  socketPath: string,
  run: (request: CommandRequest, abandoned: AbortSignal) => Promise<CommandEnd>,
): Promise<ResidentServer> {
  const server = createServer((socket) => answer(socket, run));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(socketPath, resolve);
  });
  return { close: () => new Promise((resolve) => server.close(() => resolve())) };
}

function answer(
  socket: Socket,
  run: (request: CommandRequest, abandoned: AbortSignal) => Promise<CommandEnd>,
): void {
  const gone = new AbortController();
  socket.on("close", () => gone.abort());
  // A killed client causes an error; the close event that follows handles it.
  socket.on("error", () => {});
  createInterface(socket).once("line", async (line) => {
    const answered: CommandAnswer = await run(JSON.parse(line) as CommandRequest, gone.signal).then(
      (end) => ({ end }),
      (error: Error) => ({ error: error.message }),
    );
    socket.end(JSON.stringify(answered));
  });
}
