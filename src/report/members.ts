/** Renders `--output members`: all figures of each member as CSV, one line for each run and member. */
import { shownInFull } from "../result/search.ts";
import { csvField, csvText } from "./csv-field.ts";
import type { ReportFormat } from "./format.ts";
import { FIGURE_NAMES, figureOf } from "./member-figures.ts";

export const membersFormat: ReportFormat = {
  name: "members",
  render(results) {
    const header = ["resultId", "workload", "member", "endpoint", ...FIGURE_NAMES];
    const lines = shownInFull(results).flatMap(({ id, plan, server }) =>
      server.map((member) => [
        ...[id, plan.workload.kind, member.member, member.endpoint].map(csvText),
        ...FIGURE_NAMES.map((name) => String(figureOf(member, name) ?? "")),
      ]),
    );
    return [header, ...lines].map((fields) => `${fields.map(csvField).join(",")}\n`).join("");
  },
};
