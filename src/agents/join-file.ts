/**
 * Reads and writes the join file: where the coordination etcd is, how to get in, and the secret that seals
 * all messages of a group. Only its owner may read it, because no other file has these secrets.
 */
import { randomBytes } from "node:crypto";
import { closeSync, openSync, readFileSync, statSync, writeSync } from "node:fs";
import { hostname } from "node:os";
import * as z from "zod";
import type { Access } from "../access/access.ts";
import { BenchError, flagError, usageError } from "../errors.ts";
import { reason } from "../system-error.ts";
import { keepSecret } from "../text/secrets.ts";
import { readNamedFile } from "../text-file.ts";

export const JOIN_FILE_VERSION = 1;
export const SECRET_BYTES = 32;
/** Of group and of others in the mode of a file. */
const OF_OTHERS = 0o077;
const READ_BY_GROUP = 0o040;
const ROOT = 0;
/** Of a name that is made from it. */
const MOST_HOST_CHARS = 50;
const GROUP = /^[\w.-]{1,64}$/;
/** In the place of a path: standard input. */
const STANDARD_INPUT = "-";
const NONE_READ: ReadonlyMap<string, string> = new Map();

const joinFileSchema = z.object({
  version: z.literal(JOIN_FILE_VERSION),
  /** `host:port` of the members of the coordination etcd. */
  endpoints: z.array(z.string().regex(/^\S+:\d{1,5}$/)).min(1),
  /** Agents and runs of one group find each other: letters, digits, `_`, `.` and `-`. */
  group: z.string().regex(GROUP),
  /** 32 octets in base64url, which seal every message. */
  secret: z.string().regex(/^[\w-]{43}$/),
  /** PEM text; null: no TLS. */
  tls: z
    .object({
      ca: z.string().nullable(),
      cert: z.string().nullable(),
      key: z.string().nullable(),
      /** To expect in the server's certificate; null: the endpoint's host. */
      serverName: z.string().nullable().default(null),
    })
    .nullable(),
  /** Null: etcd asks for no user. */
  user: z.object({ name: z.string().min(1), password: z.string().min(1) }).nullable(),
});

export type JoinFile = z.infer<typeof joinFileSchema>;

export function newGroupSecret(): string {
  return randomBytes(SECRET_BYTES).toString("base64url");
}

/** For a new group, in a cluster of bench's own. */
export function newJoinFile(
  group: string,
  { endpoints, access: { tls, credentials } }: { endpoints: readonly string[]; access: Access },
): JoinFile {
  return {
    ...{ version: JOIN_FILE_VERSION, endpoints: [...endpoints], group, secret: newGroupSecret() },
    tls: tls === null ? null : { ca: tls.ca, cert: tls.cert, key: tls.key, serverName: null },
    user: credentials === null ? null : { name: credentials.user, password: credentials.password },
  };
}

/**
 * @param path `-`: standard input
 * @param read texts that were read already, by their files
 * @throws BenchError (usage) that names the file and the fix, and quotes nothing of it
 */
export function readJoinFile(flag: string, path: string, read = NONE_READ): JoinFile {
  const text =
    path === STANDARD_INPUT
      ? readFileSync(process.stdin.fd, "utf8")
      : readSecretText(flag, path, "name a join file", read);
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw usageError(`${flag}: ${path} is no JSON; name the join file that bench wrote`);
  }
  const { success, data, error } = joinFileSchema.safeParse(parsed);
  if (!success) {
    const where = error.issues[0]!.path.join(".") || "the whole";
    throw usageError(
      `${flag}: ${path} is not a join file of version ${JOIN_FILE_VERSION}: ${where} is missing or wrong; ` +
        "name the join file that this version of bench wrote",
    );
  }
  keepSecret(data.secret);
  if (data.user !== null) keepSecret(data.user.password, data.user.name);
  return data;
}

/** The group that a flag names in place of the file's. @throws BenchError (usage) */
export function ofGroup(join: JoinFile, group: string | null): JoinFile {
  if (group === null) return join;
  if (GROUP.test(group)) return { ...join, group };
  throw usageError(
    `--group: ${JSON.stringify(group)}: a group has 1 to 64 letters, digits, dots, dashes or underscores, e.g. --group=load`,
  );
}

/**
 * The name that a flag gives to an agent; without one a name of this process alone.
 * @throws BenchError (usage)
 */
export function agentName(name: string | null): string {
  if (name === null) {
    const host = hostname().replace(/[^\w.-]/g, "") || "agent";
    return `${host.slice(0, MOST_HOST_CHARS)}-${randomBytes(3).toString("hex")}`;
  }
  if (GROUP.test(name)) return name;
  throw flagError(
    "name",
    `--name: ${JSON.stringify(name)}: an agent's name has 1 to 64 letters, digits, dots, dashes or underscores, e.g. --name=host7`,
  );
}

/** Only this user may read it. @throws BenchError (usage) where it is there, or cannot be written */
export function writeJoinFile(path: string, join: JoinFile): void {
  try {
    const file = openSync(path, "wx", 0o600);
    try {
      writeSync(file, `${JSON.stringify(join, null, 2)}\n`);
    } finally {
      closeSync(file);
    }
  } catch (cause) {
    throw usageError(`cannot write the join file ${path}: ${reason(cause)}`, cause);
  }
}

export function accessOf({ tls, user }: JoinFile): Access {
  return {
    tls: tls === null ? null : { ...tls, skipVerify: false },
    credentials: user === null ? null : { user: user.name, password: user.password },
  };
}

/**
 * A file of root may be read by its group, if this process is not root: root gave it to that group, as
 * Kubernetes does with a Secret, and as PostgreSQL has it for the keys of its certificates.
 * @param user of this process
 */
export function isPrivate({ mode, uid }: { mode: number; uid: number }, user: number | null) {
  const isGiven = uid === ROOT && user !== ROOT;
  return (mode & OF_OTHERS & ~(isGiven ? READ_BY_GROUP : 0)) === 0;
}

/**
 * @param fix for a file that cannot be read
 * @param read texts that were read already, by their files
 * @throws BenchError (usage) where others may read it, too
 */
export function readSecretText(flag: string, path: string, fix: string, read = NONE_READ): string {
  try {
    if (!isPrivate(statSync(path), process.getuid?.() ?? null)) {
      throw usageError(
        `${flag}: ${path} has secrets, and other users may read it; chmod 600 ${path}`,
      );
    }
    return read.get(path) ?? readNamedFile(path);
  } catch (cause) {
    if (cause instanceof BenchError) throw cause;
    if (isNoFile(cause)) throw usageError(`${flag}: ${NO_FILE}; ${fix}`);
    throw usageError(`${flag}: ${path}: ${reason(cause)}; ${fix}`, cause);
  }
}

const NO_FILE =
  "there is no such file; the name is not repeated here, since it may be the secret itself";

function isNoFile(cause: unknown): boolean {
  const { code } = cause as NodeJS.ErrnoException;
  return code === "ENOENT" || code === "ENAMETOOLONG";
}
