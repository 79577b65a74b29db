/** What a person has set for their own pages, kept by the service: columns, density, what was seen last. */
import { type QueryClient, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { api, ifMatch, queries, type Schemas } from "@/api/client";
import { Problem } from "@/api/problems";

type Read = Schemas["PreferencesRead"];
type Json = Schemas["JsonValue"];

const options = queries.queryOptions("get", "/api/v1/me/preferences");
let writing: Promise<void> = Promise.resolve();

/** Shows the change at once and writes it after those before it. A preference is worth no message where it cannot be
 * kept: it holds until the page is left. */
function write(client: QueryClient, key: string, change: (value: unknown) => unknown): void {
  const apply = (read: Read): Read => ({ ...read, value: { ...read.value, [key]: change(read.value[key]) as Json } });
  client.setQueryData<Read>(options.queryKey, (read) => read && apply(read));
  writing = writing.then(async () => {
    for (let attempt = 0; attempt < 3; attempt++) {
      try {
        const { data: read } = await api.GET("/api/v1/me/preferences");
        const { value, version } = apply(read!);
        const { data } = await api.PUT("/api/v1/me/preferences", { params: { header: ifMatch(version) }, body: { value } });
        client.setQueryData<Read>(options.queryKey, data);
        return;
      } catch (error) {
        if (!(error instanceof Problem && error.status === 412)) return;
      }
    }
  });
}

/** Returns a preference and the function that sets it. Its value is what some page once wrote: `read` makes of it what
 * is wanted now. */
export function usePreference<T>(key: string, read: (kept: unknown) => T): [T, (next: T) => void, boolean] {
  const client = useQueryClient();
  const found = useQuery({ ...options, staleTime: Infinity });
  const set = useCallback((next: T) => write(client, key, () => next), [client, key]);
  return [read(found.data?.value[key]), set, found.isSuccess];
}

/** Returns the function that changes a preference from what it is when the change is written. */
export function useChangePreference<T>(key: string, read: (kept: unknown) => T): (change: (value: T) => T) => void {
  const client = useQueryClient();
  return useCallback((change) => write(client, key, (kept) => change(read(kept))), [client, key, read]);
}

export type Density = "compact" | "comfortable";

const densityOf = (kept: unknown): Density => (kept === "comfortable" ? "comfortable" : "compact");

/** The height of rows, one for all lists. */
export function useDensity(): { density: Density; rowHeight: number; setDensity: (density: Density) => void } {
  const [density, setDensity] = usePreference("density", densityOf);
  return { density, rowHeight: density === "compact" ? 32 : 40, setDensity };
}
