/** Asks an etcd executable whether it takes flags, without starting it. */
import { runProgram } from "../../machine/run-program.ts";

/** Generous, since a machine under load may take seconds to page in a 20 MB executable. */
const CHECK_MS = 30_000;

/** etcd's reason against the first flag that it does not take; null: it takes all, as far as it says. */
export async function refusedServerArg(
  path: string,
  args: readonly string[],
): Promise<string | null> {
  // It reads all flags before it prints its version.
  const { code, stderr } = await runProgram(path, [...args, "--version"], { timeoutMs: CHECK_MS });
  if (code === 0 || code === null) return null;
  return stderr.trim().split("\n")[0] || `exit code ${code}`;
}
