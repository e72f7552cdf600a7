/**
 * Puts a program named `bench` into a folder, for what tests run through a shell: it sends its command
 * line to the test's process, which runs it where it runs the others (resident-bench.ts).
 */
import { once } from "node:events";
import { chmod, writeFile } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { type CommandEnd, runInResident } from "./resident-bench.ts";

const CLIENT = fileURLToPath(new URL("./bench-program-client.js", import.meta.url));

/** What the program sends, as JSON, for a `CommandEnd`. */
export interface CommandRequest {
  args: readonly string[];
  cwd: string;
  env: NodeJS.ProcessEnv;
}

export interface BenchProgram {
  close(): Promise<void>;
}

/**
 * Puts the program into `folder`, which goes on the PATH.
 * @param afterEach runs when a command has ended, before its caller goes on
 */
export async function placeBenchProgram(
  folder: string,
  limitMs: number,
  afterEach: (request: CommandRequest) => Promise<void> = async () => {},
): Promise<BenchProgram> {
  const socketPath = path.join(folder, "bench.socket");
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    void answer(socket, limitMs, afterEach);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(socketPath, resolve);
  });
  const program = path.join(folder, "bench");
  await writeFile(
    program,
    `#!/bin/sh\nexec "${process.execPath}" "${CLIENT}" "${socketPath}" "$@"\n`,
  );
  await chmod(program, 0o755);
  return { close: () => closed(server) };
}

async function answer(
  socket: Socket,
  limitMs: number,
  afterEach: (request: CommandRequest) => Promise<void>,
): Promise<void> {
  // No async iterator: it would take the socket down at the request's end.
  let text = "";
  socket.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
  });
  await once(socket, "end");
  const request = JSON.parse(text) as CommandRequest;
  const end = await endOf(request, limitMs);
  await afterEach(request);
  socket.end(JSON.stringify(end));
}

/** A command that hangs, or ends its process, is one that failed. */
async function endOf({ args, cwd, env }: CommandRequest, limitMs: number): Promise<CommandEnd> {
  try {
    return await runInResident(args, cwd, env, limitMs);
  } catch (error) {
    return { code: 70, stdout: "", stderr: `${(error as Error).message}\n` };
  }
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}
