/** The program `bench` in the shell of a test (bench-program.ts). It loads few modules. */
import type { CommandEnd } from "./resident-bench.ts";
import { askServer } from "./resident-client.ts";

const [socketPath, limitMs, ...args] = process.argv.slice(2);
const request = { args, cwd: process.cwd(), env: process.env, limitMs: Number(limitMs) };
/** The end of a command that hangs or ends its process. */
const failed = (error: Error): Pick<CommandEnd, "code" | "stdout" | "stderr"> => ({
  code: 70,
  stdout: "",
  stderr: `${error.message}\n`,
});
const { code, stdout, stderr } = await askServer(socketPath!, request).catch(failed);
process.stdout.write(stdout);
process.stderr.write(stderr);
process.exitCode = code;
