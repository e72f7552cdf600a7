/** A key that a run puts into its registry; it allows later runs to empty the registry. */
export const MARKER_KEY = "bench-kubernetes";
