/** Writes what Grafana needs to show a run next to etcd: a data source, and a dashboard that it loads. */
import { EVENTS_QUERY, type Panel, ROWS, RUNS_QUERY } from "./panels.ts";

const SOURCE = { type: "prometheus", uid: "etcd-bench-prometheus" } as const;
const COLUMNS = 24;
const PANELS_PER_ROW = 3;
const PANEL_HEIGHT = 8;

/** `provisioning/datasources/*.yaml`. @param url of Prometheus */
export function datasourceYaml(url: string, intervalMs: number): string {
  return [
    "apiVersion: 1",
    "datasources:",
    "  - name: etcd-bench",
    `    uid: ${SOURCE.uid}`,
    `    type: ${SOURCE.type}`,
    "    access: proxy",
    `    url: ${JSON.stringify(url)}`,
    "    isDefault: true",
    `    jsonData: {timeInterval: ${JSON.stringify(`${intervalMs}ms`)}}`,
    "",
  ].join("\n");
}

/** `provisioning/dashboards/*.yaml`. @param folder of the dashboards, absolute */
export function dashboardsYaml(folder: string): string {
  return [
    "apiVersion: 1",
    "providers:",
    "  - name: etcd-bench",
    "    type: file",
    `    options: {path: ${JSON.stringify(folder)}}`,
    "",
  ].join("\n");
}

/** The dashboard as JSON, which Grafana also imports by hand. */
export function dashboardJson(): string {
  const panels: object[] = [];
  let y = 0;
  for (const row of ROWS) {
    const place = { h: 1, w: COLUMNS, x: 0, y };
    panels.push({
      id: panels.length + 1,
      type: "row",
      title: row.title,
      gridPos: place,
      panels: [],
    });
    y += 1;
    for (const [at, panel] of row.panels.entries()) {
      const width = COLUMNS / PANELS_PER_ROW;
      const x = (at % PANELS_PER_ROW) * width;
      const line = Math.floor(at / PANELS_PER_ROW);
      const gridPos = { h: PANEL_HEIGHT, w: width, x, y: y + line * PANEL_HEIGHT };
      panels.push({ id: panels.length + 1, ...panelJson(panel), gridPos });
    }
    y += Math.ceil(row.panels.length / PANELS_PER_ROW) * PANEL_HEIGHT;
  }
  const dashboard = {
    uid: "etcd-bench",
    title: "etcd and bench",
    tags: ["etcd", "bench"],
    schemaVersion: 39,
    editable: true,
    graphTooltip: 1,
    refresh: "5s",
    time: { from: "now-5m", to: "now" },
    timepicker: { refresh_intervals: ["1s", "5s", "10s", "30s", "1m"] },
    annotations: {
      list: [
        {
          name: "Events",
          datasource: SOURCE,
          enable: true,
          iconColor: "red",
          expr: EVENTS_QUERY,
          step: "1s",
          titleFormat: "{{event}}",
          textFormat: "{{kind}} {{member}}",
        },
      ],
    },
    templating: {
      list: [
        {
          name: "run",
          label: "Run",
          type: "query",
          datasource: SOURCE,
          query: { query: RUNS_QUERY, refId: "runs" },
          definition: RUNS_QUERY,
          includeAll: true,
          allValue: ".*",
          current: { text: "All", value: "$__all" },
          multi: true,
          refresh: 2,
          sort: 2,
        },
      ],
    },
    panels,
  };
  return `${JSON.stringify(dashboard, null, 2)}\n`;
}

function panelJson({ title, unit, queries }: Panel): object {
  return {
    type: "timeseries",
    title,
    datasource: SOURCE,
    fieldConfig: {
      defaults: { unit, min: 0, custom: { lineWidth: 1, fillOpacity: 0, showPoints: "auto" } },
      overrides: [],
    },
    options: {
      legend: { displayMode: "list", placement: "bottom", showLegend: true },
      tooltip: { mode: "multi" },
    },
    targets: queries.map(({ expr, legend }, at) => ({
      refId: String.fromCharCode("A".charCodeAt(0) + at),
      datasource: SOURCE,
      expr,
      legendFormat: legend,
    })),
  };
}
