/**
 * Reads how to get into the coordination etcd that a user names: from a join file, or from its URL and files of
 * its certificates, the user's password and the secret of the group. No secret is in an argument.
 */
import { readNamedPipes } from "../access/named-pipe.ts";
import { readTlsFiles } from "../access/tls-files.ts";
import { flagError } from "../errors.ts";
import { keepSecret } from "../text/secrets.ts";
import {
  JOIN_FILE_VERSION,
  type JoinFile,
  ofGroup,
  readJoinFile,
  readSecretText,
  SECRET_BYTES,
} from "./join-file.ts";

/** As the flags of src/flags/coordination.ts are read. */
export interface NamedCoordination {
  /** A file, or a URL. */
  coordination: string | null;
  agentGroup: string | null;
  coordinationSecretFile: string | null;
  coordinationCaFile: string | null;
  coordinationCertFile: string | null;
  coordinationKeyFile: string | null;
  coordinationUser: string | null;
  coordinationPasswordFile: string | null;
}

const DEFAULT_GROUP = "default";
const FLAG_OF = {
  coordinationSecretFile: "coordination-secret-file",
  coordinationCaFile: "coordination-cacert",
  coordinationCertFile: "coordination-cert",
  coordinationKeyFile: "coordination-key",
  coordinationUser: "coordination-user",
  coordinationPasswordFile: "coordination-password-file",
} as const;

/**
 * Null: the user names none.
 * @param read texts that were read already, by their files
 * @throws BenchError (usage) that names the flag or the file, and the fix
 */
export function joinFileOf(
  named: NamedCoordination,
  read: ReadonlyMap<string, string> = new Map(),
): JoinFile | null {
  const { coordination, agentGroup: group } = named;
  const ofUrl = Object.keys(FLAG_OF) as (keyof typeof FLAG_OF)[];
  const given = ofUrl.find((key) => named[key] !== null);
  if (coordination?.includes("://")) return ofGroup(joinOf(coordination, named, read), group);
  if (given !== undefined) {
    const flag = FLAG_OF[given];
    const taken = coordination === null ? "" : `, and ${coordination} was taken for a join file`;
    throw flagError(
      flag,
      `--${flag} has no meaning without --coordination=https://HOST:PORT${taken}; a join file has all of it`,
    );
  }
  return coordination === null
    ? null
    : ofGroup(readJoinFile("--coordination", coordination, read), group);
}

/**
 * As joinFileOf. A named pipe without a writer, which `say` tells the user of, is waited for in such a way
 * that a signal ends the wait.
 */
export async function joinFileWithPipes(
  named: NamedCoordination,
  say: (line: string) => void,
): Promise<JoinFile | null> {
  return joinFileOf(named, await readNamedPipes(filesOf(named), say));
}

/** That are read, null where one is not named. */
export function filesOf(named: NamedCoordination): (string | null)[] {
  return [
    named.coordination,
    named.coordinationSecretFile,
    named.coordinationCaFile,
    named.coordinationCertFile,
    named.coordinationKeyFile,
    named.coordinationPasswordFile,
  ];
}

function joinOf(
  coordination: string,
  named: NamedCoordination,
  read: ReadonlyMap<string, string>,
): JoinFile {
  const { endpoints, isTls } = readUrls(coordination);
  return {
    ...{ version: JOIN_FILE_VERSION, endpoints, group: DEFAULT_GROUP },
    secret: secretOf(named.coordinationSecretFile, read),
    tls: isTls ? tlsOf(named, read) : withoutTls(named),
    user: userOf(named, read),
  };
}

