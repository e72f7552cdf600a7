/**
 * Renders the heatmaps of a grid: runs of one kind of load whose settings vary in two or more ways, as
 * a suite with a matrix leaves them. The varied settings are found in the plans themselves.
 */
import { ownKeySpace } from "../../plan/own-key-space.ts";
import { clockName, judgedClock, judgedLatency } from "../../result/judged-latency.ts";
import type { RunResult } from "../../result/schema.ts";
import { medianOfAll } from "../../stats/median.ts";
import { formatCount, formatDuration, formatRate } from "../../tables/number-format.ts";
import { printable } from "../../text/visible.ts";
import { formatSize } from "../../units.ts";
import { WORKLOADS, workloadNamed } from "../../workloads/catalogue.ts";
import { type Heatmap, rangeOf, renderHeatmap } from "./heatmap.ts";
import { html, type Markup, NOTHING } from "./markup.ts";

type Reading = number | string | null;

interface Setting {
  name: string;
  read(result: RunResult): Reading;
  show(value: Reading): string;
}

const count = (value: Reading) => (typeof value === "number" ? formatCount(value) : String(value));
/** Exact: a matrix has round sizes. */
const bytes = (value: Reading) =>
  typeof value === "number" ? formatSize(value).replace(/\d$/, "$& B") : String(value);

/** Those of workloads, each name once. */
const OWN_SETTINGS: readonly Setting[] = [
  ...new Set(WORKLOADS.flatMap(({ settingNames }) => settingNames)),
].map((name) => ({
  name,
  read: ({ plan: { workload } }) => workloadNamed(workload.kind).settingOf(workload, name),
  show: count,
}));

/** By which a matrix varies; the first of those that say the same names it. */
const SETTINGS: readonly Setting[] = [
  { name: "connections", read: ({ plan }) => plan.load.connections, show: count },
  { name: "clients", read: ({ plan }) => plan.load.clients, show: count },
  {
    name: "value size",
    read: ({ plan: { workload } }) => workload.valSizeBytes ?? null,
    show: bytes,
  },
  {
    name: "key size",
    read: ({ plan: { workload } }) => ownKeySpace(workload)?.keySizeBytes ?? null,
    show: bytes,
  },
  ...OWN_SETTINGS,
  { name: "rate", read: ({ plan }) => plan.pacing.ratePerSec, show: count },
  {
    name: "keys",
    read: ({ plan: { workload } }) => ownKeySpace(workload)?.keySpaceSize ?? null,
    show: count,
  },
  { name: "etcd", read: ({ target }) => target.version, show: String },
  etcdTime("heartbeat", "--heartbeat-interval"),
  etcdTime("election timeout", "--election-timeout"),
];

/** A flag of the members of a throwaway cluster, in milliseconds. */
function etcdTime(name: string, flag: string): Setting {
  return {
    name,
    read({ plan: { target } }) {
      const given = target.local?.serverArgs.find((each) => each.startsWith(`${flag}=`));
      return given === undefined ? null : Number(given.slice(flag.length + 1));
    },
    show: (value) => (typeof value === "number" ? formatDuration(value) : "etcd's own"),
  };
}

/** Maps of one page. */
const MOST_MAPS = 16;
/** Of the cells of a grid, how many must have been measured for it to be one. */
const LEAST_FILLED = 0.6;

export interface Grid {
  rows: Setting;
  columns: Setting;
  /** A map for each of their values together; empty for none. */
  others: readonly Setting[];
  results: readonly RunResult[];
}

/** The grids among results, one for each kind of load that varies in two ways or more. */
export function gridsOf(results: readonly RunResult[]): Grid[] {
  const kinds = [...new Set(results.map(({ plan }) => plan.workload.kind))];
  return kinds.flatMap((kind) => {
    const ofKind = results.filter(({ plan, search }) => {
      return plan.workload.kind === kind && search === null;
    });
    const varying = independent(
      SETTINGS.filter((setting) => valuesOf(setting, ofKind).length > 1),
      ofKind,
    );
    if (varying.length < 2) return [];
    const [columns, rows, ...others] = varying;
    const grid = { rows: rows!, columns: columns!, others, results: ofKind };
    const places = new Set(ofKind.map((result) => varying.map(({ read }) => read(result)).join()));
    const all = varying.reduce((size, each) => size * valuesOf(each, ofKind).length, 1);
    return places.size / all >= LEAST_FILLED ? [grid] : [];
  });
}

