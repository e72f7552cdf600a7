/** Reads etcd's settings from the command line and the variables of its process. */
import { DEFAULT_ELECTION_MS, DEFAULT_HEARTBEAT_MS, DEFAULT_QUOTA_BYTES } from "./advice.ts";
import type { EtcdSettings } from "./evidence.ts";

/**
 * As etcd reads them: flags with one dash or two, with `=` or a word after them; a variable counts
 * where there is no flag. Null where a file has the settings, since etcd then takes no other.
 * @param args without the program
 */
export function etcdSettings(
  args: readonly string[],
  env: ReadonlyMap<string, string>,
): EtcdSettings | null {
  const flags = flagsOf(args);
  const textOf = (name: string) =>
    flags.get(name) ?? env.get(`ETCD_${name.toUpperCase().replaceAll("-", "_")}`) ?? "";
  if (textOf("config-file") !== "") return null;
  const numberOf = (name: string) => {
    const text = textOf(name);
    const value = Number(text);
    return text === "" || !Number.isFinite(value) ? null : value;
  };
  const quotaBytes = numberOf("quota-backend-bytes") ?? 0;
  return {
    heartbeatMs: numberOf("heartbeat-interval") ?? DEFAULT_HEARTBEAT_MS,
    electionMs: numberOf("election-timeout") ?? DEFAULT_ELECTION_MS,
    quotaBytes: quotaBytes === 0 ? DEFAULT_QUOTA_BYTES : quotaBytes,
    snapshotCount: numberOf("snapshot-count"),
    autoCompactionRetention: textOf("auto-compaction-retention") || "0",
    autoCompactionMode: textOf("auto-compaction-mode") || "periodic",
    dataDir: textOf("data-dir") || `${textOf("name") || "default"}.etcd`,
    walDir: textOf("wal-dir") || null,
    listenClientUrls: listOf(textOf("listen-client-urls")),
    listenPeerUrls: listOf(textOf("listen-peer-urls")),
    isFsyncOff: ["true", "1", "t"].includes(textOf("unsafe-no-fsync").toLowerCase()),
  };
}

/** Flags without a value, which a word after them does not give one. */
const SWITCHES =
  /^(?:unsafe-no-fsync|force-new-cluster|enable-pprof|.*-auth|.*auto-tls|pre-vote|version|help)$/;

function flagsOf(args: readonly string[]): Map<string, string> {
  const flags = new Map<string, string>();
  for (let at = 0; at < args.length; at++) {
    if (args[at] === "--") break;
    const [, name, hasValue, value = ""] =
      /^--?([a-z][\w.-]*)(?:(=)([\s\S]*))?$/.exec(args[at]!) ?? [];
    if (name === undefined) continue;
    if (hasValue !== undefined) flags.set(name, value);
    else if (SWITCHES.test(name)) flags.set(name, "true");
    else flags.set(name, args[++at] ?? "");
  }
  return flags;
}

function listOf(text: string): string[] {
  return text.split(",").filter((each) => each !== "");
}

/** `/proc/PID/cmdline` and `/proc/PID/environ` as they are read: NUL after each word. */
export function settingsOfProcess(cmdline: string, environ: string): EtcdSettings | null {
  const [, ...args] = cmdline.split("\0");
  const env = new Map(
    environ.split("\0").flatMap((line): [string, string][] => {
      const equals = line.indexOf("=");
      return line.startsWith("ETCD_") && equals > 0
        ? [[line.slice(0, equals), line.slice(equals + 1)]]
        : [];
    }),
  );
  return etcdSettings(args, env);
}
