/**
 * Computes how large objects are: those of a resource come in a few sizes, evenly from two thirds to
 * four thirds of its own, and an object keeps the size that the seed gives it.
 */
import {
  KUBERNETES_OBJECT_BYTES,
  type KubernetesResource,
  type KubernetesWorkload,
} from "./request-mix.ts";

/** A request is serialised once for each. */
const PODS_SIZES = 32;

/** In bytes, by class. */
export function sizesOf(resource: KubernetesResource, plan: KubernetesWorkload): number[] {
  if (resource !== "pods") return [KUBERNETES_OBJECT_BYTES[resource]];
  return Array.from({ length: PODS_SIZES }, (_, index) => {
    const share = 2 / 3 + ((2 / 3) * (index + 0.5)) / PODS_SIZES;
    return Math.round(plan.podSizeBytes * share);
  });
}

/** The class of an object, of `classes`: the same for one seed and number. */
export function sizeClass(seed: number, number: number, classes: number): number {
  // The finaliser of MurmurHash3 (Austin Appleby, public domain), which mixes all bits.
  let hash = Math.imul(seed ^ number, 0x9e3779b1);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  hash ^= hash >>> 16;
  return (hash >>> 0) % classes;
}
