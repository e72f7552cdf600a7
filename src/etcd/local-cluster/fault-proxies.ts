/** The fault proxies in front of a member's client port and peer port: a process of its own. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { entryFile } from "../../package-root.ts";
import { ProxyClient } from "../../proxy/proxy-client.ts";
import { HelperProcess } from "./helper-process.ts";
import type { MemberSettings } from "./member-process.ts";
import { freePorts } from "./ports.ts";

/** @param folder the cluster's, which is in the command line, so that the process can be found by it */
export async function faultProxyOf(place: MemberSettings, folder: string): Promise<HelperProcess> {
  const [clientApi = 0, peerApi = 0] = await freePorts(2);
  const { endpoint, peerEndpoint, listen } = place;
  const name = `${place.name}-proxy`;
  const command = [
    ...[process.execPath, `--diagnostic-dir=${folder}/`, fileURLToPath(entryFile("main"))],
    ...["proxy", "--http-host=127.0.0.1"],
    ...[`--from=${endpoint}`, `--to=${listen.endpoint}`, `--http-port=${clientApi}`],
    ...[`--from=${peerEndpoint}`, `--to=${listen.peerEndpoint}`, `--http-port=${peerApi}`],
  ];
  return new HelperProcess({
    ...{ name, role: "fault-proxy", logPath: join(folder, `${name}.log`), endpoint, command },
    faults: { member: place.name, clientApi, peerApi },
  });
}

/** What can be asked of them; null where the member has none. */
export function proxyControls(proxy: HelperProcess | undefined) {
  const faults = proxy?.settings.faults;
  if (faults === undefined) return null;
  return { client: new ProxyClient(faults.clientApi), peer: new ProxyClient(faults.peerApi) };
}
