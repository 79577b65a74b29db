/** The names of records that an address holds by their ids. */
import { useQueries } from "@tanstack/react-query";
import { api } from "@/api/client";
import { shortNameOf } from "@/i18n";
import { plainName } from "@/shared/RecordName";
import type { RecordKind } from "./fields";

interface Named {
  name: string;
  name_en?: string | null;
  short_name?: string | null;
}

export function isNamed(kind: string): kind is RecordKind {
  return ["unit", "task_force", "official", "enterprise"].includes(kind);
}

function read(kind: RecordKind, id: string): Promise<{ data?: Named }> {
  if (kind === "unit") return api.GET("/api/v1/units/{unit_id}", { params: { path: { unit_id: id } } });
  if (kind === "task_force") return api.GET("/api/v1/task-forces/{task_force_id}", { params: { path: { task_force_id: id } } });
  if (kind === "official") return api.GET("/api/v1/officials/{official_id}", { params: { path: { official_id: id } } });
  return api.GET("/api/v1/enterprises/{enterprise_id}", { params: { path: { enterprise_id: id } } });
}

/** Returns the function that names a record; «…» until it is read, and where it may not be seen. */
export function useNames(wanted: readonly { kind: RecordKind; id: string }[]): (kind: RecordKind, id: string) => string {
  const found = useQueries({
    queries: wanted.map(({ kind, id }) => ({
      queryKey: ["name", kind, id],
      queryFn: async () => (await read(kind, id)).data as Named,
      staleTime: 600_000,
      retry: false,
    })),
  });
  return (kind, id) => {
    const record = found[wanted.findIndex((one) => one.kind === kind && one.id === id)]?.data;
    return record ? plainName(shortNameOf({ short_name: null, ...record })) : "…";
  };
}
