/** What a person sets for himself, kept by the service: columns, density, what was seen last. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { api, ifMatch, queries, type Schemas } from "@/api/client";
import { Problem } from "@/api/problems";

type Value = Schemas["PreferencesSet"]["value"];
type Read = Schemas["PreferencesRead"];

const OPTIONS = queries.queryOptions("get", "/api/v1/me/preferences", {}, { staleTime: Infinity });

/** Changes come one after the other: each is made over the version the one before has left. */
let last: Promise<unknown> = Promise.resolve();

async function put(read: Read, change: (value: Value) => Value): Promise<Read> {
  const value = change(read.value);
  if (JSON.stringify(value) === JSON.stringify(read.value)) return read;
  const { data } = await api.PUT("/api/v1/me/preferences", { params: { header: ifMatch(read.version) }, body: { value } });
  return data!;
}

/** Returns one of the preferences, undefined until it is read or where it was never set, and a function that changes
 * it. Another tab's change to other preferences is kept. A preference that cannot be kept is no matter to speak of. */
export function usePreference<T>(name: string): [T | undefined, (change: (now: T | undefined) => T) => void] {
  const client = useQueryClient();
  const { data } = useQuery(OPTIONS);
  const set = useCallback(
    (change: (now: T | undefined) => T) => {
      const over = (value: Value): Value => ({ ...value, [name]: change(value[name] as T | undefined) as Value[string] });
      last = last
        .then(() => client.fetchQuery(OPTIONS))
        .then((read) => {
          client.setQueryData(OPTIONS.queryKey, { ...read, value: over(read.value) });
          return put(read, over).catch(async (error: unknown) => {
            if (!(error instanceof Problem) || error.status !== 412) throw error;
            return put((await api.GET("/api/v1/me/preferences")).data!, over);
          });
        })
        .then((read) => client.setQueryData(OPTIONS.queryKey, read))
        .catch(() => client.invalidateQueries({ queryKey: OPTIONS.queryKey }));
    },
    [client, name],
  );
  return [data?.value[name] as T | undefined, set];
}
