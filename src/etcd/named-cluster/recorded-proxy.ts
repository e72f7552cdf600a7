/** The proxies in front of a member, whose faults are written down as long as they are in force. */
import type { OwnCluster, ProxyControl } from "../../events/definition.ts";
import { FAULT_KINDS, type FaultDirection, type FaultKind } from "../../proxy/network-fault.ts";
import type { FaultMarks } from "./fault-records.ts";

type Proxies = NonNullable<ReturnType<OwnCluster["proxies"]>>;

export function recordedProxies(proxies: Proxies, member: string, marks: FaultMarks): Proxies {
  return { client: recorded("client"), peer: recorded("peer") };

  function recorded(side: keyof Proxies): ProxyControl {
    const recordOf = (direction: FaultDirection, fault: FaultKind) =>
      ({ kind: "network", member, side, direction, fault }) as const;
    return {
      async set(direction, fault) {
        marks.set(recordOf(direction, fault.kind));
        await proxies[side].set(direction, fault);
      },
      async clear(direction, kind) {
        await proxies[side].clear(direction, kind);
        const cleared = kind === undefined ? FAULT_KINDS : [kind];
        for (const each of cleared) marks.clear(recordOf(direction, each));
      },
    };
  }
}
