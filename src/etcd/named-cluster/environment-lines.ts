/** The variables by which etcdctl, and bench, go to a cluster: lines for a shell. */
import { shellQuoted } from "../../shell-words.ts";
import type { ClusterState } from "./state-file.ts";

/** Of a cluster without TLS or authentication the variables of an earlier one are taken back. */
export function environmentLines({ members, clientFiles, credentials }: ClusterState): string[] {
  const scheme = clientFiles === null ? "http" : "https";
  const endpoints = members.map(({ settings }) => `${scheme}://${settings.endpoint}`).join(",");
  const variables: readonly (readonly [name: string, value: string | null])[] = [
    ["ETCDCTL_API", "3"],
    ["ETCDCTL_ENDPOINTS", endpoints],
    ["ETCDCTL_CACERT", clientFiles?.ca ?? null],
    ["ETCDCTL_CERT", clientFiles?.cert ?? null],
    ["ETCDCTL_KEY", clientFiles?.key ?? null],
    ["ETCDCTL_USER", credentials === null ? null : `${credentials.user}:${credentials.password}`],
  ];
  return variables.map(([name, value]) =>
    value === null ? `unset ${name}` : `export ${name}=${shellQuoted(value)}`,
  );
}
