/** One etcd process of a cluster that bench started, and its command line. */
import { type Launch, OwnProcess } from "./own-process.ts";

export interface MemberSettings {
  etcdPath: string;
  name: string;
  /** `host:port`, which clients and peers are to use. */
  endpoint: string;
  peerEndpoint: string;
  /** Where etcd itself listens: another place than above where a proxy is in front of it. */
  listen: { endpoint: string; peerEndpoint: string };
  dataDir: string;
  logPath: string;
  /** Where clients get in: `http` or `https`. */
  clientScheme: "http" | "https";
  /** Between members; absent: `http`, which it is in all clusters but those of some Procfiles. */
  peerScheme?: "http" | "https";
  clusterToken: string;
  /** `name=http://host:port,...` of all members. */
  initialCluster: string;
  initialState: "new" | "existing";
  extraArgs: readonly string[];
  /** Where it finds the others at its first start, in place of `initialCluster`. */
  discovery?: Discovery;
  /** Its data was there before bench first started it, so that it is not removed with the cluster. */
  isDataFound?: boolean;
  /** Of a Procfile: its name and command there, which starts this member in place of the above. */
  procfile?: ProcfileLaunch;
}

/** A registry in another etcd: by its v2 keys up to 3.5, by v3's from 3.6. */
export type Discovery =
  | { readonly kind: "v2"; readonly url: string }
  | { readonly kind: "v3"; readonly endpoint: string; readonly token: string };

/** A command for `/bin/sh -c`. */
export interface ProcfileLaunch {
  readonly name: string;
  readonly command: string;
  /** On top of bench's own environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
}

export class MemberProcess extends OwnProcess<MemberSettings> {
  protected get hasChildren(): boolean {
    return this.settings.procfile !== undefined;
  }

  protected launch(): Launch {
    const { settings } = this;
    if (settings.procfile !== undefined) return procfileLaunch(settings.procfile);
    const command = [settings.etcdPath, ...memberArgs(settings)];
    return { command, env: memberEnvironment(process.env) };
  }
}

export function procfileLaunch({ command, env, cwd }: ProcfileLaunch): Launch {
  return { command: ["/bin/sh", "-c", command], env: { ...process.env, ...env }, cwd };
}

/** As etcd lists it. */
export function peerUrlOf({
  peerScheme = "http",
  peerEndpoint,
}: Pick<MemberSettings, "peerScheme" | "peerEndpoint">): string {
  return `${peerScheme}://${peerEndpoint}`;
}

/** Only flags that every etcd from 3.4 to 3.7 knows. */
export function memberArgs(settings: MemberSettings): string[] {
  const { clientScheme, listen } = settings;
  return [
    `--name=${settings.name}`,
    `--data-dir=${settings.dataDir}`,
    `--listen-client-urls=${clientScheme}://${listen.endpoint}`,
    `--advertise-client-urls=${clientScheme}://${settings.endpoint}`,
    `--listen-peer-urls=http://${listen.peerEndpoint}`,
    `--initial-advertise-peer-urls=http://${settings.peerEndpoint}`,
    ...bootstrapArgs(settings),
    "--logger=zap",
    `--log-outputs=${settings.logPath}`,
    ...settings.extraArgs,
  ];
}

function bootstrapArgs(settings: MemberSettings): string[] {
  const { discovery, clusterToken, initialCluster, initialState } = settings;
  if (discovery === undefined) {
    return [
      `--initial-cluster=${initialCluster}`,
      `--initial-cluster-token=${clusterToken}`,
      `--initial-cluster-state=${initialState}`,
    ];
  }
  // By default it would become a proxy where the cluster is full.
  if (discovery.kind === "v2") return [`--discovery=${discovery.url}`, "--discovery-fallback=exit"];
  return [`--discovery-token=${discovery.token}`, `--discovery-endpoints=${discovery.endpoint}`];
}

/**
 * etcd takes settings from ETCD_*: those of the user's own etcd are not for this one; nor is
 * what etcdctl takes from ETCDCTL_*, which may hold a password.
 */
export function memberEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  // etcd 3.4 refuses to start on arm64 without this one.
  const kept = (name: string) => !/^ETCD(CTL)?_/.test(name) || name === "ETCD_UNSUPPORTED_ARCH";
  return Object.fromEntries(Object.entries(env).filter(([name]) => kept(name)));
}
