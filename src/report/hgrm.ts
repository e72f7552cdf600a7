/**
 * Renders `--output hgrm`: the percentile text that HdrHistogram's plotter reads, in milliseconds.
 * Distributions follow each other, each after a comment that names it.
 */
import { percentileText } from "../stats/percentile-text.ts";
import { distributionsOf, distributionTag, missingText } from "./distributions.ts";
import type { ReportFormat } from "./format.ts";

export const hgrmFormat: ReportFormat = {
  name: "hgrm",
  render(results) {
    const distributions = distributionsOf(results);
    if (distributions.length === 0) return "#[no distribution is kept in what was given]\n";
    return distributions
      .map((each) => {
        const tag = distributionTag(each, results.length > 1);
        const missing = missingText(each);
        const comment = missing === null ? "" : `#[${tag}: ${missing}]\n`;
        return `#[${tag}, milliseconds]\n${comment}${percentileText(each.histogram)}`;
      })
      .join("\n");
  },
};