/** Without those that follow from another one: connections that are always a tenth of the clients. */
function independent(settings: readonly Setting[], results: readonly RunResult[]): Setting[] {
  const amount = (setting: Setting) => valuesOf(setting, results).length;
  const kept: Setting[] = [];
  for (const setting of settings.toSorted((a, b) => amount(b) - amount(a))) {
    const follows = kept.some((other) => {
      const together = results.map((result) => `${other.read(result)}|${setting.read(result)}`);
      return new Set(together).size === amount(other);
    });
    if (!follows) kept.push(setting);
  }
  return kept;
}

function valuesOf({ read }: Setting, results: readonly RunResult[]): Reading[] {
  return [...new Set(results.map(read))].sort((a, b) =>
    typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b)),
  );
}

interface Measure {
  name: string;
  isLatency: boolean;
  read(result: RunResult, operation: string): number | null;
  cell(value: number | null): string;
}

const MEASURES: readonly Measure[] = [
  {
    name: "longest window",
    isLatency: false,
    read({ availability }, name) {
      const groups = availability?.groups.filter(({ operation, isFaulted }) => {
        return operation === name && isFaulted !== true;
      });
      if (groups === undefined || groups.length === 0) return null;
      // One that was open at the end of its run may have been as long as any.
      if (groups.some(({ windows }) => windows.some(({ isOpen }) => isOpen))) return null;
      return Math.max(...groups.map(({ longestWindowMs }) => longestWindowMs));
    },
    cell: formatDuration,
  },
  {
    name: "requests per second",
    isLatency: false,
    read: (result, name) => operationOf(result, name)?.throughputPerSec ?? null,
    cell: formatRate,
  },
  {
    name: "p99",
    isLatency: true,
    read: (result, name) => {
      const operation = operationOf(result, name);
      return operation === undefined ? null : judgedLatency(operation).p99Ms;
    },
    cell: formatDuration,
  },
];

/** ` (response time)`. */
function clockWords(results: readonly RunResult[], name: string): string {
  const operations = results.map((result) => operationOf(result, name));
  const clocks = new Set(operations.flatMap((each) => (each ? [judgedClock(each)] : [])));
  return ` (${[...clocks].map(clockName).join(" or ")})`;
}

function operationOf({ operations }: RunResult, name: string) {
  return operations.find((each) => each.name === name);
}

/** Nothing where the results are no grid. */
export function renderGrids(results: readonly RunResult[]): Markup {
  const maps = gridsOf(results).flatMap(mapsOf);
  if (maps.length === 0) return NOTHING;
  const left = maps.length - MOST_MAPS;
  return html`<section class="block"><h3>Grid</h3><p class="remark">Each cell is a run, or the median of those that repeat it, and - where that is not known of each.</p>${maps.slice(0, MOST_MAPS).map(renderHeatmap)}${left > 0 ? html`<p class="remark">${left} more maps are left out; the tables have all runs.</p>` : NOTHING}</section>`;
}

export function mapsOf({ rows, columns, others, results }: Grid): Heatmap[] {
  const names = [
    ...new Set(results.flatMap(({ operations }) => operations.map(({ name }) => name))),
  ];
  const facetOf = (result: RunResult) =>
    others.map(({ name, read, show }) => `${name} ${show(read(result))}`).join(", ");
  const facets = [...new Set(results.map(facetOf))];
  const [rowValues, columnValues] = [valuesOf(rows, results), valuesOf(columns, results)];
  return MEASURES.flatMap((measure) =>
    names.flatMap((name) => {
      const range = rangeOf(results.map((result) => measure.read(result, name)));
      if (range === null) return [];
      const clock = measure.isLatency ? clockWords(results, name) : "";
      return facets.map((facet): Heatmap => {
        const ofFacet = results.filter((result) => facetOf(result) === facet);
        const valueAt = (row: Reading, column: Reading) => {
          const here = ofFacet
            .filter((each) => rows.read(each) === row && columns.read(each) === column)
            .map((each) => measure.read(each, name));
          return medianOfAll(here);
        };
        return {
          title: [`${printable(name)}, ${measure.name}${clock}`, facet]
            .filter((text) => text)
            .join(": "),
          rowName: rows.name,
          columnName: columns.name,
          rows: rowValues.map(rows.show),
          columns: columnValues.map(columns.show),
          values: rowValues.map((row) => columnValues.map((column) => valueAt(row, column))),
          range,
          cell: measure.cell,
        };
      });
    }),
  );
}
