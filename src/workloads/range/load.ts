/** The load of range: one answer for each request, or pages that make one operation. */
import type { Load } from "../../load/load.ts";
import type { OperationSpec } from "../../load/messages.ts";
import { singleCalls } from "../parts/calls/single-calls.ts";
import { Range, type RangeRequest } from "./range.ts";
import { RangePages } from "./range-pages.ts";

export interface RangeSpec extends OperationSpec {
  kind: "range";
  range: RangeRequest;
}

export const rangeLoad: Load<RangeSpec> = {
  kind: "range",
  make({ range }, context) {
    const { share, operations, transport } = context;
    const clients = share.clientConnections.length;
    return range.fetch === "pages"
      ? new RangePages(range, clients, operations, transport)
      : singleCalls(new Range(range, clients, transport), context);
  },
};
