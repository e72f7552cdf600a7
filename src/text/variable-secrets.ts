/** Finds the passwords and tokens in variables: of this process, of a file, of a command for a shell. */
import { keepAddressSecrets, keepSecret, keepUserSecret } from "./secrets.ts";

/** Variables whose names say that they are secret: API_TOKEN, PGPASSWORD. */
const SECRET = /(?:PASSWORD|PASSWD|SECRET|TOKEN|CREDENTIALS?)$/i;
/** What etcdctl takes for an address or a file, where a user may write a password before one. */
const ETCDCTL_ADDRESS = /^ETCDCTL_(?!USER$|PASSWORD$)/;
/** A shorter value may be a word or a number of our own text. */
const LEAST_CHARACTERS = 8;
/** `NAME=value` before a command, the value in quotes or not. */
const ASSIGNMENT = /(?<![\w-])([A-Z]\w*)=(?:"([^"]*)"|'([^']*)'|(\S*))/g;

export function keepVariableSecrets(env: Readonly<Record<string, string | undefined>>): void {
  const { ETCDCTL_USER: user = "", ETCDCTL_PASSWORD: password = "" } = env;
  keepUserSecret(user);
  keepSecret(password, user.split(":")[0]);
  for (const [name, value = ""] of Object.entries(env)) {
    if (SECRET.test(name) && value.length >= LEAST_CHARACTERS) keepSecret(value);
    const isAddress = value.includes("://") || ETCDCTL_ADDRESS.test(name);
    if (isAddress && value.includes("@")) keepAddressSecrets(value);
  }
}

/** Those that a command for a shell sets. */
export function keepAssignedSecrets(command: string): void {
  const assigned = [...command.matchAll(ASSIGNMENT)].map(
    ([, name, quoted, single, bare]): [string, string] => [name!, quoted ?? single ?? bare ?? ""],
  );
  keepVariableSecrets(Object.fromEntries(assigned));
}
