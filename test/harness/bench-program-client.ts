/** The program `bench` of a shell in tests (bench-program.ts): it loads next to nothing. */
import type { CommandEnd } from "./resident-bench.ts";
import { askServer } from "./resident-client.ts";

const [socketPath, limitMs, ...args] = process.argv.slice(2);
const request = { args, cwd: process.cwd(), env: process.env, limitMs: Number(limitMs) };
/** A command that hangs, or ends its process, is one that failed. */
const failed = (error: Error): Pick<CommandEnd, "code" | "stdout" | "stderr"> => ({
  code: 70,
  stdout: "",
  stderr: `${error.message}\n`,
});
const { code, stdout, stderr } = await askServer(socketPath!, request).catch(failed);
process.stdout.write(stdout);
process.stderr.write(stderr);
process.exitCode = code;
