/**
 * Owns the flags and variables that say how to get in: TLS files and the user, read as etcdctl reads
 * them. What is returned for the plan names files and the user; the password goes another way.
 */
import { usageError } from "../errors.ts";
import type { Scheme } from "./endpoints.ts";
import type { PlanFlags } from "./plan-flags.ts";
import type { RunPlan, TlsPlan } from "./schema.ts";
import { badValue } from "./units.ts";

const TLS_FLAGS = ["cacert", "cert", "key", "tls-server-name", "insecure-skip-tls-verify"] as const;

/** What has no meaning beside `--local`, which makes its own. */
export const ACCESS_FLAGS = [...TLS_FLAGS, "user"] as const;

/** Who asks for a token. */
export interface NamedUser {
  name: string;
  /** Null: it is still to be asked for. */
  password: string | null;
}

/**
 * TLS is on where a flag of it, a variable of it or an `https://` endpoint says so.
 * @param list how the endpoints were spoken of, and what the list is called
 */
export function tlsFromFlags(
  flags: PlanFlags,
  env: NodeJS.ProcessEnv,
  list: { scheme: Scheme; listName: string },
  note: (line: string) => void,
): TlsPlan | null {
  const byFlag = TLS_FLAGS.find((name) => Boolean(flags[name]));
  const variables = TLS_FLAGS.map(variableOf);
  const byVariable = variables.find((name) => isGiven(env[name]));
  if (list.scheme === "http") {
    if (byFlag !== undefined) {
      throw usageError(
        `--${byFlag} asks for TLS and ${list.listName} names http:// endpoints; write https://, or leave the flag out`,
      );
    }
    // etcdctl lets the scheme win, and a shell that is set up for TLS clusters is no mistake.
    if (byVariable !== undefined) {
      note(`${byVariable} has no effect: ${list.listName} names http:// endpoints`);
    }
    return null;
  }
  const skipVerify = switchOf(flags, env, "insecure-skip-tls-verify");
  const tls: TlsPlan = {
    certFile: fileOf(flags, env, "cert"),
    keyFile: fileOf(flags, env, "key"),
    caFile: fileOf(flags, env, "cacert"),
    serverName: fileOf(flags, env, "tls-server-name"),
    skipVerify,
  };
  if ((tls.certFile === null) !== (tls.keyFile === null)) {
    const [given, missing] = tls.certFile === null ? ["key", "cert"] : ["cert", "key"];
    throw usageError(`--${given} needs --${missing} beside it, e.g. --${missing}=FILE.pem`);
  }
  const isAskedFor = Object.values(tls).some((each) => each !== null && each !== false);
  return isAskedFor || list.scheme === "https" ? tls : null;
}

/**
 * What follows the first colon is a password wherever it is written. etcdctl takes it for a part of
 * the name where ETCDCTL_PASSWORD is set: whoever writes it means a password, and a name is stored.
 * @throws BenchError (usage) that never holds what follows the colon.
 */
export function userFromFlags(flags: PlanFlags, env: NodeJS.ProcessEnv): NamedUser | null {
  const text = flags.user ?? env.ETCDCTL_USER ?? "";
  const source = flags.user === undefined ? "ETCDCTL_USER" : "--user";
  if (text === "") return null;
  const ofVariable = isGiven(env.ETCDCTL_PASSWORD) ? env.ETCDCTL_PASSWORD! : null;
  const colon = text.indexOf(":");
  if (colon < 0) return { name: text, password: ofVariable };
  if (colon === 0) throw usageError(`${source}: no name is before the colon, e.g. --user=root`);
  if (source === "ETCDCTL_USER" && ofVariable !== null) {
    throw usageError(
      "ETCDCTL_USER holds a password after its colon, and ETCDCTL_PASSWORD is set, too; leave one of them out",
    );
  }
  // A flag goes before a variable.
  return { name: text.slice(0, colon), password: text.slice(colon + 1) || (ofVariable ?? "") };
}

/** The user's name alone. */
export function userName(text: string): string {
  return text.split(":")[0]!;
}

export function localAuthOf(flags: PlanFlags): NonNullable<RunPlan["target"]["local"]>["auth"] {
  if (flags.auth === undefined) return null;
  const auth = (["simple", "jwt"] as const).find((each) => each === flags.auth);
  if (auth === undefined) throw badValue("--auth", flags.auth, "simple or jwt", "jwt");
  return auth;
}

export function refuseWithoutLocal(flags: PlanFlags): void {
  if (flags.tls) {
    throw usageError(
      "--tls starts a throwaway cluster over TLS and needs --local; for a cluster that is there name https:// endpoints, or --cacert",
    );
  }
  if (flags.auth !== undefined) {
    throw usageError(
      "--auth starts a throwaway cluster with authentication and needs --local; for a cluster that is there give --user",
    );
  }
}

function fileOf(
  flags: PlanFlags,
  env: NodeJS.ProcessEnv,
  name: "cacert" | "cert" | "key" | "tls-server-name",
): string | null {
  // Empty is upstream's default: none, whatever the variable says.
  return (flags[name] ?? env[variableOf(name)]) || null;
}

function switchOf(flags: PlanFlags, env: NodeJS.ProcessEnv, name: "insecure-skip-tls-verify") {
  if (flags[name] !== undefined) return flags[name];
  const variable = variableOf(name);
  const text = env[variable] ?? "";
  if (/^(1|t|T|TRUE|true|True)$/.test(text)) return true;
  if (/^(|0|f|F|FALSE|false|False)$/.test(text)) return false;
  throw usageError(`${variable}: ${JSON.stringify(text)} is not true or false`);
}

/** etcdctl's way from a flag to its variable. */
function variableOf(flagName: string): string {
  return `ETCDCTL_${flagName.toUpperCase().replaceAll("-", "_")}`;
}

/** etcdctl takes an empty variable for none. */
function isGiven(text: string | undefined): boolean {
  return text !== undefined && text !== "";
}
