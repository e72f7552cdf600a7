/** Says in a sentence why ssh, or a host, did not do what was asked, and what to do about it. */
import { BenchError, EXIT } from "../../errors.ts";
import type { HostAnswer } from "./on-host.ts";

/** What a call of ssh came to. */
export interface SshEnd {
  /** Why this machine could not run ssh; null: it has run. */
  notRun: string | null;
  /** Null: a signal ended it, or it took too long. */
  code: number | null;
  stderr: string;
  /** What the host printed; null: nothing of ours. */
  answer: HostAnswer | null;
}

export interface SshFault {
  /** A sentence with the fix, without the host. */
  words: string;
  exitCode: typeof EXIT.usage | typeof EXIT.unreachable;
  /** Nothing was run on the host. */
  isBeforeHost: boolean;
}

/** By which ssh itself fails; what a command returns is another code. */
const OF_SSH = 255;

const WORDS: readonly (readonly [RegExp, (host: string) => string])[] = [
  [
    /REMOTE HOST IDENTIFICATION HAS CHANGED/,
    () =>
      "its host key is another than the one known: if that is right, remove the old one with ssh-keygen -R",
  ],
  [
    /Host key verification failed|No .* host key is known/,
    (host) =>
      `its host key is not known: connect once with ssh ${host}, compare the key and accept it`,
  ],
  [
    /Permission denied|Too many authentication failures/,
    (host) =>
      `permission denied: let ssh ${host} work without a password, by a key in ssh-agent or IdentityFile`,
  ],
  [
    /Could not resolve hostname/,
    () => "its name cannot be resolved: check it, or name it in the configuration of ssh",
  ],
  [
    /Connection refused|timed out|No route to host|Network is unreachable|Connection closed|Connection reset|kex_exchange_identification/i,
    () => "it is not reachable by ssh: check that it runs, its address and its port",
  ],
  [
    /Bad configuration option|command-line: line|keyword .* extra arguments|Can't open user config file/,
    () => "ssh refuses its options: check --ssh-option and --ssh-config",
  ],
];

/** Null: it was done. @param host as the user's ssh takes it */
export function faultOf(end: SshEnd, host: string): SshFault | null {
  const { notRun, code, stderr, answer } = end;
  if (notRun !== null) {
    const words = `ssh cannot be run here: ${notRun}; install the OpenSSH client`;
    return { words, exitCode: EXIT.usage, isBeforeHost: true };
  }
  if (answer !== null) return answer.fault === null ? null : faultOnHost(answer.fault, answer);
  const said = lastLine(stderr);
  if (code === OF_SSH) {
    const known = WORDS.find(([pattern]) => pattern.test(stderr));
    const words = known?.[1](host) ?? `ssh failed: check that ssh ${host} works`;
    return {
      words: said === "" ? words : `${words} (${said})`,
      exitCode: EXIT.unreachable,
      isBeforeHost: known !== undefined,
    };
  }
  const why = code === null ? "it did not answer in time" : `its shell ended with ${code}`;
  const fix = `check that ssh ${host} true works at once`;
  return {
    words: said === "" ? `${why}: ${fix}` : `${why}: ${fix} (${said})`,
    exitCode: EXIT.unreachable,
    isBeforeHost: false,
  };
}

/** @param where the host, for a sentence */
export function errorOf(where: string, { words, exitCode }: SshFault): BenchError {
  return new BenchError(`--ssh: ${where}: ${words}`, exitCode, { flag: "ssh" });
}

function faultOnHost(fault: string, { code, version }: HostAnswer): SshFault {
  const of = (words: string, isBeforeHost = false) => {
    return { words, exitCode: EXIT.usage, isBeforeHost };
  };
  switch (code ?? fault) {
    case "no-node":
      return of("it has no Node there: install Node 20 or newer, or give --node=PATH", true);
    case "old-node":
      return of(
        `its Node is ${version}, and 20 is the oldest: install another, or give --node=PATH`,
        true,
      );
    case "ENOSPC":
    case "EDQUOT":
      return of(`its disk is full (${fault}): free space there, or give another --ssh-folder`);
    case "EACCES":
    case "EROFS":
    case "ENOENT":
      return of(`its folder cannot be used (${fault}): give another --ssh-folder`);
    default:
      return of(`the agent could not be started or ended: ${fault}`);
  }
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1)!.trim();
}
