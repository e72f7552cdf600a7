/**
 * Puts a program named `bench` into a folder, for what tests run through a shell: it sends its command
 * line to the test's process, which runs it where it runs the others (resident-bench.ts).
 */
import { chmod, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { type CommandRequest, runInResident } from "./resident-bench.ts";
import { type ResidentServer, serveResidents } from "./resident-server.ts";

const CLIENT = fileURLToPath(new URL("./bench-program-client.js", import.meta.url));

export type BenchProgram = ResidentServer;

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
  const server = await serveResidents(socketPath, async (request) => {
    const end = await runInResident(request);
    await afterEach(request);
    return end;
  });
  const program = path.join(folder, "bench");
  await writeFile(
    program,
    `#!/bin/sh\nexec "${process.execPath}" "${CLIENT}" "${socketPath}" "${limitMs}" "$@"\n`,
  );
  await chmod(program, 0o755);
  return server;
}
