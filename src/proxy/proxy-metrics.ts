/** The metrics of a fault proxy, in the text form of Prometheus or in OpenMetrics. */
import type { FaultProxy } from "./fault-proxy.ts";
import { DIRECTIONS, FAULT_KINDS, type FaultDirection } from "./network-fault.ts";

interface Metric {
  /** A counter's ends in `_total`. */
  name: string;
  type: "counter" | "gauge";
  help: string;
  samples: readonly (readonly [labels: string, value: number])[];
}

/** @param accept the header of that name */
export function typeOfMetrics(accept: string): string {
  return isOpenMetrics(accept)
    ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
    : "text/plain; version=0.0.4; charset=utf-8";
}

/** @param accept the header of that name */
export function metricsPage(proxy: FaultProxy, accept: string): string {
  const openMetrics = isOpenMetrics(accept);
  const lines = metricsOf(proxy).flatMap(({ name, type, help, samples }) => {
    const family = openMetrics ? name.replace(/_total$/, "") : name;
    return [
      `# HELP ${family} ${help}`,
      `# TYPE ${family} ${type}`,
      ...samples.map(([labels, value]) => `${name}${labels} ${value}`),
    ];
  });
  return `${lines.join("\n")}\n${openMetrics ? "# EOF\n" : ""}`;
}

function isOpenMetrics(accept: string): boolean {
  return accept.includes("application/openmetrics-text");
}

function metricsOf(proxy: FaultProxy): Metric[] {
  const { accepted, refused, unreachable, cut, traffic } = proxy.counts;
  const counter = (name: string, help: string, value: number): Metric => ({
    ...{ name: `bench_proxy_${name}_total`, type: "counter", help },
    samples: [["", value]],
  });
  const each = (figureOf: (direction: FaultDirection) => number): Metric["samples"] =>
    DIRECTIONS.map((direction) => [`{direction="${direction}"}`, figureOf(direction)]);
  return [
    {
      ...{ name: "bench_proxy_connections", type: "gauge", help: "Connections that are open." },
      samples: [["", proxy.openConnections]],
    },
    counter("accepted_connections", "Connections that clients opened.", accepted),
    counter("refused_connections", "Connections refused by a loss.", refused),
    counter("unreachable_connections", "Connections whose target did not answer.", unreachable),
    counter("cut_connections", "Connections reset by a fault.", cut),
    {
      ...{ name: "bench_proxy_bytes_total", type: "counter", help: "Bytes read." },
      samples: each((direction) => traffic[direction].readBytes),
    },
    {
      ...{ name: "bench_proxy_dropped_bytes_total", type: "counter" },
      help: "Bytes dropped by a blackhole.",
      samples: each((direction) => traffic[direction].droppedBytes),
    },
    {
      ...{ name: "bench_proxy_waiting_bytes", type: "gauge" },
      help: "Memory of the bytes that a fault holds back.",
      samples: each((direction) => proxy.waitingBytes(direction)),
    },
    {
      ...{ name: "bench_proxy_fault", type: "gauge", help: "1 while the fault is in force." },
      samples: DIRECTIONS.flatMap((direction) =>
        FAULT_KINDS.map((kind): [string, number] => [
          `{direction="${direction}",kind="${kind}"}`,
          proxy.fault(direction, kind) === null ? 0 : 1,
        ]),
      ),
    },
  ];
}
