/** Reads the metrics of a target's members once, before a run. */
import type { ControlAccess } from "./control-client.ts";
import { PageReader } from "./fetch-page.ts";
import { readMemberMetrics } from "./metrics.ts";
import type { SampledMember } from "./metrics-sampler.ts";

export interface MemberPage {
  /** In hex; null: the page does not say whose it is. */
  memberId: string | null;
  /** In Prometheus's text format. */
  page: string;
}

const TIMEOUT_MS = 2_000;

/**
 * Of those that answer. The sampler will say why others do not, where it matters to the report.
 * @param metricsEndpoints in place of the members' own URLs; null: those are used
 */
export async function readMemberPages(
  members: readonly SampledMember[],
  metricsEndpoints: readonly string[] | null,
  access: ControlAccess,
): Promise<MemberPage[]> {
  const reader = new PageReader(access.tls, false);
  try {
    const urls = metricsEndpoints ?? members.flatMap(({ metricsUrls }) => metricsUrls);
    const asked = [...new Set(urls)].map(async (url): Promise<MemberPage> => {
      const page = await reader.read(`${url}/metrics`, { timeoutMs: TIMEOUT_MS });
      return { memberId: readMemberMetrics(page).memberId, page };
    });
    const answers = await Promise.allSettled(asked);
    return answers.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
  } finally {
    reader.close();
  }
}
