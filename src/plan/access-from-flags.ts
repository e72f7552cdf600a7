/**
 * Reads the flags and variables that say how to get in, TLS files and the user, as etcdctl reads them.
 * What is returned for the plan names files and the user; the password goes another way.
 */
import { flagError, sourceError, usageError } from "../errors.ts";
import { type GivenFlags, isGiven as isFlagGiven, type Read } from "../flags/flag.ts";
import { ACCESS_FLAGS, type TARGET_FLAGS } from "../flags/target.ts";
import type { Scheme } from "./endpoints.ts";
import type { TlsPlan } from "./schema.ts";

const { user: USER, ...TLS_FLAGS } = ACCESS_FLAGS;

/** Who asks for a token. */
export interface NamedUser {
  name: string;
  /** Null: it is still to be asked for. */
  password: string | null;
}

/**
 * TLS is on with one of its flags or variables, or with an `https://` endpoint.
 * @param list how the endpoints were spoken of, and what the list is called
 */
export function tlsFromFlags(
  flags: Read<typeof ACCESS_FLAGS>,
  given: GivenFlags,
  env: NodeJS.ProcessEnv,
  list: { scheme: Scheme; listName: string },
  note: (line: string) => void,
): TlsPlan | null {
  const tlsFlags = Object.values(TLS_FLAGS);
  const byFlag = tlsFlags.find(({ name }) => Boolean(given[name]))?.name;
  const byVariable = tlsFlags.map(variableOf).find((name) => isGiven(env[name]));
  if (list.scheme === "http") {
    if (byFlag !== undefined) {
      throw flagError(
        byFlag,
        `--${byFlag} asks for TLS and ${list.listName} names http:// endpoints; write https://, or leave the flag out`,
      );
    }
    // etcdctl lets the scheme win, and a shell that is set up for TLS clusters is no mistake.
    if (byVariable !== undefined) {
      note(`${byVariable} has no effect: ${list.listName} names http:// endpoints`);
    }
    return null;
  }
  const isSkipGiven = isFlagGiven(given, TLS_FLAGS.skipVerify);
  // Empty is upstream's default: none, whatever the variable says.
  const tls: TlsPlan = {
    certFile: (flags.certFile ?? env[variableOf(TLS_FLAGS.certFile)]) || null,
    keyFile: (flags.keyFile ?? env[variableOf(TLS_FLAGS.keyFile)]) || null,
    caFile: (flags.caFile ?? env[variableOf(TLS_FLAGS.caFile)]) || null,
    serverName: (flags.serverName ?? env[variableOf(TLS_FLAGS.serverName)]) || null,
    skipVerify: isSkipGiven ? flags.skipVerify : switchOf(env, variableOf(TLS_FLAGS.skipVerify)),
  };
  if ((tls.certFile === null) !== (tls.keyFile === null)) {
    const [named, missing] =
      tls.certFile === null
        ? ([TLS_FLAGS.keyFile, TLS_FLAGS.certFile] as const)
        : ([TLS_FLAGS.certFile, TLS_FLAGS.keyFile] as const);
    const source = isFlagGiven(given, named) ? `--${named.name}` : variableOf(named);
    throw sourceError(
      source,
      `${source} needs --${missing.name} with it, e.g. --${missing.name}=FILE.pem`,
    );
  }
  const isAskedFor = Object.values(tls).some((each) => each !== null && each !== false);
  return isAskedFor || list.scheme === "https" ? tls : null;
}

/**
 * What follows the first colon is a password wherever it is written. etcdctl takes it for a part of
 * the name where ETCDCTL_PASSWORD is set: a user who writes it means a password, and a name is stored.
 * @throws BenchError (usage) that never holds what follows the colon.
 */
export function userFromFlags(given: GivenFlags, env: NodeJS.ProcessEnv): NamedUser | null {
  const flag = USER.read(given);
  const text = flag ?? env.ETCDCTL_USER ?? "";
  const source = flag === null ? "ETCDCTL_USER" : "--user";
  if (text === "") return null;
  const ofVariable = isGiven(env.ETCDCTL_PASSWORD) ? env.ETCDCTL_PASSWORD! : null;
  const colon = text.indexOf(":");
  if (colon < 0) return { name: text, password: ofVariable };
  if (colon === 0)
    throw sourceError(source, `${source}: no name is before the colon, e.g. --user=root`);
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

export function refuseWithoutLocal(flags: Read<typeof TARGET_FLAGS>): void {
  if (flags.tls) {
    throw flagError(
      "tls",
      "--tls starts a temporary cluster with TLS and needs --local; for a running cluster give https:// endpoints, or --cacert",
    );
  }
  if (flags.grpcProxy) {
    throw flagError(
      "grpc-proxy",
      "--grpc-proxy starts etcd's grpc-proxy in front of a temporary cluster and needs --local; for a proxy that is there name it in --endpoints",
    );
  }
  if (flags.isProxied) {
    throw flagError(
      "proxied",
      "--proxied starts fault proxies in front of a throwaway cluster and needs --local; a cluster that stays has them by bench cluster start --proxied",
    );
  }
  if (flags.auth !== null) {
    throw flagError(
      "auth",
      "--auth starts a temporary cluster with authentication and needs --local; for a running cluster give --user",
    );
  }
}

function switchOf(env: NodeJS.ProcessEnv, variable: string): boolean {
  const text = env[variable] ?? "";
  if (/^(1|t|T|TRUE|true|True)$/.test(text)) return true;
  if (/^(|0|f|F|FALSE|false|False)$/.test(text)) return false;
  throw usageError(`${variable}: ${JSON.stringify(text)} is not true or false`);
}

/** etcdctl's way from a flag to its variable. */
export function variableOf({ name }: { name: string }): string {
  return `ETCDCTL_${name.toUpperCase().replaceAll("-", "_")}`;
}

/** etcdctl takes an empty variable for none. */
function isGiven(text: string | undefined): boolean {
  return text !== undefined && text !== "";
}
