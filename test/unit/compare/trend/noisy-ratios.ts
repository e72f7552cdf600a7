/** Makes up series: ratios with lognormal noise around each point's true ratio. */
import { seededRandom } from "../../../../src/random.ts";

export function noisyRatios(
  seed: number,
  points: number,
  truth: (at: number) => number,
  noise = 0.03,
): number[] {
  const random = seededRandom(seed, 7);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return Array.from({ length: points }, (_, at) => truth(at) * Math.exp(noise * normal()));
}
