/** Changes single cells: the row shows the new value at once, and the old one again where the service refuses. */
import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useMemo, useState } from "react";
import { api, type Schemas } from "@/api/client";
import { useMeta } from "@/app/who";
import { useAct } from "@/shared/useAct";
import { type Row, usePatchRow } from "../api";
import type { CellChange, CellState } from "./columns";

interface Edit {
  row: Row;
  change: CellChange;
  /** Written down where the row had a leader before. */
  note?: string;
}

export interface Handover {
  row: Row;
  name: string;
  onDone: (note: string) => void;
  onClose: () => void;
}

function refOf(id: string | null, name: string): Schemas["Ref"] | null {
  return id ? { id, name, code: null, name_en: null, short_name: null } : null;
}

export function useCellEdit(): CellState & { handover: Handover | null } {
  const client = useQueryClient();
  const patch = usePatchRow();
  const { meta } = useMeta();
  const [saving, setSaving] = useState<ReadonlySet<string>>(new Set());
  const [handover, setHandover] = useState<Handover | null>(null);

  const shown = useCallback(
    (change: CellChange): Partial<Row> => {
      if (change.column === "name") return { name: change.value };
      if (change.column === "industry") {
        const found = meta.industries.find((one) => one.code === change.value);
        return { industry_code: change.value, industry: found ? { code: found.code, zh: found.name_zh, en: found.name_en } : null };
      }
      return { [change.column]: refOf(change.value, change.name) };
    },
    [meta],
  );

  const { mutateAsync } = useAct<Edit, unknown>({
    act: ({ row, change, note }, { header, headers }) => {
      const path = { project_id: row.id };
      if (change.column === "leader") {
        return note === undefined
          ? api.POST("/api/v1/projects/{project_id}/leaders", { params: { path }, body: { official_id: change.value }, headers })
          : api.POST("/api/v1/projects/{project_id}/leader-handovers", {
              params: { path, header },
              body: { official_id: change.value, note },
              headers,
            });
      }
      const body: Schemas["ProjectUpdate"] =
        change.column === "name"
          ? { name: change.value }
          : change.column === "industry"
            ? { industry_code: change.value }
            : change.column === "investor"
              ? { investor_id: change.value }
              : { place_unit_id: change.value };
      return api.PATCH("/api/v1/projects/{project_id}", { params: { path, header }, body });
    },
    version: ({ row }) => row.version,
  });

  const send = useCallback(
    async (edit: Edit) => {
      const cell = `${edit.row.id}.${edit.change.column}`;
      const putBack = patch(edit.row.id, shown(edit.change));
      setSaving((now) => new Set([...now, cell]));
      try {
        await mutateAsync(edit);
      } catch {
        // The refusal has been said; the cell shows again what is on record.
        putBack();
        void client.invalidateQueries({ queryKey: ["projects"] });
      } finally {
        setSaving((now) => new Set([...now].filter((one) => one !== cell)));
      }
    },
    [patch, shown, mutateAsync, client],
  );

  const onEdit = useCallback(
    (row: Row, change: CellChange) => {
      if (change.column !== "leader" || !row.leader) return void send({ row, change });
      setHandover({
        row,
        name: change.name,
        onClose: () => setHandover(null),
        onDone: (note) => {
          setHandover(null);
          void send({ row, change, note });
        },
      });
    },
    [send],
  );
  return useMemo(() => ({ saving, onEdit, handover }), [saving, onEdit, handover]);
}
