/** Makes the one verdict of a whole comparison from those of its gates. */
import type { CellComparison, Comparison, MetricComparison } from "./schema.ts";

/** What is certain comes before what is not: a regression counts whatever else is undecided. */
export function overallVerdict(
  cells: readonly CellComparison[],
  isCanary: boolean,
): Comparison["verdict"] {
  const gates = cells.flatMap((cell) => cell.metrics.filter(({ isGate }) => isGate));
  const ofLoad = ({ name }: CellComparison, what: string) =>
    cells.length > 1 ? `${name}: ${what}` : what;
  const withVerdict = (
    verdict: MetricComparison["verdict"],
    isMeant: (metric: MetricComparison) => boolean = () => true,
  ) =>
    cells.flatMap((cell) =>
      cell.metrics
        .filter((metric) => metric.isGate && metric.verdict === verdict && isMeant(metric))
        .map(({ operation, metric, notKnown, verdict: of }) =>
          ofLoad(
            cell,
            of === "undecided" && notKnown !== null ? notKnown : `${operation} ${metric}`,
          ),
        ),
    );
  const [slower, faster] = [withVerdict("slower"), withVerdict("faster")];
  const invalid = cells.flatMap((cell) => cell.invalid.map((reason) => ofLoad(cell, reason)));
  if (isCanary && slower.length + faster.length > 0) {
    const found = [...slower, ...faster].join(", ");
    const reason = `the same against itself differs in ${found}: this machine drifts with the order of runs`;
    return { kind: "invalid", reasons: [reason, ...invalid] };
  }
  if (slower.length > 0) return { kind: "slower", reasons: slower };
  if (invalid.length > 0) return { kind: "invalid", reasons: invalid };
  // What one side does not know for its failures may be worse by any amount, however fast the rest is.
  const unknown = withVerdict("undecided", ({ notKnown }) => notKnown !== null);
  if (faster.length > 0 && unknown.length === 0) return { kind: "faster", reasons: faster };
  const isJudged = gates.length > 0 && gates.every(({ verdict }) => verdict === "no-change");
  if (isJudged) return { kind: "no-change", reasons: [] };
  return { kind: "undecided", reasons: undecidedReasons(cells, withVerdict("undecided")) };
}

/** Whether any gate stayed open, even if others were decided. */
export function hasUndecidedGate({ cells, verdict }: Comparison): boolean {
  if (verdict.kind === "undecided") return true;
  return cells.some(({ metrics }) =>
    metrics.some(({ isGate, verdict: of }) => isGate && of !== null && of === "undecided"),
  );
}

function undecidedReasons(cells: readonly CellComparison[], undecided: string[]): string[] {
  if (cells.every(({ design }) => design !== "pairs"))
    return ["there are no pairs of runs to judge"];
  if (undecided.length === 0) return ["no gate metric could be judged"];
  return undecided;
}
