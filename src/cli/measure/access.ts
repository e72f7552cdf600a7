/**
 * Turns what a plan names, files and a user, into keys and a password, which stay
 * with us: what our children inherit does not hold them.
 */
import type { Access } from "../../access/access.ts";
import { readTlsFilesAndPipes } from "../../access/tls-files.ts";
import { flagError } from "../../errors.ts";
import type { GivenFlags } from "../../flags/flag.ts";
import { userFromFlags } from "../../plan/access-from-flags.ts";
import type { RunPlan } from "../../plan/schema.ts";
import { keepSecret } from "../../text/secrets.ts";
import { askHidden } from "../argv/ask-hidden.ts";
import { writeNote } from "../output/standard-output.ts";

/**
 * Asks for a password that is missing.
 * @throws BenchError (usage) for a file that cannot be used, or where the user cannot be asked
 */
export async function readAccess(
  { target }: Pick<RunPlan, "target">,
  flags: GivenFlags,
  env: NodeJS.ProcessEnv,
): Promise<Access> {
  const tls = target.tls === null ? null : await readTlsFilesAndPipes(target.tls, writeNote);
  const user = userFromFlags(flags, env);
  if (user === null) return { tls, credentials: null };
  const password = user.password ?? (await ask(user.name));
  keepSecret(password, user.name);
  return { tls, credentials: { user: user.name, password } };
}

async function ask(user: string): Promise<string> {
  if (process.stdin.isTTY && process.stderr.isTTY) return await askHidden(`Password of ${user}: `);
  throw flagError(
    "user",
    "--user: the password is missing, and there is no terminal to ask for it; give --user=NAME:PASSWORD, or set ETCDCTL_PASSWORD",
  );
}
