import { usePreference } from "@/app/preferences";

export type Density = "compact" | "comfortable";

/** The height of rows, one for all lists. */
export function useDensity() {
  const [kept, set] = usePreference<Density>("density");
  const density: Density = kept === "comfortable" ? "comfortable" : "compact";
  return { density, rowHeight: density === "compact" ? 32 : 40, setDensity: (next: Density) => set(() => next) };
}
