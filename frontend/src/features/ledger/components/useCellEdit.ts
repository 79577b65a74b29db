/** Changes single cells: the row shows the new value at once, and the old one again where the service refuses. */
import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useMemo, useRef, useState } from "react";
import { api, type Schemas } from "@/api/client";
import { useMeta } from "@/app/who";
import { useAct } from "@/shared/useAct";
import { type Row, rowOf, usePatchRow, whenRead } from "../api";
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

/** The fields of a project that the columns change. */
const FIELDS = { name: "name", industry: "industry_code", investor: "investor_id", place: "place_unit_id", leader: "leader_id" } as const;

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

  const versions = useOwnVersions();
  const { mutateAsync } = useAct<Edit, object>({
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
      return api.PATCH("/api/v1/projects/{project_id}", { params: { path, header }, body: { [FIELDS[change.column]]: change.value } });
    },
    version: ({ row }) => versions.of(row),
    mine: ({ change }) => ({ [FIELDS[change.column]]: change.value }),
  });

  const queue = useRef(new Map<string, Promise<void>>());
  const save = useCallback(
    async (edit: Edit, before: Promise<void> | undefined): Promise<void> => {
      const { row, change } = edit;
      const cell = `${row.id}.${change.column}`;
      let putBack = patch(row.id, shown(change));
      setSaving((now) => new Set([...now, cell]));
      try {
        if (before) {
          await before;
          putBack = patch(row.id, shown(change));
        }
        const sent = versions.of(row);
        const answer = await mutateAsync(edit);
        await whenRead(client);
        // Who leads a project is no field of it: its answer has no version.
        versions.became(row, sent, "version" in answer ? Number(answer.version) : rowOf(client, row.id)?.version);
      } catch {
        // The refusal has been said; the cell shows again what is on record.
        putBack();
        void client.invalidateQueries({ queryKey: ["projects"] });
      } finally {
        setSaving((now) => new Set([...now].filter((one) => one !== cell)));
      }
    },
    [patch, shown, mutateAsync, client, versions],
  );
  /** Saves the cells of one row one after the other, in the order in which they were typed. */
  const send = useCallback(
    async (edit: Edit) => {
      const { id } = edit.row;
      const saved = save(edit, queue.current.get(id));
      queue.current.set(id, saved);
      await saved;
      if (queue.current.get(id) === saved) queue.current.delete(id);
    },
    [save],
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

/** Returns what tells the version to send for a row: what oneself has saved since the row was read, such as the cell before
 * this one, is not what others have changed. */
function useOwnVersions() {
  const [made] = useState(() => new Map<string, number>());
  return useMemo(() => {
    const of = ({ id, version }: Pick<Row, "id" | "version">): number => {
      const next = made.get(`${id} ${version}`);
      return next === undefined ? version : of({ id, version: next });
    };
    const became = ({ id }: Row, sent: number, now: number | undefined) => {
      if (now && now > sent) made.set(`${id} ${sent}`, now);
    };
    return { of, became };
  }, [made]);
}
