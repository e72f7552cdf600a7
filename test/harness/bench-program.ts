/**
 * Puts a program named `bench` into a folder, for tests that use a shell. It sends its command line
 * to the test's process, which runs it in a resident bench (resident-bench.ts).
 */
import { chmod, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { type CommandRequest, runInResident } from "./resident-bench.ts";
import { type ResidentServer, serveResidents } from "./resident-server.ts";

const CLIENT = fileURLToPath(new URL("./bench-program-client.js", import.meta.url));

export type BenchProgram = ResidentServer;

/**
 * Writes the program into `folder`, which goes on the PATH.
 * @param afterEach runs after each command, before its caller continues
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