function readUrls(text: string): { endpoints: string[]; isTls: boolean } {
  const urls = text.split(",").map((each) => {
    const url = URL.canParse(each) ? new URL(each) : null;
    const isHttp = url !== null && (url.protocol === "https:" || url.protocol === "http:");
    const isPlain = isHttp && url.pathname === "/" && url.search === "" && url.hash === "";
    if (!isPlain || url.username !== "" || url.password !== "") {
      throw flagError(
        "coordination",
        "--coordination: a URL has a host and a port alone, as in https://coord:2379; " +
          "a user goes to --coordination-user, and the password into a file",
      );
    }
    const port = url.port === "" ? (url.protocol === "https:" ? "443" : "80") : url.port;
    return { endpoint: `${url.hostname}:${port}`, protocol: url.protocol };
  });
  const [first] = urls;
  if (urls.some(({ protocol }) => protocol !== first!.protocol)) {
    throw flagError("coordination", "--coordination: give all URLs as https, or all as http");
  }
  return {
    endpoints: urls.map(({ endpoint }) => endpoint),
    isTls: first!.protocol === "https:",
  };
}

function tlsOf(
  {
    coordinationCaFile: caFile,
    coordinationCertFile: certFile,
    coordinationKeyFile: keyFile,
  }: NamedCoordination,
  read: ReadonlyMap<string, string>,
): JoinFile["tls"] {
  if ((certFile === null) !== (keyFile === null)) {
    const [missing, there] = certFile === null ? ["cert", "key"] : ["key", "cert"];
    throw flagError(
      `coordination-${missing}`,
      `--coordination-${there} needs --coordination-${missing}: give both, or neither`,
    );
  }
  const plan = { caFile, certFile, keyFile, serverName: null, skipVerify: false };
  const { ca, cert, key, serverName } = readTlsFiles(plan, "--coordination-", read);
  return { ca, cert, key, serverName };
}

function withoutTls(named: NamedCoordination): null {
  const { coordinationCaFile, coordinationCertFile, coordinationKeyFile } = named;
  const files = [coordinationCaFile, coordinationCertFile, coordinationKeyFile];
  if (files.every((file) => file === null)) return null;
  throw flagError(
    "coordination",
    "--coordination: certificates have no meaning with http; give an https URL, or leave them out",
  );
}

function userOf(
  { coordinationUser: user, coordinationPasswordFile: passwordFile }: NamedCoordination,
  read: ReadonlyMap<string, string>,
): JoinFile["user"] {
  if (user === null && passwordFile === null) return null;
  if (user === null || passwordFile === null) {
    const [missing, there] =
      user === null
        ? [FLAG_OF.coordinationUser, FLAG_OF.coordinationPasswordFile]
        : [FLAG_OF.coordinationPasswordFile, FLAG_OF.coordinationUser];
    throw flagError(missing, `--${there} needs --${missing}: give both, or neither`);
  }
  const flag = `--${FLAG_OF.coordinationPasswordFile}`;
  const password = readSecretText(
    flag,
    passwordFile,
    "name a file with the password",
    read,
  ).trimEnd();
  if (password === "")
    throw flagError(FLAG_OF.coordinationPasswordFile, `${flag}: ${passwordFile} is empty`);
  keepSecret(password, user);
  return { name: user, password };
}

function secretOf(file: string | null, read: ReadonlyMap<string, string>): string {
  const flag = `--${FLAG_OF.coordinationSecretFile}`;
  const how = "make it by openssl rand -base64 32, with mode 600, the same for runs and agents";
  if (file === null) {
    throw flagError(
      FLAG_OF.coordinationSecretFile,
      `--coordination=URL needs ${flag}=FILE, with the secret that seals messages: ${how}`,
    );
  }
  const text = readSecretText(flag, file, how, read).trim();
  keepSecret(text);
  const bytes = /^[\w+/-]{43}=?$/.test(text) ? Buffer.from(text, "base64") : null;
  if (bytes?.length !== SECRET_BYTES) {
    throw flagError(
      FLAG_OF.coordinationSecretFile,
      `${flag}: ${file} has no secret of ${SECRET_BYTES} octets in base64: ${how}`,
    );
  }
  const secret = bytes.toString("base64url");
  keepSecret(secret);
  return secret;
}
